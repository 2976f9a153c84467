"""`keys create --kind staff`: a key for one retailer, and for none but its own stores."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.staff.world import Counter

PROJECT = Path(__file__).resolve().parents[2]


class Clerk:
    """Who runs the command beside the counter."""

    def __init__(self, counter: Counter, database_url: str, redis_url: str, folder: Path) -> None:
        self.counter = counter
        self._environment = os.environ | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(folder),
            "PYTHONPATH": str(PROJECT),
        }

    def create(self, *words: str) -> "subprocess.CompletedProcess[str]":
        arguments = [sys.executable, "-m", "inventory_service", "keys", "create", *words]
        return subprocess.run(
            arguments, cwd=PROJECT, env=self._environment, capture_output=True, text=True, timeout=100, check=False
        )


@pytest.fixture
def clerk(counter: Counter, database_url: str, redis_url: str, tmp_path: Path) -> Clerk:
    return Clerk(counter, database_url, redis_url, tmp_path)


async def test_a_new_key_is_for_its_stores_alone(clerk: Clerk) -> None:
    counter = clerk.counter
    own, other = counter.store_ids["acme/s1"], counter.store_ids["acme/s2"]
    made = clerk.create("--kind", "staff", "--retailer", "acme", "--store", str(own), "--name", "Ann")
    assert made.returncode == 0, made.stderr
    await counter.service._parts.memory.catch_up()
    me = await counter.get("me", made.stdout.strip())
    assert (me.json["name"], [one["id"] for one in me.json["stores"]]) == ("Ann", [own])
    assert (await counter.confirm(made.stdout.strip(), store_id=other)).status == 404


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--kind", "staff", "--retailer", "acme", "--store", "{zeta}"), "acme has no store {zeta}."),
        (("--kind", "staff", "--retailer", "acme", "--store", "999999"), "acme has no store 999999."),
        (("--kind", "secret", "--store", "{acme}"), "Only a staff key is for some --store alone."),
    ],
)
async def test_stores_of_others_are_refused_in_a_sentence(clerk: Clerk, words: tuple[str, ...], sentence: str) -> None:
    ids = {retailer: str(clerk.counter.store_ids[f"{retailer}/s1"]) for retailer in ("acme", "zeta")}
    made = clerk.create(*(word.format(**ids) for word in words))
    assert (made.returncode, made.stdout, made.stderr.strip()) == (2, "", sentence.format(**ids))
