"""What truly stands on the shelves, hour by hour, and what the retailer's own books say."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loadtests.simulator.habits import Habits
from loadtests.world.draws import generator

HOURS = 24
OPENS, CLOSES = 8, 21
DAY_SHAPE = np.array([0.0] * OPENS + [0.6, 0.8, 1.0, 1.2, 1.2, 1.0, 0.9, 1.0, 1.3, 1.4, 1.2, 0.8, 0.6] + [0.0] * 3)
HOUR_SHARES = DAY_SHAPE / DAY_SHAPE.sum()
WEEK = np.array([0.9, 0.85, 0.9, 0.95, 1.15, 1.25, 1.0])
FILLS_AT, ORDERS_AT, COUNTS_AT, DELIVERS_AT = 7, 20, 10, 6
SAFETY = 0.2
"""Standard deviations of demand that the order point allows for."""

Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shelves:
    """Hour × position: `shelf` and `book` at the end of each hour, `sold` and `delivered` by the book within it.

    Where the book was set right by a count, `recounted`. `per_day` and `category` by position; a position is store ×
    products + product.
    """

    shelf: Counts
    book: Counts
    sold: Counts
    delivered: Counts
    recounted: npt.NDArray[np.bool_]
    per_day: npt.NDArray[np.float64]
    category: Counts


def simulated(habits: Habits, seed: int, days: int, warm_days: int = 80) -> Shelves:
    """`days` of hours, after `warm_days` in which the errors of the books have come to their usual level."""
    chance = generator(seed, "shelves")
    rates, category = _rates(habits, chance)
    day = _Day.begun(habits, rates, chance)
    kept = [day.hour(number) for number in range((warm_days + days) * HOURS)][warm_days * HOURS :]
    shelf, book, sold, delivered, recounted = (np.stack(column) for column in zip(*kept, strict=True))
    return Shelves(shelf, book, sold, delivered, recounted, rates, category)


def _rates(habits: Habits, chance: np.random.Generator) -> tuple[npt.NDArray[np.float64], Counts]:
    category = chance.integers(len(habits.per_day), size=habits.products)
    product = np.array(habits.per_day)[category] * chance.gamma(
        habits.product_shape, 1 / habits.product_shape, habits.products
    )
    store = np.exp(chance.normal(0.0, habits.store_spread, habits.stores))
    shape = (habits.stores, habits.products)
    rates = store[:, None] * product * chance.gamma(habits.position_shape, 1 / habits.position_shape, shape)
    return np.maximum(rates.ravel(), 0.003), np.tile(category, habits.stores).astype(np.int32)


@dataclass(slots=True)
class _Day:
    """All positions as they stand."""

    habits: Habits
    rates: npt.NDArray[np.float64]
    chance: np.random.Generator
    shelf: Counts
    back: Counts
    astray: Counts
    book: Counts
    coming: Counts
    booked_only: npt.NDArray[np.bool_]
    due_in: Counts
    order_at: Counts
    order_to: Counts

    @classmethod
    def begun(cls, habits: Habits, rates: npt.NDArray[np.float64], chance: np.random.Generator) -> "_Day":
        due = rates * (habits.lead_days + 1.0)
        order_at = np.ceil(due + SAFETY * np.sqrt(due)).astype(np.int32)
        order_to = order_at + np.maximum(1, np.round(rates * habits.cover_days)).astype(np.int32)
        none = np.zeros(len(rates), np.int32)
        return cls(
            habits, rates, chance, order_to.copy(), none.copy(), none.copy(), order_to.copy(), none.copy(),
            none.astype(bool), none.copy(), order_at, order_to,
        )  # fmt: skip

    def hour(self, number: int) -> tuple[Counts, Counts, Counts, Counts, npt.NDArray[np.bool_]]:
        day, hour = divmod(number, HOURS)
        delivered = self._deliver() if hour == DELIVERS_AT else np.zeros_like(self.book)
        if hour == FILLS_AT:
            self._fill()
        sold = self._sell(HOUR_SHARES[hour] * WEEK[day % 7])
        self._lose(HOUR_SHARES[hour])
        recounted = self._count() if hour == COUNTS_AT else np.zeros(len(self.book), bool)
        if hour == ORDERS_AT:
            self._order()
        return self.shelf.copy(), self.book.copy(), sold, delivered, recounted

    def _sell(self, share: float) -> Counts:
        if share == 0.0:
            return np.zeros_like(self.book)
        bought = np.minimum(self.chance.poisson(self.rates * share), self.shelf).astype(np.int32)
        self.shelf -= bought
        astray = self.chance.binomial(bought, self.habits.wrong_scan)
        booked = bought - astray
        np.add.at(booked, self.chance.integers(len(booked), size=int(astray.sum())), 1)
        booked = np.minimum(booked, self.book).astype(np.int32)
        self.book -= booked
        return booked

    def _lose(self, share: float) -> None:
        if share == 0.0:
            return
        often = self.habits.stolen * share + self.habits.stolen_of_sales * self.rates * share / np.maximum(
            self.shelf, 1
        )
        self.shelf -= self.chance.binomial(self.shelf, np.minimum(often, 1.0)).astype(np.int32)
        moved = self.chance.random(len(self.shelf)) < self.habits.misplaced * share
        self.astray += np.where(moved, self.shelf, 0).astype(np.int32)
        self.shelf[moved] = 0
        again = self.chance.random(len(self.shelf)) < self.habits.found_again * share
        self.shelf += np.where(again, self.astray, 0).astype(np.int32)
        self.astray[again] = 0

    def _fill(self) -> None:
        filled = self.chance.random(len(self.back)) < self.habits.filled
        self.shelf += np.where(filled, self.back, 0).astype(np.int32)
        self.back[filled] = 0

    def _deliver(self) -> Counts:
        self.due_in -= self.coming > 0
        here = (self.coming > 0) & (self.due_in <= 0)
        delivered = np.where(here, self.coming, 0).astype(np.int32)
        self.book += delivered
        self.back += np.where(self.booked_only, 0, delivered).astype(np.int32)
        self.coming[here] = 0
        return delivered

    def _order(self) -> None:
        wanted = (self.coming == 0) & (self.book <= self.order_at)
        late = self.chance.random(len(wanted)) < self.habits.late
        wait = self.chance.poisson(self.habits.lead_days, len(wanted)) + np.where(
            late, self.chance.integers(2, 8, len(wanted)), 0
        )
        self.coming[wanted] = (self.order_to - self.book)[wanted]
        self.due_in[wanted] = np.maximum(1, wait)[wanted]
        self.booked_only[wanted] = (self.chance.random(len(wanted)) < self.habits.missing)[wanted]

    def _count(self) -> npt.NDArray[np.bool_]:
        often = np.where((self.shelf == 0) & (self.book > 0), self.habits.gaps_noticed, self.habits.counted)
        chosen = self.chance.random(len(self.book)) < often
        recounted = chosen & (self.book != self.shelf + self.back)
        self.book[recounted] = (self.shelf + self.back)[recounted]
        return recounted
