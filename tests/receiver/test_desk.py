"""What waits for one source is committed together, at once, and one bad body spoils nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from inventory_service.domain.errors import PausedError, StorageError
from inventory_service.domain.feed import Loaded, Refusal
from inventory_service.runtime.http.errors import BusyError
from inventory_service.storage.stores import RetailerProfile
from store_sync.load import FeedOrder
from store_sync.receiver import metrics
from store_sync.receiver.bounds import DeskBounds
from store_sync.receiver.desk import Body, Desk

BOUNDS = DeskBounds(waiting=2_000, bodies_at_once=500, commit_within_s=4.0, clerks=2)
ONE = FeedOrder(RetailerProfile("acme", "Acme"), "one", "webhooks", "webhooks")
TWO = replace(ONE, source="two")


def body(word: str) -> list[Refusal]:
    return [Refusal(1, None, "invalid_value", word)]


class Ledger:
    """Takes lines in once `free` is set; `bad` words fail."""

    def __init__(self, *, free: bool = True) -> None:
        self.free = asyncio.Event()
        self.taken: list[tuple[str, list[str]]] = []
        self.under_way: list[str] = []
        self.failure: Exception | None = None
        if free:
            self.free.set()

    def desk(self, bounds: DeskBounds = BOUNDS) -> Desk[Loaded]:
        return Desk(self.take, bounds, metrics.EVENTS)

    async def take(self, order: FeedOrder, bodies: Sequence[Body]) -> list[Loaded]:
        assert order.source not in self.under_way
        self.under_way.append(order.source)
        try:
            await self.free.wait()
            words = [line.detail for body in bodies for line in body if isinstance(line, Refusal)]
            if self.failure is not None:
                raise self.failure
            if "bad" in words:
                raise ZeroDivisionError
            self.taken.append((order.source, words))
            return [Loaded(rows=len(body)) for body in bodies]
        finally:
            self.under_way.remove(order.source)


async def busy(ledger: Ledger, *sources: str) -> None:
    async with asyncio.timeout(5):
        while set(ledger.under_way) != set(sources):
            await asyncio.sleep(0)


async def test_a_body_that_comes_alone_is_taken_alone_and_at_once() -> None:
    ledger = Ledger()
    async with ledger.desk().open() as desk:
        await desk.hand_in(ONE, body("a"))
    assert ledger.taken == [("one", ["a"])]


async def test_what_comes_during_a_transaction_shares_the_next() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk().open() as desk:
        first = asyncio.create_task(desk.hand_in(ONE, body("a")))
        await busy(ledger, "one")
        later = [asyncio.create_task(desk.hand_in(ONE, body(word))) for word in "bcd"]
        await asyncio.sleep(0)
        ledger.free.set()
        await asyncio.gather(first, *later)
    assert ledger.taken == [("one", ["a"]), ("one", ["b", "c", "d"])]


async def test_a_slow_source_does_not_hold_up_another() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk().open() as desk:
        handed = [asyncio.create_task(desk.hand_in(order, body("a"))) for order in (ONE, ONE, TWO)]
        await busy(ledger, "one", "two")
        ledger.free.set()
        await asyncio.gather(*handed)


async def test_one_bad_body_does_not_spoil_the_others() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk().open() as desk:
        handed = [asyncio.create_task(desk.hand_in(ONE, body("first")))]
        await busy(ledger, "one")
        handed += [asyncio.create_task(desk.hand_in(ONE, body(word))) for word in ("a", "bad", "b")]
        await asyncio.sleep(0)
        ledger.free.set()
        ends = await asyncio.gather(*handed, return_exceptions=True)
    assert [type(end) for end in ends] == [Loaded, Loaded, ZeroDivisionError, Loaded]
    assert ledger.taken[1:] == [("one", ["a"]), ("one", ["b"])]


@pytest.mark.parametrize("failure", [StorageError("away"), PausedError("paused")])
async def test_all_who_wait_hear_of_a_database_that_is_away_and_of_a_paused_source(failure: Exception) -> None:
    ledger = Ledger()
    ledger.failure = failure
    async with ledger.desk().open() as desk:
        ends = await asyncio.gather(*(desk.hand_in(ONE, body("a")) for _ in range(3)), return_exceptions=True)
        assert {type(end) for end in ends} == {type(failure)}
        ledger.failure = None
        await desk.hand_in(ONE, body("b"))
    assert ledger.taken == [("one", ["b"])]


async def test_beyond_its_bound_the_desk_sends_bodies_away_at_once() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk(replace(BOUNDS, waiting=2)).open() as desk:
        handed = [asyncio.create_task(desk.hand_in(ONE, body("a")))]
        await busy(ledger, "one")
        handed += [asyncio.create_task(desk.hand_in(ONE, body("a"))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await desk.hand_in(ONE, body("a"))
        ledger.free.set()
        await asyncio.gather(*handed)


async def test_a_transaction_that_hangs_is_given_up() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk(replace(BOUNDS, commit_within_s=0.01)).open() as desk:
        with pytest.raises(StorageError):
            await desk.hand_in(ONE, body("a"))


async def test_what_nobody_waits_for_any_more_is_not_taken() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk().open() as desk:
        first = asyncio.create_task(desk.hand_in(ONE, body("a")))
        await busy(ledger, "one")
        given_up = asyncio.create_task(desk.hand_in(ONE, body("b")))
        await asyncio.sleep(0)
        given_up.cancel()
        ledger.free.set()
        await first
        await desk.hand_in(ONE, body("c"))
    assert [words for _, words in ledger.taken] == [["a"], ["c"]]


async def test_no_batch_is_larger_than_its_bound() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk(replace(BOUNDS, bodies_at_once=2)).open() as desk:
        handed = [asyncio.create_task(desk.hand_in(ONE, body("a"))) for _ in range(5)]
        await busy(ledger, "one")
        ledger.free.set()
        await asyncio.gather(*handed)
    assert max(len(words) for _, words in ledger.taken) == 2


async def test_each_who_waits_hears_what_became_of_his_own_lines() -> None:
    ledger = Ledger(free=False)
    async with ledger.desk().open() as desk:
        handed = [asyncio.create_task(desk.hand_in(ONE, body("a") * count)) for count in (1, 2, 3)]
        await busy(ledger, "one")
        ledger.free.set()
        assert [loaded.rows for loaded in await asyncio.gather(*handed)] == [1, 2, 3]
