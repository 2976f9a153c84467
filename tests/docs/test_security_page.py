"""The numbers on the page about security are those of the code."""

import pytest

from inventory_service.runtime.http.crowd import PRESSED_SHARE, ROOM
from inventory_service.runtime.http.limits import USUAL
from inventory_service.runtime.logs import LONGEST_VALUE, MOST_PARAMETERS
from inventory_service.web.middlewares import BODY_WITHIN_S, LONGEST_BODY_BYTES
from tests.programs.running import PROJECT

PAGE = (PROJECT / "docs" / "SECURITY.md").read_text()


@pytest.mark.parametrize(
    "sentence",
    [
        f"| request line | {USUAL.line_bytes >> 10} KiB |",
        f"| {USUAL.header_bytes >> 10} KiB; {USUAL.headers}; {USUAL.head_bytes >> 10} KiB |",
        f"to the end of the headers | {USUAL.headers_within_s:g} s |",
        f"| a JSON body | {LONGEST_BODY_BYTES >> 10} KiB",
        f"from the headers to its end | {BODY_WITHIN_S:g} s |",
        f"between two requests of a connection | {USUAL.keepalive_s:g} s |",
        f"(less than 1,000 bytes a second) | {USUAL.unread_s:g} s |",
        f"connections of one process | {USUAL.connections:,}",
        f"{ROOM} places are made",
        f"{MOST_PARAMETERS} parameters of {LONGEST_VALUE} characters",
    ],
)
def test_every_bound_stands_on_the_page(sentence: str) -> None:
    assert sentence in PAGE
    assert PRESSED_SHARE == 0.75
