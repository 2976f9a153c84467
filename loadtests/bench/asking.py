"""The client as a process of its own, on the cores that do not answer."""

import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadtests.bench import children

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

    @property
    def fresh(self) -> str:
        return "fresh" if self.world else "demo"

    def ask(self, url: str, mix: str, watched: Sequence[int], **how: object) -> Heard:
        """What the client tells of one run; `how`: its options."""
        line = [sys.executable, "-m", "loadtests.client", url, "--mix", mix, "--seed", str(next(self.seeds))]
        line += ["--world", str(self.world)] if self.world else []
        line += [word for name, value in how.items() for word in (f"--{name}", str(value))]
        line += ["--watch", *map(str, watched)]
        return dict(json.loads(children.printed(line, DEADLINE_S).splitlines()[-1]))
