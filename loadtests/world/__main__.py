"""`python -m loadtests.world --positions 10M --data-dir DIR`: a world, loaded by our own commands, its Redis warmed.

Says first what it needs; where the disk is too small, the largest world that fits is made. Interrupted, the same
command goes on. The last line is one JSON object. Afterwards `DATA_DIR=DIR DEMO=0 python -m inventory_service serve`
serves it; the embedded Redis forgets with its end, so warm it again with `python -m store_sync rebuild` while
`python -m store_sync serve` runs, or use `--stay`.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from loadtests.world import room
from loadtests.world.assortment import Assortment
from loadtests.world.feeds import Feeds
from loadtests.world.geography import Geography, geography, opened_geography
from loadtests.world.loading import Loading, Retailer, command, loader
from loadtests.world.model import MOST_RETAILERS, MOST_STORES, World, number_of
from loadtests.world.places import fingerprint
from loadtests.world.programs import disk_bytes, environment, redis_bytes, serving
from loadtests.world.progress import Progress, Reached
from loadtests.world.state import State, begun
from loadtests.world.stored import geography_path, state_path


def main() -> None:
    asked = _asked()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    state = _begin(asked)
    print(state.world.describe(), flush=True)
    assortment = Assortment(state.world)
    places = _geography(asked.data_dir, assortment, asked.stores)
    variables = environment(asked.data_dir)
    with serving("inventory_service", variables) as url:
        loaded = _load(asked, state, assortment, places, variables)
        with serving("store_sync", variables) as sync_url:
            warmed = command(variables, "store_sync", "rebuild")
            print(json.dumps(_figures(asked.data_dir, state, loaded, warmed)), flush=True)
            if asked.stay:
                print(f"ready {url} {sync_url}", flush=True)
                signal.pause()


def _stop(number: int, frame: object) -> NoReturn:
    """The files that are being loaded are loaded to their end; then everything that was started is stopped."""
    raise SystemExit(128 + number)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m loadtests.world", description=__doc__)
    parser.add_argument("--positions", type=number_of, default=10_000_000, help="such as 1M, 10M, 100M, 300M")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--stores", type=Path, help="tab-separated file of real stores; else places are drawn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store-count", type=int, default=MOST_STORES)
    parser.add_argument("--retailers", type=int, default=MOST_RETAILERS)
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="retailers loaded at once")
    parser.add_argument("--stay", action="store_true", help="serve until interrupted, with Redis warm")
    return parser.parse_args()


def _begin(asked: argparse.Namespace) -> State:
    """The world that is asked for, or the largest that fits. Raises SystemExit where none does."""
    world = World(asked.positions, asked.seed, asked.store_count, asked.retailers)
    if asked.stores is not None:
        world = replace(world, places=fingerprint(asked.stores))
    path = state_path(asked.data_dir)
    if path.exists():
        return begun(path, world)
    needs, free = room.Needs(world.positions, world.retailers), room.free_bytes(asked.data_dir)
    print(needs.told(), flush=True)
    if refused := room.refusal(needs, free):
        print(refused, flush=True)
        world = replace(world, positions=room.largest(free))
        if not world.positions:
            raise SystemExit(2)
    return begun(path, world)


def _geography(data: Path, assortment: Assortment, stores_file: Path | None) -> Geography:
    path = geography_path(data)
    if not path.exists():
        fresh = path.with_name(f"new-{path.name}")
        geography(assortment, stores_file).save(fresh)
        fresh.replace(path)
    return opened_geography(path)


def _load(
    asked: argparse.Namespace, state: State, assortment: Assortment, places: Geography, variables: dict[str, str]
) -> dict[str, Any]:
    scratch = geography_path(asked.data_dir).parent / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    began_s, before = time.monotonic(), state.reached
    total = Reached(int(assortment.expected_positions.sum()), state.world.retailers)
    retailers = [
        Retailer(feeds.slug, feeds.all)
        for feeds in (Feeds(assortment, places, state.began_at, one) for one in range(state.world.retailers))
    ]
    progress = Progress(total, before, sys.stderr)
    Loading(state, scratch, loader(variables), progress.tell).run(retailers, asked.jobs)
    shutil.rmtree(scratch)
    seconds = time.monotonic() - began_s
    return {"loaded": state.rows - before.rows, "load_seconds": round(seconds, 1)}


def _figures(data: Path, state: State, loaded: dict[str, Any], warmed: dict[str, Any]) -> dict[str, Any]:
    """What was measured, beside the world's parameters; the disk without the write-ahead log."""
    rows, postgres = max(1, state.rows), data / "postgres"
    return {
        "world": state.world.as_json(),
        "rows": state.rows,
        **loaded,
        "load_rows_per_s": round(loaded["loaded"] / max(0.1, loaded["load_seconds"])),
        "rebuild": warmed,
        "redis_bytes_a_position": round(redis_bytes(data) / rows, 2),
        "disk_bytes_a_position": round((disk_bytes(postgres) - disk_bytes(postgres / "pg_wal")) / rows, 1),
    }


if __name__ == "__main__":
    main()
