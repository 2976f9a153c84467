"""python -m loadtests.client URL: asks a mix of questions and prints one JSON object.

Closed loop (each of --connections asks as soon as it was answered), or open loop with --rate: seconds then count from
the moment that a request should have been sent. Loopback only; at most 600 s and 512 connections. Requests are built
before the clock starts.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import uvloop

from loadtests.client import wire
from loadtests.client.bounds import RefusedError, Run
from loadtests.client.heard import Heard, milliseconds
from loadtests.client.loops import Closed, Open
from loadtests.client.questions import MIXES, targets
from loadtests.client.watching import Watch


async def main(run: Run, requests: Iterator[bytes], pids: list[int]) -> dict[str, Any]:
    """Requests that were never answered count with the seconds that they have waited."""
    heard = Heard()
    loop = Closed(run, requests, heard) if run.rate is None else Open(run, requests, heard)
    watch = Watch(pids)
    took_s = await loop.run()
    cost = watch.figures(sum(heard.statuses.values()))
    unanswered = loop.unanswered()
    heard.seconds.extend(unanswered)
    figures = {**heard.figures(took_s), "unanswered": len(unanswered), **cost}
    loop.close()
    await asyncio.sleep(0)
    if isinstance(loop, Open):
        figures |= {"rate": run.rate, "client_late_p99_ms": milliseconds(loop.late).get("p99_ms")}
    return {**figures, "connections": run.connections}


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="http://127.0.0.1:PORT")
    parser.add_argument("--mix", choices=MIXES, default="demo", help="what is asked")
    parser.add_argument("--world", type=Path, help="folder of the seeded world that the mix is about")
    parser.add_argument("--seed", type=int, default=1, help="another seed asks other questions")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=float, help="open loop: requests a second")
    parser.add_argument("--requests", type=int, help="stop after so many")
    parser.add_argument("--watch", type=int, nargs="*", default=[], help="processes whose processor time is reported")
    return parser.parse_args()


def measured() -> dict[str, Any]:
    """Raises RefusedError."""
    words = asked()
    run = Run(words.url, words.connections, words.seconds, words.rate, words.requests)
    wanted = islice(targets(words.mix, words.world, words.seed), run.wanted)
    requests = list(map(wire.request, wanted))
    gc.freeze()
    gc.disable()
    return {"mix": words.mix, **uvloop.run(main(run, iter(requests), words.watch))}


if __name__ == "__main__":
    try:
        print(json.dumps(measured()))
    except RefusedError as error:
        sys.exit(str(error))
