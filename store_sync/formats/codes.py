"""The texts of a table → numbers: what stands in many lines is read once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from inventory_service.domain.feed import Coded
from store_sync.formats.reasons import Unusable
from store_sync.formats.runs import Run

T = TypeVar("T")
Key = str | tuple[str, ...]
Codes = NDArray[np.int32]

MOST, MOST_CHARS = 262_144, 16_000_000
"""Different texts of a field that are remembered with their meaning, and their characters; beyond, all go."""
MAX_REMEMBERED = 500
"""Characters of such a text; longer ones are read each time."""
REFUSED = -1


class Meanings(dict[Key, int], Generic[T]):
    """The texts of some fields in a line → the code of what `read` makes of them, or REFUSED; in bounded memory.

    A key is one text, or a tuple of as many as the table has columns for; `read` is given "" for the other fields.
    """

    def __init__(self, fields: Sequence[str], columns: Mapping[str, int], read: Callable[..., T]) -> None:
        super().__init__()
        self._read = read
        self._given = [name in columns for name in fields]
        self._columns = [columns[name] for name in fields if name in columns]
        self._chars = 0
        self.meant: list[T] = []

    def of(self, run: Run, width: int) -> Codes:
        """One code a line of the run."""
        texts = [run.cells[column::width] for column in self._columns]
        keys: Iterable[Key] = texts[0] if len(texts) == 1 else zip(*texts, strict=True)
        if not texts:
            return np.full(len(run.lines), self[()], dtype=np.int32)
        return np.fromiter(map(self.__getitem__, keys), np.int32, len(run.lines))

    def column(self, codes: Codes) -> Coded[T]:
        return Coded(self.meant, codes)

    def renew(self) -> None:
        """Forgets all texts if there are too many; columns that were given keep their values."""
        if len(self) > MOST or self._chars > MOST_CHARS:
            self.clear()
            self._chars, self.meant = 0, []

    def __missing__(self, key: Key) -> int:
        texts = (key,) if isinstance(key, str) else key
        size = sum(map(len, texts))
        code = self._code(texts)
        self._chars += size
        if size <= MAX_REMEMBERED:
            self[key] = code
        return code

    def _code(self, texts: Iterable[str]) -> int:
        told = iter(texts)
        try:
            meaning = self._read(*(next(told).strip() if given else "" for given in self._given))
        except Unusable:
            return REFUSED
        self.meant.append(meaning)
        return len(self.meant) - 1
