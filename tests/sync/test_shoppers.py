"""What shoppers say weighs on a level for as long as nothing newer is known, whatever arrives and in which order."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from inventory_service.domain.shoppers import KEPT_FOR, VOICE, Word, leaning
from inventory_service.storage import shoppers
from inventory_service.storage.apply import WORTH_COLUMNS
from inventory_service.storage.postgres import persistently
from inventory_service.storage.shoppers import Heard
from store_sync.undoing import undo
from tests.sync.world import NOW, Syncer, at, count, item, shop, stopped_clock

ONE_VOICE = round(100 * VOICE)
LEVELS = "SELECT product_id, store_id, observed_at, leaning, version, low FROM position ORDER BY product_id, store_id"
WORDS = "SELECT product_id, store_id, found, observed_at FROM shopper_report"


class Shop:
    """One store of one retailer, with shoppers in it."""

    def __init__(self, sync: Syncer) -> None:
        self.sync = sync

    async def stock(self, quantity: int, observed_at: datetime) -> int:
        """A record of the only product; returns the number of its load."""
        loaded = await self.sync.load([shop("1"), item("A"), count("1", "A", quantity, observed_at)])
        return loaded.load_id

    async def stock_many(self, quantity: int, observed_at: datetime) -> None:
        """So many records that they take the fast lane; the first is of the same product."""
        names = ["A", *(f"B{number}" for number in range(WORTH_COLUMNS))]
        await self.sync.load([shop("1"), *map(item, names)])
        await self.sync.load([count("1", name, quantity, observed_at) for name in names])

    async def hear(self, found: bool, observed_at: datetime, device: str = "one", now: datetime = NOW) -> Heard:
        about = await self.about()
        async with self.sync.pool.acquire() as connection:

            async def work() -> Heard:
                return await shoppers.hear(connection, about, device.encode(), Word(found, observed_at), now)

            return await persistently(connection, work)

    async def about(self) -> tuple[int, int]:
        (row,) = await self.sync.fetch("SELECT product_id, store_id FROM store CROSS JOIN item WHERE item_id = 'A'")
        return row["product_id"], row["store_id"]

    async def leaning(self) -> int:
        product_id, _ = await self.about()
        (level,) = [row for row in await self.sync.fetch(LEVELS) if row["product_id"] == product_id]
        return level["leaning"] or 0

    async def due(self) -> list[tuple[int, int]]:
        """What each level leans, and what it should."""
        words: dict[tuple[int, int], list[Word]] = defaultdict(list)
        for row in await self.sync.fetch(WORDS):
            words[row["product_id"], row["store_id"]].append(Word(row["found"], row["observed_at"]))
        return [
            (row["leaning"] or 0, leaning(words[row["product_id"], row["store_id"]], row["observed_at"]))
            for row in await self.sync.fetch(LEVELS)
        ]

    async def logged(self) -> int:
        return len(await self.sync.log("levels"))


@pytest.fixture
def place(sync: Syncer) -> Shop:
    return Shop(sync)


async def test_a_word_moves_the_level_and_is_told_to_the_change_log(place: Shop) -> None:
    await place.stock(5, at(60))
    logged = await place.logged()
    heard = await place.hear(False, at(10))
    assert (heard.counted, heard.news) == (True, True)
    assert await place.leaning() == -ONE_VOICE
    assert await place.logged() == logged + 1
    (level,) = await place.sync.fetch(LEVELS)
    assert (level["version"], level["low"]) == (2, 5)


async def test_a_word_from_before_the_evidence_weighs_nothing(place: Shop) -> None:
    await place.stock(5, at(60))
    logged = await place.logged()
    assert not (await place.hear(False, at(60))).counted
    assert (await place.leaning(), await place.logged()) == (0, logged)


async def test_who_speaks_is_not_told_that_a_count_has_changed_within_its_band(place: Shop) -> None:
    """Who says when he looked could else find out when that was."""
    await place.stock(5, at(60))
    await place.sync.fetch(
        "UPDATE position SET shown_source_id = source_id, shown_at = $1, shown_covered_at = $1", at(120)
    )
    assert not (await place.hear(False, at(130), "two")).counted
    first = await place.hear(False, at(90))
    assert (first.counted, first.news) == (True, True)
    again = await place.hear(False, at(30))
    assert (again.counted, again.news, again.report_id) == (True, False, first.report_id)
    assert await place.leaning() == 0


async def test_one_device_has_one_voice_a_day_and_its_last_word_counts(place: Shop) -> None:
    await place.stock(5, at(600))
    first = await place.hear(False, at(50))
    again = await place.hear(False, at(40))
    assert (again.report_id, again.news) == (first.report_id, False)
    changed = await place.hear(True, at(30))
    assert (changed.report_id, changed.news) == (first.report_id, True)
    late = await place.hear(False, at(35))
    assert not late.news
    assert await place.leaning() == ONE_VOICE


async def test_the_next_day_a_device_may_speak_again(place: Shop) -> None:
    await place.stock(5, NOW - timedelta(days=2))
    await place.hear(False, NOW - timedelta(days=1), "one")
    assert (await place.hear(False, NOW, "one")).news
    assert await place.leaning() < -ONE_VOICE


async def test_a_repetition_after_news_is_a_word_of_its_own(place: Shop) -> None:
    await place.stock(5, at(60))
    await place.hear(False, at(50))
    await place.stock(2, at(40))
    assert await place.leaning() == 0
    assert (await place.hear(False, at(30))).counted
    assert await place.leaning() == -ONE_VOICE


async def test_a_repetition_after_another_count_of_the_same_band_is_told_as_after_an_echo(place: Shop) -> None:
    await place.stock(5, at(60))
    first = await place.hear(False, at(50))
    await place.stock(4, at(40))
    assert await place.hear(False, at(30)) == Heard(first.report_id, counted=True, news=False)


@pytest.mark.parametrize("way", ["stock", "stock_many"])
async def test_news_begins_anew_and_an_echo_does_not(place: Shop, way: str) -> None:
    tell = getattr(place, way)
    await tell(5, at(60))
    await place.hear(False, at(50))
    await tell(5, at(40))
    assert await place.leaning() == -ONE_VOICE
    await tell(4, at(30))
    assert await place.leaning() == 0


@pytest.mark.parametrize("way", ["stock", "stock_many"])
async def test_words_that_are_newer_than_late_news_count_again(place: Shop, way: str) -> None:
    tell = getattr(place, way)
    await tell(5, at(60))
    await place.hear(True, at(50), "one")
    await place.hear(False, at(30), "two")
    await tell(4, at(40))
    assert await place.leaning() == -ONE_VOICE


@pytest.mark.parametrize("way", ["stock", "stock_many"])
async def test_words_about_what_nobody_had_told_of_count_once_somebody_does(place: Shop, way: str) -> None:
    await place.sync.load([shop("1"), item("A")])
    assert not (await place.hear(False, at(10))).counted
    await getattr(place, way)(5, at(60))
    assert await place.leaning() == -ONE_VOICE


async def test_when_the_load_that_brought_the_news_is_taken_back_older_words_count_again(place: Shop) -> None:
    await place.stock(5, at(60))
    await place.hear(False, at(50))
    load_id = await place.stock(4, at(40))
    await undo(place.sync.pool, load_id, stopped_clock())
    assert await place.leaning() == -ONE_VOICE


async def test_any_number_of_devices_stays_within_the_bound(place: Shop) -> None:
    await place.stock(5, at(600))
    for number in range(40):
        await place.hear(False, at(500 - number), f"liar {number}")
    assert -184 <= await place.leaning() < -180


async def test_what_is_older_than_thirty_days_is_forgotten_and_weighs_nothing(place: Shop) -> None:
    await place.stock(5, NOW - KEPT_FOR - timedelta(days=2))
    await place.hear(False, NOW - KEPT_FOR - timedelta(days=1), "one")
    await place.hear(True, NOW - KEPT_FOR, "two")
    logged = await place.logged()
    async with place.sync.pool.acquire() as connection:
        await shoppers.forget(connection, NOW)
        assert await place.leaning() == ONE_VOICE
        assert (len(await place.sync.fetch(WORDS)), await place.logged()) == (1, logged + 1)
        await shoppers.forget(connection, NOW)
    assert await place.logged() == logged + 1


async def test_the_key_of_a_day_is_drawn_once_and_dropped_when_nobody_can_speak_of_that_day(place: Shop) -> None:
    day, later = shoppers.day_of(NOW), NOW + timedelta(days=4)
    async with place.sync.pool.acquire() as connection, place.sync.pool.acquire() as other:
        one, two = await asyncio.gather(shoppers.key_of(connection, day), shoppers.key_of(other, day))
        assert one == two != await shoppers.key_of(connection, shoppers.day_of(later))
        await shoppers.forget(connection, later)
        assert await shoppers.key_of(connection, day) != one


async def test_a_device_cannot_be_told_from_another_without_the_key_of_the_day() -> None:
    assert shoppers.device_of("token", b"monday") == shoppers.device_of("token", b"monday")
    assert shoppers.device_of("token", b"monday") != shoppers.device_of("token", b"tuesday")
    assert b"token" not in shoppers.device_of("token", b"monday")


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_at_once_every_level_leans_as_its_words_do(place: Shop, seed: int) -> None:
    random = Random(seed)
    await place.stock_many(5, at(600))

    async def news() -> None:
        for _ in range(6):
            tell = random.choice((place.stock, place.stock, place.stock_many))
            await tell(random.randrange(6), at(random.uniform(0, 500)))

    async def talk(device: str) -> None:
        for _ in range(12):
            await place.hear(random.random() < 0.5, at(random.uniform(0, 500)), device)

    await asyncio.gather(news(), *(talk(f"device {number}") for number in range(4)))
    assert_alike(await place.due())
    assert await place.sync.fetch(WORDS)


def assert_alike(due: Sequence[tuple[int, int]]) -> None:
    assert [held for held, _ in due] == [expected for _, expected in due]
