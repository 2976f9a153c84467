"""How the sources are doing, as a person reads it: one line a source, and below it what wants looking at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from inventory_service.storage.diagnostics import unseen
from store_sync.declared import Declared, DeclaredSource

Found = dict[str, Any]

SPANS = (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0))
SKEW_WORTH_TELLING_S = 1.0
MANY = 10_000_000


def with_declared(declared: Declared, known: Sequence[Found]) -> list[Found]:
    """The rows of `known`, each with `way` (watch, pull, webhook, send; None: not declared), and those unseen yet."""
    names = {(one["retailer"], one["source"]) for one in known}
    new = [unseen(one.retailer, one.source) for one in declared.sources if (one.retailer, one.source) not in names]
    rows = sorted([*known, *new], key=lambda one: (one["retailer"], one["source"]))
    return [{"retailer": one["retailer"], "source": one["source"], "way": _way(declared, one), **one} for one in rows]


def _way(declared: Declared, one: Found) -> str | None:
    found = declared.of(one["retailer"], one["source"])
    return None if found is None else found.way


def shown(rows: Sequence[Found], now: datetime) -> RenderableType:
    """A table that fits 100 columns, and notes under it."""
    if not rows:
        return Text("There is no source yet: declare one in sources.toml, or load a file.")
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("source", overflow="fold")
    for name in ("way", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("last run", "lag", "rows", "applied", "unchanged", "rejected"):
        table.add_column(name, no_wrap=True, justify="right")
    for one in rows:
        table.add_row(*_cells(one, now))
    return Group(table, *(Text(f"{one['retailer']}/{one['source']}: {note}") for one in rows for note in notes(one)))


def _cells(one: Found, now: datetime) -> Iterator[str]:
    run = one["last_run"]
    yield f"{one['retailer']}/{one['source']}"
    yield one["way"] or ""
    yield _state(one)
    yield "" if run is None else span((now - (run["progressed_at"] or run["started_at"])).total_seconds())
    yield "" if one["lag_s"] is None else span(one["lag_s"])
    for name in ("rows", "applied", "unchanged", "rejected"):
        yield number(one[name])


def _state(one: Found) -> str:
    run = one["last_run"]
    if one["paused"]:
        return "paused"
    if one["look_failure"] or (run and run["failure"]):
        return "failed"
    if run is None:
        return "waiting"
    return "held" if one["held_stores"] else "ok"


def notes(one: Found) -> Iterator[str]:
    """What a person should look at, a sentence each."""
    if one["look_failure"]:
        yield one["look_failure"]
    if one["last_run"] and one["last_run"]["failure"]:
        yield f"{one['last_run']['file']}: {one['last_run']['failure']}"
    for file in one["refused_files"]:
        yield f"{file['name']} is refused until it changes: {file['failure']}"
    yield from map(_reason, one["reasons"].items())
    for what, unknown in (("store codes", one["unknown_stores"]), ("items", one["unknown_items"])):
        if unknown["count"]:
            yield f"{unknown['count']} unknown {what}, such as {', '.join(unknown['examples'])}."
    if one["held_stores"]:
        yield f"{one['held_stores']} stores wait for a person: python -m store_sync held list"
    if one["clock_skew_s"] > SKEW_WORTH_TELLING_S:
        yield f"its clock is {span(one['clock_skew_s'])} ahead of ours."


def _reason(told: tuple[str, Found]) -> str:
    reason, found = told
    places = [f"{one['file'].rpartition('/')[2]} line {one['line']}" for one in found["examples"]]
    detail = f": {found['examples'][0]['detail']}" if found["examples"] else ""
    return f"{found['count']:,} × {reason}{' in ' if places else ''}{', '.join(places)}{detail}"


def span(seconds: float) -> str:
    """`3 min`: whole units, the largest that fits."""
    unit, length = next((one for one in SPANS if seconds >= one[1]), SPANS[-1])
    return f"{max(0, int(seconds / length))} {unit}"


def number(count: int) -> str:
    """At most 9 characters: `9,999,999`, then `10.0 M`."""
    return f"{count:,}" if count < MANY else f"{count / 1e6:,.1f} M"


def plan(source: DeclaredSource, missing: Iterable[str]) -> Iterator[str]:
    """What a declared source does, in sentences."""
    whole = ", each file listing all that its stores have" if source.snapshot else ""
    read = f"as {source.format}{f' through {source.mapping}' if source.mapping else ''}{whole}"
    if source.watch is not None:
        yield f"looks at {source.watch} every {source.every_s:g} s and takes what is new, {read}."
    elif source.url is not None:
        yield f"asks for {source.url.partition('?')[0]} every {source.every_s:g} s, {read}."
    elif source.vendor is not None:
        yield f"takes webhooks of {source.vendor} at /v1/webhooks/{source.vendor}/{source.source}."
    else:
        yield f"takes files at /v1/feeds/{source.source}, {read}, and events at /v1/events/{source.source}."
    for name in missing:
        yield f"the environment variable {name} is not set."
