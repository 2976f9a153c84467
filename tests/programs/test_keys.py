"""A change of a key holds in every program within two seconds, whatever became of Redis."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.programs.running import Running, command, environment, running

LOADED_S = 30.0
"""What a machine under the tests' load may take on top; without it a change holds in a second."""
SERVE = (sys.executable, "-m", "inventory_service", "serve")
SYNC = (sys.executable, "-m", "store_sync", "serve")
PLACES = "/v1/places?q=Seattle"


@dataclass(frozen=True)
class House:
    """Two answering programs and a receiver over one database."""

    answering: list[Running]
    receiver: Running
    environment: dict[str, str]

    def keys(self, *words: str) -> str:
        done = command(self.environment, "inventory_service", "keys", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def created(self, *words: str) -> str:
        return self.keys("create", "--kind", "secret", "--scope", "read", "--scope", "ingest", *words)

    def key_id(self, secret: str) -> str:
        listed = [json.loads(line) for line in self.keys("list").splitlines()]
        return str(next(one["key_id"] for one in listed if secret.startswith(one["hint"])))

    def statuses(self, secret: str) -> set[int]:
        sent = {"Authorization": f"Bearer {secret}"}
        told = [one.get(PLACES, **sent)[0] for one in self.answering]
        return {*told, self.receiver.get("/v1/sources", **sent)[0]}

    def soon(self, secret: str, status: int) -> float:
        """After so many seconds every program answers so."""
        began_s = time.monotonic()
        while self.statuses(secret) != {status}:
            assert time.monotonic() < began_s + LOADED_S, self.statuses(secret)
            time.sleep(0.05)
        return time.monotonic() - began_s


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = environment(tmp_path_factory.mktemp("keys"), DEMO="0", DEADLINE_S="10")
    with ExitStack() as stack:
        programs = [stack.enter_context(running(settings, words)) for words in (SERVE, SERVE, SYNC)]
        yield House(programs[:2], programs[2], settings)


def redis_pid(data_dir: str) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
            if b"valkey-server" in line and data_dir.encode() in line + bytes((folder / "cwd").readlink()):
                return int(folder.name)
        except OSError:
            continue
    raise LookupError("no Redis runs there")


@pytest.fixture(params=["with Redis", "while Redis hangs"])
def any_weather(request: pytest.FixtureRequest, house: House) -> Iterator[None]:
    if request.param == "with Redis":
        yield
        return
    pid = redis_pid(house.environment["DATA_DIR"])
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("any_weather")
def test_a_new_key_is_taken_and_a_revoked_one_refused_everywhere(house: House) -> None:
    secret = house.created()
    house.soon(secret, 200)
    house.keys("revoke", house.key_id(secret))
    house.soon(secret, 401)
    for one in house.answering:
        assert one.get(PLACES, Authorization=f"Bearer {secret}")[1]["detail"] == "This key was revoked."


@pytest.mark.usefixtures("any_weather")
def test_a_rotated_key_lives_on_for_its_overlap_and_ends_without_any_news(house: House) -> None:
    old = house.created("--name", "till", "--per-minute", "700")
    house.soon(old, 200)
    new = house.keys("rotate", house.key_id(old), "--overlap", "20s")
    assert new.startswith("sk_")
    house.soon(new, 200)
    house.soon(old, 401)
    told = house.answering[0].get(PLACES, Authorization=f"Bearer {old}")[1]["detail"]
    assert re.fullmatch(r"This key expired at \S+Z; another one has taken its place\.", told)
    listed = {str(one["key_id"]): one for one in map(json.loads, house.keys("list").splitlines())}
    before, after = listed[house.key_id(old)], listed[house.key_id(new)]
    same = ("name", "kind", "scopes", "per_minute", "per_day", "retailers", "fields", "origins")
    assert {name: before[name] for name in same} == {name: after[name] for name in same}
    assert (before["state"], before["rotated_to"], after["state"]) == ("expired", after["key_id"], "in force")


def test_use_is_told_by_day_and_limits_hold_in_all_programs_together(house: House) -> None:
    secret = house.created("--per-minute", "40")
    house.soon(secret, 200)
    statuses = [_asked(one, secret) for _ in range(60) for one in house.answering]
    assert statuses.count(429) > 0
    key_id = house.key_id(secret)
    until_s = time.monotonic() + 60
    while not (days := [json.loads(line) for line in house.keys("usage", key_id).splitlines()]) or (
        sum(one["requests"] for one in days) < statuses.count(200)
    ):
        assert time.monotonic() < until_s, days
        time.sleep(0.5)
    assert sum(one["refused"] for one in days) >= statuses.count(429)
    listed = next(one for one in map(json.loads, house.keys("list").splitlines()) if str(one["key_id"]) == key_id)
    assert listed["last_7_days"] >= statuses.count(200)
    assert "hash" not in listed
    assert secret not in json.dumps(listed)


def _asked(one: Running, secret: str) -> int:
    return one.get(PLACES, Authorization=f"Bearer {secret}")[0]
