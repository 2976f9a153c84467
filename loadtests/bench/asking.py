"""The client as a process of its own, on the cores that do not answer."""

import itertools
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEADLINE_S = 900.0
Heard = dict[str, Any]


@dataclass(slots=True)
class Asker:
    """Asks about one world, and never the same question twice: each run has another seed."""

    world: Path | None
    seeds: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def dense(self) -> str:
        return "dense" if self.world else "demo"

    @property
    def natural(self) -> str:
        return "natural" if self.world else "demo"

    def ask(self, url: str, mix: str, watched: Sequence[int], **how: object) -> Heard:
        """What the client tells of one run; `how`: its options."""
        line = [sys.executable, "-m", "loadtests.client", url, "--mix", mix, "--seed", str(next(self.seeds))]
        line += ["--world", str(self.world)] if self.world else []
        line += [word for name, value in how.items() for word in (f"--{name}", str(value))]
        line += ["--watch", *map(str, watched)]
        done = subprocess.run(line, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        if done.returncode:
            raise SystemExit(f"The client: {done.stderr.strip()}")
        return dict(json.loads(done.stdout.splitlines()[-1]))
