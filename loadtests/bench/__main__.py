"""`make bench`, `make bench-milo`: python -m loadtests.bench --help

The answering process has one core to itself, the client, Postgres, Redis and the rest the others. Loopback only; runs
are bounded in time. Prints a table; the last line is one JSON object, which is kept beside the worlds too. However it
ends, so do the programs that it has started.
"""

import json
import sys
import tempfile
import traceback
from functools import partial
from pathlib import Path
from typing import Any

from loadtests.bench import children, cores, demo, measuring, plan, plot, report, worlds
from loadtests.bench.asking import Asker
from loadtests.bench.options import Options, named, options
from loadtests.world.stored import opened

ENDED = "The benchmark {}; all programs that it had started have been ended."


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
    print(*plan.times(planned.sizes, wanted), sep="\n", flush=True)
    growth = []
    for size in planned.sizes:
        is_last = size == planned.sizes[-1]
        growth.append(_of_world(size, wanted, own, measuring.whole if is_last else measuring.small))
        _keep(wanted, f"figures-{named(size)}.json", report.headline(growth[-1], [growth[-1]]))
        if wanted.discard and size not in built and not is_last:
            worlds.discard(size, wanted)
    return {**report.headline(growth[-1], growth), "not_measured": [named(size) for size in planned.dropped]}


def _of_world(size: int, wanted: Options, own: cores.Cores, measure: measuring.Measure) -> dict[str, Any]:
    with cores.spread(own, ()):
        data = worlds.build(size, wanted)
    world = opened(data)
    worlds.check_places(world, wanted)
    print(world.assortment.world.describe(), flush=True)
    subject = measuring.Subject(data, Asker(data), world.rows, partial(worlds.stream, world))
    return {"world": world.assortment.world.as_json(), "positions": world.rows, **measure(subject, own, wanted)}


def _keep(wanted: Options, name: str, figures: dict[str, Any]) -> None:
    """What was measured so far, should the rest fail."""
    (wanted.folder / name).write_text(json.dumps(figures) + "\n")


def _stock_coming_in() -> dict[str, Any]:
    status, last = children.shown([sys.executable, "-m", "loadtests.bench.intake"])
    if status:
        raise SystemExit(f"Feeds and webhooks were not measured: loadtests.bench.intake ended with status {status}.")
    return dict(json.loads(last))


def _measured(wanted: Options) -> None:
    own = cores.of_this_machine()
    cores.keep_to(own.others)
    print(f"Cores: {own}.", flush=True)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    figures = {"cores": str(own), **(of_demo if wanted.demo else of_worlds)(wanted, own)}
    _keep(wanted, "figures.json", figures)
    print(*report.table(figures), sep="\n", flush=True)
    if wanted.plot:
        wanted.plot.write_text(plot.drawn([figures]))
    cores.keep_to(own.answering | own.others)
    if wanted.sync:
        figures |= _stock_coming_in()
    print(json.dumps(figures), flush=True)


def main() -> None:
    wanted = options()
    try:
        with children.all_ended():
            _measured(wanted)
    except children.StoppedError as stopped:
        print(ENDED.format(f"was ended by {stopped.name}"), file=sys.stderr)
        raise
    except SystemExit as failed:
        raise SystemExit(f"{failed}\n{ENDED.format('failed')}") from failed
    except Exception as error:
        traceback.print_exc()
        raise SystemExit(ENDED.format(f"failed ({type(error).__name__})")) from error


if __name__ == "__main__":
    main()
