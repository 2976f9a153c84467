"""The change log looked through for what webhooks are to hear, and a slow round over all that they watch.

What was told last is kept for each webhook and position: a change that was seen before, or that nobody may see, tells
nothing, however often it is looked at. So the round may meet what the log has told, and either may be done again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory_service.domain.clock import Clock
from inventory_service.domain.key import Key
from inventory_service.lookup.memory import Memory
from inventory_service.storage import changes, webhook_log
from inventory_service.storage.changes import Change
from inventory_service.storage.log_reader import Place, read_on
from inventory_service.storage.positions import Key as Position
from inventory_service.storage.postgres import Connection
from inventory_service.storage.publishing import elapsed_s
from inventory_service.storage.webhook_log import LAST_ID, Watched
from inventory_service.webhooks.looking import let_others_in, look
from inventory_service.webhooks.telling import News, Wording

BATCHES_AT_ONCE = 50
TOLD_AT_ONCE = 200
"""Positions of one transaction."""
ROUND_AT_ONCE = 200
"""Positions that the round looks at in one step; a step a second."""
STEP_EVERY_S, ROUND_EVERY_S = 1.0, 60.0
MOVED_EVERY_S = 1.0
KeysInForce = Callable[[], Mapping[int, Key]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What both are made of. `keys`: those in force, by id."""

    connection: Connection
    memory: Memory
    clock: Clock
    wording: Wording
    keys: KeysInForce


class LogWatch:
    """Follows the change log from where the last one was."""

    def __init__(self, parts: Parts, place: Place) -> None:
        self._parts, self._place = parts, place
        self._moved_s = elapsed_s()

    @classmethod
    async def begin(cls, parts: Parts) -> "LogWatch":
        """Where the place is lost the log's end is taken: the round finds what was missed."""
        connection = parts.connection
        head, cursor = await changes.head(connection), await webhook_log.place(connection)
        known = await changes.pruned_to(connection) <= cursor <= head
        return cls(parts, Place(cursor if known else head))

    async def read_on(self) -> tuple[int, bool]:
        """Events that were found in the next page, and whether more waits to be read."""
        connection = self._parts.connection
        page = await read_on(connection, self._place, BATCHES_AT_ONCE, webhook_log.read)
        *early, last = pieces(_positions(page.changes))
        merged = sorted({one for change in page.changes if change.kind == "products" for one in change.ids})
        if merged:
            async with connection.transaction():
                await webhook_log.follow_merged(connection, merged)
        found = 0
        for piece in early:
            async with connection.transaction():
                found += await self._tell(piece)
        if last or elapsed_s() - self._moved_s >= MOVED_EVERY_S:
            async with connection.transaction():
                found += await self._tell(last)
                await webhook_log.move(connection, page.place.cursor)
            self._moved_s = elapsed_s()
        self._place = page.place
        return found, page.more and bool(page.changes)

    async def _tell(self, positions: Sequence[Position]) -> int:
        matches = await webhook_log.matches(self._parts.connection, positions) if positions else []
        if not matches:
            return 0
        parts, keys, now = self._parts, self._parts.keys(), self._parts.clock()
        wanted = sorted({one.position for one in matches})
        sights = await look(parts.connection, parts.memory, wanted, now)
        news = News(parts.wording, now)
        for place, match in enumerate(matches):
            await let_others_in(place)
            key, sight = keys.get(match.key_id), sights.get(match.position)
            if key is not None and sight is not None and (match.known or match.told is not None):
                news.consider(match.webhook_id, key, match.position, sight, match.told)
        return await news.write(parts.connection)


