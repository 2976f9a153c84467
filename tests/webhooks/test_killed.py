"""The real program, killed between what it wrote down and its delivery: the next one delivers it, under the same id."""

import os
import signal
import sys
from pathlib import Path

from tests.programs.running import environment, running
from tests.webhooks.receiver import Receiver
from tests.webhooks.world import Open

SERVE = (sys.executable, "-m", "inventory_service", "serve")


async def test_what_was_to_be_told_is_told_by_the_next_one(
    open_house: Open, receiver: Receiver, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    house = await open_house(None)
    settings = environment(
        tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, DEADLINE_S="30", DEMO="0", WEBHOOK_PRIVATE="1"
    )
    with running(settings, SERVE) as program:
        made = await house.subscribe(receiver)
        receiver.hanging = True
        await house.holds(0)
        await receiver.gets(1)
        assert await house.pool.fetchval("SELECT state FROM webhook_delivery") == "waiting"
        os.kill(program.process.pid, signal.SIGKILL)
        await house.holds(2, "s2")
    receiver.hanging = False
    with running(settings, SERVE):
        arrivals = await receiver.gets(3)
        await house.settled("delivered", 2)
    first, again = [one for one in arrivals if one.data["store"]["store_code"] == "s1"]
    assert first.event_id == again.event_id
    assert first.body == again.body
    assert all(one.verified(made["secret"]) for one in arrivals)
    [other] = [one for one in arrivals if one.data["store"]["store_code"] == "s2"]
    assert other.data["quantity_band"] == "1-2"
