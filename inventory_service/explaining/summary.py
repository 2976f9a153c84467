"""What an answer stood on, in plain sentences."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.reasons import pieces, span
from inventory_service.domain.report import Movement, Record
from inventory_service.explaining.explanation import Explanation, Word

KINDS = {"record": "a record", "absence": "a file that does not list it", "confirmation": "staff who looked"}


def summary(of: Explanation) -> Iterator[str]:
    """The anchor, what moved it since, who repeated what, and how long nobody had said anything."""
    for rank in sorted({word.report.rank for word in of.words}):
        yield from _item([word for word in of.words if word.report.rank == rank])
    yield f"So {pieces(of.level.stock)} were held there, on the word of {of.source} at {_moment(of.level.observed_at)}."
    yield from _shown(of)
    if of.shoppers:
        found, missed = of.shoppers.found, of.shoppers.missed
        yield f"Since then {found} of {found + missed} shoppers who told of it had found it."
    yield _coverage(of)
    yield f"Its age was {span(of.reasoned.age)}, counted from {_moment(of.reasoned.heard_at)} in whole minutes."


def _shown(of: Explanation) -> Iterator[str]:
    """What those were told who see no counts, where it was something else."""
    shown = of.level.in_bands
    if (shown.source_id, shown.observed_at) != (of.level.source_id, of.level.observed_at):
        since = _moment(shown.observed_at)
        yield f"Without counts it was shown on the word of {of.shown_source} at {since}: the band is the same since."


def _item(words: Sequence[Word]) -> Iterator[str]:
    """One item of the retailer's; those of several that are the same product add up."""
    place = max((at for at, word in enumerate(words) if word.effect == "anchor"), default=None)
    if place is None:
        yield "The count that it stands on is older than what is kept of it."
    else:
        yield _anchor(words[place])
    since = words if place is None else words[place + 1 :]
    yield from _movements(since)
    yield from _repetitions(since)
    yield from (f"{_who(word)} was taken back." for word in words if word.effect == "taken back")


def _anchor(word: Word) -> str:
    report = word.report
    assert isinstance(report, Record)
    by = f" ({word.by})" if word.by else ""
    told = f"{KINDS[report.kind]}: {pieces(report.stock)}"
    return f"The anchor is the word of {word.source} at {_moment(report.observed_at)}, {told}{by}."


def _movements(words: Sequence[Word]) -> Iterator[str]:
    for kind, plural in (("sale", "sales"), ("delivery", "deliveries")):
        moved = [one.report for one in words if isinstance(one.report, Movement) and one.effect == "moved"]
        told = [one.quantity for one in moved if one.kind == kind]
        if told:
            yield f"Since then {len(told)} {kind if len(told) == 1 else plural} of {sum(told)} in all moved the count."


def _repetitions(words: Sequence[Word]) -> Iterator[str]:
    echoes = [one for one in words if one.effect == "echo"]
    if echoes:
        last = _moment(echoes[-1].report.observed_at)
        yield f"{echoes[-1].source} has repeated it since, last at {last}: that is no news, but it stands by it."
    for source in sorted({one.source for one in words if one.effect == "repeated"}):
        yield f"{source} has only repeated what it had said before: no news against what was seen or told since."


def _coverage(of: Explanation) -> str:
    if of.source == STAFF:
        return "Staff speak of single shelves, and never of a whole store."
    if of.store_covered_at is None:
        return f"No full file of {of.source} about the whole store is known of that time."
    return f"{of.source} had last told of the whole store at {_moment(of.store_covered_at)}, and stood by the rest."


def _who(word: Word) -> str:
    return f"The word of {word.source} at {_moment(word.report.observed_at)}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
