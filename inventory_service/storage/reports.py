"""A position's row and the reports that it folds: to Postgres and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import orjson

from inventory_service.domain.clock import at_micros, micros
from inventory_service.domain.history import History
from inventory_service.domain.level import Level, Shown, Standing, Voice
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import NONE_LEFT, Stock
from inventory_service.storage.offers import Json, details_from_json, details_to_json

UNBOUNDED = 0
"""Stands for `no upper bound` where a high is kept as high + 1."""
TAIL_WORDS = 4
ABSENT = -1
"""Stands for the stock of an absence; at the head of a tail it tells none like a record, since nothing is before it."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position as it is held: its level and the reports behind it."""

    product_id: int
    store_id: int
    level: Level
    history: History

    @property
    def reports(self) -> tuple[Report, ...]:
        return self.history.reports


def level_from_row(row: Any) -> Level:
    """From columns low, high, observed_at, as_of, covered_at, source_id, details, leaning, and the shown ones."""
    return Level(
        Stock(row["low"], row["high"]),
        row["observed_at"],
        row["as_of"],
        row["covered_at"],
        row["source_id"],
        details_from_json(row["details"]),
        leaning=row["leaning"] or 0,
        shown=shown_from_row(row),
    )


def shown_from_row(row: Any) -> Shown | None:
    """From columns shown_source_id, shown_at, shown_covered_at."""
    if row["shown_at"] is None:
        return None
    return Shown(row["shown_source_id"], row["shown_at"], row["shown_covered_at"])


def position_from_row(row: Any) -> Position:
    """From the level's columns with load_id, tail and reports."""
    level = level_from_row(row)
    if row["reports"] is not None:
        history = _history(row["reports"])
    elif row["tail"] is not None:
        history = History(_from_tail(row["tail"], level))
    else:
        anchor = Record(
            level.observed_at, level.as_of, level.stock, level.source_id, level.details, load_id=row["load_id"]
        )
        history = History((anchor,))
    return Position(row["product_id"], row["store_id"], level, history)


def tail_of(position: Position) -> list[int] | None:
    """TAIL_WORDS numbers a record of a plain history; None where the level tells all, or the history is not plain."""
    reports = position.history.reports
    if not position.history.is_plain or len(reports) == 1:
        return None
    return [word for report in reports if isinstance(report, Record) for word in _words(report)]


def reports_of(position: Position) -> Json | None:
    """A history that is not plain, as JSON."""
    history = position.history
    if history.is_plain:
        return None
    out: Json = {"r": [_report_to_json(report) for report in history.reports]}
    if history.standings:
        out["s"] = [_standing_to_json(standing) for standing in history.standings]
    if history.closed_at is not None:
        out["c"] = micros(history.closed_at)
    if history.retracted:
        out["x"] = sorted(history.retracted)
    if history.shown is not None:
        out["w"] = [history.shown.source_id, micros(history.shown.observed_at), micros(history.shown.covered_at)]
    return out


def details_crc(details: Json | None) -> int:
    """CRC-32 as a signed number; 0 for none."""
    if details is None:
        return 0
    crc = crc32(orjson.dumps(details, option=orjson.OPT_SORT_KEYS)) or 1
    return crc - (1 << 32) if crc >= 1 << 31 else crc


def packed(stock: Stock) -> int:
    return stock.low << 32 | (UNBOUNDED if stock.high is None else stock.high + 1)


def _unpacked(word: int) -> Stock:
    high = word & 0xFFFF_FFFF
    return Stock(word >> 32, None if high == UNBOUNDED else high - 1)


def _words(record: Record) -> tuple[int, int, int, int]:
    word = ABSENT if record.kind == "absence" else packed(record.stock)
    return micros(record.observed_at), micros(record.as_of), word, record.load_id


def _from_tail(tail: Sequence[int], level: Level) -> tuple[Report, ...]:
    """Only the newest record's details are kept: the level's."""
    words = [tail[start : start + TAIL_WORDS] for start in range(0, len(tail), TAIL_WORDS)]
    return tuple(
        Record(
            at_micros(observed_us),
            at_micros(as_of_us),
            NONE_LEFT if stock == ABSENT else _unpacked(stock),
            level.source_id,
            level.details if place == len(words) else NO_DETAILS,
            kind="absence" if stock == ABSENT and place > 1 else "record",
            load_id=load_id,
        )
        for place, (observed_us, as_of_us, stock, load_id) in enumerate(words, 1)
    )


def _report_to_json(report: Report) -> list[Any]:
    head = [micros(report.observed_at), micros(report.as_of)]
    if isinstance(report, Movement):
        told: list[Any] = [report.quantity, report.event_id, report.source_id, None]
    else:
        told = [report.stock.low, report.stock.high, report.source_id, details_to_json(report.details)]
    return [*head, *told, report.rank, report.kind, report.load_id]


def _report(observed_us: int, as_of_us: int, *told: Any) -> Report:
    """Nine parts; rows of before sales were kept have seven, all of them records."""
    first, second, source_id, details, rank, kind, load_id = (*told, "record", 0)[:7]
    at = (at_micros(observed_us), at_micros(as_of_us))
    if kind in ("sale", "delivery"):
        return Movement(*at, kind, first, source_id, second, rank, load_id)
    return Record(*at, Stock(first, second), source_id, details_from_json(details), rank, kind, load_id)


def _history(value: Any) -> History:
    if isinstance(value, list):
        return History(tuple(_report(*one) for one in value))
    closed_us, shown = value.get("c"), value.get("w")
    return History(
        tuple(_report(*one) for one in value["r"]),
        tuple(_standing(one) for one in value.get("s", ())),
        None if closed_us is None else at_micros(closed_us),
        frozenset(value.get("x", ())),
        None if shown is None else Shown(shown[0], at_micros(shown[1]), at_micros(shown[2])),
    )


def _standing_to_json(standing: Standing) -> Json:
    level = standing.level
    times = [micros(one) for one in (level.observed_at, level.as_of, level.covered_at, standing.anchored_at)]
    told = [packed(level.stock), *times, level.source_id, level.load_id]
    return {"k": standing.rank, "l": told, "v": [_voice_to_json(voice) for voice in standing.voices]}


def _voice_to_json(voice: Voice) -> list[Any]:
    times = [micros(voice.observed_at), micros(voice.as_of)]
    return [voice.source_id, packed(voice.expected), *times, details_to_json(voice.details)]


def _standing(value: Json) -> Standing:
    stock, observed_us, as_of_us, covered_us, anchored_us, source_id, load_id = value["l"]
    level = Level(
        _unpacked(stock),
        at_micros(observed_us),
        at_micros(as_of_us),
        at_micros(covered_us),
        source_id,
        NO_DETAILS,
        load_id,
    )
    return Standing(value["k"], level, at_micros(anchored_us), tuple(_voice(*one) for one in value["v"]))


def _voice(source_id: int, expected: int, observed_us: int, as_of_us: int, details: Json | None) -> Voice:
    return Voice(
        source_id, _unpacked(expected), at_micros(observed_us), at_micros(as_of_us), details_from_json(details)
    )


def details_word(details: Details) -> tuple[Json | None, int]:
    """Details as JSON with its checksum."""
    value = details_to_json(details)
    return value, details_crc(value)
