"""Pages, their guard, and what tells a machine how we are."""

import re
from html import unescape

import orjson
import pytest

from inventory_service.web.pages import HERE
from inventory_service.web.problem_texts import TEXTS
from inventory_service.web.problems import all_problems
from tests.web.conftest import QUESTION, Ask
from tests.web.twin import Twin


@pytest.mark.parametrize("target", ["/docs", "/docs/docs.css", "/docs/docs.js"])
async def test_the_documentation_is_served_by_us_alone(ask: Ask, target: str) -> None:
    heard = await ask(target)
    assert heard.status == 200
    assert not re.search(rb"https?://", heard.body)
    assert (await ask(target, If_None_Match=heard.headers["ETag"])).status == 304


async def test_pages_may_load_only_what_is_ours(ask: Ask) -> None:
    heard = await ask("/docs")
    policy = heard.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert heard.headers["Permissions-Policy"].startswith("geolocation=(self)")


async def test_the_staff_page_is_never_framed_and_alone_may_use_the_camera(ask: Ask) -> None:
    heard = await ask("/staff")
    assert (heard.status, heard.headers["X-Frame-Options"]) == (200, "DENY")
    assert "frame-ancestors 'none'" in heard.headers["Content-Security-Policy"]
    assert "camera=(self)" in heard.headers["Permissions-Policy"]
    assert "camera=()" in (await ask("/")).headers["Permissions-Policy"]
    assert (await ask("/staff", If_None_Match=heard.headers["ETag"])).status == 304


async def test_what_opens_the_staff_page_offline_may_fetch_it(ask: Ask) -> None:
    heard = await ask("/staff-worker.js")
    assert heard.headers["Content-Type"].startswith("text/javascript")
    assert "default-src 'self'" in heard.headers["Content-Security-Policy"]


async def test_the_staff_pages_files_are_all_there_and_name_nobody_else(ask: Ask) -> None:
    wanted = re.findall(rb'(?:href|src)="(/static/[^"#]+)', (await ask("/staff")).body)
    wanted += [f"/static/js/staff/{path.name}".encode() for path in (HERE / "static/js/staff").glob("*.js")]
    assert len(wanted) > 10
    for name in wanted:
        heard = await ask(name.decode())
        assert heard.status == 200
        assert not re.search(rb"https?://(?!www\.w3\.org/)\w", heard.body)


@pytest.mark.parametrize("target", ["/docs", QUESTION, "/v1/nothing", "/livez"])
async def test_every_response_forbids_guessing_its_type(ask: Ask, target: str) -> None:
    heard = await ask(target)
    assert heard.headers["X-Content-Type-Options"] == "nosniff"
    assert heard.headers["Server"] == "nearshelf"


@pytest.mark.parametrize(
    "target", ["/static/", "/static/../app.py", "/static/%2e%2e/app.py", "/docs/../app.py", "/static/none.css"]
)
async def test_nothing_but_the_pages_own_files_is_served(ask: Ask, target: str) -> None:
    assert (await ask(target)).status == 404


async def test_a_missing_icon_is_no_error(ask: Ask) -> None:
    assert (await ask("/favicon.ico")).status in {200, 204}


async def test_a_problems_type_leads_to_its_explanation(ask: Ask) -> None:
    kind = (await ask("/v1/availability")).json["type"]
    page = await ask(kind)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"The request has invalid values" in page.body
    assert (await ask("/problems/none-of-ours")).status == 404


@pytest.mark.parametrize("known", all_problems(), ids=lambda known: str(known["type"]))
async def test_each_problem_has_a_page_that_says_what_to_do(ask: Ask, known: dict[str, str | int]) -> None:
    assert str(known["type"]).removeprefix("/problems/") in TEXTS
    page = (await ask(str(known["type"]))).body.decode()
    for wanted in (known["title"], f"HTTP status {known['status']}", "What to do", f'"type": "{known["type"]}"'):
        assert str(wanted) in page


async def test_a_sample_of_wrong_values_names_the_field_as_a_true_one_does(ask: Ask) -> None:
    page = unescape((await ask("/problems/invalid-input")).body.decode())
    sample = orjson.loads(page[page.index("{") : page.rindex("}") + 1])
    true = (await ask("/v1/availability?gtin=00300691085301&lon=1&lat=91")).json
    assert sample == true


async def test_the_process_says_that_it_lives(ask: Ask) -> None:
    assert (await ask("/livez")).json == {"status": "alive"}


@pytest.mark.parametrize(
    ("down", "status"),
    [((), 200), (("redis",), 200), (("postgres",), 200), (("postgres", "redis"), 503), (("directory",), 503)],
)
async def test_it_is_ready_while_it_can_answer(ask: Ask, twin: Twin, down: tuple[str, ...], status: int) -> None:
    twin.states |= dict.fromkeys(down, "refused")
    heard = await ask("/readyz")
    assert heard.status == status
    if status == 200:
        assert heard.json == {"status": "ready", "parts": twin.states}


async def test_requests_and_answers_are_counted_by_route(ask: Ask) -> None:
    await ask(QUESTION)
    await ask("/v1/stores/1")
    await ask("/v1/nothing/at/all")
    text = (await ask("/metrics")).body.decode()
    assert 'nearshelf_answers_total{source="cache"} 1.0' in text
    assert 'nearshelf_request_seconds_count{method="GET",route="/v1/stores/{id}",status="200"} 1.0' in text
    assert 'route="none",status="404"' in text
    assert "00300691085301" not in text
