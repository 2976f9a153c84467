"""Our programs over a world's folder: started, waited for, and asked to stop."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STOPS_WITHIN_S = 120
ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "SOURCES", "CLOCK")
READY = "ready "
BUFFER = 65_536
BLOCK_BYTES = 512


def environment(data: Path) -> dict[str, str]:
    """Of every program and command: no demo, free ports, and the servers of the world's own folder."""
    own = {"DATA_DIR": str(data), "DEMO": "0", "HOST": "127.0.0.1", "PORT": "0", "SYNC_PORT": "0"}
    own["ANONYMOUS_PER_MINUTE"] = "0"
    given = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return {"LOG_LEVEL": "warning", **given, **own}


@contextmanager
def serving(module: str, variables: dict[str, str]) -> Iterator[str]:
    """`python -m MODULE serve` and the address that it is ready at. Raises SystemExit where it ends before that."""
    line = [sys.executable, "-m", module, "serve"]
    process = subprocess.Popen(line, env=variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        ready = next((line for line in process.stdout if line.startswith(READY)), None)
        if ready is None:
            raise SystemExit(f"{module} serve ended before it was ready.")
        yield ready.split()[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STOPS_WITHIN_S)


def redis_bytes(data: Path) -> int:
    """`used_memory` of the embedded Redis."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(data / "run" / "redis.sock"))
        connection.sendall(b"INFO memory\r\n")
        told = connection.recv(BUFFER).decode()
    return int(told.partition("used_memory:")[2].split()[0])


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take on the disk."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).lstat().st_blocks * BLOCK_BYTES
            except FileNotFoundError:
                continue
    return total
