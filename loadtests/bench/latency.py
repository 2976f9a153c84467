"""Seconds to an answer at half of the peak, open loop, with and without changes being written.

The peak is that of the same condition: what two cores answer at most beside writing, client and measuring is less than
what one answers alone.
"""

import asyncio
import statistics
from typing import Any

import aiohttp

from loadtests.bench.asking import Asker, Heard
from loadtests.bench.changing import Stream, Writer
from loadtests.bench.options import Options
from loadtests.bench.probing import Prober, Shop
from loadtests.bench.programs import House
from loadtests.bench.steady import steadied
from loadtests.bench.windows import each_worker

PEAK_CONNECTIONS, OPEN_CONNECTIONS, PEAK_ROUNDS = 32, 128, 3
LONGER_S = 25.0
"""Changes are there for so much longer than the open loop lasts: for the peak, and while the client builds requests."""
TIMES = ("p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms")
KEPT = (
    *TIMES,
    "rps",
    "results_per_answer",
    "server_cpu_share",
    "client_late_p99_ms",
    "statuses",
    "unanswered",
    "broken",
)


def peak(house: House, asker: Asker, options: Options) -> dict[str, Any]:
    """Most answers a second to the natural mix, once it is warm: the median of some runs."""
    warming = steadied(house, asker, asker.natural)
    runs = [_closed(house, asker, options.seconds) for _ in range(PEAK_ROUNDS)]
    middle = statistics.median_low(run["rps"] for run in runs)
    results = next(run["results_per_answer"] for run in runs if run["rps"] == middle)
    return {"peak_rps": middle, "peak_results_per_answer": results, "peak_warming": warming}


def quiet(house: House, asker: Asker, rate: float, seconds: float) -> dict[str, Any]:
    return _kept(_open(house, asker, rate, seconds))


def under_changes(house: House, asker: Asker, stream: Stream, shop: Shop, options: Options) -> dict[str, Any]:
    """The same, while changes are written; and how long a change takes to be visible in every worker."""
    return asyncio.run(_under_changes(house, asker, stream, shop, options))


async def _under_changes(house: House, asker: Asker, stream: Stream, shop: Shop, options: Options) -> dict[str, Any]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session, each_worker(house) as windows:
        writer = Writer(session, house.receiver, stream, options.changes_per_s)
        prober = Prober(session, house, shop, windows)
        work = [asyncio.create_task(writer.run())]
        at_most = (await asyncio.to_thread(_closed, house, asker, options.seconds))["rps"]
        work += [asyncio.create_task(one) for one in prober.work()]
        heard = await asyncio.to_thread(_open, house, asker, at_most / 2, options.latency_s)
        ran_out = work[0].done()
        for task in work:
            task.cancel()
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
    return {
        **_kept(heard),
        "peak_rps": at_most,
        **writer.figures(),
        **prober.figures(),
        "changes_ran_out": ran_out,
        "workers": len(house.workers),
    }


def _closed(house: House, asker: Asker, seconds: float) -> Heard:
    return asker.ask(house.url, asker.natural, house.workers, connections=PEAK_CONNECTIONS, seconds=seconds)


def _open(house: House, asker: Asker, rate: float, seconds: float) -> Heard:
    how = {"connections": OPEN_CONNECTIONS, "seconds": seconds, "rate": round(rate, 1)}
    return asker.ask(house.url, asker.natural, house.workers, **how)


def _kept(heard: Heard) -> dict[str, Any]:
    return {name: heard.get(name) for name in KEPT}
