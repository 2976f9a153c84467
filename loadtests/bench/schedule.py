"""How long each part of a run takes, said before it begins."""

from collections.abc import Iterator, Sequence

from loadtests.bench import ceiling, latency, steady
from loadtests.bench.options import Options

START_S, CLIENT_S, SHOP_S, INTAKE_S = 12.0, 1.5, 8.0, 150.0
"""Our programs' start and end; the client's; loading what changes; feeds and webhooks."""
WARMED_PER_S = 400_000
"""Positions (measured: 300,000,000 at 383,000 a second)."""

Step = tuple[str, float]
"""What is done, and its seconds."""


def small(size: int, options: Options) -> Iterator[Step]:
    """A point of the growth curve."""
    yield "cold start", START_S + 3
    yield from _warm(size, options)


def whole(size: int, options: Options) -> Iterator[Step]:
    count = len(ceiling.EACH)
    yield f"cold, {count} starts", 3 + count * (START_S + CLIENT_S + ceiling.COST_S)
    yield from _warm(size, options)
    yield "cost, warm", count * (CLIENT_S + ceiling.COST_S)
    yield "latency under changes", SHOP_S + 2 * CLIENT_S + options.seconds + options.latency_s
    if options.soak_s:
        yield "soak", options.soak_s
    yield (
        "and several workers",
        START_S + size / WARMED_PER_S + SHOP_S + 2 * CLIENT_S + options.seconds + options.latency_s,
    )


def intake() -> Iterator[Step]:
    yield "feeds and webhooks", INTAKE_S


def seconds(steps: Sequence[Step]) -> float:
    return sum(took_s for _, took_s in steps)


def told(steps: Sequence[Step]) -> str:
    """`cold start 12 s, warming 25 s, …: 1.5 minutes`."""
    return ", ".join(f"{name} {took_s:.0f} s" for name, took_s in steps) + f": {seconds(steps) / 60:.1f} minutes"


def _warm(size: int, options: Options) -> Iterator[Step]:
    yield "warming Redis", START_S + size / WARMED_PER_S
    yield "until the rate is steady", steady.WITHIN_S
    yield "ratio", 2 * options.rounds * (CLIENT_S + options.seconds)
    yield "peak", steady.WITHIN_S + latency.PEAK_ROUNDS * (CLIENT_S + options.seconds)
    yield "latency at half of it", CLIENT_S + options.latency_s
