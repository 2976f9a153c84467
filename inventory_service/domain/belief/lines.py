"""Histories and questions as JSON Lines: the format is told in docs/CONFIDENCE.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from inventory_service.domain.belief.histories import STAFF, Histories, Place
from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.domain.report import Movement, Record, Report
from inventory_service.domain.stock import IN_STOCK, LIMITED, NONE_LEFT, SEEN, Stock

SAID = {"none": NONE_LEFT, "low": LIMITED, "seen": SEEN, "in_stock": IN_STOCK, "limited_availability": LIMITED}
"""Words that stand for a range, as `shelf`."""


@dataclass(frozen=True, slots=True)
class Question:
    """Are there at least `quantity` at `at`?"""

    name: str
    place: Place
    at: datetime
    quantity: int


def read(lines: Iterable[bytes]) -> tuple[Histories, list[Question]]:
    """What `lines` tell and ask. Raises InputError, which names the line."""
    histories, questions = Histories(), []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told = orjson.loads(line)
            if told["kind"] == "question":
                questions.append(_question(told, number))
            else:
                _take(histories, told, number)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(FieldFault(f"line {number}", f"is no statement or question: {error!r}")) from None
    return histories.ordered(), questions


def _take(histories: Histories, told: Mapping[str, Any], number: int) -> None:
    retailer, store, kind = str(told["retailer"]), str(told["store"]), told["kind"]
    if kind == "shopper":
        return
    moment = _moment(told["observed_at"])
    source_id = histories.source_id(retailer, STAFF if kind == "confirmation" else str(told["source"]))
    if kind == "coverage":
        histories.cover(retailer, store, source_id, moment)
        return
    position = histories.position(Place(retailer, store, str(told["product"])), str(told.get("category", "")))
    position.reports.append(_report(told, kind, moment, source_id, number))


def _report(told: Mapping[str, Any], kind: str, moment: datetime, source_id: int, number: int) -> Report:
    if kind in ("sale", "delivery"):
        event = str(told.get("event", number))
        return Movement(moment, moment, kind, int(told["quantity"]), source_id, event)  # type: ignore[arg-type]
    if kind in ("record", "confirmation"):
        stock = SAID[told["shelf"]] if "shelf" in told else Stock.exactly(int(told["quantity"]))
        return Record(moment, moment, stock, source_id, kind=kind)  # type: ignore[arg-type]
    raise ValueError(f"kind {kind}")


def _question(told: Mapping[str, Any], number: int) -> Question:
    place = Place(str(told["retailer"]), str(told["store"]), str(told["product"]))
    return Question(str(told.get("id", number)), place, _moment(told["at"]), int(told.get("quantity", 1)))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
