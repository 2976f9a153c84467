"""The widget on pages that fight it: on every one it shows the same answer and is accessible."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.widget import world as shelves
from tests.widget.hosts import Host, widget
from tests.widget.sights import ASKED, SIGHTS, SMALL
from tests.widget.watching import Visit, Visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WHOLE = [name for name, sight in SIGHTS.items() if sight.host.body.startswith(ASKED) and "locale" not in sight.browser]
"""Those on which the answer of `ASKED` is to be read in English."""
TEXT_IN_BOX = """
  (host) => {
    const box = host.shadowRoot.querySelector(".box").getBoundingClientRect();
    return [...host.shadowRoot.querySelectorAll(".box > *, form > *, .line > *, p")]
      .filter((node) => !node.closest(".unseen"))
      .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
      .filter(([, seen]) => seen.width > 0 && (seen.left < box.left || seen.right > box.right))
      .map(([text]) => text);
  }
"""


async def settled(visit: Visit) -> None:
    """Everything that the page asks for by itself has come."""
    await visit.widget.locator("form").first.wait_for(state="attached")
    await visit.page.wait_for_load_state("networkidle")


async def findings(page: Page) -> list[Any]:
    found = (await Axe().run(page)).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("name", SIGHTS)
async def test_axe_finds_nothing(visit: Visiting, name: str, pictures: Path) -> None:
    made = await visit(SIGHTS[name].host, **SIGHTS[name].browser)
    await settled(made)
    await made.page.screenshot(path=pictures / f"{name}.png", full_page=True)
    assert await findings(made.page) == []


@pytest.mark.parametrize("name", WHOLE)
async def test_the_answer_is_the_same_whatever_the_page_does(visit: Visiting, name: str) -> None:
    made = await visit(SIGHTS[name].host, **SIGHTS[name].browser)
    shown = made.widget.first
    await expect(shown.get_by_role("status")).to_have_text("Very likely 0.5 mi away")
    await expect(shown.get_by_role("listitem")).to_have_count(3)
    first = shown.get_by_role("listitem").first
    for words in ("In stock", "CVS Pharmacy, Peachtree Center", "0.5 mi", "$29.99", "About 95% sure", "9 minutes ago"):
        await expect(first).to_contain_text(words)
    await expect(first).to_contain_text("Open · until 9:00 PM")
    await expect(shown.get_by_role("listitem").nth(1)).to_contain_text("Closed · opens Mon 7:40 AM")
    await expect(shown.get_by_role("listitem").nth(2)).to_contain_text("Nobody has told us lately · 4 years ago")


@pytest.mark.parametrize("name", ["start", "answer", "beyond", "silent", "loud", "rtl", "spanish", "german", "french"])
async def test_nothing_sticks_out_of_the_box(visit: Visiting, name: str) -> None:
    made = await visit(SIGHTS[name].host, **SIGHTS[name].browser | {"viewport": SMALL})
    await settled(made)
    assert await made.widget.first.evaluate(TEXT_IN_BOX) == []


LOOKS = """
  (host) => {
    const names = ["color", "fontFamily", "fontSize", "fontStyle", "textTransform", "letterSpacing", "whiteSpace",
      "textIndent", "borderTopColor", "position", "float", "opacity", "marginTop", "cursor", "textAlign"];
    return ["[part=title]", "input", ".go", ".name", ".sure", "li"].map((part) => {
      const style = getComputedStyle(host.shadowRoot.querySelector(part));
      return [part, ...names.map((name) => style[name])];
    });
  }
