"""When a widget asks, of what, and what it makes of the reply."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.widget import world as shelves
from tests.widget.hosts import Host, widget
from tests.widget.sights import ASKED, LINK, SMALL
from tests.widget.test_sights import findings
from tests.widget.watching import Visit, Visiting
from tests.widget.world import World, busy, down

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PLAIN = Host(widget(shelves.GTIN, shelves.KEY))
SEATTLE = {"latitude": 47.612345, "longitude": -122.334567}
ROOM = "display:block;min-block-size:12.5rem"
ROOMY = {"a style of its own": ({"style": ROOM}, ""), "the page's style": ({}, f"nearshelf-availability {{ {ROOM} }}")}
POSITIONS = """
  window.positions = 0;
  const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
  navigator.geolocation.getCurrentPosition = (...rest) => { window.positions += 1; real(...rest); };
"""
LIKELY = "Very likely 0.5 mi away"


def questions(visit: Visit) -> list[str]:
    return [each for each in visit.asked if each.startswith("/v1/")]


async def drawn(page: Page) -> None:
    """Two frames: what was to be laid out has been."""
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def test_before_anybody_touches_it_it_loads_its_script_and_asks_nothing(visit: Visiting) -> None:
    made = await visit(Host(PLAIN.body, script=POSITIONS), permissions=["geolocation"], geolocation=SEATTLE)
    await made.widget.get_by_role("button", name="Check").wait_for()
    await made.page.wait_for_load_state("networkidle")
    assert made.asked == ["/widget/v1.js"]
    assert await made.page.evaluate("positions") == 0
    await expect(made.news).to_have_text("")


async def test_a_typed_place_is_asked_with_enter_as_a_simple_request(visit: Visiting) -> None:
    made = await visit(PLAIN)
    await made.page.get_by_placeholder("Town or postcode").fill("98101")
    await made.page.keyboard.press("Enter")
    await expect(made.news).to_have_text(LIKELY)
    assert questions(made) == [
        f"/v1/availability?gtin={shelves.GTIN}&near=98101&radius_m=48280&limit=3&key={shelves.KEY}"
    ]
    (answer,) = await made.heard()
    assert (answer["type"], answer["tag"]) == ("nearshelf:answer", "nearshelf-availability")
    assert answer["detail"]["results"][0]["store"]["name"] == "CVS Pharmacy, Peachtree Center"


async def test_an_empty_place_asks_nothing(visit: Visiting) -> None:
    made = await visit(PLAIN)
    await made.widget.get_by_role("button", name="Check").click()
    assert await made.page.evaluate(
        "document.querySelector('nearshelf-availability').shadowRoot.activeElement.localName"
    )
    assert questions(made) == []


async def test_a_tap_asks_for_the_location_and_sends_it_to_a_hundred_metres(visit: Visiting) -> None:
    made = await visit(Host(PLAIN.body, script=POSITIONS), permissions=["geolocation"], geolocation=SEATTLE)
    await made.widget.get_by_role("button", name="Use my location").click()
    await expect(made.news).to_have_text(LIKELY)
    assert await made.page.evaluate("positions") == 1
    assert "lat=47.612&lon=-122.335&" in questions(made)[0]


async def test_a_refused_location_leads_to_the_field(visit: Visiting) -> None:
    made = await visit(PLAIN)
    await made.widget.get_by_role("button", name="Use my location").click()
    await expect(made.news).to_have_text("Your location could not be found. Type a town or postcode.")
    await made.ask("98101")
    await expect(made.news).to_have_text(LIKELY)


async def test_a_widget_that_knows_its_place_asks_once_it_is_seen(visit: Visiting) -> None:
    css = "main > p:first-of-type { block-size: 3000px; }"
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY, lat="47.61", lon="-122.33"), css=css))
    await made.widget.locator("form").wait_for(state="attached")
    await made.page.wait_for_load_state("networkidle")
    assert questions(made) == []
    await made.widget.scroll_into_view_if_needed()
    await expect(made.news).to_have_text(LIKELY)
    assert len(questions(made)) == 1


async def test_its_attributes_make_the_question(visit: Visiting) -> None:
    attributes: dict[str, Any] = {
        "near": "98101",
        "radius_m": 5000,
        "limit": 2,
        "retailer": "cvs, indie",
        "units": "km",
    }
    made = await visit(Host(widget(shelves.GTIN, None, heading_level=4, **attributes)))
    await expect(made.news).to_have_text("Very likely 810 m away")
    await expect(made.widget.get_by_role("heading", level=4)).to_be_visible()
    (asked,) = questions(made)
    assert asked.endswith("&near=98101&radius_m=5000&limit=2&retailer=cvs&retailer=indie")


async def test_another_product_is_asked_for_at_the_place_that_was_typed(visit: Visiting) -> None:
    made = await visit(PLAIN)
    await made.ask("98101")
    await expect(made.news).to_have_text(LIKELY)
    change = "(host, gtin) => { host.setAttribute('gtin', gtin); host.setAttribute('limit', 1); }"
    await made.widget.evaluate(change, shelves.FAR)
    await expect(made.news).to_have_text("Not within 30 mi, but 78 mi away")
    await expect(made.widget.get_by_role("listitem")).to_have_count(2)
    assert [each.partition("&")[0][-14:] for each in questions(made)] == [shelves.GTIN, shelves.FAR]


async def test_it_can_be_there_before_its_script_and_be_moved_and_loaded_twice(visit: Visiting) -> None:
    twice = '<script async src="{origin}/widget/v1.js"></script>' * 2
    made = await visit(Host(ASKED + twice, script_tag=""))
    await expect(made.news).to_have_text(LIKELY)
    await made.widget.evaluate("host => document.querySelector('main').prepend(host)")
    await expect(made.news).to_have_text(LIKELY)
    await made.widget.evaluate("host => host.remove()")
    await made.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await drawn(made.page)
    assert len(questions(made)) == 2


async def test_two_widgets_on_a_page_do_not_meddle_with_each_other(visit: Visiting) -> None:
    made = await visit(Host(PLAIN.body + widget(shelves.FAR, shelves.KEY)))
    await made.widget.nth(1).get_by_role("textbox").fill("98101")
    await made.widget.nth(1).get_by_role("button", name="Check").click()
    await expect(made.news.nth(1)).to_have_text("Not within 30 mi, but 78 mi away")
    await expect(made.news.nth(0)).to_have_text("")
    await made.widget.nth(0).get_by_role("textbox").fill("98101")
    await made.page.keyboard.press("Enter")
    await expect(made.news.nth(0)).to_have_text(LIKELY)


@pytest.mark.parametrize("keeper", ROOMY)
async def test_nothing_on_the_page_moves_from_its_first_paint_to_its_answer(
    visit: Visiting, world: World, keeper: str
) -> None:
    """The script comes late, and the page keeps the room free that docs/WIDGET.md names."""
    attributes, css = ROOMY[keeper]
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY, **attributes), css=css, script_tag=""))
    await drawn(made.page)
    await made.page.add_script_tag(url=f"{made.service}/widget/v1.js")
    await made.widget.get_by_role("button", name="Check").wait_for()
    await drawn(made.page)
    world.troubles = [down(), down()]
    await made.ask("98101")
    await expect(made.news).to_have_text("No answer just now. We will ask again soon.")
    await made.ask("98101")
    await expect(made.news).to_have_text(LIKELY)
    await drawn(made.page)
    assert await made.page.evaluate("shifted") == 0


@pytest.mark.parametrize("language", ["en", "es", "de", "fr"])
async def test_the_room_that_the_docs_name_is_enough_on_the_smallest_screen(visit: Visiting, language: str) -> None:
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY, lang=language)), viewport=SMALL)
    height = "host => host.shadowRoot.querySelector('.room').offsetHeight / 16"
    await made.widget.locator("form").wait_for()
    assert await made.widget.evaluate(height) <= 12.5
    await made.widget.evaluate("host => host.setAttribute('near', '98101')")
    await expect(made.widget.get_by_role("listitem")).to_have_count(3)
    assert await made.widget.evaluate(height) == 39


async def test_an_answer_is_renewed_each_minute_while_it_is_seen_and_keeps_focus(visit: Visiting, world: World) -> None:
    made = await visit(Host("", script_tag=""))
    await made.page.clock.install()
    await made.page.evaluate("html => (document.querySelector('main').innerHTML = html)", ASKED)
    await made.page.add_script_tag(url=f"{made.service}/widget/v1.js")
    await expect(made.news).to_have_text(LIKELY)
    link = made.widget.get_by_role("link", name="Directions CVS Pharmacy, Peachtree Center")
    await link.focus()
    await made.page.clock.run_for(30_000)
    assert len(questions(made)) == 1
    world.troubles = [busy(600)]
    async with made.page.expect_response("**/v1/availability?*"):
        await made.page.clock.run_for(31_000)
    await expect(made.widget.get_by_text("10 minutes ago").first).to_be_visible()
    await expect(link).to_be_focused()
    await made.page.clock.run_for(550_000)
    assert len(questions(made)) == 2
    async with made.page.expect_response("**/v1/availability?*"):
        await made.page.clock.run_for(51_000)
    await expect(made.widget.get_by_text("9 minutes ago").first).to_be_visible()
    assert [each["type"] for each in await made.heard()] == ["nearshelf:answer", "nearshelf:error", "nearshelf:answer"]


async def test_a_busy_service_is_asked_once_more_when_it_says_so(visit: Visiting, world: World) -> None:
    made = await visit(PLAIN)
    world.troubles = [busy(1)]
    await made.ask("98101")
    await expect(made.news).to_have_text(LIKELY)
    assert len(questions(made)) == 2
    assert [each["type"] for each in await made.heard()] == ["nearshelf:answer"]


async def test_a_limit_that_lasts_is_said_kindly_and_left_alone(visit: Visiting, world: World, pictures: Path) -> None:
    made = await visit(PLAIN)
    world.troubles = [busy(3_600)]
    await made.ask("98101")
    await expect(made.news).to_have_text("No answer just now. We will ask again soon.")
    await made.page.screenshot(path=pictures / "limit.png")
    (error,) = await made.heard()
    assert (error["detail"]["status"], error["detail"]["retry_after_s"]) == (429, 3_600)
    assert error["detail"]["type"].startswith("/problems/")
    assert len(questions(made)) == 1


async def test_offline_it_says_so_and_asks_again_when_the_connection_is_back(visit: Visiting, pictures: Path) -> None:
    made = await visit(PLAIN)
    await made.widget.get_by_role("button", name="Check").wait_for()
    await made.context.set_offline(True)
    await made.ask("98101")
    await expect(made.news).to_have_text("You are offline. We will ask again soon.")
    await made.page.screenshot(path=pictures / "offline.png")
    await made.context.set_offline(False)
    await expect(made.news).to_have_text(LIKELY)


async def test_an_unknown_product_and_an_unknown_place_are_said_in_words(visit: Visiting) -> None:
    made = await visit(Host(widget(shelves.UNHEARD, shelves.KEY)))
    await made.ask("98101")
    await expect(made.news).to_have_text("We do not know this product yet.")
    await made.widget.evaluate("(host, gtin) => host.setAttribute('gtin', gtin)", shelves.GTIN)
    await made.ask("nowhere")
    await expect(made.news).to_have_text("We do not know this place. Try a postcode.")
    await made.ask("98101")
    await expect(made.news).to_have_text(LIKELY)


@pytest.mark.parametrize(
    ("gtin", "words"),
    [
        (shelves.NOBODY, "No store within 30 mi is known to have it"),
        (shelves.SILENT, "Nobody has told us lately"),
        (shelves.FAR, "Not within 30 mi, but 78 mi away"),
    ],
)
async def test_what_is_not_near_or_not_known_is_said_as_it_is(visit: Visiting, gtin: str, words: str) -> None:
    made = await visit(Host(widget(gtin, shelves.KEY, near="98101")))
    await expect(made.news).to_have_text(words)
    assert await made.widget.locator("b").count() == 0


@pytest.mark.parametrize(
    ("key", "gtin", "said"),
    [
        (shelves.OTHERS_KEY, shelves.GTIN, "The key has to name exactly this origin: {origin}"),
        (shelves.REVOKED_KEY, shelves.GTIN, "Its key must be a publishable one (pk_) in force."),
        ("sk_secret_0123456789", shelves.GTIN, "only a publishable key (pk_) may stand in an address"),
        (shelves.KEY, "00300691085302", "gtin: "),
    ],
    ids=["wrong origin", "revoked", "secret", "wrong GTIN"],
)
async def test_what_the_pages_developer_has_to_mend_is_said_on_the_console_and_nowhere_else(
    visit: Visiting, world: World, pictures: Path, key: str, gtin: str, said: str
) -> None:
    made = await visit(Host(widget(gtin, key, LINK, near="98101") + widget(gtin, key, near="98101")))
    await expect(made.page.get_by_role("link", name="In stock near you?")).to_be_visible()
    await expect(made.widget.get_by_role("textbox")).to_have_count(0)
    await expect(made.widget.nth(1)).to_be_hidden()
    await made.page.screenshot(path=pictures / f"withdrawn-{key}-{gtin}.png")
    assert await findings(made.page) == []
    told, made.complaints = made.complaints, []
    assert len(told) == 2
    for line in told:
        assert line.startswith("nearshelf-availability: ")
        assert said.format(origin=world.origin) in line
    assert [each["type"] for each in await made.heard()] == ["nearshelf:error"] * 2


async def test_a_key_that_is_put_right_brings_the_widget_back(visit: Visiting) -> None:
    made = await visit(Host(widget(shelves.GTIN, shelves.REVOKED_KEY, near="98101")))
    await expect(made.widget).to_be_hidden()
    made.complaints.clear()
    await made.widget.evaluate("(host, key) => host.setAttribute('key', key)", shelves.KEY)
    await expect(made.news).to_have_text(LIKELY)


@pytest.mark.parametrize(
    ("root", "attribute", "locale", "title", "likely"),
    [
        ('lang="de"', None, "en-US", "Gibt es das in deiner Nähe?", "Sehr wahrscheinlich 810 m entfernt"),
        ('lang="de"', "fr-CA", "en-US", "En rayon près de chez vous\u00a0?", "Très probable à 810 m"),
        ('lang="ja"', None, "es-MX", "¿Está en una tienda cerca de ti?", "Muy probable a 810 m"),
        ('lang="ja"', "not a language", "pt-BR", "Is it on a shelf near you?", LIKELY),
        ('lang="en"', None, "en-GB", "Is it on a shelf near you?", LIKELY),
        ('lang="en"', None, "en-IN", "Is it on a shelf near you?", "Very likely 810 m away"),
        ("", None, "de-AT", "Gibt es das in deiner Nähe?", "Sehr wahrscheinlich 810 m entfernt"),
    ],
)
async def test_it_speaks_the_language_of_the_element_the_page_or_the_person(
    visit: Visiting, root: str, attribute: str | None, locale: str, title: str, likely: str
) -> None:
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY, near="98101", lang=attribute), root=root), locale=locale)
    await expect(made.widget.get_by_role("heading")).to_have_text(title)
    await expect(made.news).to_have_text(likely)


async def test_what_a_key_is_not_told_is_left_out_and_a_new_word_is_unknown(visit: Visiting) -> None:
    made = await visit(PLAIN)

    async def shorten(route: Route) -> None:
        answer = await (await route.fetch()).json()
        for result in answer["results"]:
            for name in ("probability", "price", "sale_price", "as_of", "covered_at", "evidence", "quantity_band"):
                del result[name]
            for name in ("phone", "timezone", "open_now", "closes_at", "opens_at"):
                del result["store"][name]
        answer["results"][1]["availability"] = "on_its_way"
        await route.fulfill(json=answer, headers={"Access-Control-Allow-Origin": "*"})

    await made.context.route("**/v1/availability?*", shorten)
    await made.ask("98101")
    await expect(made.news).to_have_text("Perhaps 0.5 mi away")
    stores = made.widget.get_by_role("listitem")
    await expect(stores.nth(0)).to_have_text(
        "In stock0.5 miCVS Pharmacy, Peachtree CenterDirections CVS Pharmacy, Peachtree Center"
    )
    await expect(stores.nth(1)).to_contain_text("Unknown")
    await expect(made.widget).not_to_contain_text(re.compile("NaN|undefined|null|Invalid"))


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit: Visiting) -> None:
    made = await visit(Host(ASKED))
    await expect(made.news).to_have_text(LIKELY)
    reached = []
    for _ in range(5):
        await made.page.keyboard.press("Tab")
        focused = made.widget.locator(":focus")
        reached.append(await focused.get_attribute("part"))
        assert await focused.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"
    assert reached == ["input", "go", "locate", "call", "route"]


async def test_without_javascript_the_link_inside_is_what_is_shown(visit: Visiting, pictures: Path) -> None:
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY, LINK)), java_script_enabled=False)
    link = made.page.get_by_role("link", name="In stock near you?")
    await expect(link).to_have_attribute("href", f"{made.service}/?gtin={shelves.GTIN}")
    await made.page.screenshot(path=pictures / "no-script.png")
    assert made.asked == []


async def test_a_prototype_that_was_added_to_does_no_harm(visit: Visiting) -> None:
    spoiled = "Object.prototype.extra = 'everywhere'; Array.prototype.extra = 'everywhere';"
    made = await visit(Host(PLAIN.body, script=spoiled))
    await made.ask("98101")
    await expect(made.widget.get_by_role("listitem")).to_have_count(3)
