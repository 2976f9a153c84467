"""What is taken for a repeat of a request is what the parser would have made of it."""

import asyncio

from aiohttp import HttpVersion11
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser, RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory_service.runtime.http.repeats import Pattern

HEADS = [
    b"\r\nHost: x\r\n\r\n",
    b"\r\nHost: x\r\nAccept: */*\r\nUser-Agent: a phone\r\n\r\n",
    b"\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
]
FIRST = b"GET /v1/availability?gtin=1&near=98101 HTTP/1.1"
pieces = st.sampled_from(
    [
        *(b"GET ", b"/v1/availability?gtin=2", b"/", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"#", b"\x00"),
        *(b"\xc3\xbc", b"%C3%BC", b"POST ", b"http://x/", b"*", *HEADS, b"Content-Length: 3", b" ", b"\t"),
        *(b"\r\n\r\n", b"abc", b"?&=;"),
    ]
)


def parsed(data: bytes) -> list[tuple[RawRequestMessage, object]]:
    loop = asyncio.new_event_loop()
    try:
        parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16)
        return list(parser.feed_data(data)[0])
    except Exception:
        return []
    finally:
        loop.close()


def pattern(head: bytes) -> Pattern | None:
    ((message, _),) = parsed(FIRST + head)
    return Pattern.of(FIRST + head, message)


@given(st.sampled_from(HEADS), st.lists(pieces, max_size=6).map(b"".join))
def test_a_repeat_is_what_the_parser_would_tell(head: bytes, middle: bytes) -> None:
    known = pattern(head)
    assert known is not None
    for data in (
        middle,
        b"GET " + middle,
        middle + head,
        b"GET " + middle + b" HTTP/1.1" + head,
        FIRST + middle + head,
    ):
        request = known.request(data)
        if request is not None:
            ((message, payload),) = parsed(data)
            assert payload is EMPTY_PAYLOAD
            told = (message.path, message.method, message.version, message.headers, message.should_close)
            assert told == (request.path, request.method, request.version, request.headers, request.should_close)


@given(st.sampled_from(HEADS), st.text("abc/?&=%0123456789.,-+", max_size=80))
def test_a_plain_request_like_the_one_before_is_a_repeat(head: bytes, target: str) -> None:
    known = pattern(head)
    assert known is not None
    request = known.request(b"GET /" + target.encode() + b" HTTP/1.1" + head)
    assert request is not None
    assert (request.path, request.method, request.version) == (f"/{target}", "GET", HttpVersion11)


@given(st.sampled_from(HEADS), st.data())
def test_a_head_that_differs_in_a_byte_is_no_repeat(head: bytes, data: st.DataObject) -> None:
    known, wire = pattern(head), FIRST + head
    assert known is not None
    at = data.draw(st.integers(len(FIRST) - len(b" HTTP/1.1"), len(wire) - 1))
    other = data.draw(st.integers(0, 255))
    assume(other != wire[at])
    changed = wire[:at] + bytes((other,)) + wire[at + 1 :]
    assert known.request(changed) is None


def test_a_request_of_another_kind_makes_no_pattern() -> None:
    for wire in (b"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n"):
        ((message, _),) = parsed(wire)
        assert Pattern.of(wire, message) is None
    ((message, _),) = parsed(FIRST + HEADS[0])
    assert Pattern.of(FIRST + HEADS[0] + b"GET", message) is None
    assert Pattern.of((FIRST + HEADS[0])[5:], message) is None
