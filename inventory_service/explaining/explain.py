"""What was held of a shelf at a moment: read, folded as it was then, and judged as an answer of that minute was."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from inventory_service.domain.belief.learned import Learned
from inventory_service.domain.clock import whole_minute
from inventory_service.domain.errors import NotFoundError
from inventory_service.domain.history import History
from inventory_service.domain.reasons import Grounds, reasoned
from inventory_service.domain.retelling import as_of, begins_at, late, steps
from inventory_service.domain.shoppers import leaning
from inventory_service.explaining import behind
from inventory_service.explaining.behind import Behind
from inventory_service.explaining.explanation import Asked, Explanation, Shoppers
from inventory_service.storage import explaining, positions, shoppers
from inventory_service.storage.explaining import Covered
from inventory_service.storage.postgres import Connection
from inventory_service.storage.shoppers import Spoken

FILES_NOTED = 24
"""Of a source and store, by storage/snapshots.py."""
AS_TODAY = (
    "Reckoned with the model and the settings of today: if they have changed since, the answer of then may differ."
)
THINNED = (
    "Not every repetition of an unchanged count is kept: its source may have stood by it later than is told here, and "
    "the evidence may have been younger then."
)
FORGOTTEN = (
    f"Only the newest {FILES_NOTED} full files are noted, and all of them came later: the store may have been covered."
)
SPOKE_LATER = (
    "Shoppers have spoken since: of those who had spoken before on the same day only the last word is kept, and it may "
    "have been another one then."
)
LIVE = "Live events are noted by the day: they are taken to have reached us as they happened."


async def explain(connection: Connection, asked: Asked, learned: Learned) -> Explanation:
    """Raises NotFoundError where nothing had been told, or what was held then is not kept any more."""
    key = (asked.shelf.product_id, asked.shelf.store_id)
    position = (await positions.held(connection, [key])).get(key)
    if position is None:
        raise NotFoundError(f"Nobody has ever told us of {asked.shelf}: it was in no answer.")
    history = position.history
    if not (history.reports or history.standings):
        raise NotFoundError(f"Nobody tells us of {asked.shelf} any more: the item that did is another product now.")
    _require_kept(history, asked)
    load_ids = {one.load_id for one in history.reports} | history.retracted
    brought = await behind.read(connection, asked.shelf.store_id, load_ids)
    then = as_of(history, asked.at, brought.arrivals)
    if not (then.reports or then.standings):
        raise NotFoundError(f"By {asked.minute} nobody had told us of {asked.shelf} yet: it was in no answer.")
    files = await explaining.covered(connection, asked.shelf.store_id)
    spoken = await shoppers.spoken(connection, key, then.level.observed_at, asked.at)
    return _explained(asked, learned, history, then, brought, files, spoken)


def _require_kept(history: History, asked: Asked) -> None:
    first = begins_at(history)
    if asked.at < first:
        raise NotFoundError(
            f"What was held of {asked.shelf} at {asked.minute} cannot be told: what is kept of it begins at "
            f"{first:%Y-%m-%d %H:%M:%S}Z. Before that nothing had been told, or it is not kept any more."
        )


def _explained(
    asked: Asked,
    learned: Learned,
    history: History,
    then: History,
    brought: Behind,
    files: Sequence[Covered],
    spoken: Spoken,
) -> Explanation:
    told, shelf = steps(then), asked.shelf
    level = replace(then.level, leaning=leaning(spoken.words, then.level.observed_at))
    mine = [one for one in files if one.source_id == level.source_id]
    covered = _covered(files, asked.at)
    grounds = Grounds(
        shelf.product_id,
        shelf.store_id,
        shelf.retailer_id,
        level,
        covered,
        whole_minute(asked.at),
        asked.quantity,
        learned,
    )
    return Explanation(
        asked=asked,
        begins_at=begins_at(history),
        words=tuple(map(brought.word, told)),
        late=tuple(map(brought.word, steps(late(history, asked.at, brought.arrivals)))),
        level=level,
        shoppers=Shoppers(sum(one.found for one in spoken.words), sum(not one.found for one in spoken.words)),
        source=brought.source(level.source_id),
        shown_source=brought.source(level.in_bands.source_id),
        store_covered_at=covered.get(level.source_id),
        reasoned=reasoned(grounds),
        caveats=(*([SPOKE_LATER] if spoken.has_more else []), *_caveats(history, then, brought, mine, asked.at)),
    )


def _covered(files: Sequence[Covered], at: datetime) -> dict[int, datetime]:
    """When each source had last told of the whole store, by `at`."""
    known = sorted((one for one in files if one.was_known(at)), key=lambda one: one.at)
    return {one.source_id: one.at for one in known}


def _caveats(history: History, then: History, brought: Behind, mine: Sequence[Covered], at: datetime) -> Iterator[str]:
    """`mine`: the full files of the source that the answer stands on."""
    if len(mine) >= FILES_NOTED and not any(one.was_known(at) for one in mine):
        yield FORGOTTEN
    if any(one.source_id == then.level.source_id for one in {*history.reports} - {*then.reports}):
        yield THINNED
    if any(map(brought.is_live, then.reports)):
        yield LIVE
    yield AS_TODAY
