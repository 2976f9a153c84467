"""Arrays that a compiled function takes as one: a table of where they are, opened again inside of it.

Each array that is handed over by itself costs as much as a handful of distances, and the search looks at dozens.
"""

from collections.abc import Sequence
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
Ints = Annotated[NDArray[np.int64], np.dtype(np.int64), 1]
IntRows = Annotated[NDArray[np.int64], np.dtype(np.int64), 2]
Floats = Annotated[NDArray[np.float64], np.dtype(np.float64), 1]
FloatRows = Annotated[NDArray[np.float64], np.dtype(np.float64), 2]
Flags = Annotated[NDArray[np.bool_], np.dtype(np.bool_), 1]
Narrow = Annotated[NDArray[np.float32], np.dtype(np.float32), 1]
NarrowRows = Annotated[NDArray[np.float32], np.dtype(np.float32), 2]
Bytes = Annotated[NDArray[np.uint8], np.dtype(np.uint8), 1]
ByteRows = Annotated[NDArray[np.uint8], np.dtype(np.uint8), 2]


def table_of(arrays: NamedTuple) -> Table:
    """The table of arrays that are annotated as those above; whoever keeps it has to keep them too.

    Raises TypeError where one of them is not what its annotation says.
    """
    rows = []
    for array, (name, (dtype, dimensions)) in zip(arrays, kinds_of(type(arrays)).items(), strict=True):
        if array.dtype != dtype or array.ndim != dimensions or not array.flags.c_contiguous:
            raise TypeError(f"{name} has to be a contiguous array of {dtype} in {dimensions} dimensions.")
        rows.append((array.__array_interface__["data"][0], *array.shape, *UNUSED[dimensions:]))
    return np.array(rows, dtype=np.int64)


def packed(of: type[NamedTuple], columns: Sequence[bytes]) -> tuple[Bytes, Table]:
    """Arrays of one dimension each, given as their bytes in the order of `of`, as one buffer and its table.

    Asking an array where it is takes longer than writing a short one. Wider items have to come before narrower ones.
    """
    buffer = np.frombuffer(b"".join(columns), np.uint8)
    at, rows = buffer.__array_interface__["data"][0], []
    for column, (dtype, _) in zip(columns, kinds_of(of).values(), strict=True):
        rows.append((at, len(column) // dtype.itemsize, 0, 0))
        at += len(column)
    return buffer, np.array(rows, dtype=np.int64)


def opener(of: type[NamedTuple]) -> Any:
    """For compiled functions: makes an `of` out of a table of such arrays."""
    kinds = [types.Array(from_dtype(dtype), dimensions, "C") for dtype, dimensions in kinds_of(of).values()]
    whole = types.NamedTuple(kinds, of)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = make_array(signature.args[0])(context, builder, args[0]).data
        arrays = [_opened(context, builder, kind, rows, COLUMNS * row) for row, kind in enumerate(kinds)]
        return context.make_tuple(builder, whole, arrays)

    @intrinsic
    def opened(_context: Any, table: Any) -> tuple[Any, Any]:
        return whole(table), generate

    return opened


@cache
def kinds_of(of: type[Any]) -> dict[str, tuple[np.dtype[Any], int]]:
    """The dtype and the dimensions of each array, by name."""
    return {name: hint.__metadata__ for name, hint in get_type_hints(of, include_extras=True).items()}


def _opened(context: Any, builder: Any, kind: Any, rows: Any, first: int) -> Any:
    word = context.get_value_type(types.intp)
    cells = [builder.load(builder.gep(rows, [ir.Constant(word, first + at)])) for at in range(1 + kind.ndim)]
    array = make_array(kind)(context, builder)
    itemsize = stride = ir.Constant(word, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides: list[Any] = []
    for length in reversed(cells[1:]):
        strides.insert(0, stride)
        stride = builder.mul(stride, length)
    data = builder.inttoptr(cells[0], array.data.type)
    populate_array(array, data=data, shape=cells[1:], strides=strides, itemsize=itemsize, meminfo=None)
    return array._getvalue()
