"""`python -m inventory_service webhooks`, as whoever runs the service types it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.programs.running import command, environment
from tests.sync.world import GTIN
from tests.webhooks.receiver import Receiver
from tests.webhooks.world import House


async def test_a_webhook_is_made_shown_tested_and_deleted_by_hand(
    house: House, receiver: Receiver, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = environment(
        tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, DEMO="0", WEBHOOK_PRIVATE="1", LOG_LEVEL="error"
    )

    async def says(*words: str) -> tuple[int, list[Any], str]:
        done = await asyncio.to_thread(command, settings, "inventory_service", "webhooks", *words)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line[0] == "{"], done.stderr

    about = ("--key", "1", "--url", receiver.url, "--gtin", GTIN)
    status, [made], _ = await says("create", *about, "--store-code", "acme/s1", "--description", "by hand")
    assert status == 0
    [listed] = (await says("list"))[1]
    assert (listed["id"], listed["url"], listed["key_id"]) == (made["id"], receiver.url, 1)
    assert "secret" not in listed
    await says("test", str(made["id"]))
    [arrival] = await receiver.gets(1)
    assert arrival.verified(made["secret"])["type"] == "webhook.test"
    await house.settled("delivered")
    [_, delivery] = (await says("show", str(made["id"])))[1]
    assert (delivery["state"], delivery["webhook_id"]) == ("delivered", arrival.event_id)
    for words, sentence in (
        (("create", *about, "--retailer", "nobody"), "--retailer (1.): is not known"),
        (("create", *about[:4], "--gtin", "123", "--retailer", "acme"), "--gtin 123"),
        (("create", "--key", "99", *about[2:], "--retailer", "acme"), "no key 99"),
        (("show", "77"), "No webhook 77"),
    ):
        status, _, complaint = await says(*words)
        assert (status, sentence in complaint) == (2, True), complaint
    assert (await says("delete", str(made["id"])))[0] == 0
    assert (await says("list"))[1] == []
