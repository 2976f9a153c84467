"""The page that retailers read says what the parsers do."""

import re
from pathlib import Path

from inventory_service.domain.feed import Row
from store_sync.formats import FORMATS, REASONS
from store_sync.formats.conversions import CONVERSIONS
from store_sync.formats.json_lines import KINDS, parse_line
from store_sync.formats.mapping import load_mapping, shipped_names

PAGE = (Path(__file__).parents[2] / "docs" / "FEEDS.md").read_text(encoding="utf-8")
FIRST_CELLS = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
NAMED = {name for cell in FIRST_CELLS for name in re.findall(r"`([a-z0-9_-]+)`", cell)}


def test_every_reason_stands_in_the_page_with_its_meaning() -> None:
    assert (
        dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.split("## Why a row is refused")[1], re.MULTILINE)) == REASONS
    )


def test_every_format_conversion_and_mapping_stands_in_the_page() -> None:
    assert {*FORMATS, *CONVERSIONS, *shipped_names()} <= NAMED


def test_every_kind_of_json_line_stands_in_the_page() -> None:
    section = PAGE.split("### JSON Lines")[1].split("\n### ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == tuple(KINDS)


def test_the_json_lines_of_the_page_can_be_sent() -> None:
    lines = PAGE.split("```json\n")[1].split("```")[0].encode().splitlines()
    assert [type(parse_line(number, line)) for number, line in enumerate(lines, start=1)] == [Row] * 4


def test_every_shipped_mapping_is_valid_and_says_what_it_is() -> None:
    assert all(load_mapping(name).about for name in shipped_names())


def test_the_mapping_of_the_page_is_valid(tmp_path: Path) -> None:
    example = tmp_path / "example.toml"
    example.write_text(PAGE.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert load_mapping(str(example)).stock
