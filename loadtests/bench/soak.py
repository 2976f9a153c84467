"""A worker's memory over minutes of steady work."""

import math
import statistics
import threading
from typing import Any

from loadtests import usage
from loadtests.bench.asking import Asker
from loadtests.bench.latency import quiet
from loadtests.bench.programs import House

LOOK_EVERY_S, SLICE_S = 5.0, 60.0


def soak(house: House, asker: Asker, rate: float, seconds: float) -> dict[str, Any]:
    """Resident bytes every few seconds, while asked at a rate: by slices, whose requests fit into the client."""
    seen, over = [max(map(usage.rss_bytes, house.workers))], threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_EVERY_S):
            seen.append(max(map(usage.rss_bytes, house.workers)))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        slices = [quiet(house, asker, rate, length) for length in sliced(seconds)]
    finally:
        over.set()
        watching.join()
    return {
        "soak_s": seconds,
        "soak_rps": round(statistics.fmean(heard["rps"] for heard in slices), 1),
        "soak_results_per_answer": slices[-1]["results_per_answer"],
        "soak_worst_p99_ms": max(heard["p99_ms"] or 0.0 for heard in slices),
        **growth(seen),
    }


def sliced(seconds: float) -> list[float]:
    """Lengths of at most SLICE_S that are `seconds` together."""
    count = math.ceil(seconds / SLICE_S)
    return [seconds / count] * count


def growth(seen: list[int]) -> dict[str, Any]:
    """First, last and most bytes, and how much the second half grew: the difference of the last two quarters' means."""
    quarter = max(1, len(seen) // 4)
    third, last = seen[-2 * quarter : -quarter] or seen[:1], seen[-quarter:]
    return {
        "soak_rss_first_bytes": seen[0],
        "soak_rss_last_bytes": seen[-1],
        "soak_rss_most_bytes": max(seen),
        "soak_rss_growth_bytes": round(sum(last) / len(last) - sum(third) / len(third)),
    }
