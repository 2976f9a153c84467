"""A lean HTTP/1.1 client that keeps some connections busy for some seconds: python -m loadtests.client HOST PORT …

Closed loop: each connection asks as soon as it was answered. Bounded in time; loopback only. Prints one JSON object.
"""

import asyncio
import ipaddress
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import uvloop


@dataclass
class Heard:
    """Seconds of each answer that came with status 200, how many came with another, and bytes of all bodies."""

    seconds: list[float] = field(default_factory=list)
    other: int = 0
    body_bytes: int = 0
    results: int = 0


async def ask(host: str, port: int, paths: Iterator[str], until: float, heard: Heard) -> None:
    """One connection, busy until `until` (event loop time)."""
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection(host, port)
    while loop.time() < until:
        began = loop.time()
        writer.write(f"GET {next(paths)} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if head.startswith(b"HTTP/1.1 200"):
            heard.seconds.append(loop.time() - began)
            heard.body_bytes += length
            heard.results += body.count(b'"distance_m"')
        else:
            heard.other += 1
    writer.close()


def questions(template: str) -> Iterator[str]:
    """No address twice: `{lat}` and `{lon}` walk over a city in steps of about a metre."""
    for number in count():
        lat, lon = 40.70 + (number * 7919 % 9_000) / 100_000, -74.02 + (number * 104_729 % 11_000) / 100_000
        yield template.format(lat=f"{lat:.5f}", lon=f"{lon:.5f}", number=number)


async def main(host: str, port: int, connections: int, seconds: float, template: str) -> None:
    if not ipaddress.ip_address(host).is_loopback or seconds > 120 or connections > 512:
        raise SystemExit("loopback only, at most 120 s and 512 connections")
    heard, paths = Heard(), questions(template)
    until = asyncio.get_running_loop().time() + seconds
    began = time.perf_counter()
    await asyncio.gather(*(ask(host, port, paths, until, heard) for _ in range(connections)))
    took = time.perf_counter() - began
    ordered = sorted(heard.seconds)
    answers = len(ordered)
    print(
        json.dumps(
            {
                "answers": answers,
                "other": heard.other,
                "rps": round(answers / took, 1),
                "p50_ms": round(1000 * ordered[answers // 2], 3),
                "p99_ms": round(1000 * ordered[int(answers * 0.99)], 3),
                "max_ms": round(1000 * ordered[-1], 3),
                "body_bytes": heard.body_bytes // answers,
                "results_per_answer": round(heard.results / answers, 2),
            }
        )
    )


if __name__ == "__main__":
    _, host_, port_, connections_, seconds_, template_ = sys.argv
    uvloop.run(main(host_, int(port_), int(connections_), float(seconds_), template_))
