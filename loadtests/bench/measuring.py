"""One world, from its cold start to its memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.bench import ceiling, latency, memory, starting
from loadtests.bench.asking import Asker
from loadtests.bench.changing import Stream
from loadtests.bench.cores import Cores, spread
from loadtests.bench.options import Options
from loadtests.bench.probing import Shop
from loadtests.bench.programs import House, environment, house, told
from loadtests.bench.soak import soak
from loadtests.bench.steady import steadied

SEVERAL = 2
"""Workers, where a change has to reach each of them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A world to be measured. `stream`: at least so many of its changes."""

    data: Path
    asker: Asker
    positions: int
    stream: Callable[[House, int], Stream]

    @property
    def settings(self) -> dict[str, str]:
        return environment(self.data, DEMO="0", WORKERS="1")


Measure = Callable[[Subject, Cores, Options], dict[str, Any]]


def small(subject: Subject, cores: Cores, options: Options) -> dict[str, Any]:
    """A point of the growth curve: cold start, warming, throughput, latency at half of the peak, memory."""
    starting.forgotten(subject.data)
    with house(subject.settings, cores) as home:
        found = starting.first_answers(home, subject.asker)
        return found | _warm(home, subject, cores, options) | memory.figures(home, subject.positions)


def whole(subject: Subject, cores: Cores, options: Options) -> dict[str, Any]:
    """All of it: costs cold and warm, changes written meanwhile, several workers, a soak."""
    asker = subject.asker
    found = _cold(subject, cores)
    with house(subject.settings, cores) as home:
        found |= _warm(home, subject, cores, options)
        _tell("cost by connections, warm")
        found["cost_warm"] = {str(each): ceiling.cost(home, asker, asker.dense, each) for each in ceiling.EACH}
        found["under_changes"] = _changed(home, subject, cores, options)
        found |= memory.figures(home, subject.positions)
        if options.soak_s:
            _tell("soak")
            found |= soak(home, asker, found["peak_rps"] / 2, options.soak_s)
    with house({**subject.settings, "WORKERS": str(SEVERAL)}, cores) as home:
        found |= {f"again_{name}": value for name, value in warmed(home, subject.positions, cores).items()}
        found["several_workers"] = _changed(home, subject, cores, options)
        found["several_workers"] |= memory.figures(home, subject.positions)
    return found


def _cold(subject: Subject, cores: Cores) -> dict[str, Any]:
    """The first seconds after a start, of which there is one for each number of connections; Redis is empty.

    The demo world, a quick check of the tools, is started but once.
    """
    starting.forgotten(subject.data)
    found: dict[str, Any] = {"cost_cold": {}}
    for connections in ceiling.EACH if subject.asker.world else ceiling.EACH[-1:]:
        _tell(f"cold start, {connections} connections")
        with house(subject.settings, cores) as home:
            if not found["cost_cold"]:
                found |= starting.first_answers(home, subject.asker)
            found["cost_cold"][str(connections)] = ceiling.cost(home, subject.asker, subject.asker.fresh, connections)
    return found


def _warm(home: House, subject: Subject, cores: Cores, options: Options) -> dict[str, Any]:
    """Redis filled; the ratio once the rate is steady; the peak of the natural mix, and latency at half of it."""
    asker = subject.asker
    _tell("warming Redis")
    found = warmed(home, subject.positions, cores)
    _tell("the constant body and the lookup in turn")
    found["warming"] = steadied(home, asker, asker.dense)
    found |= ceiling.in_turn(home, asker, cores, options)
    _tell("peak, and latency at half of it")
    found |= latency.peak(home, asker, options)
    with spread(cores, home.processes):
        return {**found, "at_half": latency.quiet(home, asker, found["peak_rps"] / 2, options.latency_s)}


def _changed(home: House, subject: Subject, cores: Cores, options: Options) -> dict[str, Any]:
    """On all cores: only the ratio is a matter of one."""
    _tell(f"latency under changes, workers: {len(home.workers)}")
    shop = Shop.opened(home, options.folder)
    stream = subject.stream(home, round(options.changes_per_s * (options.latency_s + latency.LONGER_S)))
    with spread(cores, home.processes):
        return latency.under_changes(home, subject.asker, stream, shop, options)


def warmed(home: House, positions: int, cores: Cores) -> dict[str, Any]:
    """Redis filled from Postgres by our own command, on all cores."""
    with spread(cores, set(home.processes) - set(home.workers)):
        done = told(home.environment, "store_sync", "rebuild")
    return {"warm_up_s": done["seconds"], "warm_up_positions_per_s": round(positions / max(1e-9, done["seconds"]))}


def _tell(step: str) -> None:
    """What is being done, to who waits."""
    print(f"  {step} …", flush=True)
