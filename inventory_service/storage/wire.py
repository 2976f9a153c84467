"""Columns to Postgres, in its binary COPY format, and back, as binary arrays: no object a row."""

import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from inventory_service.storage.postgres import Connection

Column: TypeAlias = NDArray[Any]

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
ARRAY_HEADER_BYTES = 20
"""Dimensions, flags, type, size and first index of an array of one dimension."""
INT_OID = 23
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_US = 946_684_800_000_000
"""Postgres counts microseconds from 2000; this many after 1970."""


async def send(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    """Appends rows to a table. A column's dtype is its wire type: >i2, >i4, >i8 (also for times), ?; no NULLs."""
    rows = _rows(columns)
    await _copy(connection, table, list(columns), rows.tobytes())


async def send_one(connection: Connection, table: str, values: Mapping[str, bytes]) -> None:
    """Appends a row of values as they are on the wire, such as `ints` and `moment`."""
    fields = b"".join(struct.pack(">i", len(value)) + value for value in values.values())
    await _copy(connection, table, list(values), struct.pack(">h", len(values)) + fields)


def ints(column: NDArray[np.int32]) -> bytes:
    """An int[]."""
    elements = np.empty(len(column), dtype=[("size", ">i4"), ("int", ">i4")])
    elements["size"], elements["int"] = 4, column
    dimensions = (len(column), 1) if len(column) else ()
    return struct.pack(f">iiI{len(dimensions)}i", len(dimensions) // 2, 0, INT_OID, *dimensions) + elements.tobytes()


def moment(told: datetime) -> bytes:
    """A timestamptz."""
    return struct.pack(">q", (told - EPOCH) // timedelta(microseconds=1))


async def _copy(connection: Connection, table: str, names: Sequence[str], rows: bytes) -> None:
    await connection.copy_to_table(table, source=_given(HEADER + rows + END), columns=names, format="binary")


def _rows(columns: Mapping[str, Column]) -> NDArray[Any]:
    names = list(columns)
    rows = np.zeros(len(columns[names[0]]), dtype=_row_type([(name, columns[name].dtype.str) for name in names]))
    rows["fields"] = len(names)
    for name in names:
        rows["size " + name] = columns[name].dtype.itemsize
        rows[name] = columns[name]
    return rows


async def _given(whole: bytes) -> AsyncIterator[bytes]:
    """A file the driver would read piece by piece in another thread."""
    yield whole


def array(column: NDArray[Any]) -> str:
    """Whole numbers as the text of an array, for `$1::text::int[]`: the driver looks at each element of a list."""
    return "{" + orjson.dumps(np.ascontiguousarray(column), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode() + "}"


def words(expression: str) -> str:
    """SQL of all values of a bigint or a timestamptz, never NULL, as one value that `from_words` reads."""
    return f"array_send(array_agg({expression}))"


def words_where(condition: str, expression: str) -> str:
    """SQL of the same, of those rows only for which a condition holds."""
    return f"array_send(array_agg({expression}) FILTER (WHERE {condition}))"


async def row(connection: Connection, query: str, *arguments: Any) -> Sequence[Any]:
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
