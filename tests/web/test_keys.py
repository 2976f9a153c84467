"""Who may ask, from where, and who may read the answer."""

import asyncio

import pytest

from inventory_service.settings import Settings
from tests.web.conftest import QUESTION, Ask

SHOP = {"Origin": "https://shop.example"}


async def test_without_a_key_any_page_may_read_the_answer(ask: Ask) -> None:
    heard = await ask(QUESTION, Origin="https://anyone.example")
    assert (heard.status, heard.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert "Access-Control-Allow-Credentials" not in heard.headers


async def test_a_publishable_key_works_from_its_origin_in_header_and_address(ask: Ask) -> None:
    in_address = await ask(QUESTION + "&key=pk_shop_0123456789", **SHOP)
    in_header = await ask(QUESTION, Authorization="Bearer pk_shop_0123456789", **SHOP)
    assert (in_address.status, in_header.status) == (200, 200)
    assert in_address.headers["Access-Control-Allow-Origin"] == "https://shop.example"


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil.example", "null"])
async def test_a_wrong_origin_is_refused_in_words_it_can_read(ask: Ask, origin: str) -> None:
    heard = await ask(QUESTION + "&key=pk_shop_0123456789", Origin=origin)
    assert (heard.status, heard.json["type"]) == (403, "/problems/wrong-origin")
    assert heard.headers["Access-Control-Allow-Origin"] == origin


async def test_a_publishable_key_without_an_origin_is_refused(ask: Ask) -> None:
    assert (await ask(QUESTION + "&key=pk_shop_0123456789")).status == 403


@pytest.mark.parametrize("key", ["sk_counts_0123456789", "st_staff_0123456789", ""])
async def test_a_secret_key_in_the_address_is_refused_unread(ask: Ask, key: str) -> None:
    heard = await ask(f"{QUESTION}&key={key}")
    assert (heard.status, heard.pointers) == (400, ["key"])


@pytest.mark.parametrize("header", ["Bearer sk_unknown", "Bearer ", "Basic c2s6", "Bearer é", "Bearer " + "x" * 300])
async def test_an_unknown_key_is_401_with_a_challenge(ask: Ask, header: str) -> None:
    heard = await ask(QUESTION, Authorization=header)
    assert (heard.status, heard.json["type"]) == (401, "/problems/key-invalid")
    assert heard.headers["WWW-Authenticate"].startswith("Bearer")


async def test_two_headers_that_name_keys_are_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    keys = "".join(f"Authorization: Bearer sk_{name}_0123456789\r\n" for name in ("reader", "counts"))
    writer.write(f"GET {QUESTION} HTTP/1.1\r\nHost: nearshelf\r\nConnection: close\r\n{keys}\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    assert head.split()[1] in (b"400", b"401"), body


async def test_two_ways_to_name_a_key_at_once_are_refused(ask: Ask) -> None:
    heard = await ask(QUESTION + "&key=pk_shop_0123456789", Authorization="Bearer sk_counts_0123456789")
    assert (heard.status, heard.pointers) == (400, ["key"])


async def test_a_key_that_may_only_ingest_does_not_read(ask: Ask) -> None:
    assert (await ask(QUESTION, Authorization="Bearer sk_ingest_0123456789")).status == 403


async def test_secret_keys_are_not_for_scripts_in_pages(ask: Ask) -> None:
    heard = await ask(QUESTION, Authorization="Bearer sk_counts_0123456789", **SHOP)
    assert heard.status == 200
    assert "Access-Control-Allow-Origin" not in heard.headers


async def test_a_preflight_is_answered(ask: Ask) -> None:
    heard = await ask("/v1/availability", "OPTIONS", Access_Control_Request_Method="GET", **SHOP)
    assert (heard.status, heard.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Authorization" in heard.headers["Access-Control-Allow-Headers"]


class TestWhereKeysAreRequired:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(require_key=True)

    async def test_questions_need_a_key(self, ask: Ask) -> None:
        assert (await ask(QUESTION)).status == 401
        assert (await ask(QUESTION, Authorization="Bearer sk_reader_0123456789")).status == 200

    @pytest.mark.parametrize("target", ["/livez", "/readyz", "/openapi.json", "/docs", "/metrics"])
    async def test_what_is_no_question_needs_none(self, ask: Ask, target: str) -> None:
        assert (await ask(target)).status == 200
