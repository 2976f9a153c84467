"""What spreadsheets write: other line ends, other encodings, a line that names the delimiter."""

import io
from pathlib import Path

import pytest

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from store_sync.formats import ByteSource, parser_for

LINES = ("store_code,item_id,quantity", "1,a,5", '2,"b",7')


class Drops:
    """Gives a byte at a time."""

    def __init__(self, text: bytes) -> None:
        self._stream = io.BytesIO(text)

    def read(self, _: int, /) -> bytes:
        return self._stream.read(1)


def read(stream: ByteSource, mapping: str | Path = "stock-simple") -> list[Row | Refusal]:
    return list(parser_for("csv", None, str(mapping))(stream))


def told(rows: list[Row | Refusal]) -> list[tuple[int, str, str | None, int | None]]:
    return [
        (row.line, row.stock.store_code, row.stock.item_id, row.stock.stock.quantity)
        for row in rows
        if isinstance(row, Row) and row.stock
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("source", [io.BytesIO, Drops])
def test_any_line_end_will_do(end: str, source: type) -> None:
    rows = read(source(end.join((*LINES, "")).encode()))
    assert told(rows) == [(2, "1", "a", 5), (3, "2", "b", 7)]


def test_a_file_of_several_line_ends_is_refused_in_words_of_ours() -> None:
    with pytest.raises(FeedRefusedError, match="some lines of the file end in CR, others in LF"):
        read(io.BytesIO(b'store_code,"item_id",quantity\r1,a,5\n2,b,7\n'))


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_a_line_above_the_header_names_the_delimiter(first: str) -> None:
    rows = read(io.BytesIO(f"{first}\nstore_code;item_id;quantity\n1;a,b;5\n".encode()))
    assert told(rows) == [(3, "1", "a,b", 5)]


def test_text_in_another_encoding_is_refused_and_told_what_to_do() -> None:
    (refusal,) = read(io.BytesIO("store_code,item_id,quantity\nKöln,a,5\n".encode("cp1252")))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "encoding"
    assert "Save the file as UTF-8" in refusal.detail


@pytest.mark.parametrize(
    ("written", "named"), [("cp1252", "windows-1252"), ("iso-8859-15", "iso-8859-15"), ("utf-8-sig", "windows-1252")]
)
def test_a_mapping_may_name_the_encoding(tmp_path: Path, written: str, named: str) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(
        f'encoding = "{named}"\n[stock]\nstore_code = "store_code"\nitem_id = "item_id"\nquantity = "quantity"\n'
    )
    rows = read(io.BytesIO("store_code,item_id,quantity\nKöln,Größe,5\n".encode(written)), mapping)
    assert told(rows) == [(2, "Köln", "Größe", 5)]


@pytest.mark.parametrize(
    ("encoding", "written", "shown"),
    [("windows-1252", b"K\xf6ln,\x81,5", "Köln,\\x81,5"), ("shift_jis", b"\x83A\xff\x80,a,5", "ア\\xff\\x80,a,5")],
)
def test_a_broken_byte_is_shown_as_it_was_in_whatever_encoding(
    tmp_path: Path, encoding: str, written: bytes, shown: str
) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(f'encoding = "{encoding}"\n[stock]\nstore_code = "a"\nitem_id = "b"\nquantity = "c"\n')
    refusal, row = read(io.BytesIO(b"a,b,c\n" + written + b"\n1,a,5\n"), mapping)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.raw, told([row])) == ("encoding", shown, [(3, "1", "a", 5)])


@pytest.mark.parametrize(
    "name",
    ["klingon", "utf-16", "cp500", "rot13", "hex", "idna", "punycode", "utf-7", "unicode_escape", "raw_unicode_escape"],
)
def test_what_is_no_such_encoding_is_refused_by_name(tmp_path: Path, name: str) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(f'encoding = "{name}"\n[stock]\nstore_code = "a"\nitem_id = "b"\nquantity = "c"\n')
    with pytest.raises(FeedRefusedError, match=f"faulty at encoding: {name} is no encoding"):
        read(io.BytesIO(b""), mapping)
