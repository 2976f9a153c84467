from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loadtests.world.room import (
    EMPTY_BYTES,
    MOST_BESIDE_BYTES,
    POSTGRES_BYTES,
    Needs,
    free_bytes,
    largest,
    most,
    refusal,
)

FIXED_BYTES = EMPTY_BYTES + MOST_BESIDE_BYTES
"""What a large world needs beside its positions."""


def test_what_a_world_needs_is_told_before_it_is_begun() -> None:
    needs = Needs(10_000_000, retailers=150)
    assert needs.disk_bytes == FIXED_BYTES + 10_000_000 * POSTGRES_BYTES
    told = needs.told()
    assert "10,000,000 positions need about" in told
    assert "GB of disk" in told
    assert "minutes" in told


def test_a_world_that_fits_is_not_refused() -> None:
    needs = Needs(1_000_000, retailers=150)
    assert refusal(needs, needs.disk_bytes) is None


def test_a_world_too_large_for_the_disk_is_refused_with_the_largest_that_fits() -> None:
    free = FIXED_BYTES + 123_456_789 * POSTGRES_BYTES
    assert refusal(Needs(300_000_000, retailers=150), free) == (
        "300,000,000 positions need about 48.4 GB of disk and 23.7 GB are free:"
        " the largest that fits is made instead: 120,000,000 positions."
    )
    assert Needs(largest(free), retailers=150).disk_bytes <= free


def test_a_small_world_needs_no_room_for_the_log_of_a_large_one() -> None:
    assert Needs(6_000, retailers=3).disk_bytes < 1 << 30


@given(st.integers(EMPTY_BYTES, 1 << 40))
def test_the_largest_that_fits_fits_and_one_more_does_not(free: int) -> None:
    assert Needs(most(free), retailers=150).disk_bytes <= free < Needs(most(free) + 1, retailers=150).disk_bytes


def test_a_disk_that_is_full_takes_no_world() -> None:
    assert largest(EMPTY_BYTES) == 0
    assert str(refusal(Needs(1_000, retailers=150), EMPTY_BYTES)).endswith("no world fits.")


def test_free_room_is_told_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path / "not" / "there") < 10**18
