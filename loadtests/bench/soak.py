"""A worker's memory over minutes of steady work."""

import threading
from typing import Any

from loadtests import usage
from loadtests.bench.asking import Asker
from loadtests.bench.latency import quiet
from loadtests.bench.programs import House

LOOK_EVERY_S = 5.0


def soak(house: House, asker: Asker, rate: float, seconds: float) -> dict[str, Any]:
    """Resident bytes every few seconds, while asked at a rate."""
    seen, over = [], threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_EVERY_S):
            seen.append(max(map(usage.rss_bytes, house.workers)))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        heard = quiet(house, asker, rate, seconds)
    finally:
        over.set()
        watching.join()
    return {"soak_s": seconds, "soak_rps": heard["rps"], "soak_p99_ms": heard["p99_ms"], **growth(seen)}


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
