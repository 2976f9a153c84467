"""A seeded retailer and all that its sources say of it: full files twice, counts, sales and deliveries, webhooks."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from loadtests.crash_oracle import Said

RETAILER = "crash"
FEED, SECOND, COUNTS, TILL, SHOP = "feed", "second", "counts", "till", "shop"
"""Its sources: full Google files (of two), JSON Lines of counts, events, Shopify webhooks."""
STORES_A_CLUSTER = 50
"""As many as one answer lists."""
ROWS_A_CLUSTER, MOST_CLUSTERS = 50_000, 6
FIRST_STORE, FIRST_ITEM = 71_000_000_001, 9_007_199_254_740_993
"""Beyond 2^32 and 2^53: both are text to us."""
LATER = timedelta(hours=2)
"""From the first full file to the second."""
SPAN_S = 4 * 3600
PARTS = 2
MOST_ROWS_A_PART = 25_000

Position = tuple[int, int]
"""Store and item, counted from 0."""


@dataclass
class World:
    """`positions` at least; `began_at` is the time of the first full file. All that was said is in `said`."""

    positions: int
    seed: int
    began_at: datetime
    said: dict[Position, list[Said]] = field(default_factory=lambda: defaultdict(list))

    @property
    def clusters(self) -> int:
        return max(1, min(MOST_CLUSTERS, self.positions // ROWS_A_CLUSTER))

    @property
    def stores(self) -> int:
        return self.clusters * STORES_A_CLUSTER

    @property
    def items(self) -> int:
        return -(-self.positions // self.stores)

    @cached_property
    def absent(self) -> frozenset[Position]:
        """What the second full file leaves out; only the first one and the till speak of these."""
        draw = random.Random(f"{self.seed} absent")
        return frozenset(self._drawn(draw, self.stores * self.items // 33))

    @cached_property
    def parts(self) -> list[range]:
        """Stores of each file: a full file comes in several, each with whole stores."""
        size = max(1, min(self.stores // PARTS, MOST_ROWS_A_PART // self.items))
        return [range(start, min(start + size, self.stores)) for start in range(0, self.stores, size)]

    def stores_file(self, path: Path) -> None:
        lines = ["store_code,name,lat,lon\n"]
        for store in range(self.stores):
            lat, lon = self.spot(store // STORES_A_CLUSTER)
            lines.append(f"{store_code(store)},Store {store},{lat + store % STORES_A_CLUSTER / 10_000:.4f},{lon}\n")
        path.write_text("".join(lines))

    def items_file(self, path: Path) -> None:
        lines = (f"{item_id(item)}\tItem {item}\t{gtin(item)}\n" for item in range(self.items))
        path.write_text("id\ttitle\tgtin\n" + "".join(lines))

    def spot(self, cluster: int) -> tuple[float, float]:
        """Clusters lie far apart: a question finds one."""
        return 36.0 + 2 * cluster, -100.0

    def full_file(self, path: Path, stores: Sequence[int], number: int, source: str = FEED) -> tuple[datetime, int]:
        """Writes the file number 0, 1 … of these stores; returns its time and its rows."""
        as_of, rows = self.began_at + number * LATER, 0
        draw = random.Random(f"{self.seed} {source} {number} {stores[0]}")
        with path.open("w") as file:
            file.write("store code\tid\tquantity\tprice\n")
            for position in ((store, item) for store in stores for item in range(self.items)):
                quantity = self._count(position, number, draw)
                if quantity is not None:
                    rows += 1
                    file.write(f"{store_code(position[0])}\t{item_id(position[1])}\t{quantity}\t9.{number}9 USD\n")
                self.said[position].append(Said("record", source, as_of, as_of, quantity or 0))
        return as_of, rows

    def counts_file(self, path: Path, number: int, rows: int) -> tuple[datetime, int]:
        """JSON Lines, each with its own time."""
        draw = random.Random(f"{self.seed} counts {number}")
        as_of = self.began_at + timedelta(seconds=SPAN_S + number)
        positions = list(self._spoken_of(draw, rows))
        with path.open("w") as file:
            for position in positions:
                at, quantity = self._moment(draw), draw.randrange(12)
                file.write(json.dumps(_line("count", position, at, quantity)) + "\n")
                self.said[position].append(Said("record", COUNTS, at, as_of, quantity))
        return as_of, len(positions)

    def movements(self, count: int, series: str, after_s: float = 0) -> Iterator[dict[str, Any]]:
        """Sales, deliveries and returns as the till tells them; of one in a hundred the time is that of a full file.

        Observed at least `after_s` seconds after the beginning.
        """
        draw = random.Random(f"{self.seed} {series}")
        for number, position in enumerate(self._drawn(draw, count)):
            at, name = self._moment(draw) + timedelta(seconds=after_s), f"{series}-{number}"
            kind, quantity = draw.choice(("sale", "sale", "sale", "delivery", "return")), draw.randint(1, 3)
            meant = -quantity if kind == "return" else quantity
            self.said[position].append(Said("delivery" if kind == "delivery" else "sale", TILL, at, at, meant, name))
            yield _line(kind, position, at, quantity) | {"id": name}

    def webhooks(self, count: int, after_s: float = 0) -> Iterator[bytes]:
        """Shopify's bodies; observed at least `after_s` seconds after the beginning."""
        draw = random.Random(f"{self.seed} shop {after_s}")
        for position in self._spoken_of(draw, count):
            at, quantity = self._moment(draw) + timedelta(seconds=after_s), draw.randrange(12)
            self.said[position].append(Said("record", SHOP, at, at, quantity))
            store, item = int(store_code(position[0])), int(item_id(position[1]))
            told = {"inventory_item_id": item, "location_id": store, "available": quantity, "updated_at": _text(at)}
            yield json.dumps(told).encode()

    def _count(self, position: Position, number: int, draw: random.Random) -> int | None:
        """None: the file leaves the position out. Most of a second file repeats the first one."""
        store, item = position
        usual = (store * 31 + item * 17) % 20
        if number == 1 and position in self.absent:
            return None
        return draw.randrange(20) if number and draw.random() < 0.2 else usual

    def _drawn(self, draw: random.Random, count: int) -> Iterator[Position]:
        return ((draw.randrange(self.stores), draw.randrange(self.items)) for _ in range(count))

    def _spoken_of(self, draw: random.Random, count: int) -> Iterator[Position]:
        return (position for position in self._drawn(draw, count) if position not in self.absent)

    def _moment(self, draw: random.Random) -> datetime:
        if draw.random() < 0.01:
            return self.began_at + LATER
        return self.began_at + timedelta(seconds=draw.uniform(60, SPAN_S))


def world(rows: int, seed: int) -> World:
    """A world whose files have `rows` rows or a few more: two full ones, and a fifth as many counts."""
    return World(round(rows / 2.15), seed, datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12))


def store_code(store: int) -> str:
    return str(FIRST_STORE + store)


def item_id(item: int) -> str:
    return str(FIRST_ITEM + item)


def gtin(item: int) -> str:
    """Of the range that is kept for demonstrations."""
    digits = f"952{item:09}"
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def _line(kind: str, position: Position, at: datetime, quantity: int) -> dict[str, Any]:
    store, item = position
    told = {"kind": kind, "store_code": store_code(store), "item_id": item_id(item)}
    return told | {"quantity": quantity, "observed_at": _text(at)}


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
