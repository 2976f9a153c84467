"""What is kept of a world in its data folder, for those who ask about it afterwards."""

from dataclasses import dataclass
from pathlib import Path

from loadtests.world.assortment import Assortment
from loadtests.world.geography import Geography, opened_geography
from loadtests.world.state import opened_state


@dataclass(frozen=True)
class Stored:
    """A world that was made: its parameters are `assortment.world`; `rows`: positions that were loaded."""

    assortment: Assortment
    geography: Geography
    rows: int


def state_path(data: Path) -> Path:
    return data / "world" / "state.json"


def geography_path(data: Path) -> Path:
    return data / "world" / "geography.npz"


def opened(data: Path) -> Stored:
    """The world in a data folder. Raises FileNotFoundError where none was made."""
    state = opened_state(state_path(data))
    return Stored(Assortment(state.world), opened_geography(geography_path(data)), state.rows)
