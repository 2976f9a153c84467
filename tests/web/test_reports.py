"""A shopper's word over HTTP: who may say it, what it must hold, and what is answered."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import jsonschema_rs
import orjson
import pytest
import pytest_asyncio

from inventory_service.domain.shoppers import Word
from inventory_service.settings import Settings
from inventory_service.web.bodies import LONGEST_BYTES
from tests.web.conftest import Ask, Heard
from tests.web.twin import HANGING_ID, MERGED_ID, NOW, Twin

DEVICE = "a-device_0123456789"
SAID = {"store_id": 1, "gtin": "00300691085301", "found": False, "device": DEVICE}
SHOP = {"Origin": "https://shop.example"}
PUBLIC = {"Authorization": "Bearer pk_shop_0123456789"}

Say = Callable[..., Awaitable[Heard]]


@pytest_asyncio.fixture
async def say(port: int) -> AsyncIterator[Say]:
    async with aiohttp.ClientSession() as session:

        async def say(body: object = SAID, query: str = "", **headers: str) -> Heard:
            sent = body if isinstance(body, bytes) else orjson.dumps(body)
            url = f"http://127.0.0.1:{port}/v1/reports{query}"
            async with session.post(url, data=sent, headers=headers) as response:
                answered = await response.read()
                return Heard(response.status, response.headers, answered, orjson.loads(answered))

        yield say


def but(**changes: Any) -> dict[str, Any]:
    """The usual report with other fields; `...` leaves one out."""
    return {name: value for name, value in {**SAID, **changes}.items() if value is not ...}


async def test_a_word_is_taken_in_and_told_back(say: Say, twin: Twin) -> None:
    heard = await say()
    assert heard.status == 201
    assert heard.json == {"id": "1", "counted": True, "found": False, "observed_at": "2026-11-22T03:40:12Z"}
    assert heard.headers["Cache-Control"] == "no-store"
    assert twin.words == [(17, 1, Word(False, NOW), DEVICE)]


async def test_a_repetition_is_200(say: Say) -> None:
    assert [(await say()).status for _ in range(2)] == [201, 200]


@pytest.mark.parametrize(
    "changes",
    [
        {"store_id": ..., "store_code": f"{1:020d}", "retailer": "cvs"},
        {"gtin": ..., "scan": "0300691085301"},
        {"gtin": ..., "product": 17},
        {"gtin": ..., "product": MERGED_ID},
        {"gtin": "300691085301"},
        {"retailer": None},
        {"observed_at": "2026-11-22T04:40:12.987654+01:00"},
    ],
)
async def test_every_name_of_store_and_product_does(say: Say, twin: Twin, changes: dict[str, Any]) -> None:
    assert (await say(but(**changes))).status == 201
    assert twin.words == [(17, 1, Word(False, NOW), DEVICE)]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"store_id": ...}, ["/store_id"]),
        ({"store_code": "7", "retailer": "cvs"}, ["/store_code", "/store_id"]),
        ({"store_id": ..., "store_code": "7"}, ["/retailer"]),
        ({"retailer": "cvs"}, ["/retailer"]),
        ({"gtin": ...}, ["/gtin"]),
        ({"product": 17, "scan": "0300691085301"}, ["/gtin", "/product", "/scan"]),
        ({"gtin": "00300691085302"}, ["/gtin"]),
        ({"gtin": 300691085301}, ["/gtin"]),
        ({"gtin": ..., "scan": "nonsense"}, ["/scan"]),
        ({"gtin": ..., "product": 0}, ["/product"]),
        ({"gtin": ..., "product": "17"}, ["/product"]),
        ({"store_id": 1.0}, ["/store_id"]),
        ({"store_id": 2**31}, ["/store_id"]),
        ({"found": ...}, ["/found"]),
        ({"found": None}, ["/found"]),
        ({"found": 1}, ["/found"]),
        ({"found": "yes", "device": "short"}, ["/device", "/found"]),
        ({"device": "x" * 65}, ["/device"]),
        ({"device": "with spaces in its middle"}, ["/device"]),
        ({"device": "a-device_0123456789\n"}, ["/device"]),
        ({"observed_at": "2026-11-22T03:45:12Z"}, []),
        ({"observed_at": "2026-11-22T03:45:13Z"}, ["/observed_at"]),
        ({"observed_at": "2026-11-21T03:40:12Z"}, ["/observed_at"]),
        ({"observed_at": "2026-11-22T03:40:12"}, ["/observed_at"]),
        ({"observed_at": "yesterday"}, ["/observed_at"]),
        ({"quantity": 3}, ["/quantity"]),
        ({"quantity": None, "a/b": 1}, ["/a~1b", "/quantity"]),
    ],
)
async def test_each_fault_is_named(say: Say, changes: dict[str, Any], pointers: list[str]) -> None:
    heard = await say(but(**changes))
    assert (heard.status, heard.json.get("type")) == ((400, "/problems/invalid-input") if pointers else (201, None))
    assert not pointers or heard.pointers == pointers


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"text"', b"{" + b'"a":[' * 600])
async def test_what_is_no_json_object_is_refused(say: Say, body: bytes) -> None:
    heard = await say(body)
    assert (heard.status, heard.pointers) == (400, [""])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"store_id": 99}, "/store_id"),
        ({"store_id": ..., "store_code": "99", "retailer": "cvs"}, "/store_code"),
        ({"store_id": ..., "store_code": f"{1:020d}", "retailer": "nobody"}, "/store_code"),
        ({"gtin": "04006381333931"}, "/gtin"),
        ({"gtin": ..., "scan": "04006381333931"}, "/scan"),
        ({"gtin": ..., "product": 99}, "/product"),
    ],
)
async def test_what_nobody_knows_is_404(say: Say, twin: Twin, changes: dict[str, Any], pointer: str) -> None:
    heard = await say(but(**changes))
    assert (heard.status, heard.pointers, twin.words) == (404, [pointer], [])


@pytest.mark.parametrize("length", [LONGEST_BYTES + 1, 200_000])
async def test_a_large_body_is_refused(say: Say, length: int) -> None:
    heard = await say(b" " * length)
    assert (heard.status, heard.json["type"]) == (413, "/problems/too-large")


async def test_a_large_body_of_no_declared_length_is_refused(port: int) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/v1/reports", data=endless()) as response,
    ):
        assert response.status == 413


async def test_too_many_are_429_and_told_when_to_come_back(say: Say, twin: Twin) -> None:
    twin.tired = True
    heard = await say()
    assert (heard.status, heard.json["type"]) == (429, "/problems/too-many")
    assert heard.headers["Retry-After"] == "3600"
    assert "Retry-After" in heard.headers["Access-Control-Expose-Headers"]


async def test_a_word_that_takes_too_long_is_503(say: Say) -> None:
    assert (await say(but(gtin=..., product=HANGING_ID))).status == 503


async def test_any_page_may_report_without_a_key(say: Say, ask: Ask) -> None:
    heard = await say(Origin="https://anyone.example")
    assert (heard.status, heard.headers["Access-Control-Allow-Origin"]) == (201, "*")
    asked = await ask("/v1/reports", "OPTIONS", Origin="https://anyone.example")
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]


async def test_a_publishable_key_reports_from_its_own_origin_alone(say: Say) -> None:
    heard = await say(**SHOP, **PUBLIC)
    assert (heard.status, heard.headers["Access-Control-Allow-Origin"]) == (201, "https://shop.example")
    assert (await say(query="?key=pk_shop_0123456789", **SHOP)).status == 200
    assert (await say(Origin="https://evil.example", **PUBLIC)).status == 403
    assert (await say(Authorization="Bearer nobody's")).status == 401


async def test_parameters_in_the_address_are_refused(say: Say) -> None:
    heard = await say(query="?found=true")
    assert (heard.status, heard.pointers) == (400, ["found"])


async def test_reports_cannot_be_read(ask: Ask) -> None:
    heard = await ask("/v1/reports")
    assert (heard.status, heard.headers["Allow"]) == (405, "OPTIONS,POST")


async def test_the_document_tells_the_body_and_the_answer(ask: Ask, say: Say) -> None:
    document = (await ask("/openapi.json")).json
    operation = document["paths"]["/v1/reports"]["post"]
    assert set(operation["responses"]) == {"200", "201", "400", "401", "403", "404", "408", "413", "415", "429", "503"}
    body, answer = (
        jsonschema_rs.validator_for({**told["content"]["application/json"]["schema"], **document})
        for told in (operation["requestBody"], operation["responses"]["201"])
    )
    body.validate(SAID)
    assert not body.is_valid(but(quantity=3))
    assert not body.is_valid(but(device="short"))
    answer.validate((await say()).json)


class TestWithAKeyRequired:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(deadline_s=0.2, require_key=True)

    async def test_nobody_reports_without_one(self, say: Say) -> None:
        assert (await say()).status == 401
        assert (await say(**SHOP, **PUBLIC)).status == 201
