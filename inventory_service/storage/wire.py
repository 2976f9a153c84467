"""Columns to Postgres and back in its binary COPY format: no object a row."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage.postgres import Connection

Column: TypeAlias = NDArray[Any]

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
EPOCH_US = 946_684_800_000_000
"""Postgres counts microseconds from 2000; this many after 1970."""


async def send(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    """Appends rows to a table. A column's dtype is its wire type: >i2, >i4, >i8 (also for times), ?; no NULLs."""
    names = list(columns)
    rows = np.zeros(len(columns[names[0]]), dtype=_row_type([(name, columns[name].dtype.str) for name in names]))
    rows["fields"] = len(names)
    for name in names:
        rows["size " + name] = columns[name].dtype.itemsize
        rows[name] = columns[name]
    await connection.copy_to_table(table, source=bytearray(HEADER + rows.tobytes() + END), columns=names, format="binary")


async def receive(connection: Connection, query: str, types: Sequence[tuple[str, str]], *arguments: Any) -> Column:
    """Rows of a query whose columns are of fixed size and never NULL, as a structured array by these names."""
    pieces: list[bytes] = []

    async def take(piece: bytes) -> None:
        pieces.append(piece)

    await connection.copy_from_query(query, *arguments, output=take, format="binary")
    whole = b"".join(pieces)
    return np.frombuffer(memoryview(whole)[len(HEADER) : -len(END)], dtype=_row_type(types))


def _row_type(types: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    fields = [("fields", ">i2")]
    for name, kind in types:
        fields += [("size " + name, ">i4"), (name, kind)]
    return fields
