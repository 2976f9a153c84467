"""The manual tells every address, problem and limit as they are."""

from pathlib import Path

import pytest

from inventory_service.domain.clock import system_clock
from inventory_service.runtime.http.problems import HTTP_PROBLEMS, STATUSES
from store_sync.declared import Declared
from store_sync.formats.lines import MAX_RECORD
from store_sync.receiver.app import create_app
from store_sync.receiver.bounds import Bounds
from store_sync.receiver.parts import assembled

MANUAL = (Path(__file__).parents[2] / "docs" / "RECEIVER.md").read_text()
BOUNDS = Bounds()
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
NEVER_GIVEN = {"moved", "settled", "overtaken", "other-request", "too-many"}
"""Nothing moves here, only questions about products do; the others are told to staff and shoppers."""


async def test_every_address_stands_in_the_manual(tmp_path: Path) -> None:
    async with assembled(NOWHERE, system_clock, Declared(()), tmp_path) as parts:
        routes = [route for route in create_app(parts).router.routes() if route.method != "HEAD"]
    addresses = [f"`{route.method} {route.resource.canonical}`" for route in routes if route.resource is not None]
    assert len(addresses) == 9
    assert [address for address in addresses if address not in MANUAL] == []


@pytest.mark.parametrize(
    ("slug", "status"),
    [
        *((kind.slug, status) for kind, status in STATUSES.items()),
        *((HTTP_PROBLEMS[one][0], one) for one in HTTP_PROBLEMS),
    ],
)
def test_every_problem_stands_in_the_manual_with_its_status(slug: str, status: int) -> None:
    assert slug in NEVER_GIVEN or f"| `/problems/{slug}` | {status} |" in MANUAL


@pytest.mark.parametrize(
    "sentence",
    [
        f"| a file as it is sent | {BOUNDS.uploads.max_bytes >> 30} GiB |",
        f"| files at once | {BOUNDS.uploads.at_once} |",
        f"| silence in a file | {BOUNDS.uploads.silent_s:g} s; after the first {BOUNDS.uploads.pace_after_s:g} s",
        f"at least {BOUNDS.uploads.min_bytes_per_s:,} bytes a second",
        f"{BOUNDS.uploads.free_bytes >> 20} MiB stay free",
        f"| a line of events | {MAX_RECORD:,} bytes |",
        f"| streams of events at once | {BOUNDS.events.streams_at_once} |",
        f"| silence in a stream of events | {BOUNDS.events.silent_s:g} s |",
        f"| silence in a body of events with a `Content-Length` | {BOUNDS.events.short_silent_s:g} s |",
        f"batches of up to {BOUNDS.events.lines_at_once}, or what came within {BOUNDS.events.gather_s * 1000:g} ms",
        f"the first {BOUNDS.events.told_rejections} lines",
        f"| a webhook | {BOUNDS.webhooks.max_bytes >> 20} MiB, within {BOUNDS.webhooks.body_within_s:g} s |",
        f"| webhooks that wait to be stored | {BOUNDS.webhooks.desk.waiting:,} |",
    ],
)
def test_every_limit_stands_in_the_manual(sentence: str) -> None:
    assert sentence in MANUAL
