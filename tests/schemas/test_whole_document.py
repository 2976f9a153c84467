"""Everything that the OpenAPI document says, held to the service by generated requests of all kinds of callers.

No 5xx, no status or type that is not documented, no ignored key, no answer that is not of its schema. What cannot be
said of a question in OpenAPI (exactly one of `near` and `lat`+`lon`) refuses what looks valid: that check is off.
Who is told every field is held to whole answers; a key that was made for some fields alone, to partial ones.
"""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from geo.point import Point
from inventory_service.storage import changes, keys
from tests.staff.world import READER, STAFF, Counter
from tests.sync.world import GTIN, NOW, at, count, shop

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
PAGE, CUT = "pk_page_0123456789", "sk_cut_0123456789"
TOLD = {"store", "availability", "as_of"}
ORIGIN = "https://shop.example"
CALLERS = {
    "nobody": (),
    "a page of the key's origin": (f"Authorization: Bearer {PAGE}", f"Origin: {ORIGIN}"),
    "a page of another origin": (f"Authorization: Bearer {PAGE}", "Origin: https://elsewhere.example"),
    "a server that sees counts": (f"Authorization: Bearer {READER}",),
    "staff": (f"Authorization: Bearer {STAFF}",),
    "a server that is told some fields alone": (f"Authorization: Bearer {CUT}",),
    "a key of nobody": ("Authorization: Bearer sk_nobodys_0123456789",),
}


def held_to(document: Any, ending: int) -> Any:
    """The document for those who are told whole answers (`ending` 0), or partial ones (-1), wherever it offers both."""
    match document:
        case {"anyOf": [{"$ref": _}, {"$ref": str(partial)}] as choices} if "/Partial" in partial:
            return choices[ending]
        case dict():
            return {name: held_to(one, ending) for name, one in document.items()}
        case list():
            return [held_to(one, ending) for one in document]
    return document


async def prepare(counter: Counter) -> None:
    """A store where the document's examples ask, a key for a page, and one for some fields alone."""
    await counter.sync.load([shop("there", point=Point(33.75, -84.39)), count("there", "i1", 5, at(60))])
    reading: Any = {"scopes": ["read"], "retailer": None, "store_ids": [], "now": NOW}
    cut, page = {"origins": [], "fields": sorted(TOLD)}, {"origins": [ORIGIN]}
    async with counter.pool.acquire() as connection, connection.transaction():
        of_page = await keys.add(connection, kind="pk", secret=PAGE, name="a page", **reading, **page)
        of_cut = await keys.add(connection, kind="sk", secret=CUT, name="some fields", **reading, **cut)
        await changes.append(connection, "keys", [of_page, of_cut], [], NOW)
    async with asyncio.timeout(120):
        while (await counter.send("GET", QUESTION, CUT)).status == 401:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("caller", CALLERS)
async def test_no_generated_request_finds_a_difference(counter: Counter, caller: str, tmp_path: Path) -> None:
    await counter.send("GET", QUESTION, None)  # compiles what answers need, where nobody has
    await prepare(counter)
    async with counter.session.get("/openapi.json") as answer:
        document, address = await answer.json(), str(answer.url.origin())
    told = tmp_path / "openapi.json"
    told.write_bytes(orjson.dumps(held_to(document, -1 if CUT in str(CALLERS[caller]) else 0)))
    sent = [word for header in CALLERS[caller] for word in ("-H", header)]
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, str(told), "--url", address, *OPTIONS, *sent),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WITHIN_S):
        said = COLOURS.sub("", (await process.communicate())[0].decode())
    assert process.returncode == 0, said[-60_000:]
    assert re.search(r"\b\d+ generated, \d+ passed", said), said[-2_000:]


async def test_a_key_for_some_fields_is_told_no_others_and_its_answers_are_partial_ones(counter: Counter) -> None:
    await prepare(counter)
    document = (await counter.send("GET", "/openapi.json", None)).json
    basket = {"lat": 33.75, "lon": -84.39, "items": [{"gtin": GTIN}]}
    batch = {"queries": [{"gtin": GTIN, "lat": 33.75, "lon": -84.39}]}
    asked = (("GET", QUESTION, None), ("POST", "/v1/basket", basket), ("POST", "/v1/availability/batch", batch))
    for method, path, body in asked:
        of = document["paths"][path.partition("?")[0]][method.lower()]["responses"]["200"]["content"]
        offered = of["application/json"]["schema"]["anyOf"]
        fits = [jsonschema_rs.validator_for({**one, "components": document["components"]}).is_valid for one in offered]
        whole, cut = [(await counter.send(method, path, key, body)).json for key in (READER, CUT)]
        assert [fit(whole) for fit in fits] == [True, True], (path, whole)
        assert [fit(cut) for fit in fits] == [False, True], (path, cut)
    assert {name for one in (await counter.send("GET", QUESTION, CUT)).json["results"] for name in one} == TOLD


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
