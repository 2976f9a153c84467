"""When to look again: on schedule, a little off it so that many do not come at once, and soon after a failure."""

FIRST_RETRY_S = 5.0
SPREAD = 0.1
"""Share of a wait that is left to chance."""


def wait_s(every_s: float, failures: int, chance: float) -> float:
    """Seconds until the next try: the interval, or after failures a wait that doubles up to it.

    `chance` from 0 to 1 puts the wait within 5 % of that on either side.
    """
    wait = every_s if failures == 0 else min(every_s, FIRST_RETRY_S * 2.0 ** min(failures - 1, 30))
    return wait * (1 + SPREAD * (chance - 0.5))
