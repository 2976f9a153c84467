"""Many short texts in little memory: by number, or each with a number, found exactly or by their beginning."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


class Texts:
    """Texts by number, equal ones held once, end to end in one string of bytes: no object each."""

    def __init__(self, texts: Iterable[str]) -> None:
        once: dict[str, int] = {}
        self._which = array("I", (once.setdefault(text, len(once)) for text in texts))
        self._text, self._ends = _end_to_end(text.encode() for text in once)

    def __len__(self) -> int:
        return len(self._which)

    def __getitem__(self, number: int) -> str:
        which = self._which[number]
        return self._text[self._ends[which] : self._ends[which + 1]].decode()


class TextIndex:
    """Keys lie end to end in one string of bytes: about 20 bytes an entry instead of the 70 of a `str` in a list."""

    def __init__(self, entries: Iterable[tuple[str, int]]) -> None:
        """Pairs of key and number; a key may have several numbers. Equal pairs count once."""
        ordered = sorted({(key.encode(), number) for key, number in entries})
        self._text, self._ends = _end_to_end(key for key, _ in ordered)
        self._numbers = np.array([number for _, number in ordered], dtype=np.uint32)

    def __len__(self) -> int:
        return len(self._numbers)

    def exact(self, key: str) -> list[int]:
        """Numbers of `key`, ascending."""
        wanted = key.encode()
        start = bisect_left(range(len(self)), wanted, key=self._key)
        stop = bisect_right(range(len(self)), wanted, lo=start, key=self._key)
        return [int(number) for number in self._numbers[start:stop]]

    def prefix(self, beginning: str) -> NDArray[np.uint32]:
        """Numbers of all keys that begin so, in the order of their keys; one number may come several times."""
        wanted = beginning.encode()
        start = bisect_left(range(len(self)), wanted, key=self._key)
        stop = bisect_right(range(len(self)), wanted, lo=start, key=lambda index: self._key(index)[: len(wanted)])
        return self._numbers[start:stop]

    def _key(self, index: int) -> bytes:
        return self._text[self._ends[index] : self._ends[index + 1]]


def _end_to_end(texts: Iterable[bytes]) -> tuple[bytes, "array[int]"]:
    """All in one, and where each begins; last, where all end."""
    parts = list(texts)
    return b"".join(parts), array("I", np.cumsum([0, *map(len, parts)], dtype=np.uint32).tobytes())
