"""An explanation for people: sections of sentences and tables, and the same as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory_service.domain.reasons import pieces
from inventory_service.domain.report import Movement
from inventory_service.domain.stock import Stock
from inventory_service.explaining.explanation import Explanation, Word
from inventory_service.explaining.summary import summary
from inventory_service.web.wording import instant_text, public_probability

HEADS = ("observed", "reached us", "from", "told", "what it did", "then held", "brought by")
DID = {
    "anchor": "news: holds from here on",
    "moved": "moved the count",
    "echo": "repeats what is held: stands by it",
    "repeated": "repeats what was contradicted: no news",
    "unheeded": "another had the last word: no effect",
    "taken back": "was taken back: does not count",
}

LATE = "had not reached us: no effect"


@dataclass(frozen=True, slots=True)
class Section:
    """A title, sentences, and the rows of a table under HEADS."""

    title: str
    sentences: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def sections(of: Explanation) -> list[Section]:
    """From the answer to what it followed from."""
    found = [
        Section(f"{of.asked.shelf}, {instant_text(of.asked.at)}", (_answer(of),)),
        Section(
            "What was held, in its own order", (), tuple(_row(one, DID[one.effect], _held(one)) for one in of.words)
        ),
        Section("What it stood on", tuple(summary(of))),
        Section("How sure, step by step", of.reasoned.steps),
    ]
    if of.late:
        rows = tuple(_row(one, LATE, "") for one in of.late)
        found.append(Section("Of that time, but not known to us yet", (), rows))
    return [*found, Section("What this cannot tell", (*of.caveats, _reach(of)))]


def as_json(of: Explanation) -> dict[str, Any]:
    """All of it, for programs."""
    shelf, judgement = of.asked.shelf, of.reasoned.judgement
    return {
        "at": instant_text(of.asked.at),
        "quantity": of.asked.quantity,
        "product": {"id": shelf.product_id, "gtin": shelf.gtin, "name": shelf.product},
        "store": {
            "id": shelf.store_id,
            "retailer": shelf.retailer,
            "store_code": shelf.store_code,
            "name": shelf.store,
        },
        "availability": judgement.availability,
        "probability": judgement.probability,
        "held": _stock(of.level.stock),
        "shoppers": {"found": of.shoppers.found, "not_found": of.shoppers.missed},
        "source": of.source,
        "as_of": instant_text(of.level.observed_at),
        "shown": {"source": of.shown_source, "as_of": instant_text(of.level.in_bands.observed_at)},
        "covered_at": instant_text(of.reasoned.heard_at),
        "store_covered_at": _instant(of.store_covered_at),
        "age_s": int(of.reasoned.age.total_seconds()),
        "horizon_s": int(of.reasoned.horizon.total_seconds()),
        "reports": [{**_word(one), "effect": one.effect, "held": _stock(one.held)} for one in of.words],
        "not_known_yet": [_word(one) for one in of.late],
        "summary": list(summary(of)),
        "steps": list(of.reasoned.steps),
        "caveats": list(of.caveats),
        "begins_at": instant_text(of.begins_at),
    }


def plain(found: Sequence[Section]) -> Iterator[str]:
    """Lines for a pipe: no colours, no frames."""
    for one in found:
        yield one.title
        yield from (f"  {sentence}" for sentence in one.sentences)
        table = [HEADS, *one.rows] if one.rows else []
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield f"  {'  '.join(cells)}".rstrip()
        yield ""


def _answer(of: Explanation) -> str:
    judgement, quantity = of.reasoned.judgement, of.asked.quantity
    asked = "" if quantity == 1 else f" to who asked for {quantity}"
    if judgement.probability is None:
        return f"We said {judgement.availability}{asked}, with no probability."
    public = f"{public_probability(judgement.probability):.2f}"
    return (
        f"We said {judgement.availability}{asked}, with probability {judgement.probability:.4f} (in public {public})."
    )


def _reach(of: Explanation) -> str:
    return f"What is kept of this position begins at {instant_text(of.begins_at)}."


def _row(word: Word, did: str, held: str) -> tuple[str, ...]:
    return (
        instant_text(word.report.observed_at),
        _instant(word.received_at) or "?",
        word.source,
        _told(word),
        did,
        held,
        word.by or "?",
    )


def _held(word: Word) -> str:
    return "nothing" if word.held is None else pieces(word.held)


def _told(word: Word) -> str:
    report = word.report
    if isinstance(report, Movement):
        return f"{report.kind} of {report.quantity}"
    return "not in the file" if report.kind == "absence" else f"{report.kind}: {pieces(report.stock)}"


def _word(word: Word) -> dict[str, Any]:
    report = word.report
    return {
        "kind": report.kind,
        "source": word.source,
        "observed_at": instant_text(report.observed_at),
        "received_at": _instant(word.received_at),
        "stock": None if isinstance(report, Movement) else _stock(report.stock),
        "quantity": report.quantity if isinstance(report, Movement) else None,
        "by": word.by,
    }


def _stock(stock: Stock | None) -> dict[str, int | None] | None:
    return None if stock is None else {"low": stock.low, "high": stock.high}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else instant_text(moment)
