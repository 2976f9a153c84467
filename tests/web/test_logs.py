"""Logs are JSON lines, and keep secrets and places to themselves."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from inventory_service.runtime import logs
from tests.web.conftest import QUESTION, Ask
from tests.web.twin import BROKEN_ID


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Logging as a program sets it up, and as it was afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.configure("info", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


async def test_each_request_is_one_line_with_its_route(ask: Ask, stream: io.StringIO) -> None:
    await ask(QUESTION)
    (line,) = lines(stream)
    assert (line["method"], line["route"], line["status"], line["level"]) == ("GET", "/v1/availability", 200, "info")
    assert line["query"] == {"gtin": "00300691085301", "near": "98101"}


async def test_no_line_holds_a_key(ask: Ask, stream: io.StringIO) -> None:
    await ask(QUESTION + "&key=pk_shop_0123456789")
    await ask(QUESTION, Authorization="Bearer sk_counts_0123456789")
    await ask(QUESTION + "&q=sk_counts_0123456789")
    logging.getLogger("elsewhere").warning("failed for sk_counts_0123456789")
    assert "0123456789" not in stream.getvalue()
    assert len(lines(stream)) == 4


@pytest.mark.parametrize(
    "query",
    [
        *("apikey=@", "api_key=@", "Key=@", "key%20=@", "token=@", "access_token=@", "@", "@=1", "x=a_@", "q=%40@"),
        *("q=@&q=1&q=@", "near=@", "retailer=@", "key=pk_shop&key=@", "=@", "k=1&" * 40 + "key=@"),
    ],
)
async def test_no_line_holds_a_key_wherever_it_was_put(ask: Ask, stream: io.StringIO, query: str) -> None:
    for key in (
        "sk_counts_0123456789",
        "sk%5Fcounts_0123456789",
        "SK%5fCOUNTS_0123456789",
        "q8Zk0123456789_NoPrefix-AtAllButLongEnough-xY",
    ):
        if key.startswith("q8") and query.partition("=")[0] in ("q", "near", "retailer"):
            continue
        await ask(f"/v1/places?{query.replace('@', key)}")
        await ask(f"/v1/places?q=a&{query.replace('@', key)}", Authorization=f"Bearer {key}")
    assert stream.getvalue()
    assert "0123456789" not in stream.getvalue()


@pytest.mark.parametrize(
    "query",
    [
        *("lat=47.61234&lon=-122.33456", "lat=4761234e-5&lon=-12233456e-5", "near=47.61234,-122.33456"),
        *("near=%2047.61234%20,%20-122.33456", "near=47.61234%20-122.33456", "near=47,61234;-122,33456"),
        *("near=4761234e-5,-12233456e-5", "latitude=47.61234", "location=47.61234,-122.33456", "q=47.61234,-122.33456"),
        *("lat=47.61234x&lon=1", "lat=&lat=47.61234", "Lat=47.61234", "47.61234=1"),
    ],
)
async def test_no_line_holds_an_exact_place_however_it_was_put(ask: Ask, stream: io.StringIO, query: str) -> None:
    for path in ("/v1/stores", "/v1/availability", "/nothing"):
        await ask(f"{path}?{query}")
    assert len(lines(stream)) == 3
    assert "61234" not in stream.getvalue()
    assert "33456" not in stream.getvalue()


@pytest.mark.parametrize(
    ("near", "logged"),
    [
        *(("28.63,77.2", "28.6,77.2"), ("35.66,139.70", "35.7,139.7"), ("50.93,6.95", "50.9,7.0"), ("1,2", "1,2")),
        *(
            ("50.9,6.95", "50.9,7.0"),
            ("28.6,77", "28.6,77"),
            ("47,6123", "47,6"),
            ("4761e-2,1", "47.6,1"),
            ("4761.e-2,1", "47.6,1"),
        ),
        *(
            ("47,61 8,25", "47,6 8,2"),
            ("98101", "98101"),
            ("-47.66, -122.38", "-47.7, -122.4"),
            ("1.5.25e3", "[redacted]"),
        ),
    ],
)
async def test_a_place_is_logged_to_a_tenth_of_a_degree(near: str, logged: str) -> None:
    assert logs.loggable_query([("near", near)]) == {"near": logged}


async def test_no_line_holds_what_a_body_says(ask: Ask, stream: io.StringIO) -> None:
    body = b'{"device": "device-0123456789-abc", "store_id": 47.61234, "key": "sk_counts_0123456789", "found": true}'
    for path in ("/v1/reports", "/v1/staff/confirmations"):
        assert (await ask(path, "POST", data=body)).status >= 400
    assert "0123456789" not in stream.getvalue()
    assert "61234" not in stream.getvalue()


async def test_a_line_has_a_bound_whatever_is_sent(ask: Ask, stream: io.StringIO) -> None:
    await ask("/v1/places?" + "&".join(f"q{'x' * 18}=1&near=%22{'y' * 200}" for _ in range(60)))
    await ask(f"/v1/places?q={'z' * 20_000}")
    await ask("/v1/places?" + "&".join(f"a{number}=1" for number in range(2_000)))
    assert len(lines(stream)) == 3
    assert max(map(len, stream.getvalue().splitlines())) < 4_000


async def test_no_line_holds_an_exact_place(ask: Ask, stream: io.StringIO) -> None:
    await ask("/v1/stores?lat=47.61234&lon=-122.33456")
    await ask("/v1/stores?near=47.61234,-122.33456")
    first, second = lines(stream)
    assert first["query"] == {"lat": "47.6", "lon": "-122.3"}
    assert second["query"] == {"near": "47.6,-122.3"}


async def test_a_fault_of_ours_is_logged_once_with_its_trace(ask: Ask, stream: io.StringIO) -> None:
    await ask(f"/v1/availability?product={BROKEN_ID}&near=98101")
    failures = [line for line in lines(stream) if line["level"] == "error"]
    assert len(failures) == 1
    assert "ZeroDivisionError" in str(failures[0]["exception"])