"""


@pytest.mark.parametrize("name", ["unset", "loud"])
async def test_a_pages_style_does_not_reach_into_it(visit: Visiting, name: str) -> None:
    seen = []
    for each in ("answer", name):
        made = await visit(SIGHTS[each].host, **SIGHTS[each].browser)
        await expect(made.widget.get_by_role("listitem")).to_have_count(3)
        seen.append(await made.widget.evaluate(LOOKS))
    assert seen[0] == seen[1]


async def test_a_strict_policy_lets_it_work_and_reports_no_breach(visit: Visiting) -> None:
    made = await visit(SIGHTS["strict"].host, **SIGHTS["strict"].browser)
    await expect(made.widget.get_by_role("listitem")).to_have_count(3)
    await made.page.get_by_placeholder("Town or postcode").press("Enter")
    await expect(made.news).to_have_text("Very likely 0.5 mi away")
    assert len([each for each in made.asked if each.startswith("/v1/")]) == 2


async def test_on_a_page_from_right_to_left_it_is_mirrored_and_its_sentences_stay_whole(visit: Visiting) -> None:
    made = await visit(SIGHTS["rtl"].host, **SIGHTS["rtl"].browser)
    title, go = made.widget.get_by_role("heading"), made.widget.get_by_role("button", name="Check")
    field = made.widget.get_by_role("textbox")
    await expect(made.widget.get_by_role("listitem")).to_have_count(3)
    left = "node => node.getBoundingClientRect().left"
    assert await go.evaluate(left) < await field.evaluate(left)
    aligned = "node => [getComputedStyle(node).textAlign, getComputedStyle(node).unicodeBidi]"
    assert await title.evaluate(aligned) == ["right", "plaintext"]


GROUND = "host => getComputedStyle(host.shadowRoot.querySelector('.box')).backgroundColor"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(28, 32, 38)"


@pytest.mark.parametrize(
    ("css", "theme", "person", "ground"),
    [
        ("", None, "dark", LIGHT),
        (":root { color-scheme: light dark; }", None, "dark", DARK),
        (":root { color-scheme: light dark; }", None, "light", LIGHT),
        (":root { color-scheme: dark; }", None, "light", DARK),
        ("", "dark", "light", DARK),
        ("", "auto", "dark", DARK),
        ("", "auto", "light", LIGHT),
        (":root { color-scheme: light dark; }", "light", "dark", LIGHT),
        (":root { --nearshelf-background: rgb(1, 2, 3); }", None, "light", "rgb(1, 2, 3)"),
    ],
)
async def test_it_is_dark_where_its_page_is_and_as_its_theme_says(
    visit: Visiting, css: str, theme: str | None, person: str, ground: str
) -> None:
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY, theme=theme), css=css), color_scheme=person)
    await made.widget.locator("form").wait_for()
    assert await made.widget.evaluate(GROUND) == ground


async def test_a_page_can_style_its_parts_and_hide_it(visit: Visiting) -> None:
    css = "nearshelf-availability::part(title) { color: rgb(9, 8, 7); } .gone { display: none; }"
    made = await visit(Host(widget(shelves.GTIN, shelves.KEY), css=css))
    title = made.widget.get_by_role("heading")
    assert await title.evaluate("node => getComputedStyle(node).color") == "rgb(9, 8, 7)"
    await made.widget.evaluate("host => host.classList.add('gone')")
    await expect(title).to_be_hidden()
    await made.widget.evaluate("host => { host.className = ''; host.hidden = true; }")
    await expect(title).to_be_hidden()


async def test_a_screen_reader_hears_what_is_shown(visit: Visiting) -> None:
    made = await visit(Host(ASKED.replace("<nearshelf-availability", '<nearshelf-availability limit="1"')))
    await expect(made.widget.get_by_role("listitem")).to_have_count(1)
    told = await made.widget.aria_snapshot()
    assert told == (
        '- group "Is it on a shelf near you?":\n'
        '  - heading "Is it on a shelf near you?" [level=2]\n'
        '  - textbox "Town or postcode": "98101"\n'
        '  - button "Check"\n'
        '  - button "Use my location"\n'
        "  - status: Very likely 0.5 mi away\n"
        "  - paragraph: Paxlovid 300 mg / 100 mg, 20 tablets · Seattle, WA 98101\n"
        "  - list:\n"
        "    - listitem:\n"
        "      - paragraph: In stock 0.5 mi\n"
        "      - paragraph: CVS Pharmacy, Peachtree Center $29.99\n"
        "      - paragraph: About 95% sure · updated 9 minutes ago\n"
        "      - paragraph:\n"
        "        - text: Open · until 9:00 PM\n"
        '        - link "Call CVS Pharmacy, Peachtree Center":\n'
        "          - /url: tel:+12065550100\n"
        '        - link "Directions CVS Pharmacy, Peachtree Center":\n'
        "          - /url: https://www.openstreetmap.org/directions?to=47.62%2C-122.33\n"
        '  - link "More on Nearshelf":\n'
        f"    - /url: {made.service}/?gtin=00300691085301&near=98101&radius_m=48280"
    )


async def test_forced_colours_keep_an_edge_around_each_word_and_nothing_is_in_motion(visit: Visiting) -> None:
    made = await visit(SIGHTS["forced"].host, **SIGHTS["forced"].browser)
    await expect(made.widget.get_by_role("listitem")).to_have_count(3)
    edge = "node => [getComputedStyle(node).borderTopStyle, getComputedStyle(node).borderTopWidth]"
    assert await made.widget.locator(".word").first.evaluate(edge) == ["solid", "1px"]
    assert await made.widget.evaluate("host => host.shadowRoot.getAnimations().length") == 0
