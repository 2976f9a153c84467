"""Questions put to histories: what would have been answered, from what had been told by then."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inventory_service.domain.belief.basis import Basis
from inventory_service.domain.belief.checks import worth
from inventory_service.domain.belief.histories import Histories, Position
from inventory_service.domain.belief.lines import Question
from inventory_service.domain.belief.model import Model
from inventory_service.domain.belief.pace import DAY_S, told_as
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.belief.verdict import UNKNOWN, Judgement
from inventory_service.domain.belief.walking import Sight, Walk


@dataclass(frozen=True, slots=True)
class Answer:
    """`judged` is what a shopper is told; `probability` is the model's beyond the horizon as well.

    None where nobody had told anything. `worth`: what a look at the shelf is worth (domain/belief/checks.py).
    """

    question: Question
    judged: Judgement
    probability: float | None
    worth: float
    basis: Basis | None


def answers(histories: Histories, questions: Iterable[Question], model: Model) -> Iterator[Answer]:
    """In order of positions and time."""
    by_place = defaultdict(list)
    for question in questions:
        by_place[question.place].append(question)
    for place, asked in by_place.items():
        position = histories.positions.get(place) or Position(place)
        yield from _of_position(histories, position, sorted(asked, key=lambda one: one.at), model)


def basis_of(sight: Sight, position: Position, source: str, parameters: Parameters) -> Basis:
    """Evidence with what has been learned of its source and of the position's pace."""
    place = position.place
    rate = parameters.rates.of(position.category, place.product, f"{place.retailer}/{place.store}")
    pace = told_as(rate.after(sight.sold, sight.exposed_s / DAY_S), parameters.constants.known_shape)
    traits = parameters.traits_of(source, sight.anchor)
    return Basis(sight.stock, traits, sight.anchor, sight.still_s, sight.silent_s, pace)


def _of_position(
    histories: Histories, position: Position, questions: Iterable[Question], model: Model
) -> Iterator[Answer]:
    names, walk, reports = histories.names(), Walk(histories, position.place), iter(position.reports)
    coming = next(reports, None)
    for question in questions:
        while coming is not None and coming.observed_at <= question.at:
            walk.take(coming)
            coming = next(reports, None)
        sight = walk.sight(question.at)
        if sight is None:
            yield Answer(question, UNKNOWN, None, 0.0, None)
        else:
            yield _answer(question, basis_of(sight, position, names[sight.source_id], model.parameters), model)


def _answer(question: Question, basis: Basis, model: Model) -> Answer:
    likely = model.probability(basis, question.quantity)
    return Answer(question, model.judge(basis, question.quantity), likely, worth(likely, model, basis), basis)
