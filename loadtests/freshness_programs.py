"""Our programs as `loadtests.freshness` starts, kills and asks them."""

import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass


@dataclass
class Server:
    """A program of ours that can be killed and started again; its port is another one each time."""

    words: list[str]
    environment: dict[str, str]
    url: str = ""
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self.words], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = next(line.split()[1] for line in self.process.stdout if line.startswith("ready "))

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.send(signal.SIGCONT)
            self.process.terminate()
        self.process.wait(timeout=60)


def command(environment: dict[str, str], module: str, *words: str) -> str:
    """What a command of ours prints."""
    line = [sys.executable, "-m", module, *words]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout.strip()
