import io
import json
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest

from inventory_service.domain.feed import Row, StockColumns
from loadtests.world.changes import as_event, changes
from loadtests.world.feeds import Feed, Feeds
from loadtests.world.stored import Stored
from loadtests.world.wording import item_id, retailer_slug
from store_sync.formats.registry import parser_for
from tests.loadtests_world.worlds import BEGAN_AT, SMALL, stored


def feeds_of(made: Stored, retailer: int) -> list[Feed]:
    return Feeds(made.assortment, made.geography, BEGAN_AT, retailer).all()


def content(feed: Feed) -> bytes:
    return b"".join(feed.pieces())


@pytest.mark.parametrize("retailer", [0, 5])
def test_our_parsers_take_every_line_of_every_feed(retailer: int) -> None:
    made = stored()
    lists, stock = made.assortment, 0
    parse = parser_for("auto", None, None)
    for feed in feeds_of(made, retailer):
        rows = list(parse(io.BytesIO(content(feed))))
        assert all(isinstance(row, Row | StockColumns) for row in rows)
        if feed.name == "stores.jsonl":
            assert len(rows) == lists.store_counts[retailer]
        elif feed.name == "products.tsv":
            assert len(rows) == lists.list_lengths[retailer]
        else:
            stock += sum(map(len, rows))  # type: ignore[arg-type]
    assert stock == pytest.approx(lists.expected_positions[retailer], rel=0.1)


def test_the_same_seed_makes_the_same_world_and_another_seed_another_one() -> None:
    once, again, other = (
        [content(feed) for retailer in (0, 3) for feed in feeds_of(made, retailer)]
        for made in (stored(), stored(), stored(replace(SMALL, seed=2)))
    )
    assert once == again
    assert all(one != another for one, another in zip(once, other, strict=True))


def test_each_file_of_stock_speaks_of_a_moment_of_its_own_within_the_last_day() -> None:
    made = stored(replace(SMALL, positions=20_000_000))
    moments = [feed.as_of for feed in feeds_of(made, 0) if feed.name.startswith("stock")]
    assert len(set(moments)) == len(moments) > 1
    assert all(BEGAN_AT - timedelta(days=1) <= moment <= BEGAN_AT for moment in moments)


def test_so_many_rows_as_the_world_tells_have_details() -> None:
    lines = content(feeds_of(stored(), 0)[2]).splitlines()[1:]
    assert sum(not line.endswith(b"\t\t\t\t") for line in lines) / len(lines) == pytest.approx(0.05, abs=0.01)


def test_retailers_that_share_a_product_tell_the_same_gtin_of_it() -> None:
    made = stored()
    both = made.assortment.shared_by[:, 0] & made.assortment.shared_by[:, 1]
    told = [
        {line.split(b"\t")[3] for line in content(feeds_of(made, retailer)[1]).splitlines()[1:]} for retailer in (0, 1)
    ]
    assert len(told[0] & told[1]) == both.sum() > 0


def test_a_change_is_of_a_position_that_was_loaded_and_tells_another_count() -> None:
    made = stored()
    loaded = {
        (retailer_slug(retailer), *line.split(b"\t")[:2]): int(line.split(b"\t")[2])
        for retailer in range(6)
        for feed in feeds_of(made, retailer)[2:]
        for line in content(feed).splitlines()[1:]
    }
    for change in islice(changes(made.assortment), 5_000):
        count = loaded[change.retailer, change.store_code.encode(), change.item_id.encode()]
        assert change.quantity != count


def test_changes_may_be_of_one_retailer_alone_and_are_the_same_for_the_same_seed() -> None:
    made = stored()
    some = list(islice(changes(made.assortment, seed=4, retailer=2), 2_000))
    assert {change.retailer for change in some} == {retailer_slug(2)}
    assert {change.item_id for change in some} <= {item_id(2, item) for item in range(2_000)}
    assert some == list(islice(changes(made.assortment, seed=4, retailer=2), 2_000))
    assert json.loads(as_event(some[0], BEGAN_AT))["quantity"] == some[0].quantity
