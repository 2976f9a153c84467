"""Load over time, by name."""

from locust import LoadTestShape


class Steps(LoadTestShape):
    """`steps` are (seconds since the start, users until then, users that come or go a second); then it is over."""

    abstract = True
    steps: tuple[tuple[float, int, float], ...] = ()

    def tick(self) -> tuple[int, float] | None:
        run_s = self.get_run_time()
        return next(((users, rate) for until_s, users, rate in self.steps if run_s < until_s), None)


class Smoke(Steps):
    """5 users for 10 seconds: does it work at all?"""

    steps = ((10, 5, 5),)


class Average(Steps):
    """100 users for 5 minutes: a usual afternoon."""

    steps = ((300, 100, 10),)


class Peak(Steps):
    """Up to 400 users within 2 minutes, then 5 minutes of it; 7 minutes in all: the busiest hour."""

    steps = ((60, 150, 5), (120, 300, 5), (420, 400, 5))


class Spike(Steps):
    """50 users, 400 of a sudden for 1 minute, then 50 again; 5 minutes in all: it was on television."""

    steps = ((90, 50, 10), (150, 400, 200), (300, 50, 200))


class Soak(Steps):
    """150 users for 30 minutes: what leaks or piles up shows."""

    steps = ((1800, 150, 5),)


SHAPES: dict[str, type[Steps]] = {shape.__name__.lower(): shape for shape in (Smoke, Average, Peak, Spike, Soak)}
