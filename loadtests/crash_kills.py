"""What is killed with SIGKILL, and when: moments drawn from a seed."""

import asyncio
from collections.abc import Callable

from loadtests.crash_programs import kill_postgres, kill_redis, kill_session, postmaster, redis, until
from loadtests.crash_senders import Sender

TARGETS = ("load", "postgres", "redis", "receiver", "postgres session", "load", "receiver", "postgres")
LAST_AT, LONGEST_DELAY_S = 0.95, 2.5
RECOVERS_WITHIN_S = 120.0


async def kill(sender: Sender, kills: int, over: Callable[[], bool]) -> None:
    """Kills so often, each time once everything is up again: when a share of the files is in, and seconds after.

    `over` tells that no more of them comes in.
    """
    targets = [TARGETS[number % len(TARGETS)] for number in range(kills)]
    sender.draw.shuffle(targets)
    shares = sorted(sender.draw.uniform(0, LAST_AT) for _ in targets)
    for number, (target, share) in enumerate(zip(targets, shares, strict=True), 1):
        await sender.reached(share, over)
        await asyncio.sleep(sender.draw.uniform(0.1, LONGEST_DELAY_S))
        struck = _strike(sender, target)
        print(f"kill {number} of {kills}: {struck}, {sender.tally.share:.0%} of the files are in", flush=True)
        await until(lambda: _recovered(sender), RECOVERS_WITHIN_S)


def _strike(sender: Sender, target: str) -> str:
    """Kills, and counts it; where no `load` is running a receiver takes its place."""
    house = sender.house
    if target == "postgres":
        kill_postgres(house.data)
    elif target == "postgres session":
        kill_session(house.data, sender.draw)
    elif target == "redis":
        kill_redis(house.data)
    elif target == "load" and sender.loaders:
        sender.draw.choice(sender.loaders).kill()
    else:
        target = "receiver"
        sender.draw.choice(sender.receivers).kill()
    house.killed[target] = house.killed.get(target, 0) + 1
    return target


def _recovered(sender: Sender) -> bool:
    data = sender.house.data
    return all(one.url for one in sender.receivers) and postmaster(data) is not None and redis(data) is not None
