"""`python -m store_sync load`: files in."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.runtime.console import run_with
from inventory_service.runtime.toolbox import Toolbox
from store_sync.bar import progress_bar
from store_sync.formats.mapping import shipped_names
from store_sync.formats.registry import FORMATS
from store_sync.loading import LoadRequest, load_paths

app = typer.Typer(add_completion=False)

MAPPING_HELP = f"csv and tsv: a path, or one of {', '.join(shipped_names())}."


@app.command()
def load(
    paths: Annotated[list[str], typer.Argument(help="Files: plain, .gz or .zip; - is standard input.")],
    feed_format: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")],
    retailer: Annotated[str, typer.Option(help="Slug of the retailer; an unknown one is added.")],
    source: Annotated[str | None, typer.Option(help="Name of the source; else the mapping's or format's.")] = None,
    kind: Annotated[str | None, typer.Option(help="stores, products or stock; told by the file if left out.")] = None,
    mapping: Annotated[str | None, typer.Option(help=MAPPING_HELP)] = None,
    as_of: Annotated[str | None, typer.Option(help="ISO 8601 time that the files speak of; else their mtime.")] = None,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="The files list all that their stores have.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; change nothing.")] = False,
) -> None:
    """Loads files; the last line printed is one JSON object with the tally."""

    async def work(tools: Toolbox) -> None:
        request = LoadRequest(
            retailer=retailer,
            source=source or mapping_name(mapping) or feed_format,
            feed_format=feed_format,
            kind=kind,
            mapping=mapping,
            as_of=parse_time(as_of),
            snapshot=snapshot,
        )
        with progress_bar() as bar:
            tally = await load_paths(tools, request, paths, bar, rehearse=dry_run)
        if tally["held"]:
            print(f"{tally['held']} stores wait for a person: python -m store_sync held list", file=sys.stderr)
        if tally["shared_gtin"]:
            print(f"{tally['shared_gtin']} rows share their GTIN with another item; counts add up.", file=sys.stderr)
        if tally["conflicting"]:
            print(
                f"{tally['conflicting']} rows contradict another of the same moment; the smaller count holds.",
                file=sys.stderr,
            )
        refused = tally.pop("refused")
        for line in (*tally.pop("refusals"), *refused):
            print(line, file=sys.stderr)
        if refused and not tally["loads"] and not dry_run:
            raise typer.Exit(2)
        print(orjson.dumps(tally).decode())
        if refused:
            raise typer.Exit(2)

    run_with(work)


def mapping_name(mapping: str | None) -> str | None:
    """`dir/acme.toml` → `acme`."""
    return mapping and mapping.rpartition("/")[2].removesuffix(".toml")


def parse_time(text: str | None) -> datetime | None:
    """Raises FeedRefusedError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FeedRefusedError(f"--as-of {text} is no ISO 8601 time.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
