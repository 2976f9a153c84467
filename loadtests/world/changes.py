"""An endless seeded stream of stock changes: new counts of positions that a world holds."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np

from loadtests.world.assortment import Assortment
from loadtests.world.draws import generator
from loadtests.world.shelves import STEPS, blocks, quantity_steps, shelves
from loadtests.world.wording import item_id, retailer_slug, store_code

A_BLOCK = 512
"""Changes of one block of stores before another one's turn."""


class Change(NamedTuple):
    """The count is another than the one that the world was loaded with."""

    retailer: str
    store_code: str
    item_id: str
    quantity: int


def changes(assortment: Assortment, seed: int = 1, retailer: int | None = None) -> Iterator[Change]:
    """Of all retailers by the positions they have, or of one (an ingest key speaks for one), by its number."""
    draw = generator(seed, "changes", retailer or 0)
    shares = np.cumsum(assortment.expected_positions) / assortment.expected_positions.sum()
    steps = quantity_steps()
    while True:
        drawn = int(np.searchsorted(shares, draw.random(), side="right"))
        number = min(drawn, len(shares) - 1) if retailer is None else retailer
        found = shelves(assortment, number, int(draw.integers(blocks(assortment, number))))
        if len(found) == 0:
            continue
        some = draw.integers(len(found), size=min(A_BLOCK, len(found)))
        fresh = steps[draw.integers(STEPS, size=len(some))]
        counts = np.where(fresh == found.quantities[some], fresh + 1, fresh)
        slug = retailer_slug(number)
        rows = zip(found.stores[some].tolist(), found.items[some].tolist(), counts.tolist(), strict=True)
        for store, item, quantity in rows:
            yield Change(slug, store_code(store), item_id(number, item), quantity)


def as_event(change: Change, observed_at: datetime) -> bytes:
    """A line for `POST /v1/events/{source}` of its retailer."""
    event = {"kind": "record", "store_code": change.store_code, "item_id": change.item_id,
             "quantity": change.quantity, "observed_at": observed_at.isoformat()}  # fmt: skip
    return json.dumps(event).encode() + b"\n"
