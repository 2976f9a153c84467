"""The load client: what it may do, how it reads answers, and what it counts."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.client import wire
from loadtests.client.bounds import RefusedError, Run
from loadtests.client.heard import Heard, milliseconds, percentile
from loadtests.client.loops import Closed, Open
from loadtests.client.questions import demo, fresh
from tests.programs.running import PROJECT

BODY = b'{"results":[{"distance_m":1},{"distance_m":2}]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: x\r\n\r\n%b" % (len(BODY), BODY)
STALL_S, BURST = 0.3, 40
UNKNOWN = b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}"


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 1))
def test_so_many_values_do_not_exceed_a_percentile(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


def test_percentiles_are_nearest_ranks() -> None:
    thousand = [number / 1000 for number in range(1, 1001)]
    assert milliseconds(thousand) == {"p50_ms": 500, "p90_ms": 900, "p99_ms": 990, "p99_9_ms": 999, "max_ms": 1000}
    assert milliseconds([]) == {}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://192.0.2.1:80"}, "loopback"),
        ({"url": "http://example.org"}, "loopback"),
        ({"connections": 513}, "512"),
        ({"seconds": 601.0}, "600"),
        ({"rate": 0.0}, "rate"),
        ({"requests": 0}, "times"),
    ],
)
def test_what_is_too_much_or_not_here_is_refused_in_a_sentence(wrong: dict[str, object], words: str) -> None:
    fine: dict[str, object] = {"url": "http://127.0.0.1:1", "connections": 1, "seconds": 1.0}
    Run(**fine)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=words):
        Run(**{**fine, **wrong})  # type: ignore[arg-type]


def test_an_answer_is_measured_by_its_stated_length() -> None:
    assert wire.measures(ANSWER) == (len(ANSWER), len(BODY))
    assert wire.measures(ANSWER[:30]) is None
    assert wire.measures(UNKNOWN) == (len(UNKNOWN), 2)
    assert wire.measures(b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")[1] == 0  # type: ignore[index]
    with pytest.raises(ValueError, match="Content-Length"):
        wire.measures(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_a_refusal_is_no_fast_answer() -> None:
    heard = Heard()
    for status in (b"200", b"404", b"503", b"400"):
        heard.take(status, 0.5, len(BODY), ANSWER)
    figures = heard.figures(1.0)
    assert figures["answers"] == 2
    assert figures["statuses"] == {"200": 1, "400": 1, "404": 1, "503": 1}


def test_no_demo_question_is_asked_twice() -> None:
    asked = [*islice(demo(1), 50_000), *islice(demo(2), 50_000)]
    assert len(set(asked)) == len(asked)


def test_fresh_questions_are_about_something_else_each_and_parts_have_nothing_in_common() -> None:
    drawn = [b"/v1/availability?gtin=%d&lat=%d.%d&lon=-75.1" % (n % 7, 40 + n % 5, n) for n in range(1_000)]
    parts = [list(fresh(iter(drawn), part)) for part in range(4)]
    about = [b"%b%b" % (one.split(b"&")[0], one.split(b"lat=")[1][:2]) for part in parts for one in part]
    assert len(about) == len(set(about)) == 35


async def test_a_closed_loop_asks_each_request_once_and_puts_answers_together_from_pieces() -> None:
    async with served(pieces=3) as url:
        heard = Heard()
        loop = Closed(Run(url, 4, 30.0), iter([wire.request(b"/x")] * 100), heard)
        took_s = await loop.run()
        loop.close()
    figures = heard.figures(took_s)
    assert (figures["statuses"], figures["results_per_answer"], figures["body_bytes"]) == ({"200": 100}, 2.0, len(BODY))
    assert loop.unanswered() == []


async def test_an_open_loop_counts_the_wait_of_requests_that_could_not_be_sent() -> None:
    async with served(stall_s=STALL_S) as url:
        heard = Heard()
        run = Run(url, 1, BURST / 1_000, rate=1_000.0)
        loop = Open(run, iter([wire.request(b"/x")] * BURST), heard)
        await loop.run()
        loop.close()
    assert len(heard.seconds) == BURST
    assert min(heard.seconds) > STALL_S - BURST / 1_000 - 0.01


def test_one_process_tells_what_it_did() -> None:
    noop = subprocess.Popen(
        [sys.executable, "-m", "loadtests.noop", "100"], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert noop.stdout is not None
    try:
        url = noop.stdout.readline().split()[1]
        words = [sys.executable, "-m", "loadtests.client", url, "--requests", "200", "--watch", str(noop.pid)]
        told = json.loads(subprocess.check_output(words, cwd=PROJECT, timeout=60))
    finally:
        noop.terminate()
        noop.wait(timeout=30)
    assert (told["answers"], told["body_bytes"], told["broken"], told["unanswered"]) == (200, 100, 0, 0)
    assert told["server_cpu_share"] >= 0


@asynccontextmanager
async def served(pieces: int = 1, stall_s: float = 0.0) -> AsyncIterator[str]:
    """A server of one answer, which may come in pieces, and whose first may take long."""
    stalls = [stall_s] if stall_s else []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                await reader.readuntil(wire.HEAD_END)
            except asyncio.IncompleteReadError:
                break
            if stalls:
                await asyncio.sleep(stalls.pop())
            step = -(-len(ANSWER) // pieces)
            for start in range(0, len(ANSWER), step):
                writer.write(ANSWER[start : start + step])
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
