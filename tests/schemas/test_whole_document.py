"""Everything that the OpenAPI document says, held to the service by generated requests of all kinds of callers.

No 5xx, no status or type that is not documented, no ignored key, no answer that is not of its schema. What cannot be
said of a question in OpenAPI (exactly one of `near` and `lat`+`lon`) refuses what looks valid: that check is off.
A stream never ends, and so is not for a generator: tests/answers listens to it.
"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.staff.world import READER, SHOP, STAFF, Counter
from tests.sync.world import GTIN

COMMAND = (
    sys.executable,
    "-m",
    "schemathesis.cli",
    "--config-file",
    str(Path(__file__).with_name("schemathesis.toml")),
    "run",
)
OPTIONS = (
    *("--phases", "examples,coverage,fuzzing,stateful", "--checks", "all"),
    *("--exclude-checks", "positive_data_acceptance", "--max-examples", "6", "--seed", "1"),
    *("--generation-deterministic", "--request-timeout", "60", "--no-color"),
)
WITHIN_S = 240.0
QUESTION = f"/v1/availability?gtin={GTIN}&lat=33.75&lon=-84.39"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ORIGIN = "Origin: https://shop.example"
CALLERS = {
    "nobody": (),
    "a page of the key's origin": (f"Authorization: Bearer {SHOP}", ORIGIN),
    "a page of another origin": (f"Authorization: Bearer {SHOP}", "Origin: https://elsewhere.example"),
    "a server that sees counts": (f"Authorization: Bearer {READER}",),
    "staff": (f"Authorization: Bearer {STAFF}",),
    "a key of nobody": ("Authorization: Bearer sk_nobodys_0123456789",),
}


def streams(document: Any) -> list[str]:
    """Names of the operations whose answer goes on."""
    return [
        of["operationId"]
        for operations in document["paths"].values()
        for of in operations.values()
        if any("text/event-stream" in response.get("content", {}) for response in of["responses"].values())
    ]


@pytest.mark.parametrize("caller", CALLERS)
async def test_no_generated_request_finds_a_difference(counter: Counter, caller: str) -> None:
    async with counter.session.get("/openapi.json") as answer:
        document, address = await answer.json(), str(answer.url)
    await counter.send("GET", QUESTION, None)  # compiles what answers need, where nobody has
    await counter.send("GET", QUESTION)
    sent = [word for header in CALLERS[caller] for word in ("-H", header)]
    left_out = [word for name in streams(document) for word in ("--exclude-operation-id", name)]
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, address, *OPTIONS, *sent, *left_out),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WITHIN_S):
        told = COLOURS.sub("", (await process.communicate())[0].decode())
    assert process.returncode == 0, told[-60_000:]
    assert re.search(r"\b\d+ generated, \d+ passed", told), told[-2_000:]


async def test_every_operation_has_a_name_a_tag_and_describes_all_it_takes(counter: Counter) -> None:
    document = (await counter.send("GET", "/openapi.json", None)).json
    named = [(method, path, of) for path, operations in document["paths"].items() for method, of in operations.items()]
    names = [of["operationId"] for _, _, of in named]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, of in named:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", of["operationId"]), (method, path)
        assert set(of["tags"]) <= tags, (method, path)
        assert of["summary"], (method, path)
        assert all(one.get("description") for one in of.get("parameters", ())), (method, path)
        for body in of.get("requestBody", {}).get("content", {}).values():
            model = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
            assert all(_described(field) for field in model["properties"].values()), (method, path)


async def test_every_link_leads_somewhere(counter: Counter) -> None:
    document = (await counter.send("GET", "/openapi.json", None)).json
    operations = [of for path in document["paths"].values() for of in path.values()]
    links = [
        link
        for of in operations
        for response in of["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert len(links) >= 5
    assert {link["operationId"] for link in links} <= {of["operationId"] for of in operations}


def _described(field: Any) -> bool:
    told = bool(field.get("description")) or "$ref" in field or "$ref" in field.get("items", {})
    return told or any(_described(one) for one in field.get("anyOf", ()))
