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
