"""Pages that can be run: their files are written, their commands run in order, and what they show is compared.

A block with a name above it (`stores.csv`) is a file. A block of `sh` is run; `json` and `text` right below it show
what it prints, shortened: names and lines may be left out, and `…` stands for anything. A question is asked again until
the answer is the one that is shown.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.programs.running import PROJECT

BLOCK = re.compile(r"^(?:`(?P<name>[\w.-]+)`\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
QUESTION = re.compile(
    r"curl .*(/v1/availability|/v1/sources|/readyz|/metrics)|date -u$"
    r"|(\w+=\S+ )?\S+ -m store_sync (sources|rejected|held list|verify|rebuild)( --[a-z]+ \S+)*$"
)
SETTING = re.compile(r"^export (\w+)=(\S+)$", re.MULTILINE)
ANSWER, RECEIVER = "http://127.0.0.1:8080", "http://127.0.0.1:8081"
SHOWN_WITHIN_S, COMMAND_WITHIN_S = 30.0, 120.0
OWN_CURL = """#!/usr/bin/env python3
import sys, urllib.error, urllib.request
headers, body, address, words = {}, None, None, iter(sys.argv[1:])
for word in words:
    if word == "-H":
        name, _, value = next(words).partition(":")
        headers[name] = value.strip()
    elif word in ("-d", "--data-binary"):
        value = next(words)
        body = open(value[1:], "rb").read() if value.startswith("@") else value.encode()
    elif word != "-s":
        address = word
try:
    answer = urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30)
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.buffer.write(answer.read())
"""
OWN_OPENSSL = """#!/usr/bin/env python3
import hashlib, hmac, sys
words = sys.argv[1:]
assert words[:3] == ["dgst", "-sha256", "-hmac"] and words[4] == "-binary", words
body = open(words[5], "rb").read() if words[5:] else sys.stdin.buffer.read()
sys.stdout.buffer.write(hmac.digest(words[3].encode(), body, hashlib.sha256))
"""
"""For machines without curl and openssl, which are no prerequisites."""


@dataclass(frozen=True)
class Step:
    """A block of commands, and what the page shows of their output."""

    commands: str
    shown: tuple[Any, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def is_question(self) -> bool:
        """Whether asking again does no harm."""
        return all(QUESTION.match(line) for line in self.commands.splitlines())


@dataclass(frozen=True)
class Section:
    """What stands below one heading."""

    title: str
    files: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]


def sections(page: Path) -> Iterator[Section]:
    """Those in which there is something to run, in their order."""
    for title, text in SECTION.findall(page.read_text()):
        blocks = list(BLOCK.finditer(text))
        steps: list[Step] = []
        for block in blocks:
            kind, inside = block["kind"], block["text"]
            if kind == "sh":
                steps.append(Step(inside))
            elif kind == "json" and not block["name"]:
                steps[-1] = Step(steps[-1].commands, documents(inside), steps[-1].lines)
            elif kind == "text":
                steps[-1] = Step(steps[-1].commands, steps[-1].shown, tuple(inside.splitlines()))
        if steps:
            yield Section(title, tuple((one["name"], one["text"]) for one in blocks if one["name"]), tuple(steps))


def documents(text: str) -> tuple[Any, ...]:
    """JSON documents, one after the other."""
    found, decoder, rest = [], json.JSONDecoder(), text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].strip()
    return tuple(found)


class Shell:
    """A person's terminal: one folder, `.venv` in it, and variables that last from one block to the next."""

    def __init__(self, folder: Path, environment: Mapping[str, str], addresses: Mapping[str, str]) -> None:
        """`addresses`: shown → true."""
        self._folder, self.addresses = folder, dict(addresses)
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        tools = folder / "tools"
        tools.mkdir()
        for name, text in (("curl", OWN_CURL), ("openssl", OWN_OPENSSL)):
            if shutil.which(name) is None:
                (tools / name).write_text(text)
                (tools / name).chmod(0o755)
        path = f"{os.environ['PATH']}{os.pathsep}{tools}"
        self._environment = {**environment, "PYTHONPATH": str(PROJECT), "PATH": path}
        self._state = folder / ".state"
        self._state.touch()

    def take(self, step: Step) -> None:
        """Runs the commands, and questions again while they have not got the answer that is shown."""
        until_s = time.monotonic() + (SHOWN_WITHIN_S if step.is_question else 0.0)
        while not self._shows(done := self.run(step.commands), step):
            assert time.monotonic() < until_s, f"{step}\nbut printed\n{done.stdout}\n{done.stderr}"

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        for shown, true in self.addresses.items():
            commands = commands.replace(shown, true)
        return subprocess.run(
            ["sh", "-c", f". ./.state\nset -ae\n{commands}\nexport -p > .state"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_S,
            check=False,
        )

    @staticmethod
    def _shows(done: subprocess.CompletedProcess[str], step: Step) -> bool:
        printed = list(_printed(done.stdout))
        documents = all(any(_within(one, seen) for seen in printed) for one in step.shown)
        return done.returncode == 0 and documents and all(_matches(line, done.stdout) for line in step.lines)


def _printed(text: str) -> Iterator[Any]:
    """Each line that is JSON; answers of curl have no line end."""
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _within(shown: Any, seen: Any) -> bool:
    """Whether all that is shown is there; `…` stands for anything."""
    if isinstance(shown, dict) and isinstance(seen, dict):
        return all(name in seen and _within(value, seen[name]) for name, value in shown.items())
    if isinstance(shown, list) and isinstance(seen, list):
        return len(shown) == len(seen) and all(map(_within, shown, seen))
    if shown == "…":
        return True
    if isinstance(shown, str) and isinstance(seen, str):
        return _matches(shown, seen, whole=True)
    return bool(shown == seen)


def _matches(shown: str, text: str, *, whole: bool = False) -> bool:
    pattern = ".*".join(map(re.escape, shown.split("…")))
    return bool(re.fullmatch(pattern, text)) if whole else bool(re.search(f"^{pattern}$", text, re.MULTILINE))
