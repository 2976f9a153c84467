"""What a worker has read past the cache: until the cache is known to hold as much, it is not believed again.

So no answer of this worker is older than one before it, although Redis follows Postgres by a moment.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inventory_service.storage.horizon import Horizon

MOST = 20_000
"""Values noted at most. Beyond that the oldest are let go and every name waits for the cache instead."""


@dataclass(frozen=True, slots=True)
class Note:
    """A value out of Postgres, and what the snapshot saw that it was read in.

    None: it was told, but another may have been told that is newer.
    """

    name: str
    value: bytes | None
    horizon: Horizon


class Notes:
    """The newest reading of each name that the cache may still be behind of."""

    def __init__(self, at_most: int = MOST) -> None:
        self._at_most = at_most
        self._by_name: dict[str, Note] = {}
        self._in_order: deque[Note] = deque()
        self._beyond: Horizon | None = None
        self._sign: bytes | None = None

    def add(self, values: Mapping[str, bytes | None], horizon: Horizon) -> None:
        """`values` were read from Postgres in a snapshot that saw `horizon`, or less."""
        for name, value in values.items():
            held = self._by_name.get(name)
            if held is None or not held.horizon.covers(horizon):
                note = self._by_name[name] = Note(name, value, horizon)
                self._in_order.append(note)
        while len(self._in_order) > self._at_most:
            dropped = self._drop_oldest().horizon
            if self._beyond is None or not self._beyond.covers(dropped):
                self._beyond = dropped
        self._sign = None

    def allow(self, sign: bytes, names: Iterable[str]) -> bool:
        """Whether what the cache has under `names` is as new as anything read of them before.

        `sign`: the sign of life beside it. One that cannot be read allows nothing.
        """
        if sign != self._sign and (self._in_order or self._beyond):
            try:
                self._settle(Horizon.parse(sign.decode()))
            except ValueError:
                return False
            self._sign = sign
        return self._beyond is None and (not self._by_name or self._by_name.keys().isdisjoint(names))

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def known(self, names: Iterable[str]) -> dict[str, bytes | None]:
        """What is noted under those of `names` that have a note."""
        return {name: self._by_name[name].value for name in names if name in self._by_name}

    def _settle(self, published: Horizon) -> None:
        if self._beyond is not None and published.covers(self._beyond):
            self._beyond = None
        while self._in_order and published.covers(self._in_order[0].horizon):
            self._drop_oldest()

    def _drop_oldest(self) -> Note:
        oldest = self._in_order.popleft()
        if self._by_name.get(oldest.name) is oldest:
            del self._by_name[oldest.name]
        return oldest