@dataclass(slots=True)
class Round:
    """One webhook's positions, known and possible ones, in their order."""

    products: list[int]
    stores: list[int]
    began_s: float
    at: int = 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.products) * len(self.stores)

    def next(self, at_most: int) -> list[Position]:
        """The following ones."""
        until = min(self.at + at_most, len(self.products) * len(self.stores))
        taken = range(self.at, until)
        self.at = until
        width = len(self.stores)
        return [(self.products[one // width], self.stores[one % width]) for one in taken]

    def skip(self, known: Position) -> None:
        """All up to `known` has been looked at."""
        width = len(self.stores)
        while not self.ended and (self.products[self.at // width], self.stores[-1]) <= known:
            self.at += width
        while not self.ended and (self.products[self.at // width], self.stores[self.at % width]) <= known:
            self.at += 1


class Rounds:
    """Goes over all that webhooks watch, again and again: for what was there first, what fades and what was missed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rounds: dict[int, Round] = {}
        self._looked_s = -STEP_EVERY_S

    async def step(self) -> tuple[int, bool]:
        """Events that were found, and whether a new webhook waits to be looked over: then the next step is due."""
        if elapsed_s() - self._looked_s < STEP_EVERY_S:
            return 0, False
        keys = self._parts.keys()
        watched = [one for one in await webhook_log.active(self._parts.connection) if one.key_id in keys]
        self._rounds = {one.webhook_id: self._rounds[one.webhook_id] for one in watched if self._has_begun(one)}
        new = [one for one in watched if not one.noted_all]
        chosen = next(iter(new), None) or self._due(watched)
        found = 0
        if chosen is not None:
            async with self._parts.connection.transaction():
                found = await self._look_over(chosen, keys[chosen.key_id])
        if not new:
            self._looked_s = elapsed_s()
        return found, bool(new)

    def _has_begun(self, watched: Watched) -> bool:
        return watched.webhook_id in self._rounds

    def _due(self, watched: list[Watched]) -> Watched | None:
        """The one whose round is under way, else the one that has waited longest for one."""
        due = [one for one in watched if self._is_due(self._rounds.get(one.webhook_id))]
        return min(due, key=self._order, default=None)

    def _is_due(self, one: Round | None) -> bool:
        return one is None or not one.ended or elapsed_s() - one.began_s >= ROUND_EVERY_S

    def _order(self, watched: Watched) -> tuple[bool, float]:
        under_way = self._rounds.get(watched.webhook_id)
        return (under_way is None or under_way.ended, 0.0 if under_way is None else under_way.began_s)

    async def _look_over(self, watched: Watched, key: Key) -> int:
        round_ = self._rounds.get(watched.webhook_id)
        if round_ is None or round_.ended:
            round_ = Round(*await webhook_log.ground(self._parts.connection, watched.webhook_id), elapsed_s())
            if not watched.noted_all:
                round_.skip(watched.known)
            self._rounds[watched.webhook_id] = round_
        positions = round_.next(ROUND_AT_ONCE)
        found = await self._compare(watched, key, positions) if positions else 0
        if not watched.noted_all:
            known = (LAST_ID, LAST_ID) if round_.ended else positions[-1]
            await webhook_log.note_known(self._parts.connection, watched.webhook_id, known)
        return found

    async def _compare(self, watched: Watched, key: Key, positions: list[Position]) -> int:
        connection, now = self._parts.connection, self._parts.clock()
        told = await webhook_log.told(connection, watched.webhook_id, positions)
        news = News(self._parts.wording, now)
        sights = await look(connection, self._parts.memory, positions, now)
        for place, (position, sight) in enumerate(sights.items()):
            await let_others_in(place)
            if watched.noted_all or position in told:
                news.consider(watched.webhook_id, key, position, sight, told.get(position))
            else:
                news.first(watched.webhook_id, key, position, sight)
        return await news.write(connection)


def pieces(positions: Sequence[Position]) -> Iterator[Sequence[Position]]:
    """Of TOLD_AT_ONCE each; at least one, which may be empty."""
    for start in range(0, max(len(positions), 1), TOLD_AT_ONCE):
        yield positions[start : start + TOLD_AT_ONCE]


def _positions(read: Sequence[Change]) -> list[Position]:
    """Each once, in their order."""
    return sorted(
        {
            position
            for change in read
            if change.kind == "levels"
            for position in zip(change.ids, change.store_ids, strict=True)
        }
    )
