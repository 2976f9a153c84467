"""A worker that is killed between its commit and its reply: who asks again is told what it would have told."""

import asyncio
import os
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

import orjson

from tests.programs.running import environment, running
from tests.staff.world import CONFIRMATIONS, STAFF, Counter, words

SERVE = (sys.executable, "-m", "inventory_service", "serve")
COMMITS_SLOWLY = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON idempotency DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION dawdle()
"""
COMMITTING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


async def until(counter: Counter, query: str) -> None:
    async with asyncio.timeout(30):
        while not await counter.pool.fetchval(query):
            await asyncio.sleep(0.005)


def sent(url: str, body: bytes) -> bytes | None:
    """The reply; None where the connection ends without one."""
    headers = {"Authorization": f"Bearer {STAFF}", "Idempotency-Key": "a1"}
    request = urllib.request.Request(url + CONFIRMATIONS, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            reply: bytes = answer.read()
            return reply
    except (urllib.error.URLError, ConnectionError):
        return None


async def test_what_was_committed_is_told_by_another_to_the_byte(
    counter: Counter, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """It is stopped while it commits and killed once that is done: its reply cannot have been made known."""
    body = orjson.dumps(words())
    settings = environment(tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, DEADLINE_S="30", DEMO="0")
    with running(settings, SERVE) as program:
        await counter.pool.execute(COMMITS_SLOWLY)
        asking = asyncio.create_task(asyncio.to_thread(sent, program.url, body))
        await until(counter, COMMITTING)
        os.kill(program.process.pid, signal.SIGSTOP)
        await until(counter, "SELECT count(*) FROM idempotency")
        os.kill(program.process.pid, signal.SIGKILL)
        assert await asking is None
    heard = await counter.send("POST", CONFIRMATIONS, body=body, Idempotency_Key="a1")
    assert (heard.status, heard.body) == (201, await counter.pool.fetchval("SELECT reply FROM idempotency"))
    assert await counter.pool.fetchval("SELECT count(*) FROM confirmation") == 1
