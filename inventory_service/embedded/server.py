"""One server process: started with a deadline, started again when it dies, stopped ever more firmly."""

import logging
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, Signals

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.child import before_program, server_environment
from inventory_service.embedded.logs import bound_log, end_of_log, open_log

_log = logging.getLogger("nearshelf.supervisor")

_POLL_S = 0.01
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
_HEALTHY_S = 60.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to treat it.

    `become` runs in the child just before the program; `stops` lists signals and the seconds each is given;
    `orphan_signal` ends it when the supervisor dies.
    """

    name: str
    command: Sequence[str]
    folder: Path
    log: Path
    become: Callable[[], None]
    is_ready: Callable[[int], bool]
    stops: Sequence[tuple[Signals, float]]
    orphan_signal: Signals


@dataclass(slots=True)
class Server:
    """`lock` is an open descriptor that every process of the server inherits: while one lives, the lock is held."""

    program: Program
    lock: int
    _process: subprocess.Popen[bytes] | None = None
    _launched_at: float = 0.0
    _failures: int = 0
    _retry_at: float | None = field(default=None)

    def start(self, deadline_s: float) -> None:
        """Returns when it answers. Raises ConfigurationError with the end of its log where it does not in time."""
        log_began = self.program.log.stat().st_size if self.program.log.exists() else 0
        process = self._launch()
        give_up_at = time.monotonic() + deadline_s
        while not self.program.is_ready(process.pid):
            if process.poll() is not None:
                self._fail_start(f"ended at once with status {process.returncode}", log_began)
            if time.monotonic() > give_up_at:
                self._fail_start(f"was not ready within {deadline_s:g} s", log_began)
            time.sleep(_POLL_S)

    def tend(self) -> float:
        """Starts a dead server again, after a pause that doubles. Gives the seconds until the next look."""
        bound_log(self.program.log)
        if self._process is None or self._process.poll() is None:
            return _LONGEST_PAUSE_S
        now = time.monotonic()
        if self._retry_at is None:
            self._retry_at = now + self._pause_s(now)
            _log.warning("%s ended with status %s", self.program.name, self._process.returncode)
        if now >= self._retry_at:
            self._launch_again(now)
        return _LONGEST_PAUSE_S if self._retry_at is None else max(self._retry_at - now, 0.0)

    def ask_to_stop(self) -> None:
        """Sends the first signal and does not wait."""
        if self._process is not None:
            self._process.send_signal(self.program.stops[0][0])

    def stop(self) -> None:
        """Returns when it is gone."""
        if self._process is None:
            return
        for signal, patience_s in (*self.program.stops, (SIGKILL, None)):
            self._process.send_signal(signal)
            try:
                self._process.wait(patience_s)
                break
            except subprocess.TimeoutExpired:
                _log.warning("%s is still there %s s after %s", self.program.name, patience_s, signal.name)
        self._process = None

    def _launch(self) -> subprocess.Popen[bytes]:
        program = self.program
        log = open_log(program.log)
        try:
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=server_environment(),
                preexec_fn=before_program(program.become, program.folder, program.orphan_signal),
                pass_fds=(self.lock,),
            )
        finally:
            os.close(log)
        self._process, self._launched_at, self._retry_at = process, time.monotonic(), None
        _log.info("%s runs as process %d", program.name, process.pid)
        return process

    def _launch_again(self, now: float) -> None:
        try:
            self._launch()
        except OSError as error:
            _log.error("%s cannot be started: %s", self.program.name, error)
            self._retry_at = now + self._pause_s(now)

    def _pause_s(self, now: float) -> float:
        self._failures = 0 if now - self._launched_at > _HEALTHY_S else self._failures + 1
        return min(_FIRST_PAUSE_S * 2.0**self._failures, _LONGEST_PAUSE_S)

    def _fail_start(self, what: str, log_began: int) -> None:
        self.stop()
        quoted = end_of_log(self.program.log, log_began)
        raise ConfigurationError(f"{self.program.name} {what}. The end of {self.program.log}:\n{quoted}")
