"""The constant body and the lookup, in turn, on the same core; and what a request costs the core."""

import statistics
from collections.abc import Sequence
from typing import Any

from loadtests.bench.asking import Asker, Heard
from loadtests.bench.cores import Cores
from loadtests.bench.options import Options
from loadtests.bench.programs import House, ceiling

CONNECTIONS = 32
EACH = (1, 4, 32, 128)
COST_S, LOOKS = 3.0, 400
HELD_SHARE = 0.95
FORTH, BACK = slice(None), slice(None, None, -1)


def in_turn(house: House, asker: Asker, cores: Cores, options: Options) -> dict[str, Any]:
    """Medians of the rounds; each ratio is of one round. Who begins changes from one to the next."""
    body_bytes = asker.ask(house.url, asker.dense, house.workers, requests=LOOKS)["body_bytes"]
    rounds: list[tuple[Heard, Heard]] = []
    how = {"connections": CONNECTIONS, "seconds": options.seconds}
    with ceiling(body_bytes, cores) as (constant_url, constant):
        for number in range(options.rounds):
            turn = FORTH if number % 2 else BACK
            subjects = [(constant_url, [constant]), (house.url, house.workers)][turn]
            noop, lookup = [asker.ask(url, asker.dense, processes, **how) for url, processes in subjects][turn]
            rounds.append((noop, lookup))
            print(
                f"  round {number + 1}: constant {noop['rps']:>9,.0f} /s ({noop['server_cpu_share']:.0%} of its core)"
                f"   lookup {lookup['rps']:>9,.0f} /s ({lookup['server_cpu_share']:.0%})"
                f"   ratio {lookup['rps'] / noop['rps']:.3f}",
                flush=True,
            )
    return {**medians(rounds), "body_bytes": body_bytes}


def medians(rounds: Sequence[tuple[Heard, Heard]]) -> dict[str, Any]:
    """Of (constant, lookup) by round."""
    noops, lookups = ([pair[which] for pair in rounds] for which in (0, 1))
    shares = [noop["server_cpu_share"] for noop in noops]
    return {
        "lookup_rps": _median(lookups, "rps"),
        "noop_rps": _median(noops, "rps"),
        "ratio": round(statistics.median(lookup["rps"] / noop["rps"] for noop, lookup in rounds), 4),
        "ratios": [round(lookup["rps"] / noop["rps"], 4) for noop, lookup in rounds],
        "cpu_ratio": round(
            statistics.median(noop["server_cpu_us"] / lookup["server_cpu_us"] for noop, lookup in rounds), 4
        ),
        "cpu_us_per_lookup": _median(lookups, "server_cpu_us"),
        "cpu_us_per_noop": _median(noops, "server_cpu_us"),
        "saturated_p50_ms": _median(lookups, "p50_ms"),
        "saturated_p99_ms": _median(lookups, "p99_ms"),
        "noop_core_share": round(statistics.median(shares), 3),
        "noop_core_held": min(shares) >= HELD_SHARE,
        "results_per_answer": _median(lookups, "results_per_answer"),
        "not_200": sum(map(_refused, lookups)),
        "failures": sum(heard["broken"] + heard["unanswered"] for heard in (*noops, *lookups)),
    }


def cost(house: House, asker: Asker, mix: str, connections: int, **how: object) -> dict[str, Any]:
    """Microseconds of the answering core a request, and what was asked."""
    heard = asker.ask(house.url, mix, house.workers, connections=connections, seconds=COST_S, **how)
    names = ("server_cpu_us", "rps", "p50_ms", "p99_ms", "results_per_answer", "answers")
    return {**{name: heard.get(name) for name in names}, "not_200": _refused(heard)}


def _refused(heard: Heard) -> int:
    return sum(count for status, count in heard["statuses"].items() if status != "200")


def _median(heards: Sequence[Heard], name: str) -> float:
    return round(float(statistics.median(heard[name] for heard in heards)), 3)
