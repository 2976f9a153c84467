"""Arrays that a compiled function takes as one: a table of where they are, opened again inside of it.

Each array that is handed over by itself costs as much as a handful of distances, and the search looks at dozens.
"""

from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numpy.typing import NDArray

Table = NDArray[np.int64]
"""A row for each array: its address, and how long it is in each of up to MOST_DIMENSIONS."""
MOST_DIMENSIONS = 3
COLUMNS = 1 + MOST_DIMENSIONS
UNUSED = (0,) * MOST_DIMENSIONS
ITEM_BYTES = 8
Ints = Annotated[NDArray[np.int64], np.dtype(np.int64), 1]
IntRows = Annotated[NDArray[np.int64], np.dtype(np.int64), 2]
Floats = Annotated[NDArray[np.float64], np.dtype(np.float64), 1]
FloatRows = Annotated[NDArray[np.float64], np.dtype(np.float64), 2]
Flags = Annotated[NDArray[np.bool_], np.dtype(np.bool_), 1]
Narrow = Annotated[NDArray[np.float32], np.dtype(np.float32), 1]
NarrowRows = Annotated[NDArray[np.float32], np.dtype(np.float32), 2]
Bytes = Annotated[NDArray[np.uint8], np.dtype(np.uint8), 1]
ByteRows = Annotated[NDArray[np.uint8], np.dtype(np.uint8), 2]
Place = Callable[[Any, Any, Any], Any]
"""Builds code that makes an address of what stands in a table's row."""


def table_of(arrays: NamedTuple) -> Table:
    """The table of arrays that are annotated as those above; whoever keeps it has to keep them too.

    Raises TypeError where one of them is not what its annotation says.
    """
    rows = []
    for one, (name, (dtype, dimensions)) in zip(arrays, kinds_of(type(arrays)).items(), strict=True):
        if one.dtype != dtype or one.ndim != dimensions or not one.flags.c_contiguous:
            raise TypeError(f"{name} has to be a contiguous array of {dtype} in {dimensions} dimensions.")
        rows.append((one.__array_interface__["data"][0], *one.shape, *UNUSED[dimensions:]))
    return np.array(rows, dtype=np.int64)


def packed(of: type[NamedTuple], columns: Sequence[bytes]) -> Table:
    """A table and behind it what it tells of: arrays of one dimension each, given as their bytes, in the order of `of`.

    Places count from the table's own, since asking an array where it is takes longer than writing a short one. Wider
    items have to come before narrower ones.
    """
    at, rows = ITEM_BYTES * COLUMNS * len(columns), array("q")
    for column, (dtype, _) in zip(columns, kinds_of(of).values(), strict=True):
        rows.extend((at, len(column) // dtype.itemsize, *UNUSED[1:]))
        at += len(column)
    return np.frombuffer(b"".join((rows.tobytes(), *columns, bytes(-at % ITEM_BYTES))), np.int64)


def opener(of: type[NamedTuple]) -> Any:
    """For compiled functions: makes an `of` out of a table of such arrays."""
    return _opener(of, _where_it_says)


def unpacker(of: type[NamedTuple]) -> Any:
    """As `opener`, for what `packed` makes."""
    return _opener(of, _from_the_table_on)


def _opener(of: type[NamedTuple], place: Place) -> Any:
    kinds = [types.Array(from_dtype(dtype), dimensions, "C") for dtype, dimensions in kinds_of(of).values()]
    whole = types.NamedTuple(kinds, of)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = make_array(signature.args[0])(context, builder, args[0]).data
        arrays = [_opened(context, builder, kind, rows, COLUMNS * row, place) for row, kind in enumerate(kinds)]
        return context.make_tuple(builder, whole, arrays)

    @intrinsic
    def opened(_context: Any, table: Any) -> tuple[Any, Any]:
        return whole(table), generate

    return opened


def _where_it_says(_builder: Any, _rows: Any, address: Any) -> Any:
    return address


def _from_the_table_on(builder: Any, rows: Any, offset: Any) -> Any:
    return builder.add(builder.ptrtoint(rows, offset.type), offset)


@cache
def kinds_of(of: type[Any]) -> dict[str, tuple[np.dtype[Any], int]]:
    """The dtype and the dimensions of each array, by name."""
    return {name: hint.__metadata__ for name, hint in get_type_hints(of, include_extras=True).items()}


def _opened(context: Any, builder: Any, kind: Any, rows: Any, first: int, place: Place) -> Any:
    word = context.get_value_type(types.intp)
    cells = [builder.load(builder.gep(rows, [ir.Constant(word, first + at)])) for at in range(1 + kind.ndim)]
    made = make_array(kind)(context, builder)
    itemsize = stride = ir.Constant(word, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides: list[Any] = []
    for length in reversed(cells[1:]):
        strides.insert(0, stride)
        stride = builder.mul(stride, length)
    data = builder.inttoptr(place(builder, rows, cells[0]), made.data.type)
    populate_array(made, data=data, shape=cells[1:], strides=strides, itemsize=itemsize, meminfo=None)
    return made._getvalue()
