"""How far the loading of a world is: a small file beside it, replaced whole after each step."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.world.model import World
from loadtests.world.progress import Reached

WHOLE = " done"
"""Ends the name of the step after a retailer's last."""


@dataclass
class State:
    """`done`: the steps that are over, by name. `rows`: of stock, in those. Safe to use from several threads."""

    path: Path
    world: World
    began_at: datetime
    rows: int = 0
    done: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def reached(self) -> Reached:
        return Reached(self.rows, sum(step.endswith(WHOLE) for step in tuple(self.done)))

    def finish(self, step: str, rows: int) -> None:
        with self._lock:
            self.done.add(step)
            self.rows += rows
            self.save()

    def save(self) -> None:
        kept = {
            "world": self.world.as_json(),
            "began_at": self.began_at.isoformat(),
            "rows": self.rows,
            "done": sorted(self.done),
        }
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, indent=1))
        fresh.replace(self.path)


def opened_state(path: Path) -> State:
    """What `save` wrote. Raises FileNotFoundError."""
    kept = json.loads(path.read_text())
    return State(path, _world(kept["world"]), datetime.fromisoformat(kept["began_at"]), kept["rows"], set(kept["done"]))


def begun(path: Path, world: World) -> State:
    """The state of this world; a new one where there is none. Raises SystemExit where the folder has another world."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        state = State(path, world, datetime.now(UTC).replace(microsecond=0))
        state.save()
        return state
    state = opened_state(path)
    if state.world != world:
        raise SystemExit(f"{path.parent} holds another world: {state.world.describe()}. Name another folder.")
    return state


def _world(kept: dict[str, Any]) -> World:
    return World(**{name: value for name, value in kept.items() if name != "products"})
