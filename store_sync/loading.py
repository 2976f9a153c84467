"""The command `load`: paths to feeds to the loader, with a bar to look at and a tally at the end."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.progress import Progress

from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import REFUSALS_SHOWN, Loaded, Refusal
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage.stores import RetailerProfile
from store_sync.files import FeedFile, open_feeds
from store_sync.formats.registry import Parser, parser_for
from store_sync.job import Line
from store_sync.load import FeedOrder, Loader
from store_sync.sources.table import RESERVED, SLUG


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """The command's options."""

    retailer: str
    source: str
    feed_format: str
    kind: str | None
    mapping: str | None
    as_of: datetime | None
    snapshot: bool


async def load_paths(
    tools: Toolbox, request: LoadRequest, paths: Sequence[str], bar: Progress, *, rehearse: bool
) -> dict[str, Any]:
    """Loads every feed at `paths`; returns the tally as JSON, and of a rehearsal the first refusals as sentences.

    `refused` has a sentence for each feed that could not be read to its end; the others are loaded all the same.
    Raises FeedRefusedError for options that make no sense.
    """
    for name, slug in (("--retailer", request.retailer), ("--source", request.source)):
        if not SLUG.fullmatch(slug):
            raise FeedRefusedError(f"{name} {slug}: use 1 to 64 letters, digits, dots, hyphens and underscores.")
    if request.source == STAFF:
        raise FeedRefusedError(f"--source: {RESERVED}.")
    if request.snapshot and request.kind in ("stores", "products"):
        raise FeedRefusedError(f"--snapshot is for stock: files of {request.kind} never take anything away.")
    parser = parser_for(request.feed_format, request.kind, request.mapping)
    began, tally = time.monotonic(), Loaded(reasons={})
    load_ids: list[int] = []
    refusals: list[str] = []
    refused: list[str] = []
    for path in paths:
        try:
            for feed in open_feeds(path):
                try:
                    loaded = await _load_feed(tools, request, feed, parser, bar, rehearse=rehearse)
                except FeedRefusedError as error:
                    refused.append(f"{feed.name}: {error}")
                    continue
                tally = tally.joined(loaded)
                refusals += [_sentence(feed, one) for one in loaded.refusals]
                load_ids.append(loaded.load_id)
        except FeedRefusedError as error:
            refused.append(str(error))
    return {
        "rows": tally.rows,
        "applied": tally.applied,
        "unchanged": tally.unchanged,
        "rejected": tally.rejected,
        "emptied": tally.emptied,
        "held": tally.held,
        "shared_gtin": tally.shared_gtin,
        "duplicates": tally.duplicates,
        "conflicting": tally.conflicting,
        "loads": [] if rehearse else load_ids,
        "refusals": refusals[:REFUSALS_SHOWN] if rehearse else [],
        "refused": refused,
        "seconds": round(time.monotonic() - began, 3),
        "reasons": tally.reasons,
    }


async def _load_feed(
    tools: Toolbox, request: LoadRequest, feed: FeedFile, parser: Parser, bar: Progress, *, rehearse: bool
) -> Loaded:
    task = bar.add_task(feed.name.rpartition("/")[2], total=feed.size, tally="")

    def report(loaded: Loaded) -> None:
        bar.update(task, completed=feed.position(), tally=f"{loaded.rows:,} rows, {loaded.rejected:,} rejected")

    order = FeedOrder(
        profile=RetailerProfile(request.retailer, request.retailer),
        source=request.source,
        file=feed.name,
        kind=request.kind or "any",
        as_of=request.as_of,
        modified_at=feed.modified_at,
        snapshot=request.snapshot,
    )
    loader = Loader(tools.pool, tools.clock)
    work = loader.rehearse if rehearse else loader.load
    return await work(order, _lines(parser, feed), report)


def _sentence(feed: FeedFile, refusal: Refusal) -> str:
    return f"{feed.name}, line {refusal.line}, {refusal.field or 'the whole line'}: {refusal.detail}"


def _lines(parser: Parser, feed: FeedFile) -> Iterator[Line]:
    """Begins to read only within the load, which then tells why a file was refused."""
    yield from parser(feed.stream)
