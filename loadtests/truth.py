"""What was true when: the commits of counts that only grow, and answers held against them."""

from collections import defaultdict
from dataclasses import dataclass

Shelf = tuple[str, str]
"""(GTIN, store code)"""


@dataclass(frozen=True, slots=True)
class Heard:
    """One count out of one answer; times are seconds of one clock."""

    connection: int
    shelf: Shelf
    count: int
    asked_s: float
    heard_s: float


class Truth:
    """When each count of each shelf began to be committed, and when it surely was. Counts go 1, 2, 3 …."""

    def __init__(self) -> None:
        self._began_s: dict[Shelf, list[float]] = defaultdict(list)
        self._done_s: dict[Shelf, list[float]] = defaultdict(list)

    def next_count(self, shelf: Shelf, now_s: float) -> int:
        """The count to write now."""
        self._began_s[shelf].append(now_s)
        return len(self._began_s[shelf])

    def committed(self, shelf: Shelf, now_s: float) -> None:
        self._done_s[shelf].append(now_s)

    @property
    def commits(self) -> int:
        return sum(map(len, self._done_s.values()))

    def was_ahead(self, heard: Heard) -> bool:
        """Whether the answer told what nobody had written yet."""
        began_s = self._began_s[heard.shelf]
        return not 1 <= heard.count <= len(began_s) or began_s[heard.count - 1] > heard.heard_s

    def staleness_s(self, heard: Heard) -> float:
        """How long before it was asked for the count had surely been replaced; 0: it was still true."""
        done_s = self._done_s[heard.shelf]
        return max(0.0, heard.asked_s - done_s[heard.count]) if heard.count < len(done_s) else 0.0


def went_back(heard: list[Heard]) -> list[tuple[Heard, Heard]]:
    """Pairs of answers on one connection of which the later one tells an older count."""
    newest: dict[tuple[int, Shelf], Heard] = {}
    found = []
    for one in heard:
        before = newest.setdefault((one.connection, one.shelf), one)
        if one.count < before.count:
            found.append((before, one))
        else:
            newest[one.connection, one.shelf] = one
    return found


def percentiles_s(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    at = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    found = {name: ordered[int(len(ordered) * share)] for name, share in at.items()}
    return {name: round(value, 4) for name, value in {**found, "max": ordered[-1]}.items()}
