"""Every address there is, whoever added it: protected, shared with whom the key says, and never framed by others."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from inventory_service.settings import Settings
from inventory_service.web.app import create_app
from tests.web.conftest import Ask, Heard
from tests.web.twin import Twin

SHOP = "https://shop.example"
POLICIES = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy")
SAMPLES = {"gtin": "00300691085301", "id": "1", "slug": "invalid-input", "name": "index.html"}
"""For what stands in braces; any text for what is not here."""
PUBLISHABLE, SECRET, STAFF = "pk_shop_0123456789", "sk_counts_0123456789", "st_staff_0123456789"


def routes() -> set[tuple[str, str]]:
    """Method and path of everything that the program answers."""
    app = create_app(Twin(), Settings())
    return {
        (route.method, filled(route.resource.canonical)) for route in app.router.routes() if route.resource is not None
    }


def filled(canonical: str) -> str:
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: SAMPLES.get(found[1], "x"), canonical)


ROUTES = sorted(routes())
PATHS = sorted({path for _, path in ROUTES})


async def every_answer(ask: Ask) -> Iterator[tuple[str, Heard]]:
    heard = [(f"{method} {path}", await ask(path, method)) for method, path in ROUTES if "stream" not in path]
    heard += [(f"DELETE {path}", await ask(path, "DELETE")) for path in PATHS]
    return iter([*heard, ("GET /nothing", await ask("/nothing"))])


async def test_every_answer_carries_all_policies(ask: Ask) -> None:
    without = {}
    for name, heard in await every_answer(ask):
        if missing := [policy for policy in POLICIES if policy not in heard.headers]:
            without[name] = missing
    assert without == {}


async def test_nothing_may_run_or_load_what_is_not_ours(ask: Ask) -> None:
    for name, heard in await every_answer(ask):
        policy = heard.headers["Content-Security-Policy"]
        assert re.match(r"default-src '(self|none)'", policy), (name, policy)
        assert "unsafe" not in policy, (name, policy)
        assert "*" not in policy, (name, policy)
        assert heard.headers["X-Content-Type-Options"] == "nosniff", name


async def test_no_page_of_ours_can_be_framed(ask: Ask) -> None:
    pages = [(name, one) for name, one in await every_answer(ask) if "text/html" in one.headers.get("Content-Type", "")]
    assert {"GET /", "GET /staff", "GET /docs"} <= {name for name, _ in pages}
    for name, page in pages:
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], name
        assert page.headers["X-Frame-Options"] == "DENY", name


async def test_what_still_stands_carries_the_policies_that_it_came_with(ask: Ask) -> None:
    """A browser puts the headers of a 304 on what it holds."""
    held = [(name, one) for name, one in await every_answer(ask) if name.startswith("GET") and "ETag" in one.headers]
    assert len(held) > 10
    for name, first in held:
        again = await ask(name.removeprefix("GET "), If_None_Match=first.headers["ETag"])
        assert again.status == 304, name
        for policy in (*POLICIES, "X-Frame-Options"):
            assert again.headers.get(policy) == first.headers.get(policy), (name, policy)


async def test_nothing_sets_a_cookie_or_tells_of_what_it_is_made(ask: Ask) -> None:
    for name, heard in await every_answer(ask):
        assert "Set-Cookie" not in heard.headers, name
        assert heard.headers["Server"] == "nearshelf", name
        assert b"Traceback" not in heard.body, name


async def operations(ask: Ask) -> list[tuple[str, str]]:
    """All that the document lists under /v1, so that a new address is held to the same."""
    paths: dict[str, Any] = (await ask("/openapi.json")).json["paths"]
    return [(method.upper(), filled(path)) for path, of in paths.items() for method in of if path.startswith("/v1/")]


@pytest.mark.parametrize(
    ("key", "origin", "shared_with"),
    [
        (None, SHOP, "*"),
        (PUBLISHABLE, SHOP, SHOP),
        (PUBLISHABLE, "https://shop.example:8443", "https://shop.example:8443"),
        (SECRET, SHOP, None),
        (STAFF, SHOP, None),
    ],
)
async def test_scripts_may_read_exactly_what_the_key_is_for(
    ask: Ask, key: str | None, origin: str, shared_with: str | None
) -> None:
    """The wrong origin of a publishable key may read that it is wrong, and nothing else."""
    credentials = {} if key is None else {"Authorization": f"Bearer {key}"}
    for method, path in await operations(ask):
        if "stream" in path:
            continue
        heard = await ask(path, method, data=b"{}" if method != "GET" else None, Origin=origin, **credentials)
        assert heard.headers.get("Access-Control-Allow-Origin") == shared_with, (method, path)
        assert "Access-Control-Allow-Credentials" not in heard.headers
        assert shared_with == "*" or shared_with is None or "Origin" in heard.headers["Vary"], (method, path)
        if key == PUBLISHABLE and origin != SHOP:
            assert heard.status == 403, (method, path)


async def test_every_preflight_is_answered_for_the_methods_that_there_are(ask: Ask) -> None:
    for method, path in await operations(ask):
        heard = await ask(path, "OPTIONS", Origin=SHOP, Access_Control_Request_Method=method)
        assert heard.status == 204, path
        assert method in heard.headers["Access-Control-Allow-Methods"], path
        for name in ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"):
            assert name in heard.headers["Access-Control-Allow-Headers"], path


async def test_pages_and_files_are_shared_with_no_other_origin(ask: Ask) -> None:
    for path in ("/", "/staff", "/docs", "/accuracy", "/metrics", "/livez"):
        assert "Access-Control-Allow-Origin" not in (await ask(path, Origin=SHOP)).headers, path
