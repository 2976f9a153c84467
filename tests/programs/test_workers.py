"""Several workers on one port: one that dies is replaced, and all can be renewed without a failed request."""

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.programs.running import Running, environment, running

WITHIN_S = 90.0


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = environment(tmp_path_factory.mktemp("workers"), DEMO="0", WORKERS="2")
    with running(settings) as both:
        yield both


def workers(of: Running) -> set[int]:
    children = Path(f"/proc/{of.process.pid}/task/{of.process.pid}/children").read_text().split()
    return {int(child) for child in children if b"inventory_service" in command_line(child)}


def command_line(child: str) -> bytes:
    """What a process was started with; nothing where it has ended since it was listed."""
    try:
        return Path(f"/proc/{child}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


class Shopper(threading.Thread):
    """Asks again and again over one connection as long as it is kept, and over a new one where it was closed."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._address = urlsplit(url).netloc
        self._enough = threading.Event()
        self.answers, self.failures = 0, []  # type: tuple[int, list[str]]

    def run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=10)
        while not self._enough.is_set():
            try:
                connection.request("GET", "/livez")
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
            else:
                self.answers += answer.status == 200
                if answer.status != 200:
                    self.failures.append(str(answer.status))
            self._enough.wait(0.005)
        connection.close()

    def stop(self) -> None:
        self._enough.set()
        self.join()


def test_a_worker_that_dies_is_replaced_and_the_other_goes_on(two: Running) -> None:
    before = workers(two)
    assert len(before) == 2
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(workers(two)) == 2 and killed not in workers(two))
    assert two.process.poll() is None
    until(lambda: all(two.get("/livez")[0] == 200 for _ in range(10)))


def test_all_workers_are_renewed_without_a_failed_request(two: Running) -> None:
    before = workers(two)
    shoppers = [Shopper(two.url) for _ in range(4)]
    for one in shoppers:
        one.start()
    two.process.send_signal(signal.SIGHUP)
    until(lambda: len(workers(two)) == 2 and not workers(two) & before)
    for one in shoppers:
        one.stop()
    assert [one.failures for one in shoppers] == [[], [], [], []]
    assert all(one.answers > 100 for one in shoppers)
