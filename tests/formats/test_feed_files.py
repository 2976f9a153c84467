"""What feeds come in: plain, gzip, zip, and what is wrong with them."""

import gzip
import io
import os
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from store_sync.files import open_feeds
from store_sync.formats import ByteSource, parser_for
from store_sync.inflate import RATIO_FROM, Bounded, Gunzip
from tests.formats.flat import flat

TEXT = b"store_code\tid\tquantity\n" + b"".join(b"1\tSKU-%d\t5\n" % n for n in range(2_000))


def whole(stream: ByteSource) -> bytes:
    return b"".join(iter(lambda: stream.read(1_000), b""))


def contents(path: Path) -> list[tuple[str, bytes]]:
    return [(feed.name, whole(feed.stream)) for feed in open_feeds(str(path))]


@pytest.mark.parametrize("packed", [TEXT, gzip.compress(TEXT), gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])])
@pytest.mark.parametrize("name", ["feed.txt", "feed.gz"])
def test_gzip_is_told_by_its_content_and_not_by_its_name(tmp_path: Path, packed: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(packed)
    assert contents(path) == [(str(path), TEXT)]


def test_a_feed_tells_its_size_its_time_and_how_far_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.gz"
    path.write_bytes(gzip.compress(TEXT))
    os.utime(path, (0, 1_647_475_200))
    for feed in open_feeds(str(path)):
        assert feed.size == path.stat().st_size
        assert feed.modified_at == datetime(2022, 3, 17, tzinfo=UTC)
        assert feed.position() < path.stat().st_size
        whole(feed.stream)
        assert feed.position() == feed.size


def test_each_file_of_a_zip_is_a_feed(tmp_path: Path) -> None:
    path = tmp_path / "feeds.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.tsv", TEXT)
        archive.mkdir("folder")
        archive.writestr("folder/b.tsv.gz", gzip.compress(TEXT))
        archive.writestr("__MACOSX/a.tsv", b"clutter")
    assert contents(path) == [(f"{path}:a.tsv", TEXT), (f"{path}:folder/b.tsv.gz", TEXT)]


def test_standard_input_may_be_gzip_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT))))
    (feed,) = open_feeds("-")
    assert (feed.size, feed.modified_at) == (None, None)
    assert whole(feed.stream) == TEXT


def test_a_pipe_is_read_without_seeking(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, gzip.compress(b"id\ttitle\nA\tB\n"))
    os.close(writer)
    assert contents(Path(f"/dev/fd/{reader}"))[0][1] == b"id\ttitle\nA\tB\n"
    os.close(reader)


@pytest.mark.parametrize("cut", [9, 200, 4_000])
def test_rows_before_the_cut_of_a_gzip_land_and_the_half_row_does_not(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "feed.gz"
    path.write_bytes(gzip.compress(TEXT)[:-cut])
    landed = []
    for feed in open_feeds(str(path)):
        parsed = flat(parser_for("google", None, None)(feed.stream))
        with pytest.raises(FeedRefusedError, match="cut"):
            landed.extend(parsed)
    assert len(landed) > 500 or cut == 4_000
    assert all(isinstance(row, Row) and row.raw.encode() + b"\n" in TEXT for row in landed)


def test_rows_before_broken_gzip_data_land(tmp_path: Path) -> None:
    path = tmp_path / "feed.gz"
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 0xFF
    path.write_bytes(packed)
    landed: list[Row | Refusal] = []
    for feed in open_feeds(str(path)):
        with pytest.raises(FeedRefusedError, match="broken"):
            landed.extend(flat(parser_for("google", None, None)(feed.stream)))


@pytest.mark.parametrize("padding", [b"\0" * 600, b""])
def test_zeros_behind_gzip_data_are_padding(padding: bytes) -> None:
    assert whole(Gunzip(io.BytesIO(gzip.compress(TEXT) + padding))) == TEXT


def test_anything_else_behind_gzip_data_is_refused() -> None:
    with pytest.raises(FeedRefusedError, match="follows"):
        whole(Gunzip(io.BytesIO(gzip.compress(TEXT) + b"rubbish")))


def test_a_gzip_bomb_is_refused_before_it_is_unpacked() -> None:
    source = io.BytesIO(gzip.compress(b"0" * (RATIO_FROM + (1 << 20)), 9))
    with pytest.raises(FeedRefusedError, match="times its size"):
        whole_of_blocks(Bounded(Gunzip(source), source.tell, 1 << 40))


def whole_of_blocks(stream: ByteSource) -> None:
    while stream.read(1 << 18):
        pass


def test_a_feed_has_a_largest_size(tmp_path: Path) -> None:
    path = tmp_path / "feed.gz"
    path.write_bytes(gzip.compress(TEXT))
    for feed in open_feeds(str(path), max_bytes=1_000):
        with pytest.raises(FeedRefusedError, match="more than 1,000 bytes"):
            whole(feed.stream)


def test_a_cut_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feeds.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.tsv", TEXT)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FeedRefusedError, match="broken zip"):
        contents(path)


def test_a_damaged_member_of_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feeds.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.tsv", TEXT)
    path.write_bytes(path.read_bytes().replace(b"SKU-1500", b"SKU-1501"))
    with pytest.raises(FeedRefusedError, match="cut or broken"):
        contents(path)


def test_what_cannot_be_opened_gets_one_clear_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    for path, says in ((tmp_path / "none", "no file"), (tmp_path, "folder"), (Path("a\0b"), "cannot be opened")):
        with pytest.raises(FeedRefusedError, match=says):
            contents(path)


@given(st.binary(max_size=300), st.integers(0, 60))
def test_damaged_gzip_never_raises_anything_else(noise: bytes, place: int) -> None:
    packed = gzip.compress(TEXT[:200])
    with suppress(FeedRefusedError):
        whole(Gunzip(io.BytesIO(packed[:place] + noise + packed[place:])))
