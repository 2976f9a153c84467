"""The seeded worlds: kept in a folder, made where they are not there, and asked about."""

import shutil
import sys
import time
from itertools import islice
from pathlib import Path

from loadtests.bench import children
from loadtests.bench.changing import Stream, batched
from loadtests.bench.options import Options, named
from loadtests.bench.probing import ingest_key
from loadtests.bench.programs import House
from loadtests.world.changes import changes
from loadtests.world.loading import SOURCE
from loadtests.world.places import fingerprint
from loadtests.world.stored import Stored

FINISHED = "bench-world"
"""Written into a world's folder once it is whole."""


def folder_of(size: int, options: Options) -> Path:
    return options.folder / f"world-{named(size)}"


def is_built(size: int, options: Options) -> bool:
    return (folder_of(size, options) / FINISHED).exists()


def build(size: int, options: Options) -> Path:
    """The world's folder; what an interrupted run has left is gone on with. Ends the program where it fails."""
    folder = folder_of(size, options)
    if not is_built(size, options):
        line = [sys.executable, "-m", "loadtests.world", "--positions", named(size), "--data-dir", str(folder)]
        line += ["--stores", str(options.stores)] if options.stores else []
        status, told = children.shown(line)
        print(told, flush=True)
        if status:
            raise SystemExit(f"The world of {named(size)} positions could not be made.")
        (folder / FINISHED).touch()
    return folder


def check_places(world: Stored, options: Options) -> None:
    """Ends the program where a world that is there has other stores than those wanted."""
    made_of = world.assortment.world.places
    if options.stores and made_of.split()[-1] != fingerprint(options.stores).split()[-1]:
        raise SystemExit(f"A world in {options.folder} has stores of {made_of}, not of {options.stores}.")


def discard(size: int, options: Options) -> None:
    shutil.rmtree(folder_of(size, options))


def stream(world: Stored, home: House, wanted: int) -> Stream:
    """`wanted` changes of all retailers, others each time; ready beforehand, as making them takes time of its own."""
    lines = (
        (one.retailer, {"store_code": one.store_code, "item_id": one.item_id, "quantity": one.quantity})
        for one in changes(world.assortment, seed=time.time_ns())
    )
    return Stream(list(batched(islice(lines, wanted))), ingest_key(home), SOURCE)
