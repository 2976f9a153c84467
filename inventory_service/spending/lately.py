"""What was wanted lately is held, made where it is not; holding costs no more than a look."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lately(dict[K, V], Generic[K, V]):
    """At most `most` things: when half of them are new, those that were not wanted since the last time are let go."""

    def __init__(self, most: int, make: Callable[[K], V]) -> None:
        super().__init__()
        self._half, self._make = max(1, most // 2), make
        self._before: dict[K, V] = {}

    def __missing__(self, wanted: K) -> V:
        found = self._before.get(wanted)
        if found is None:
            found = self._make(wanted)
        if len(self) >= self._half:
            self._before = dict(self)
            self.clear()
        self[wanted] = found
        return found
