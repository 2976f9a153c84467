"""Rows, rate and time left, a line at a time."""

import threading
import time
from dataclasses import dataclass
from typing import TextIO

from loadtests.world.room import A_RETAILER_S, LOADED_PER_S

EVERY_S = 2.0


@dataclass(frozen=True)
class Reached:
    """Rows of stock that are loaded, and retailers that are done."""

    rows: int
    retailers: int

    @property
    def usual_s(self) -> float:
        """How long that takes by what is known of loading: a retailer costs something, however short its list."""
        return self.rows / LOADED_PER_S + self.retailers * A_RETAILER_S


class Progress:
    """Of `total`, `before` was loaded by earlier runs. Safe to use from several threads."""

    def __init__(self, total: Reached, before: Reached, out: TextIO) -> None:
        self._total, self._before, self._out = total, before, out
        self._began_s = self._told_s = time.monotonic()
        self._lock = threading.Lock()

    def tell(self, reached: Reached) -> None:
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._told_s >= EVERY_S or reached.retailers >= self._total.retailers:
                self._told_s = now_s
                print(told(reached, self._before, self._total, now_s - self._began_s), file=self._out, flush=True)


def told(reached: Reached, before: Reached, total: Reached, seconds: float) -> str:
    """`seconds` were spent since `before`."""
    rows = reached.rows - before.rows
    pace = seconds / max(1e-3, reached.usual_s - before.usual_s)
    left_s = max(0.0, total.usual_s - reached.usual_s) * pace
    return (
        f"{reached.rows:,} of about {total.rows:,} rows, {reached.retailers} of {total.retailers} retailers,"
        f" {rows / max(seconds, 1e-3):,.0f} rows/s, {left_s / 60:,.1f} minutes left"
    )
