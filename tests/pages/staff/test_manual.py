"""What the store manager's page says about the screen is on the screen."""

import re

from tests.pages.twin import STATIC
from tests.programs.running import PROJECT

MANUAL = (PROJECT / "docs" / "STAFF.md").read_text()
PAGE = "\n".join(path.read_text() for path in [STATIC / "staff.html", *sorted((STATIC / "js/staff").glob("*.js"))])
ROW = re.compile(r"^\| (\*.+?) \|", re.MULTILINE)
NAME = re.compile(r"\*+([^*]+)\*+")


def test_every_button_and_every_message_in_its_tables_is_the_pages_own() -> None:
    named = [name for row in ROW.findall(MANUAL) for name in NAME.findall(row)]
    assert len(named) == 8
    assert [name for name in named if name not in PAGE] == []


def test_every_button_in_its_sentences_is_the_pages_own() -> None:
    named = set(re.findall(r"\*\*(Sign in|Sign out|Keep [^*]+|Find|Undo|Drop|Scan|Send [^*]+)\*\*", MANUAL))
    assert len(named) == 8
    assert [name for name in named if name not in PAGE] == []
