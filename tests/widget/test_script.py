"""The widget's script as it is served: made of readable sources, small, for every page, kept for good."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from multidict import CIMultiDictProxy

from inventory_service.web.widget_source import PARTS, SOURCES, VERSION, integrity, joined_script, released
from tests.widget.world import World, serving

LARGEST_BYTES = 8 * 1024
DOCS = Path(__file__).parents[2] / "docs" / "WIDGET.md"
IMPORTED = re.compile(r'^import (?:\{ (?P<names>[^}]+) \}|\w+) from "\./(?P<file>[\w.]+)";$', re.MULTILINE)
SAID = re.compile(r'\bsay\(\s*(?:[^"()]+\? )?"(\w+)"(?: : "(\w+)")?')


@pytest_asyncio.fixture
async def service() -> AsyncIterator[str]:
    async with serving(World()) as address:
        yield address


async def fetch(url: str, **headers: str) -> tuple[int, CIMultiDictProxy[str], bytes]:
    """Status, headers and the body as it went over the wire."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession(auto_decompress=False) as session, session.get(url, headers=spelled) as response:
        return response.status, response.headers, await response.read()


@pytest.mark.parametrize("name", ["v1", VERSION])
async def test_it_is_small_for_whoever_takes_gzip_and_whole_for_whoever_does_not(service: str, name: str) -> None:
    status, headers, body = await fetch(f"{service}/widget/{name}.js", Accept_Encoding="gzip, br")
    assert (status, headers["Content-Encoding"], headers["Vary"]) == (200, "gzip", "Accept-Encoding")
    assert len(body) <= LARGEST_BYTES
    _, plain, text = await fetch(f"{service}/widget/{name}.js", Accept_Encoding="identity")
    assert "Content-Encoding" not in plain
    assert gzip.decompress(body) == text == joined_script().encode()


@pytest.mark.parametrize(
    ("name", "caching"),
    [
        ("v1", "public, max-age=300, stale-while-revalidate=86400"),
        (VERSION, "public, max-age=31536000, immutable"),
    ],
)
async def test_any_page_may_load_it_and_keep_it_as_long_as_it_stays(service: str, name: str, caching: str) -> None:
    _, headers, _ = await fetch(f"{service}/widget/{name}.js", Origin="https://shop.example")
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cache-Control"] == caching
    again, kept, body = await fetch(f"{service}/widget/{name}.js", If_None_Match=headers["ETag"])
    assert (again, body, kept["Access-Control-Allow-Origin"]) == (304, b"", "*")


@pytest.mark.parametrize("name", ["v2", "0.0.1", "1.0", "texts", "..%2fwidget%2fv1", "released%2f1.0.0"])
async def test_a_version_that_never_was_is_nowhere(service: str, name: str) -> None:
    status, headers, body = await fetch(f"{service}/widget/{name}.js")
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(body)["type"] == "/problems/no-such-address"


def test_the_present_sources_are_the_release_of_their_version() -> None:
    assert released()[VERSION] == joined_script(), "raise VERSION in widget_source.py, then run widget_release"


def test_every_release_is_what_its_hash_in_the_docs_says() -> None:
    told = dict(re.findall(r"^\| (\d+\.\d+\.\d+) \| `(sha384-[\w+/=]+)` \|$", DOCS.read_text(), re.MULTILINE))
    assert told == {version: integrity(text) for version, text in released().items()}


def test_the_line_to_copy_names_the_present_release_and_its_hash() -> None:
    line = f'src="https://HOST/widget/{VERSION}.js" integrity="{integrity(joined_script())}" crossorigin="anonymous"'
    assert line in DOCS.read_text()


def test_the_sources_import_what_the_others_export_and_what_stands_before_them() -> None:
    assert {path.name for path in SOURCES.glob("*.js")} == set(PARTS)
    for place, part in enumerate(PARTS):
        for found in IMPORTED.finditer((SOURCES / part).read_text()):
            if found["names"] is None:
                assert found["file"] in {"texts.json", "style.css"}
                continue
            assert found["file"] in PARTS[:place]
            exported = (SOURCES / found["file"]).read_text()
            for name in found["names"].split(", "):
                assert re.search(rf"^export (async )?(function|const) {name}\b", exported, re.MULTILINE), (part, name)


@pytest.mark.parametrize("part", PARTS)
def test_the_sources_keep_to_what_can_be_joined_line_by_line(part: str) -> None:
    text = (SOURCES / part).read_text()
    assert all(line.count("`") % 2 == 0 for line in text.splitlines())
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|\.style\b", text)
    assert not re.search(r"cookie|localStorage|sessionStorage|indexedDB|sendBeacon|import\(", text)


def test_every_text_is_there_in_every_language_with_the_same_blanks() -> None:
    texts = json.loads((SOURCES / "texts.json").read_text())
    assert texts.pop("languages") == ["en", "es", "de", "fr"]
    for name, said in texts.items():
        assert len(said) == 4, name
        assert all(said), name
        assert len({tuple(sorted(re.findall(r"\{\w\}", each))) for each in said}) == 1, name


def test_no_text_is_missing_and_none_is_idle() -> None:
    texts = set(json.loads((SOURCES / "texts.json").read_text())) - {"languages"}
    quoted = set(re.findall(r'"(\w+)"', "".join((SOURCES / part).read_text() for part in PARTS)))
    said = {name for part in PARTS for pair in SAID.findall((SOURCES / part).read_text()) for name in pair if name}
    assert texts - quoted == set()
    assert said - texts == set()
