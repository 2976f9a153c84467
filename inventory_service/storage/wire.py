"""Columns to Postgres, in its binary COPY format, and back, as binary arrays: no object a row."""

import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inventory_service.storage.postgres import Connection

Column: TypeAlias = NDArray[Any]

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
ARRAY_HEADER_BYTES = 20
"""Dimensions, flags, type, size and first index of an array of one dimension."""
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
    given = _given(HEADER + rows.tobytes() + END)
    await connection.copy_to_table(table, source=given, columns=names, format="binary")


async def _given(whole: bytes) -> AsyncIterator[bytes]:
    """A file the driver would read piece by piece in another thread."""
    yield whole


def words(expression: str) -> str:
    """SQL of all values of a bigint or a timestamptz, never NULL, as one value that `from_words` reads."""
    return f"array_send(array_agg({expression}))"


async def row(connection: Connection, query: str, *arguments: Any) -> Sequence[bytes | None]:
    """The one row of a query that selects `words`."""
    found = await connection.fetchrow(query, *arguments)
    assert found is not None
    return tuple(found)


def from_words(sent: bytes | None) -> NDArray[np.int64]:
    """The values, in the order of every other such column of the row; of times, microseconds from 2000."""
    if sent is None:
        return np.empty(0, dtype=np.int64)
    elements = np.frombuffer(sent, dtype=[("size", ">i4"), ("word", ">i8")], offset=ARRAY_HEADER_BYTES)
    return elements["word"].astype(np.int64)


def _row_type(types: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    fields = [("fields", ">i2")]
    for name, kind in types:
        fields += [("size " + name, ">i4"), (name, kind)]
    return fields
