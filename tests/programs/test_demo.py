"""A person starts everything on an empty machine and asks."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs.running import Running, environment, gone_within, running

MILK = "9520000000417"
QUESTION = f"/v1/availability?gtin={MILK}&near=10001&limit=5"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(data_dir: Path) -> Iterator[Running]:
    with running(environment(data_dir)) as program:
        yield program
    assert gone_within(30, data_dir) == []


def test_the_demo_answers_and_says_that_it_is_one(demo: Running) -> None:
    status, answer = demo.get(QUESTION)
    assert status == 200
    assert len(answer["results"]) == 5
    assert all(
        result["store"]["demo"] and result["store"]["retailer"].startswith("demo-") for result in answer["results"]
    )
    assert [one["distance_m"] for one in answer["results"]] == sorted(one["distance_m"] for one in answer["results"])


def test_the_page_its_documents_and_health_are_there(demo: Running) -> None:
    assert demo.get("/openapi.json")[1]["openapi"].startswith("3.1")
    assert demo.get("/readyz") == (
        200,
        {"status": "ready", "parts": {"postgres": "ok", "redis": "ok", "directory": "ok"}},
    )
    assert demo.get("/livez")[0] == 200


def test_counts_appear_with_the_scope_and_not_without(demo: Running) -> None:
    made = demo.command(
        "inventory_service", "keys", "create", "--kind", "secret", "--scope", "read", "--scope", "counts"
    )
    secret = made.stdout.strip()
    assert made.returncode == 0
    assert secret.startswith("sk_")
    with_key = _until(demo, secret, 200)
    assert all(isinstance(result["quantity"], int) for result in with_key["results"])
    assert all("quantity" not in result for result in demo.get(QUESTION)[1]["results"])
    assert demo.get(QUESTION + "&quantity=4")[0] == 403
    listed = [json.loads(line) for line in demo.command("inventory_service", "keys", "list").stdout.splitlines()]
    key_id = next(one["key_id"] for one in listed if secret.startswith(one["hint"]))
    assert demo.command("inventory_service", "keys", "revoke", str(key_id)).returncode == 0
    _until(demo, secret, 401)


def test_the_commands_tell_stores_products_and_places(demo: Running) -> None:
    def lines(module: str, *words: str) -> list[dict]:
        done = demo.command(module, *words)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    stores = lines("inventory_service", "stores", "--near", "10001", "--limit", "3")
    assert [one["distance_m"] for one in stores] == sorted(one["distance_m"] for one in stores)
    assert lines("inventory_service", "products", "whole milk")[0]["gtin"] == f"0{MILK}"
    assert lines("inventory_service", "places", "find", "Atlanta, GA")[0]["label"] == "Atlanta, GA"
    assert {one["source"] for one in lines("store_sync", "sources")} == {"demo-till"}
    assert lines("store_sync", "held", "list") == []


def test_the_till_moves_the_answers(demo: Running) -> None:
    def last_heard() -> str:
        """Without counts a sale within the band is no news: it is covered."""
        found = demo.get(f"/v1/availability?gtin={MILK}&near=10001&limit=50")[1]["results"]
        return max(result["covered_at"] for result in found)

    before = last_heard()
    for _ in range(3_000):
        if last_heard() > before:
            return
    pytest.fail("nothing was sold or delivered")


def test_killed_with_9_it_leaves_nothing_and_starts_again_on_the_same_data(tmp_path: Path) -> None:
    settings = environment(tmp_path, DEMO="0")
    with running(settings) as program:
        program.process.send_signal(signal.SIGKILL)
        program.process.wait(timeout=10)
        assert gone_within(60, tmp_path) == []
    with running(settings) as again:
        assert again.get("/v1/stores?near=94103") == (200, {"results": [], "next": None})


def _until(demo: Running, secret: str, wanted: int) -> dict:
    """The answer once a change of keys has reached the worker; workers look every half second."""
    for _ in range(400):
        status, answer = demo.get(QUESTION, Authorization=f"Bearer {secret}")
        if status == wanted:
            return answer
    pytest.fail(f"the key never got {wanted}")
