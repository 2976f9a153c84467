"""The README from the top: every command in it is run, on the files that it shows."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.programs.running import PROJECT, Running, environment, gone_within, running

README = (PROJECT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^`([\w.]+)`\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8080"
OWN_CURL = """#!/usr/bin/env python3
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[-1], timeout=30).read().decode())
"""
"""For machines without curl, which is no prerequisite."""
RUN_BY_OTHERS = {"make run": "the fixture `shown`", "make test": "whoever runs this", "make lint": ".ci/run"}


def commands() -> list[str]:
    return [line for kind, text in BLOCK.findall(README) if kind == "sh" for line in text.splitlines()]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """What `make run` starts, and a folder with the files of the README beside the project's own `.venv`."""
    folder = tmp_path_factory.mktemp("readme")
    for name, text in FILE.findall(README):
        (folder / name).write_text(text)
    (folder / ".venv").symlink_to(PROJECT / ".venv")
    data = folder / "data"
    with running(environment(data), ["make", "--no-print-directory", "run"]) as program:
        yield program, folder
    assert gone_within(30, data) == []


def run(line: str, program: Running, folder: Path) -> str:
    if shutil.which("curl") is None:
        (folder / "curl").write_text(OWN_CURL)
        (folder / "curl").chmod(0o755)
    path = f"{os.environ['PATH']}{os.pathsep}{folder}"
    settings = {**program.environment, "PYTHONPATH": str(PROJECT), "PATH": path}
    done = subprocess.run(
        line.replace(ADDRESS, program.url),
        shell=True,
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout


def test_the_commands_do_what_the_readme_says(shown: tuple[Running, Path]) -> None:
    question = next(line for line in commands() if "4006381333931" in line)
    said = {line: run(line, *shown) for line in commands() if line not in RUN_BY_OTHERS and line != question}
    first = json.loads(next(text for line, text in said.items() if "9520000000417" in line))
    assert first["results"][0]["store"]["retailer"] == "demo-grocer"
    tallies = [json.loads(text.splitlines()[-1]) for line, text in said.items() if " load " in line]
    assert [(one["rows"], one["applied"], one["rejected"]) for one in tallies] == [(1, 1, 0), (1, 1, 0), (2, 1, 1)]
    (refused,) = [json.loads(text) for line, text in said.items() if " rejected " in line]
    assert (refused["file"], refused["line"], refused["field"]) == ("inventory.tsv", 3, "quantity")
    assert next(text for line, text in said.items() if "keys create" in line).startswith("sk_")
    (result,) = answered(question, *shown)
    assert (result["store"]["retailer"], result["availability"], result["quantity_band"]) == ("acme", "in_stock", "3+")
    assert result["price"] == {"amount": "1.99", "currency": "USD"}


def answered(question: str, program: Running, folder: Path) -> list[dict[str, Any]]:
    """The results, once what was loaded has reached the answering program."""
    for _ in range(100):
        answer = json.loads(run(question, program, folder))
        if answer.get("results"):
            return list(answer["results"])
    pytest.fail("what was loaded was never answered")


def test_the_shown_answer_has_the_shape_of_a_true_one(shown: tuple[Running, Path]) -> None:
    answer = json.loads(next(text for kind, text in BLOCK.findall(README) if kind == "json"))
    true = shown[0].get("/v1/availability?gtin=9520000000417&near=94103&limit=1")[1]
    assert shape(answer) == shape(true)


def test_every_page_that_is_named_is_there() -> None:
    for target in re.findall(r"\]\(([\w/.-]+)\)|src=\"([\w/.-]+)\"", README):
        assert (PROJECT / (target[0] or target[1])).exists(), target


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: shape(item) for name, item in value.items() if name not in ("closes_at", "opens_at", "sale_price")
        }
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__ if not isinstance(value, int | float) else "number"
