"""What a worker has told lately, to be told again where neither the cache nor Postgres tells in time."""

import time
from collections import deque
from collections.abc import Iterable, Sequence

MOST = 20_000
"""Values kept at most, twice that while they are asked for; the oldest go first."""
STALE_S = 10.0
"""How long a value may be told again: coverage that a worker learns meanwhile says nothing of what it missed."""

Sighting = tuple[Sequence[str], Sequence[bytes | None], float]
"""Names, their values in step (None: told, but not to be told again), and when."""


class Seen:
    """Adding is cheap: sightings are sorted by name only once somebody needs one."""

    def __init__(self, at_most: int = MOST, stale_s: float = STALE_S) -> None:
        self._at_most, self._stale_s = at_most, stale_s
        self._recent: deque[Sighting] = deque()
        self._recent_names = 0
        self._by_name: dict[str, tuple[bytes | None, float]] = {}

    def add(self, names: Sequence[str], values: Sequence[bytes | None]) -> None:
        """The newest that was told of `names`; neither sequence is changed any more."""
        self._recent.append((names, values, time.monotonic()))
        self._recent_names += len(values)
        if self._recent_names > self._at_most:
            self._let_go()

    def forget(self, names: Iterable[str]) -> None:
        """Something was told of these that may be older or newer than what others were told."""
        gone = list(names)
        if gone:
            self.add(gone, [None] * len(gone))

    def known(self, names: Iterable[str]) -> dict[str, bytes]:
        """The last value told of each of `names`, where that was lately."""
        self._sort()
        oldest_s = time.monotonic() - self._stale_s
        told = ((name, self._by_name.get(name)) for name in names)
        return {name: one[0] for name, one in told if one is not None and one[0] is not None and one[1] > oldest_s}

    def _let_go(self) -> None:
        """What was sorted before is older than all that is let go, and would be taken for the newest."""
        self._by_name.clear()
        while self._recent_names > self._at_most:
            self._recent_names -= len(self._recent.popleft()[1])

    def _sort(self) -> None:
        for names, values, at_s in self._recent:
            for name, value in zip(names, values, strict=True):
                self._by_name.pop(name, None)
                self._by_name[name] = (value, at_s)
        self._recent.clear()
        self._recent_names = 0
        for name in list(self._by_name)[: max(0, len(self._by_name) - self._at_most)]:
            del self._by_name[name]
