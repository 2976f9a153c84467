"""Which GTINs anybody has ever told of, in some bytes a product: what is surely not among them needs no asking.

A Bloom filter whose bits of one number lie in one line of the processor's cache (Putze, Sanders, Singler: Cache-, Hash-
and Space-Efficient Bloom Filters, 2007). It may take a number for heard of that is not, never the other way round.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled

Numbers = NDArray[np.int64]

BITS_EACH = 16
LINE_BYTES, LINE_BITS = 64, 512
HASHES, HASH_BITS = 6, 9
"""So many bits of each number, each one of its line's: about two in a thousand are taken for heard of that are not."""
LEAST_ROOM = 65_536
ONE, LOW_BITS = np.uint64(1), np.uint64(LINE_BITS - 1)
BYTE, IN_BYTE = np.uint64(3), np.uint64(7)
GOLDEN, FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""The constants of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014)."""
UPPER, MIDDLE, LOWER, NEXT = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(HASH_BITS)


class Heard:
    """GTINs as numbers, and which products they are of."""

    def __init__(self, products: int) -> None:
        """For so many, and a quarter more."""
        self._room = LEAST_ROOM + products + products // 4
        self._bits = np.zeros(-(-self._room * BITS_EACH // LINE_BITS) * LINE_BYTES, dtype=np.uint8)
        self._of = np.zeros(self._room, dtype=np.bool_)
        self._one = np.zeros(1, dtype=np.int64)
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether more and more would be taken for heard of."""
        return self._count > self._room

    def __contains__(self, gtin: int) -> bool:
        return bool(_holds(self._bits, gtin))

    def add(self, gtin: int) -> None:
        """One that was told of, before it is known whose it is."""
        self._one[0] = gtin
        _add(self._bits, self._one)

    def learn(self, product_ids: Numbers, gtins: Numbers) -> None:
        """In step. A product that has a GTIN keeps it for good."""
        if not len(product_ids):
            return
        last = int(product_ids.max())
        if last >= len(self._of):
            self._of = np.concatenate((self._of, np.zeros(last + 1, dtype=np.bool_)))
        _add(self._bits, gtins)
        self._of[product_ids] = True
        self._count += len(gtins)

    def lacks(self, product_ids: Numbers) -> Numbers:
        """Those whose GTIN was not learned."""
        inside = product_ids < len(self._of)
        learned = np.zeros(len(product_ids), dtype=np.bool_)
        learned[inside] = self._of[product_ids[inside]]
        return product_ids[~learned]


@compiled  # type: ignore[untyped-decorator]
def _mixed(number: Any) -> Any:
    mixed = np.uint64(number) + GOLDEN
    mixed = (mixed ^ (mixed >> UPPER)) * FIRST
    mixed = (mixed ^ (mixed >> MIDDLE)) * SECOND
    return mixed ^ (mixed >> LOWER)


@compiled  # type: ignore[untyped-decorator]
def _add(bits: Any, numbers: Any) -> None:
    lines = np.uint64(len(bits) // LINE_BYTES)
    for place in range(len(numbers)):
        mixed = _mixed(numbers[place])
        start = np.int64(mixed % lines) * LINE_BYTES
        mixed = _mixed(mixed)
        for _ in range(HASHES):
            bit = mixed & LOW_BITS
            bits[start + np.int64(bit >> BYTE)] |= np.uint8(ONE << (bit & IN_BYTE))
            mixed >>= NEXT


@compiled  # type: ignore[untyped-decorator]
def _holds(bits: Any, number: Any) -> Any:
    lines = np.uint64(len(bits) // LINE_BYTES)
    mixed = _mixed(number)
    start = np.int64(mixed % lines) * LINE_BYTES
    mixed = _mixed(mixed)
    holds = True
    for _ in range(HASHES):
        bit = mixed & LOW_BITS
        holds = holds and bits[start + np.int64(bit >> BYTE)] & np.uint8(ONE << (bit & IN_BYTE)) != 0
        mixed >>= NEXT
    return holds
