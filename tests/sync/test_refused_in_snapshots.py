"""A line of a snapshot that is refused was listed all the same: what it speaks of is not gone."""

import io

from inventory_service.domain.feed import Refusal
from store_sync.formats.registry import parser_for
from tests.sync.world import Syncer, at, count, shop

HEAD = b"store_code\tid\tquantity\tprice\n"


def feed(*lines: str) -> io.BytesIO:
    return io.BytesIO(HEAD + b"".join(line.encode() + b"\n" for line in lines))


async def stocked(sync: Syncer) -> None:
    await sync.load([shop("1")])
    await sync.snapshot([count("1", "cola", 5), count("1", "tea", 3), count("1", "milk", 4)], at(60))


async def test_a_refused_count_or_price_leaves_its_position_as_it_was(sync: Syncer) -> None:
    await stocked(sync)
    parse = parser_for("google", "stock", None)
    loaded = await sync.snapshot(parse(feed("1\tcola\tfive\t", "1\ttea\t3\t1,00 EUR")), at(50))
    assert (loaded.rejected, loaded.emptied, loaded.held) == (2, 1, 0)
    assert await sync.quantities() == {("1", "item cola"): 5, ("1", "item tea"): 3, ("1", "item milk"): 0}


async def test_a_line_that_nobody_can_read_holds_what_would_become_empty(sync: Syncer) -> None:
    await stocked(sync)
    unread = Refusal(3, None, "columns", "More columns than the header.", "…")
    loaded = await sync.snapshot([count("1", "cola", 5), unread], at(50))
    assert (loaded.emptied, loaded.held) == (0, 1)
    assert await sync.quantities() == {("1", "item cola"): 5, ("1", "item tea"): 3, ("1", "item milk"): 4}


async def test_a_code_that_a_file_gives_to_two_places_is_refused_the_second_time(sync: Syncer) -> None:
    loaded = await sync.load([shop("1", line=2), shop("1", line=3, point=type(shop("1").store.point)(52.5, 13.4))])
    assert (loaded.applied, loaded.rejected, loaded.reasons) == (1, 1, {"duplicate": 1})
