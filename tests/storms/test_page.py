"""What the pages tell of misses is what the code does."""

import re
from itertools import accumulate
from pathlib import Path

import pytest

from inventory_service.lookup.admission import Bounds
from inventory_service.lookup.fills import LOOKS_AFTER_S
from inventory_service.lookup.flights import JOINABLE_S
from inventory_service.lookup.readthrough import PATIENCE_S
from inventory_service.lookup.rest import REST_S
from inventory_service.lookup.seen import MOST, STALE_S
from inventory_service.storage.cache import keys

DOCS = Path(__file__).parents[2] / "docs"
BOUNDS = Bounds()
*EARLIER, LAST = (round(after_s * 1000) for after_s in accumulate(LOOKS_AFTER_S))


@pytest.mark.parametrize(
    "sentence",
    [
        f"look again after {', '.join(map(str, EARLIER))} and {LAST} ms",
        f"A lease ends after {keys.LEASE_MS // 1000} s.",
        f"A worker reads {BOUNDS.at_once} things at once, {BOUNDS.waiting} more wait in order",
        f"within {PATIENCE_S} s, or there is no room",
        f"if that was within {STALE_S:.0f} s",
        f"the newest {MOST:,} values",
    ],
)
def test_what_the_page_on_the_cache_tells_is_true(sentence: str) -> None:
    assert sentence in re.sub(r"\s+", " ", (DOCS / "CACHE.md").read_text())


def test_what_is_said_in_words_is_true() -> None:
    assert (keys.UNKNOWN_MS, JOINABLE_S, BOUNDS.wait_s, REST_S) == (60_000, 0.5, 0.5, 1.0)


def test_the_runbook_names_the_same_bounds() -> None:
    runbook = re.sub(r"\s+", " ", (DOCS / "RUNBOOKS.md").read_text())
    assert (
        f"at most {BOUNDS.at_once} things at once from Postgres for lookups and lets {BOUNDS.waiting} wait" in runbook
    )
