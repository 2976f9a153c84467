"""What compiled code opens out of a table are the arrays that it was made of."""

from typing import Annotated, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.compiled import compiled
from geo.tables import Bytes, Ints, opener, packed, table_of, unpacker


class Some(NamedTuple):
    """Two arrays."""

    counts: Ints
    cubes: Annotated[NDArray[np.float32], np.dtype(np.float32), 3]


class Columns(NamedTuple):
    """Three columns."""

    firsts: Ints
    seconds: Ints
    letters: Bytes


open_some, open_columns = opener(Some), unpacker(Columns)


@compiled
def _doubled(table):
    some = open_some(table)
    total = 0.0
    for at in range(len(some.counts)):
        some.counts[at] *= 2
    for first in range(some.cubes.shape[0]):
        for second in range(some.cubes.shape[1]):
            for third in range(some.cubes.shape[2]):
                total += some.cubes[first, second, third] * (100 * first + 10 * second + third)
    return total


def test_compiled_code_reads_and_writes_the_arrays_themselves() -> None:
    some = Some(np.arange(5), np.random.default_rng(1).random((2, 3, 4), dtype=np.float32))
    weights = np.add.outer(np.add.outer(100 * np.arange(2), 10 * np.arange(3)), np.arange(4))
    assert _doubled(table_of(some)) == pytest.approx((some.cubes * weights).sum())
    assert some.counts.tolist() == [0, 2, 4, 6, 8]


@compiled
def _woven(table):
    columns = open_columns(table)
    letters = 0
    for letter in columns.letters:
        letters = 256 * letters + letter
    return len(columns.firsts), columns.firsts.sum(), len(columns.seconds), columns.seconds.sum(), letters


def test_columns_behind_their_table_are_opened_one_by_one() -> None:
    firsts, seconds = np.arange(3), np.array([10, 20])
    table = packed(Columns, [firsts.tobytes(), seconds.tobytes(), b"abc"])
    assert _woven(table) == (3, 3, 2, 30, int.from_bytes(b"abc", "big"))


@pytest.mark.parametrize(
    "counts", [np.arange(5, dtype=np.int32), np.zeros((2, 2), dtype=np.int64), np.arange(10)[::2]], ids=str
)
def test_an_array_that_is_not_what_its_annotation_says_makes_no_table(counts: np.ndarray) -> None:
    with pytest.raises(TypeError, match="counts has to be a contiguous array of int64 in 1 dimensions"):
        table_of(Some(counts, np.zeros((1, 1, 1))))
