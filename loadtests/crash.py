"""`python -m loadtests.crash`: what remains of a feed when everything is killed again and again (docs/DURABILITY.md).

Full files, counts, sales, deliveries and webhooks come in at once, at two receivers and by `load`, while the syncing
programs, Postgres and Redis are killed with SIGKILL at moments drawn from a seed. Senders send again what was not
taken. Afterwards each position is asked for and compared with an oracle in memory. Starts its own programs in a folder
of its own, over loopback only; the last line is one JSON object, and the exit status is 1 where anything is wrong.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from loadtests.crash_answers import Answers, Verdict, expected, judged
from loadtests.crash_feed import feed
from loadtests.crash_kills import kill
from loadtests.crash_programs import House, Kept, kept
from loadtests.crash_senders import Sender, Tally
from loadtests.crash_world import RETAILER, SHOP, World, world
from loadtests.crash_zombies import Zombies, zombies

SECRET_VARIABLE = "CRASH_SHOP_SECRET"
SETTLED_WITHIN_S = 120.0
FAULTS = ("lost", "doubled", "other", "zombie_writes", "cache_differences", "breakdowns")


async def run(folder: Path, told: World, kills: int) -> dict[str, Any]:
    """Feeds and kills, stops and continues, compares. Returns what is printed."""
    secret = secrets.token_hex(16)
    house = House(folder, _environment(folder, secret))
    async with _programs(house) as (answering, receivers), aiohttp.ClientSession() as session:
        limits = ("--per-minute", "0", "--per-day", "0")
        scopes = ("--scope", "read", "--scope", "counts", "--scope", "ingest")
        key = (await house.command("inventory_service", "keys", "create", "--kind", "secret", *limits, *scopes)).strip()
        sender = Sender(house, receivers, session, key, secret.encode(), Tally(1), random.Random(told.seed))
        await _described(sender, told)
        began = time.monotonic()
        await feed(sender, told, lambda over: kill(sender, kills, over))
        fed_s = time.monotonic() - began
        print(f"fed in {fed_s:.1f} s; comparing …", flush=True)
        answers = Answers(session, await answering.answering(), key, told)
        verdict = judged(told, expected(told), await answers.settled(expected(told), SETTLED_WITHIN_S))
        print(f"{verdict}; stopping processes …", flush=True)
        undead = await zombies(sender, told, answers)
        print(f"{undead}; comparing Redis with Postgres …", flush=True)
        cache = json.loads((await house.command("store_sync", "verify")).splitlines()[-1])
    told_s = {"fed_s": round(fed_s, 1), "seconds": round(time.monotonic() - began, 1)}
    return {**_told(sender, told, (verdict, undead.before), undead), "cache_differences": cache["different"], **told_s}


async def _described(sender: Sender, told: World) -> None:
    """Stores and products, which nothing can be said of before they are known."""
    stores, items = sender.house.folder / "stores.csv", sender.house.folder / "items.tsv"
    told.stores_file(stores)
    told.items_file(items)
    await sender.upload(stores, "stores", format="csv", mapping="stores-simple")
    await sender.upload(items, "items", format="google-products")


def _told(sender: Sender, told: World, verdicts: Sequence[Verdict], undead: Zombies) -> dict[str, Any]:
    for example in (example for verdict in verdicts for example in verdict.examples):
        print(example, flush=True)
    return {
        "rows": sender.tally.planned,
        "positions": len(told.said),
        "reports": sum(map(len, told.said.values())),
        "kills": sum(sender.house.killed.values()),
        "killed": sender.house.killed,
        "sent_again": sender.tally.retries,
        "breakdowns": [*sender.tally.breakdowns, *sender.house.ended],
        "lost": sum(one.lost for one in verdicts),
        "doubled": sum(one.doubled for one in verdicts),
        "other": sum(one.other for one in verdicts),
        "zombie_writes": undead.writes,
        "zombies_ended": undead.endings,
        "zombies_replaced_s": round(undead.replaced_s, 1),
    }


@asynccontextmanager
async def _programs(house: House) -> AsyncIterator[tuple[Kept, list[Kept]]]:
    """The answering program and two receivers."""
    async with (
        kept(house, "answering", "inventory_service", "serve") as answering,
        kept(house, "receiver-1", "store_sync", "serve") as one,
        kept(house, "receiver-2", "store_sync", "serve") as other,
    ):
        for program in (answering, one, other):
            await program.answering()
        yield answering, [one, other]


def _environment(folder: Path, secret: str) -> dict[str, str]:
    sources = folder / "sources.toml"
    names = f'retailer = "{RETAILER}"\nsource = "{SHOP}"\n'
    sources.write_text(f'[[source]]\n{names}vendor = "shopify"\nsecrets = ["{SECRET_VARIABLE}"]\n')
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    own = {"DATA_DIR": str(folder / "data"), "PORT": "0", "SYNC_PORT": "0", "DEMO": "0", "DEADLINE_S": "10"}
    own["ANONYMOUS_PER_MINUTE"] = "0"
    return {**inherited, **own, "LOG_LEVEL": "warning", "SOURCES": str(sources), SECRET_VARIABLE: secret}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m loadtests.crash", description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000, help="rows of files, or a few more")
    options.add_argument("--kills", type=int, default=30)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, help="an empty folder to work in, which is left as it is at the end")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nearshelf-crash-") as name:
        folder = chosen.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        told = asyncio.run(run(folder.absolute(), world(chosen.rows, chosen.seed), chosen.kills))
    print(json.dumps(told))
    sys.exit(any(told[name] for name in FAULTS))


if __name__ == "__main__":
    main()
