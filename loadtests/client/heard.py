"""What came back, and the figures of it."""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

RIGHT = (b"200", b"304", b"404")
"""Statuses whose seconds count: 404 is the right answer to a product that nobody knows."""
RESULT = b'"distance_m"'
LOOKED_AT = 8
"""Results are counted in every so many-th answer."""
AT = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "p99_9_ms": 0.999, "max_ms": 1.0}


@dataclass(slots=True)
class Heard:
    """Answers by status; seconds of the right ones; bytes and results of those with 200."""

    statuses: Counter[bytes] = field(default_factory=Counter)
    seconds: "array[float]" = field(default_factory=lambda: array("d"))
    body_bytes: int = 0
    looked_at: int = 0
    results: int = 0
    broken: int = 0
    """Connections that ended before their answer was there."""

    def take(self, status: bytes, seconds: float, body_bytes: int, answer: bytes) -> None:
        self.statuses[status] += 1
        if status in RIGHT:
            self.seconds.append(seconds)
        if status == b"200":
            self.body_bytes += body_bytes
            if not len(self.seconds) % LOOKED_AT:
                self.looked_at += 1
                self.results += answer.count(RESULT)

    def figures(self, took_s: float) -> dict[str, Any]:
        right, full = len(self.seconds), self.statuses[b"200"]
        return {
            "answers": right,
            "seconds": round(took_s, 3),
            "rps": round(right / took_s, 1),
            **milliseconds(self.seconds),
            "results_per_answer": round(self.results / self.looked_at, 2) if self.looked_at else 0.0,
            "body_bytes": self.body_bytes // full if full else 0,
            "statuses": {status.decode("ascii", "replace"): count for status, count in sorted(self.statuses.items())},
            "broken": self.broken,
        }


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """The percentiles named in AT, by nearest rank; none of nothing."""
    ordered = sorted(seconds)
    return {name: round(1e3 * percentile(ordered, share), 3) for name, share in AT.items()} if ordered else {}


def percentile(ordered: Sequence[float], share: float) -> float:
    """The least value that `share` of all values do not exceed (nearest rank); `ordered` is ascending, not empty."""
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]
