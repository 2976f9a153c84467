"""From nothing running to the first answer, on a database that is there: its files not in memory, its Redis empty."""

import os
import time
import urllib.error
import urllib.request
from itertools import islice
from pathlib import Path
from typing import Any

from loadtests.bench.asking import Asker
from loadtests.bench.programs import House
from loadtests.client.questions import targets

FIRST_SEED, FIRST_QUESTIONS, ANSWER_WITHIN_S = 900, 20, 30
NOBODY_KNOWS_IT, LATER, LATER_S = 404, 503, 0.05


def forgotten(data: Path) -> None:
    """Asks the system to drop what it has read of the database's files."""
    for path in (data / "postgres").rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def first_answers(house: House, asker: Asker) -> dict[str, Any]:
    """Seconds from the start to the first answer; milliseconds of the first few, each out of Postgres."""
    questions = islice(targets(asker.natural, asker.world, FIRST_SEED), FIRST_QUESTIONS)
    took_ms = [_asked_ms(house.url + question.decode()) for question in questions]
    return {
        "cold_start_ready_s": round(house.seconds_to_ready, 2),
        "cold_start_answer_s": round(house.seconds_to_ready + took_ms[0] / 1e3, 2),
        "cold_first_answers_ms": [round(one, 1) for one in took_ms],
    }


def _asked_ms(url: str) -> float:
    """Milliseconds until there is an answer, told to come back later or not. Raises TimeoutError."""
    began_s = time.perf_counter()
    while not _is_answered(url):
        if time.perf_counter() > began_s + ANSWER_WITHIN_S:
            raise TimeoutError(f"No answer within {ANSWER_WITHIN_S} s: {url}")
        time.sleep(LATER_S)
    return 1e3 * (time.perf_counter() - began_s)


def _is_answered(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=ANSWER_WITHIN_S).read()
    except urllib.error.HTTPError as error:
        if error.code not in (NOBODY_KNOWS_IT, LATER):
            raise
        return error.code == NOBODY_KNOWS_IT
    return True
