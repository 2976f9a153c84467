"""The answering program under requests at and beyond the edge of HTTP."""

import pytest

from tests.hardening.abuse import ANYWHERE, Abuse, asked, of_bodies, statuses
from tests.web.conftest import QUESTION

ANSWERED = b"/v1/availability?gtin=00300691085301&near=98101"
BODIES = [*of_bodies("/v1/reports", (400, 415)), *of_bodies("/v1/staff/confirmations", (400, 401))]
OWN = [
    Abuse("a target of another host", asked(b"http://elsewhere.test" + QUESTION.encode()), (200,)),
    Abuse("two origins", asked(ANSWERED, b"Origin: https://a\r\nOrigin: https://b\r\n"), (200,)),
    Abuse("a GET with a body", asked(ANSWERED, b"Content-Length: 0\r\n"), (200,)),
    Abuse("HTTP/1.0", asked(ANSWERED, version=b"1.0"), (200,)),
]


@pytest.mark.parametrize("abuse", [*ANYWHERE, *BODIES, *OWN], ids=lambda abuse: abuse.name)
async def test_no_abuse_is_our_fault_or_hides_a_request(port: int, abuse: Abuse) -> None:
    got = await statuses(port, abuse)
    assert set(got) <= set(abuse.statuses)
    assert len(got) <= 1 + (100 in got)
    assert got or not abuse.statuses


@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
@pytest.mark.parametrize("path", ["/v1/reports", "/v1/staff/confirmations"])
async def test_a_packed_body_is_refused_in_words(ask, path: str, packed: str) -> None:  # type: ignore[no-untyped-def]
    heard = await ask(path, "POST", data=b"{}", Content_Encoding=packed)
    assert (heard.status, heard.json["type"]) == (415, "/problems/unsupported")
    assert "leave the header out" in heard.json["detail"]
