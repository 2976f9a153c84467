"""What a retailer's feed tells of its books: statements as plain dictionaries, in the format of docs/CONFIDENCE.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from loadtests.simulator.habits import Habits
from loadtests.simulator.shelves import HOURS, Counts, Shelves
from loadtests.world.draws import generator

BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
NIGHT = 5
WEEK_DAYS = 7
CATEGORIES = ("slow", "steady", "brisk", "fast")

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one retailer's stores and products."""

    retailer: str
    products: int

    def position(self, position: int) -> Line:
        store, product = divmod(position, self.products)
        return {"retailer": self.retailer, "store": f"s{store}", "product": f"{self.retailer}-p{product}"}

    def store(self, store: int) -> Line:
        return {"retailer": self.retailer, "store": f"s{store}"}


def after(hours: float) -> str:
    """The moment so many hours after the beginning."""
    return f"{BEGAN + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def told(habits: Habits, seed: int, names: Names, shelves: Shelves) -> Iterator[Line]:
    """All that the feed says. A moment at the whole hour h follows all that happened before h."""
    feed = _Feed(habits, names, shelves, generator(seed, "feed"), shelves.book[0].copy())
    yield from feed.records(np.ones(len(feed.known), bool), shelves.book[0], 0.5)
    for hour in range(1, len(shelves.book)):
        yield from feed.live(hour) if habits.feed == "till" else feed.nightly(hour)


@dataclass(slots=True)
class _Feed:
    """`known` is the book as it was last told; `silent_until` by store, in hours."""

    habits: Habits
    names: Names
    shelves: Shelves
    chance: np.random.Generator
    known: Counts
    silent_until: npt.NDArray[np.float64] | None = None

    def live(self, hour: int) -> Iterator[Line]:
        """Sales and deliveries as they happen; after silence, and where the book was set right, records."""
        heard = np.repeat(self._heard(hour), self.habits.products)
        book, sold, delivered = self.shelves.book[hour], self.shelves.sold[hour], self.shelves.delivered[hour]
        followed = heard & (self.known == book + sold - delivered)
        for kind, pieces, begins in (("delivery", delivered, 0.0), ("sale", sold, 0.1)):
            for position in np.flatnonzero(followed & (pieces > 0)):
                moment = after(hour + begins + 0.8 * self.chance.random())
                yield self._line(int(position), kind, moment, int(pieces[position]))
        yield from self.records(heard & ~followed & (self.known != book), book, hour + 0.95)
        self.known[heard] = book[heard]
        yield from self._covered(self._heard_now(hour), hour + 0.97)

    def nightly(self, hour: int) -> Iterator[Line]:
        """One file a store; every seventh alone is new where counts are renewed once a week."""
        if hour % HOURS != NIGHT:
            return
        heard = self._heard(hour) & (self.chance.random(self.habits.stores) >= self.habits.missed_nights)
        if self.habits.feed == "nightly" or hour // HOURS % WEEK_DAYS == 0:
            changed = np.repeat(heard, self.habits.products) & (self.known != self.shelves.book[hour - 1])
            yield from self.records(changed, self.shelves.book[hour - 1], float(hour))
        yield from self._covered(heard, float(hour))

    def records(self, chosen: npt.NDArray[np.bool_], book: Counts, hours: float) -> Iterator[Line]:
        for position in np.flatnonzero(chosen):
            yield self._line(int(position), "record", after(hours), int(book[position]))
        self.known[chosen] = book[chosen]

    def _heard(self, hour: int) -> npt.NDArray[np.bool_]:
        """By store; new silences begin by chance."""
        if self.silent_until is None:
            self.silent_until = np.zeros(self.habits.stores)
        begins = self.chance.random(self.habits.stores) < self.habits.outage / HOURS
        lasts = self.chance.exponential(self.habits.outage_days * HOURS, self.habits.stores)
        self.silent_until = np.maximum(self.silent_until, np.where(begins, hour + lasts, 0.0))
        return self._heard_now(hour)

    def _heard_now(self, hour: int) -> npt.NDArray[np.bool_]:
        assert self.silent_until is not None
        return np.asarray(self.silent_until <= hour)

    def _covered(self, heard: npt.NDArray[np.bool_], hours: float) -> Iterator[Line]:
        for store in np.flatnonzero(heard):
            source = {"kind": "coverage", "source": self.habits.feed, "observed_at": after(hours)}
            yield self.names.store(int(store)) | source

    def _line(self, position: int, kind: str, moment: str, quantity: int) -> Line:
        named = self.names.position(position) | {"category": CATEGORIES[int(self.shelves.category[position])]}
        return named | {"kind": kind, "source": self.habits.feed, "observed_at": moment, "quantity": quantity}
