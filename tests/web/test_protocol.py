"""HTTP itself: what is not even a request still gets a problem, and slow or vanished clients hold nothing."""

import asyncio

import orjson
import pytest

from inventory_service.runtime.http.limits import Limits
from inventory_service.runtime.http.server import serve_app
from inventory_service.settings import Settings
from inventory_service.web.app import create_app
from tests.web.conftest import QUESTION, Ask
from tests.web.twin import BROKEN_ID, HANGING_ID, Twin


async def spoken(port: int, request: bytes) -> tuple[int, bytes, bytes]:
    """Status, head and body of the answer to raw bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read()
    writer.close()
    return int(head.split()[1]), head, body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET /v1/places?q=" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9_000 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400),
        (b"GET /v1/places?q=a HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nConnection: close\r\n\r\n", 417),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        (b"GET http://[:bad/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
    ],
)
async def test_what_is_no_proper_request_gets_a_problem(port: int, request_bytes: bytes, status: int) -> None:
    answered, head, body = await spoken(port, request_bytes)
    assert answered == status
    assert b"application/problem+json" in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert b"\r\nConnection: close\r\n" in head
    assert orjson.loads(body)["status"] == status


async def test_raw_bytes_that_are_no_utf8_are_refused_by_name(port: int) -> None:
    request = b"GET /v1/places?q=\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    status, _, body = await spoken(port, request)
    assert status == 400
    assert orjson.loads(body)["status"] == 400


async def test_headers_that_do_not_end_are_cut_off(twin: Twin, settings: Settings) -> None:
    async with serve_app(create_app(twin, settings), "127.0.0.1", 0, Limits(headers_within_s=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost:")
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()


async def test_a_patient_client_is_not_cut_off_between_requests(twin: Twin, settings: Settings) -> None:
    async with serve_app(create_app(twin, settings), "127.0.0.1", 0, Limits(headers_within_s=0.05)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(f"GET /v1/availability?product={HANGING_ID}&near=98101 HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
            assert head.startswith(b"HTTP/1.1 503")
        writer.close()


async def test_an_unknown_address_and_a_wrong_method_are_problems(ask: Ask) -> None:
    assert (await ask("/v1/nothing")).json["type"] == "/problems/no-such-address"
    refused = await ask(QUESTION, "POST")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET,HEAD,OPTIONS")
    assert refused.json["type"] == "/problems/method-not-allowed"


async def test_head_answers_like_get_without_a_body(ask: Ask) -> None:
    got, headed = await ask(QUESTION), await ask(QUESTION, "HEAD")
    assert (headed.status, headed.body) == (200, b"")
    assert headed.headers["ETag"] == got.headers["ETag"]


async def test_a_storage_that_does_not_answer_is_503_and_tells_nothing_of_the_inside(ask: Ask, twin: Twin) -> None:
    twin.failing = True
    heard = await ask(QUESTION)
    assert (heard.status, heard.headers["Retry-After"]) == (503, "1")
    assert heard.json["detail"] == "The database did not answer in time."
    twin.failing = False
    assert (await ask(QUESTION)).status == 200


async def test_no_request_waits_beyond_the_deadline(ask: Ask) -> None:
    async with asyncio.timeout(3):
        heard = await ask(f"/v1/availability?product={HANGING_ID}&near=98101")
    assert (heard.status, heard.json["type"]) == (503, "/problems/unavailable")


async def test_a_fault_of_ours_is_500_without_a_trace(ask: Ask) -> None:
    heard = await ask(f"/v1/availability?product={BROKEN_ID}&near=98101")
    assert (heard.status, heard.json["type"]) == (500, "/problems/internal")
    assert b"secret" not in heard.body
    assert b"Traceback" not in heard.body
