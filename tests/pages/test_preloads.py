"""A page names all modules that it needs, so that they come at once and not one behind the other."""

import re
from pathlib import Path

import pytest

from tests.pages.twin import STATIC

IMPORTED = re.compile(r'from "(\.[^"]+)"')
PRELOADED = re.compile(r'<link rel="modulepreload" href="/static/([^"]+)">')


def needed(module: Path, known: set[Path]) -> set[Path]:
    """The module and all that it imports."""
    if module not in known:
        known.add(module)
        for name in IMPORTED.findall(module.read_text()):
            needed((module.parent / name).resolve(), known)
    return known


@pytest.mark.parametrize(("page", "main"), [("index.html", "js/main.js"), ("staff.html", "js/staff/main.js")])
def test_all_modules_of_a_page_and_no_others_are_preloaded(page: str, main: str) -> None:
    began = (STATIC / main).resolve()
    modules = {str(path.relative_to(STATIC.resolve())) for path in needed(began, set()) - {began}}
    assert set(PRELOADED.findall((STATIC / page).read_text())) == modules
