"""The samples of the pages on the API and of its documentation page, on the demo: each gets the answer shown."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.docs.pages import ANSWER, Shell, sections
from tests.programs.running import PROJECT, Running, environment, gone_within, running

PAGES = {name: PROJECT / "docs" / name for name in ("API.md", "LIVE.md")}
WITHOUT_A_KEY = ("/v1/reports", "/v1/availability/batch", "/v1/basket")
OF_STAFF = "/v1/staff/confirmations"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("examples")
    with running(environment(folder / "data")) as program:
        yield program
    assert gone_within(30, folder / "data") == []


@pytest.fixture(scope="module")
def staff(demo: Running) -> str:
    """A key of the demo's staff, once the service knows it."""
    words = ("keys", "create", "--kind", "staff", "--name", "Anna", "--retailer", "demo-grocer")
    key = demo.command("inventory_service", *words).stdout.split()[-1]
    until_s = time.monotonic() + 30
    while demo.get("/v1/staff/me", Authorization=f"Bearer {key}")[0] != 200:
        assert time.monotonic() < until_s
        time.sleep(0.1)
    return key


@pytest.fixture(scope="module")
def document(demo: Running) -> Any:
    return demo.get("/openapi.json")[1]


@pytest.mark.parametrize("name", PAGES)
def test_the_samples_of_a_page_get_the_answers_that_it_shows(
    name: str, demo: Running, staff: str, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, {**demo.environment, "STAFF": staff}, {ANSWER: demo.url})
    steps = [step for section in sections(PAGES[name]) for step in section.steps]
    assert steps
    assert all(step.shown for step in steps)
    for step in steps:
        shell.take(step)


def test_the_stream_that_is_shown_begins_with_an_answer(demo: Running) -> None:
    (shown,) = set(re.findall(r"/v1/availability/stream\?[^'\"]+", PAGES["LIVE.md"].read_text()))
    with urllib.request.urlopen(demo.url + shown, timeout=30) as stream:
        lines = [stream.readline().decode().strip() for _ in range(3)]
    assert "event: availability" in lines


def test_what_the_documentation_page_suggests_is_answered(demo: Running, document: Any) -> None:
    asked = []
    for path, operations in document["paths"].items():
        parameters = operations.get("get", {}).get("parameters", ())
        examples = {one["name"]: first(one["examples"]) for one in parameters if one.get("examples")}
        if examples and not path.startswith(("/v1/staff", "/v1/webhooks", "/v1/availability/stream")):
            asked.append(filled(path, examples))
            assert demo.get(asked[-1])[0] == 200, asked[-1]
    assert len(asked) > 5


def test_the_bodies_that_the_documentation_page_begins_with_are_taken(demo: Running, document: Any, staff: str) -> None:
    for path in (*WITHOUT_A_KEY, OF_STAFF):
        (content,) = document["paths"][path]["post"]["requestBody"]["content"].values()
        schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        headers = {"Authorization": f"Bearer {staff}"} if path == OF_STAFF else {}
        status, told = sent(demo.url + path, schema["examples"][0], headers)
        assert status in (200, 201), told
        entries = told.get("items", told.get("results", ())) if isinstance(told, dict) else ()
        assert all(one["status"] == 200 for one in entries)


def filled(path: str, examples: dict[str, Any]) -> str:
    """The address with each parameter in its place."""
    query = {name: value for name, value in examples.items() if f"{{{name}}}" not in path}
    return f"{path.format(**{name: quote(str(value)) for name, value in examples.items()})}?{urlencode(query)}"


def sent(address: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def first(examples: Any) -> Any:
    return next(iter(examples.values()))["value"]
