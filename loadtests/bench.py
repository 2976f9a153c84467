"""`make bench`: the lookup beside a constant-body handler, in turn, on the demo world; then how stock comes in.

Starts its own programs in a folder of its own, asks over loopback only, and ends within a few minutes. Prints a table;
the last line is one JSON object.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loadtests import parsing, sync

ROUNDS, SECONDS, CONNECTIONS = 3, 5.0, 32
GTIN = "9520000000417"
WORLD = "demo: 2,640 stores, 223,730 positions"
QUESTION = f"/v1/availability?gtin={GTIN}&lat={{lat}}&lon={{lon}}&limit=10"
CONSTANT = "/constant?n={number}"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@contextmanager
def program(words: list[str], environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A program and the address that it says it is ready at; asked to stop at the end."""
    process = subprocess.Popen(
        [sys.executable, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield next(line.split()[1] for line in process.stdout if line.startswith("ready ")), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def measure(url: str, template: str, connections: int) -> dict[str, Any]:
    address = urlsplit(url)
    words = [sys.executable, "-m", "loadtests.client", str(address.hostname), str(address.port)]
    words += [str(connections), str(SECONDS), template]
    return dict(json.loads(subprocess.run(words, capture_output=True, text=True, check=True, timeout=120).stdout))


def cpu_s(pid: int) -> float:
    """User and system seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def answering_pid(launcher: int) -> int:
    """The process that answers, among the launcher's children."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return next(child for child, line in lines.items() if b"inventory_service" in line)


def lookups(environment: dict[str, str]) -> dict[str, Any]:
    with program(["-m", "inventory_service", "run"], environment) as (url, launcher):
        body_bytes = measure(url, QUESTION, 4)["body_bytes"]
        pid = answering_pid(launcher.pid)
        with program(["-m", "loadtests.noop", str(body_bytes)], environment) as (noop_url, _):
            rows = []
            for _ in range(ROUNDS):
                noop = measure(noop_url, CONSTANT, CONNECTIONS)
                before = cpu_s(pid)
                lookup = measure(url, QUESTION, CONNECTIONS)
                cpu_us = 1e6 * (cpu_s(pid) - before) / lookup["answers"]
                rows.append({"noop": noop, "lookup": lookup, "cpu_us": cpu_us})
                print(
                    f"noop {noop['rps']:>9} /s   lookup {lookup['rps']:>8} /s   ratio {lookup['rps'] / noop['rps']:.3f}"
                )
            alone = measure(url, QUESTION, 1)
    return {
        "lookup_rps": statistics.median(row["lookup"]["rps"] for row in rows),
        "noop_rps": statistics.median(row["noop"]["rps"] for row in rows),
        "ratio": round(statistics.median(row["lookup"]["rps"] / row["noop"]["rps"] for row in rows), 4),
        "cpu_us_per_lookup": round(statistics.median(row["cpu_us"] for row in rows), 1),
        "p50_ms": statistics.median(row["lookup"]["p50_ms"] for row in rows),
        "p99_ms": statistics.median(row["lookup"]["p99_ms"] for row in rows),
        "p50_ms_alone": alone["p50_ms"],
        "p99_ms_alone": alone["p99_ms"],
        "results_per_answer": rows[-1]["lookup"]["results_per_answer"],
        "body_bytes": body_bytes,
        "not_200": sum(row["lookup"]["other"] for row in rows),
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nearshelf-bench-") as name:
        folder = Path(name)
        (folder / "sync").mkdir()
        own = {"DATA_DIR": str(folder / "data"), "PORT": "0", "SYNC_PORT": "0", "LOG_LEVEL": "warning"}
        environment = {**os.environ, **own}
        figures = {**lookups(environment), **sync.measured(folder / "sync"), **parsing.measured()}
    print(json.dumps({"world": WORLD, **figures}))


if __name__ == "__main__":
    main()
