"""`python -m inventory_service confidence`: what the model has learned, learning it, and trying it on histories."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from inventory_service import learning
from inventory_service.domain.belief.asking import Answer, answers
from inventory_service.domain.belief.fitting import Truth, fit
from inventory_service.domain.belief.lines import read
from inventory_service.domain.belief.model import Model
from inventory_service.domain.belief.pace import per_day
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.belief.verdict import Thresholds
from inventory_service.domain.errors import ConfigurationError
from inventory_service.runtime.console import guarded, run_with
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import learned
from inventory_service.storage.postgres import transaction

confidence_app = typer.Typer(no_args_is_help=True, help="How sure answers are: its parameters, fitted and tried.")

DEADLINE_S = 60.0
STANDARD_INPUT = Path("-")
HISTORY = Annotated[Path, typer.Argument(help="Histories, JSON Lines; - reads standard input.")]
HELD = Annotated[Path | None, typer.Option(help="File of parameters; without it the documented priors.")]


@confidence_app.command("learn")
def learn_from_all() -> None:
    """Fits parameters to what the database holds, and puts them in force in every worker."""

    async def work(tools: Toolbox) -> None:
        lesson = await learning.learn(tools.pool, tools.clock)
        if lesson is None:
            raise ConfigurationError("There is nothing to learn from: nobody has told of any stock yet.")
        of = lesson.fit
        told = {"learned_id": lesson.learned_id, "revision": of.parameters.revision, "positions": of.positions}
        told |= {"looks": of.looks, "sources": len(of.parameters.sources), "products": len(of.paces.products)}
        print(orjson.dumps(told).decode())

    run_with(work)


@confidence_app.command("words")
def set_words(
    retailer: Annotated[str, typer.Argument(help="Whose answers.")],
    likely: Annotated[float, typer.Option(min=0, max=1, help="From here on: limited_availability.")] = 0.50,
    plenty: Annotated[float, typer.Option(min=0, max=1, help="From here on, three or more held: in_stock.")] = 0.60,
    surely_not: Annotated[float, typer.Option(min=0, max=1, help="Up to here: out_of_stock.")] = 0.30,
) -> None:
    """Sets where a retailer's probabilities become words; what lies between is unknown."""

    async def work(tools: Toolbox) -> None:
        limits = Thresholds(surely_not, likely, plenty)
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            if not await learned.set_thresholds(connection, retailer, limits, tools.clock()):
                raise ConfigurationError(f"No retailer {retailer} is known.")
        print(f"{retailer}: up to {surely_not:g} out_of_stock, from {likely:g} on there, from {plenty:g} on plenty.")

    run_with(work)


@confidence_app.command("fit")
def fit_parameters(
    file: HISTORY,
    prior: HELD = None,
    out: Annotated[Path | None, typer.Option(help="Where to write them; without it they are printed.")] = None,
    truth: Annotated[
        Truth, typer.Option(help="What tells what was there: looks of staff, or the next record.")
    ] = Truth.SHELF,
) -> None:
    """Fits parameters to histories, beginning from the priors or from what was fitted before."""

    async def main() -> None:
        histories, _ = read(_lines(file))
        fitted = _written(fit(histories, _held(prior), truth))
        if out is None:
            sys.stdout.buffer.write(fitted)
        else:
            out.write_bytes(fitted)

    guarded(main)


@confidence_app.command("try")
def try_out(file: HISTORY, parameters: HELD = None) -> None:
    """Answers the questions among histories from what had been told by then; one JSON object a line."""

    async def main() -> None:
        histories, questions = read(_lines(file))
        for answer in answers(histories, questions, Model.of(_held(parameters))):
            sys.stdout.buffer.write(orjson.dumps(_shown(answer), option=orjson.OPT_APPEND_NEWLINE))

    guarded(main)


@confidence_app.command("show")
def show_parameters(parameters: HELD = None) -> None:
    """Prints parameters."""

    async def main() -> None:
        sys.stdout.buffer.write(_written(_held(parameters)))

    guarded(main)


def _lines(file: Path) -> Iterator[bytes]:
    """Raises ConfigurationError where `file` cannot be read."""
    if file == STANDARD_INPUT:
        yield from sys.stdin.buffer
        return
    try:
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from None


def _held(file: Path | None) -> Parameters:
    """Raises ConfigurationError where `file` holds no parameters."""
    if file is None:
        return Parameters()
    try:
        return Parameters.of_json(orjson.loads(file.read_bytes()))
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigurationError(f"{file} holds no parameters: {error}.") from None


def _written(parameters: Parameters) -> bytes:
    return orjson.dumps(parameters.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _shown(answer: Answer) -> dict[str, Any]:
    basis = answer.basis
    shown = {"id": answer.question.name, "availability": answer.judged.availability}
    if basis is None:
        return {**shown, "probability": None}
    return {
        **shown,
        "probability": answer.probability,
        "worth": answer.worth,
        "low": basis.stock.low,
        "high": basis.stock.high,
        "anchor": basis.anchor,
        "still_s": basis.still_s,
        "silent_s": basis.silent_s,
        "per_day": per_day(basis.pace) if basis.pace else None,
    }
