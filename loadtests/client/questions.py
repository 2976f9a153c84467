"""What is asked, by mix; no address twice, as servers remember what they have parsed."""

import zlib
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from loadtests.client.bounds import MAX_REQUESTS
from loadtests.world import stored, traffic

DEMO_GTIN = "9520000000417"
DEMO = f"/v1/availability?gtin={DEMO_GTIN}&lat={{lat:.6f}}&lon={{lon:.6f}}&limit=10"
MIXES = ("demo", "dense", "natural", "fresh")
CITY, STEP = (40.70, -74.02), 1e-6
ROWS, COLUMNS = 90_001, 110_017
"""Primes, so that both walks together meet every point of the city once before any comes again."""
PARTS, DRAWN = 4, 500_000


def targets(mix: str, world: Path | None, seed: int) -> Iterator[bytes]:
    """Request targets; another `seed` asks something else. `dense`, `natural` and `demo` are endless.

    `fresh`: dense questions about another product or another place each, so that a cache that was empty never helps;
    four seeds in a row have nothing in common.
    """
    if mix == "demo":
        return demo(seed)
    if world is None:
        raise ValueError(f"The mix {mix} needs a world.")
    if mix == "fresh":
        return fresh(_of_world("dense", world, seed=0), seed % PARTS)
    return _of_world(mix, world, seed)


def demo(seed: int) -> Iterator[bytes]:
    """Milk around New York, in steps of about a decimetre."""
    for number in count(seed * MAX_REQUESTS):
        lat, lon = CITY[0] + number * 7_919 % ROWS * STEP, CITY[1] + number * 104_729 % COLUMNS * STEP
        yield DEMO.format(lat=lat, lon=lon).encode()


def fresh(drawn: Iterator[bytes], part: int) -> Iterator[bytes]:
    """The first question about each product within each degree of latitude and longitude, of one part of them all."""
    met: set[bytes] = set()
    for target in islice(drawn, DRAWN):
        about = b"&".join(word.partition(b".")[0] for word in target.split(b"&"))
        if zlib.crc32(about) % PARTS == part and about not in met:
            met.add(about)
            yield target


def _of_world(mix: str, world: Path, seed: int) -> Iterator[bytes]:
    return traffic.targets(stored.opened(world), mix, seed)
