"""A shared cache that honours `Vary` and `Cache-Control` never gives anyone what another one alone may see."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from tests.web.conftest import QUESTION, Ask, Heard

SHOP, OTHER = "https://shop.example", "https://other.example"
LATER = "pk_shop_0123456789"
ASKERS: dict[str, tuple[str, dict[str, str]]] = {
    "nobody": (QUESTION, {}),
    "nobody's page": (QUESTION, {"Origin": OTHER}),
    "shop, key in address": (f"{QUESTION}&key={LATER}", {"Origin": SHOP}),
    "another with that key": (f"{QUESTION}&key={LATER}", {"Origin": OTHER}),
    "no page with that key": (f"{QUESTION}&key={LATER}", {}),
    "shop, key in header": (QUESTION, {"Origin": SHOP, "Authorization": f"Bearer {LATER}"}),
    "counts": (QUESTION, {"Authorization": "Bearer sk_counts_0123456789"}),
    "counts, held": (QUESTION, {"Authorization": "Bearer sk_counts_0123456789", "If-None-Match": "*"}),
    "reader": (QUESTION, {"Authorization": "Bearer sk_reader_0123456789"}),
    "one retailer": (QUESTION, {"Authorization": "Bearer sk_indie_0123456789"}),
    "bad key": (QUESTION, {"Authorization": "Bearer sk_nobody"}),
    "linked data": (QUESTION, {"Accept": "application/ld+json"}),
    "compressed": (QUESTION, {"Accept-Encoding": "gzip"}),
}


class SharedCache:
    """RFC 9111 in short: what is public is kept by address and by the headers that it varies by."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._kept: list[tuple[str, dict[str, str | None], Heard]] = []
        self.hits = 0

    async def get(self, target: str, headers: dict[str, str]) -> Heard:
        for kept_target, varied, heard in self._kept:
            if kept_target == target and all(_sent(headers, name) == value for name, value in varied.items()):
                self.hits += 1
                return heard
        heard = await self._ask(target, **{name.replace("-", "_"): value for name, value in headers.items()})
        directives = {one.strip().partition("=")[0] for one in heard.headers["Cache-Control"].split(",")}
        if heard.status == 200 and "public" in directives:
            names = [name.strip().lower() for name in heard.headers.get("Vary", "").split(",") if name.strip()]
            self._kept.append((target, {name: _sent(headers, name) for name in names}, heard))
        return heard


def _sent(headers: dict[str, str], name: str) -> str | None:
    return {key.lower(): value for key, value in headers.items()}.get(name)


def seen(heard: Heard) -> tuple[Any, ...]:
    """All that the asker can see but the clock."""
    readable = heard.headers.get("Access-Control-Allow-Origin")
    return heard.status, heard.headers["Content-Type"] if heard.body else "", heard.body, readable


def orders() -> Iterator[tuple[str, ...]]:
    yield from permutations(ASKERS, 2)
    yield tuple(ASKERS)
    yield tuple(reversed(ASKERS))


async def test_whoever_asked_before_each_asker_sees_what_is_his(ask: Ask) -> None:
    own = {}
    for name, (target, headers) in ASKERS.items():
        own[name] = seen(await ask(target, **{key.replace("-", "_"): value for key, value in headers.items()}))
    hits = 0
    for order in orders():
        cache = SharedCache(ask)
        for name in (*order, *order):
            assert seen(await cache.get(*ASKERS[name])) == own[name], order
        hits += cache.hits
    assert hits > len(ASKERS)


@pytest.mark.parametrize(("asker", "reach"), [("counts", "private"), ("one retailer", "private"), ("nobody", "public")])
async def test_what_a_key_alone_sees_is_private(ask: Ask, asker: str, reach: str) -> None:
    target, headers = ASKERS[asker]
    heard = await ask(target, **headers)
    assert heard.headers["Cache-Control"].startswith(reach)


@pytest.mark.parametrize("asker", ["nobody", "counts", "shop, key in address"])
async def test_a_304_and_a_head_carry_the_headers_of_the_answer(ask: Ask, asker: str) -> None:
    target, headers = ASKERS[asker]
    full = await ask(target, **headers)
    held = await ask(target, **headers, If_None_Match=full.headers["ETag"])
    head = await ask(target, "HEAD", **headers)
    names = ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin", "X-Content-Type-Options")
    assert (full.status, held.status, head.status, head.body) == (200, 304, 200, b"")
    for name in names:
        assert held.headers.get(name) == full.headers.get(name) == head.headers.get(name), name
    assert head.headers["Content-Length"] == full.headers["Content-Length"]
    assert head.headers["Content-Type"] == full.headers["Content-Type"]
