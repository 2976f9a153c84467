"""Live counts as JSON Lines, in columns: the hot path of events.

A line is plain if it tells a count of an item at a store, and nothing else. What a plain line says is what `parse_line`
reads in it; a batch in which any other line says something is left to that, line by line.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import orjson

from inventory_service.domain.clock import micros
from inventory_service.domain.feed import Coded, Refusal, Row, StockColumns
from inventory_service.domain.offer import NO_DETAILS
from inventory_service.domain.stock import MAX_QUANTITY, Stock
from store_sync.formats import values
from store_sync.formats.json_lines import parse_line
from store_sync.formats.lines import MAX_RECORD
from store_sync.formats.reasons import Unusable

Numbered = tuple[int, bytes]
"""A line's number, from 1, and its bytes without the line feed."""

Count = tuple[str, str, int, str | None]
"""Store code, item, pieces, and the line's own time as it is written."""

KINDS = (None, "count", "record")
NEEDED = frozenset({"store_code", "item_id", "quantity"})
_MINUS_ZERO = re.compile(rb":\s*-0\s*[,}]")


def parse_batch(batch: Sequence[Numbered]) -> list[Row | Refusal | StockColumns]:
    """All that a batch of lines says: counts in columns where nothing but counts was said, else in rows."""
    counts = [_plain(raw) for _, raw in batch]
    others = [parse_line(*one) for one, count in zip(batch, counts, strict=True) if count is None]
    if not any(isinstance(one, Row) for one in others):
        columns = _columns([(line, count) for line, count in zip(batch, counts, strict=True) if count is not None])
        if columns is not None:
            return [*(one for one in others if one is not None), columns]
    parsed = (parse_line(*one) for one in batch)
    return [one for one in parsed if one is not None]


def _plain(raw: bytes) -> Count | None:
    """What a plain line says, None of any other line.

    Without a backslash quotes stand around names and texts alone: their number tells a name that stands twice.
    """
    if len(raw) > MAX_RECORD or b"\\" in raw:
        return None
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(told, dict) or not told.keys() >= NEEDED:
        return None
    kind, observed_at, quantity = told.get("kind"), told.get("observed_at"), told["quantity"]
    texts = [one for one in (told["store_code"], told["item_id"], kind, observed_at) if isinstance(one, str)]
    if raw.count(b'"') != 2 * (len(told) + len(texts)) or len(told) != 3 + ("kind" in told) + ("observed_at" in told):
        return None
    if type(quantity) is not int or not 0 <= quantity <= MAX_QUANTITY or (not quantity and _MINUS_ZERO.search(raw)):
        return None
    store_code, item_id = _code(told["store_code"]), _code(told["item_id"])
    if store_code is None or item_id is None or kind not in KINDS or not isinstance(observed_at, str | None):
        return None
    return store_code, item_id, quantity, observed_at


def _code(told: Any) -> str | None:
    if type(told) is int and told > 0:
        return str(told)
    text = told.strip() if isinstance(told, str) else ""
    return text if 0 < len(text) <= values.MAX_CODE else None


def _columns(counts: Sequence[tuple[Numbered, Count]]) -> StockColumns | None:
    """None where there is nothing, where a time cannot be read, or where some lines tell theirs and others do not."""
    if not counts:
        return None
    told_at = {count[3] for _, count in counts}
    try:
        moments = {text: micros(values.moment(text.strip())) for text in told_at if text is not None}
    except Unusable:
        return None
    if moments and None in told_at:
        return None
    observed_us = np.array([moments[at] for _, (*_, at) in counts if at is not None], dtype=np.int64)
    numbered = [line for line, _ in counts]
    return StockColumns(
        np.array([number for number, _ in numbered], dtype=np.int64),
        _coded([count[0] for _, count in counts]),
        _coded([count[1] for _, count in counts]),
        _stocks([count[2] for _, count in counts]),
        Coded((NO_DETAILS,), np.zeros(len(counts), dtype=np.int32)),
        _raws([raw for _, raw in numbered]),
        observed_us if moments else None,
    )


def _coded(texts: Sequence[str]) -> Coded[str]:
    codes: dict[str, int] = {}
    places = [codes.setdefault(text, len(codes)) for text in texts]
    return Coded(list(codes), np.array(places, dtype=np.int32))


def _stocks(quantities: Sequence[int]) -> Coded[Stock]:
    codes: dict[int, int] = {}
    places = [codes.setdefault(one, len(codes)) for one in quantities]
    return Coded(list(map(Stock.exactly, codes)), np.array(places, dtype=np.int32))


def _raws(raws: Sequence[bytes]) -> Callable[[int], str]:
    return lambda place: raws[place].decode().strip()
