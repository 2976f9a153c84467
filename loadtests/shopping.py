"""What a shopper thinks of: words, products and places; of the demo world, or of a seeded one."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from loadtests.client.questions import targets
from loadtests.world.wording import GOODS, KINDS

DEMO_GTINS = ("9520000000417", "9520000001230", "9520000004514", "9520000007799", "9520000000820", "9520000010256")
DEMO_WORDS = ("milk", "eggs", "coffee", "bread", "rice", "tea", "honey", "pasta")
DEMO_PLACES = ("10001", "94103", "60601", "77002", "98101", "30303", "Chicago, IL", "Seattle, WA", "Boston, MA")


@dataclass(frozen=True, slots=True)
class Shopping:
    """Each call thinks of something, as likely as shoppers do. `place`: parameters that say where."""

    words: Callable[[], str]
    gtin: Callable[[], str]
    place: Callable[[], str]

    def question(self) -> str:
        return f"/v1/availability?gtin={self.gtin()}&{self.place()}"


def of_environment(variables: Mapping[str, str]) -> Shopping:
    """`LOCUST_WORLD` is the folder of a seeded world; unset: the demo world."""
    folder = variables.get("LOCUST_WORLD")
    return of_world(Path(folder), random.randrange(1 << 30)) if folder else of_demo()


def of_demo() -> Shopping:
    return Shopping(
        words=lambda: random.choice(DEMO_WORDS),
        gtin=lambda: random.choice(DEMO_GTINS),
        place=lambda: f"near={quote(random.choice(DEMO_PLACES))}",
    )


def of_world(folder: Path, seed: int) -> Shopping:
    """Products and places of the natural mix."""
    questions = targets("natural", folder, seed)

    def parts() -> tuple[str, str]:
        gtin, _, place = next(questions).decode().partition("?gtin=")[2].partition("&")
        return gtin, place

    return Shopping(
        words=lambda: quote(f"{random.choice(KINDS)} {random.choice(GOODS)}"),
        gtin=lambda: parts()[0],
        place=lambda: parts()[1],
    )
