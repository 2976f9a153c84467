"""Uploads on disk: whole, bounded by what the disk has, and gone afterwards."""

import tracemalloc
from pathlib import Path

import pytest

from inventory_service.runtime.http.errors import NoRoomError
from store_sync.receiver.spool import WRITE_BYTES, Spool
from tests.receiver.world import pieces


async def test_a_file_is_held_whole_and_without_a_name(tmp_path: Path) -> None:
    blocks = [b"a" * 700_000, b"b" * 700_000, b"c"]
    async with Spool(tmp_path / "spool", 0).holding(pieces(blocks), 0) as spooled:
        assert spooled.size == sum(map(len, blocks)) > WRITE_BYTES
        assert spooled.file.read() == b"".join(blocks)
        assert list((tmp_path / "spool").iterdir()) == []


async def test_what_the_disk_has_no_room_for_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async def never() -> None:
        raise AssertionError("was read")
        yield

    with pytest.raises(NoRoomError):
        async with Spool(tmp_path, 0).holding(never(), 1 << 60):
            pass


async def test_a_file_of_unknown_length_is_refused_once_the_disk_is_short(tmp_path: Path) -> None:
    with pytest.raises(NoRoomError):
        async with Spool(tmp_path, 1 << 60).holding(pieces([b"a" * 2_000_000]), 0):
            pass


async def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    block = b"a" * 65_536
    tracemalloc.start()
    try:
        async with Spool(tmp_path, 0).holding(pieces(block for _ in range(1_000)), 0) as spooled:
            assert spooled.size == 1_000 * len(block)
            assert tracemalloc.get_traced_memory()[1] < 8 * WRITE_BYTES
    finally:
        tracemalloc.stop()
