"""Cursors of /v1/stores: how far a page has reached, exactly."""

import re
import struct
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from inventory_service.lookup.directory import Reached
from inventory_service.lookup.service import NearStore
from inventory_service.web.values import LARGEST_ID, NO_CURSOR

SHAPE = re.compile(r"([0-9a-f]{16})-([0-9]{1,10})", re.ASCII)
HALF_WAY_ROUND_M = 20_100_000.0


def cursor_after(last: NearStore) -> str:
    """`metres` bit by bit, so that no store is told twice or left out."""
    return f"{struct.pack('>d', last.metres).hex()}-{last.store.store_id}"


def reached(text: object) -> Reached:
    found = SHAPE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(NO_CURSOR)
    (metres,), store_id = struct.unpack(">d", bytes.fromhex(found[1])), int(found[2])
    if not (0.0 <= metres <= HALF_WAY_ROUND_M and store_id <= LARGEST_ID):
        raise ValueError(NO_CURSOR)
    return metres, store_id


StoreCursor = Annotated[tuple[float, int], BeforeValidator(reached), WithJsonSchema({"type": "string"})]
