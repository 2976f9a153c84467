"""Asking until the rate rises no longer: the first answers about a product are dearer than all others."""

from collections.abc import Sequence
from typing import Any

from loadtests.bench.asking import Asker
from loadtests.bench.programs import House

CONNECTIONS, STEP_S, WITHIN_S = 32, 2.0, 15.0
FALL, RISE = 0.9, 1.03


def steadied(house: House, asker: Asker, mix: str) -> dict[str, Any]:
    """For WITHIN_S at most. Answers a second in each step, and whether the last was about the best."""
    rates: list[float] = []
    while not is_steady(rates) and STEP_S * len(rates) < WITHIN_S:
        rates.append(asker.ask(house.url, mix, house.workers, connections=CONNECTIONS, seconds=STEP_S)["rps"])
    return {"rps": rates, "step_s": STEP_S, "is_steady": is_steady(rates)}


def is_steady(rates: Sequence[float]) -> bool:
    """Whether the last step brought FALL to RISE times the best before; not after one step alone."""
    return len(rates) > 1 and FALL <= rates[-1] / max(*rates[:-1], 1e-9) <= RISE
