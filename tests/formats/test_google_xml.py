"""Google's feeds as XML, hostile XML included."""

import io
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from inventory_service.domain.stock import IN_STOCK
from store_sync.formats import parser_for

G = 'xmlns:g="http://base.google.com/ns/1.0"'
ITEM = "<item><g:id>A</g:id><g:store_code>0017</g:store_code><g:availability>in stock</g:availability></item>"


def parse(text: str | bytes, format_name: str = "google") -> Iterator[Row | Refusal]:
    return parser_for(format_name, None, None)(io.BytesIO(text.encode() if isinstance(text, str) else text))


def rss(*items: str) -> str:
    return f'<?xml version="1.0"?>\n<rss {G} version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


def test_items_of_rss_become_stock_numbered_from_one() -> None:
    first, second = parse(rss(ITEM, ITEM))
    assert isinstance(first, Row)
    assert first.stock is not None
    assert (first.stock.store_code, first.stock.item_id, first.stock.stock) == ("0017", "A", IN_STOCK)
    assert (first.line, second.line) == (1, 2)


def test_cdata_and_both_spellings_of_names_are_read() -> None:
    item = "<item><itemid><![CDATA[ A&B ]]></itemid><g:store_code>1</g:store_code><quantity>2</quantity></item>"
    (row,) = parse(rss(item))
    assert isinstance(row, Row)
    assert row.stock is not None
    assert row.stock.item_id == "A&B"


def test_entries_of_atom_prefer_googles_own_id() -> None:
    text = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {G}><id>feed</id><entry><id>tag:x</id><title>Hammer</title>'
        "<g:id>A</g:id><g:gtin>4006381333931</g:gtin><g:shipping><g:price>1</g:price></g:shipping></entry></feed>"
    )
    (row,) = parse(text)
    assert isinstance(row, Row)
    assert row.product is not None
    assert (row.product.item_id, row.product.name, row.product.gtin) == ("A", "Hammer", "04006381333931")
    assert row.product.price is None


@pytest.mark.parametrize(
    ("item", "field", "reason"),
    [
        ("<item><g:id>A</g:id><g:store_code/><g:quantity>1</g:quantity></item>", "store_code", "missing"),
        ("<item><g:id>A</g:id><g:id>B</g:id></item>", "id", "invalid_value"),
        ("<item><g:id>A<b>1</b></g:id></item>", None, "invalid_value"),
        (f"<item><g:id>{'A' * 70_000}</g:id></item>", None, "too_long"),
    ],
)
def test_a_faulty_item_is_refused_and_the_next_one_is_read(item: str, field: str | None, reason: str) -> None:
    first, second, third = parse(rss(ITEM, item, ITEM))
    assert isinstance(second, Refusal)
    assert (second.line, second.field, second.reason) == (2, field, reason)
    assert isinstance(first, Row)
    assert isinstance(third, Row)


def test_items_before_a_break_land_and_the_break_names_its_line() -> None:
    rows = parse(rss(ITEM, ITEM, "\n<item><g:id>B</wrong>"))
    assert isinstance(next(rows), Row)
    assert isinstance(next(rows), Row)
    with pytest.raises(FeedRefusedError, match="line 3"):
        next(rows)


def test_a_cut_file_gives_its_whole_items_and_then_says_so() -> None:
    rows = parse(rss(ITEM, ITEM)[:-60])
    assert isinstance(next(rows), Row)
    with pytest.raises(FeedRefusedError, match="breaks off"):
        list(rows)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><rss>&l9;</rss>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>&x;</id></item></rss>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><rss/>',
    ],
)
def test_document_types_with_their_entities_are_refused_at_once(text: str) -> None:
    with pytest.raises(FeedRefusedError, match="document type"):
        list(parse(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<rss></rss>", "no <item>"),
        ("<", "breaks off"),
        ("<a>" * 1_000, "deeper"),
        (rss("<item><id>&nbsp;</id></item>"), "breaks off"),
    ],
)
def test_xml_that_is_no_feed_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(FeedRefusedError, match=says):
        list(parse(text))


def test_an_empty_file_is_refused_as_xml_too() -> None:
    with pytest.raises(FeedRefusedError):
        list(parse("", "google-xml"))


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE r SYSTEM "http://{0}/x.dtd"><rss/>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://{0}/x.ent">%p;]><rss/>',
        '<!DOCTYPE r PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://{0}/x.dtd"><rss/>',
        '<?xml-stylesheet href="http://{0}/x.xsl"?>' + rss(ITEM).partition("\n")[2],
        rss(ITEM, '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="http://{0}/x.xml"/>'),
        rss(ITEM, '<s xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a http://{0}/x.xsd"/>'),
    ],
)
def test_nothing_in_a_feed_makes_us_call_anybody(text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        with suppress(FeedRefusedError):
            assert list(parse(text.replace("{0}", host)))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


class Endless:
    """A feed that opens with `head` and goes on with `unit`, a new number in it each time, and counts what was read."""

    def __init__(self, head: str, unit: str) -> None:
        self._head, self._unit, self._numbers = head, unit, count()
        self.given = 0

    def read(self, size: int, /) -> bytes:
        if self._head:
            text, self._head = self._head, ""
        else:
            text = "".join(self._unit.replace("#", str(next(self._numbers))) for _ in range(size // 8))
        self.given += len(text)
        return text.encode()


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("<rss><!--", "x"),
        ("<rss><?p ", "x"),
        ("<rss><![CDATA[", "x"),
        ("<rss><a b='", "x"),
        ("<rss><a", "x"),
        ("<rss><a", " b#='1'"),
        ("<rss>", "<a#/>"),
        ("<rss>", "<a b#='1'/>"),
        ("<rss>", "<a xmlns:b#='c'/>"),
        ("<rss>", "<a xmlns='b#'/>"),
        ("<rss>", "<?p#?>"),
        ("<rss>", "<a>"),
    ],
)
def test_what_would_fill_the_memory_is_refused_early(head: str, unit: str) -> None:
    stream = Endless(head, unit)
    with pytest.raises(FeedRefusedError, match=r"more than|deeper"):
        list(parser_for("google-xml", None, None)(stream))
    assert stream.given < 4 << 20


def test_a_long_text_outside_of_the_items_is_read_past() -> None:
    title = "x" * (3 << 20)
    assert len(list(parse(rss(f"<description>{title}</description>", ITEM)))) == 1


@given(st.binary(max_size=200), st.integers(0, 300))
def test_broken_xml_never_raises_anything_else(noise: bytes, place: int) -> None:
    text = rss(ITEM, ITEM).encode()
    for data in (noise, text[:place] + noise + text[place:]):
        with suppress(FeedRefusedError):
            assert [row.line for row in parse(data, "google-xml")]
