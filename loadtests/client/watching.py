"""The processor's share of who answers and of who asks, over one run."""

import os
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from loadtests.usage import cpu_s


class Watch:
    """From its making until `figures`: processor time of `pids` together, and of this process."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self._began_s = perf_counter()
        self._before = self._used()

    def figures(self, answers: int) -> dict[str, Any]:
        """Shares of one core; microseconds of the watched an answer."""
        took_s = perf_counter() - self._began_s
        watched, own = (after - before for after, before in zip(self._used(), self._before, strict=True))
        found = {"client_cpu_share": round(own / took_s, 3)}
        if self._pids:
            found["server_cpu_share"] = round(watched / took_s, 3)
            found["server_cpu_us"] = round(1e6 * watched / max(1, answers), 1)
        return found

    def _used(self) -> tuple[float, float]:
        return sum(map(cpu_s, self._pids)), cpu_s(os.getpid())
