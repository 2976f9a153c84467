"""`make bench`, `make bench-milo`: python -m loadtests.bench --help

The answering process has one core to itself, the client, Postgres, Redis and the rest the others. Loopback only; runs
are bounded in time. Prints a table; the last line is one JSON object.
"""

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from loadtests import parsing, sync
from loadtests.bench import cores, demo, measuring, plan, plot, report, worlds
from loadtests.bench.asking import Asker
from loadtests.bench.options import Options, named, options
from loadtests.world.stored import opened


def of_demo(wanted: Options, own: cores.Cores) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="nearshelf-bench-") as name:
        data = Path(name) / "data"
        data.mkdir()
        positions = demo.build(data, own)
        print(f"The demo world: {positions:,} positions.", flush=True)
        subject = measuring.Subject(data, Asker(None), positions, demo.stream)
        found = {"world": "demo", "positions": positions, **measuring.whole(subject, own, wanted)}
        return report.headline(found, [found])


def of_worlds(wanted: Options, own: cores.Cores) -> dict[str, Any]:
    """Every size that fits; the largest in full."""
    built = [size for size in wanted.sizes if worlds.is_built(size, wanted)]
    planned = plan.plan(wanted.sizes, built, plan.room_in(wanted.folder, discards=wanted.discard))
    print(planned.sentence, flush=True)
    if not planned.sizes:
        raise SystemExit("No world fits. --folder names another disk; --demo measures the demo world.")
    growth = []
    for size in planned.sizes:
        is_last = size == planned.sizes[-1]
        growth.append(_of_world(size, wanted, own, measuring.whole if is_last else measuring.small))
        if wanted.discard and size not in built and not is_last:
            worlds.discard(size, wanted)
    return {**report.headline(growth[-1], growth), "not_measured": [named(size) for size in planned.dropped]}


def _of_world(size: int, wanted: Options, own: cores.Cores, measure: measuring.Measure) -> dict[str, Any]:
    with cores.spread(own, ()):
        data = worlds.build(size, wanted)
    world = opened(data)
    print(world.assortment.world.describe(), flush=True)
    subject = measuring.Subject(data, Asker(data), world.rows, partial(worlds.stream, world))
    return {"world": world.assortment.world.as_json(), "positions": world.rows, **measure(subject, own, wanted)}


def main() -> None:
    wanted, own = options(), cores.of_this_machine()
    cores.keep_to(own.others)
    print(f"Cores: {own}.", flush=True)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    figures = {"cores": str(own), **(of_demo if wanted.demo else of_worlds)(wanted, own)}
    print(*report.table(figures), sep="\n", flush=True)
    if wanted.plot:
        wanted.plot.write_text(plot.drawn(figures))
    cores.keep_to(own.answering | own.others)
    if wanted.sync:
        with tempfile.TemporaryDirectory(prefix="nearshelf-bench-sync-") as name:
            figures |= {**sync.measured(Path(name)), **parsing.measured()}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
