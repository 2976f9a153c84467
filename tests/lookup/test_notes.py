"""A worker never takes from the cache what is older than what it has read itself."""

from hypothesis import given
from hypothesis import strategies as st

from inventory_service.lookup.notes import Notes
from inventory_service.storage.horizon import Horizon


def sign(end: int, *running: int) -> bytes:
    return str(Horizon(min((*running, end)), end, frozenset(running))).encode()


def at(end: int, *running: int) -> Horizon:
    return Horizon.parse(sign(end, *running).decode())


def test_a_name_that_was_never_read_past_the_cache_is_believed() -> None:
    assert Notes().allow(sign(1), ["a"])


def test_a_name_read_from_postgres_waits_until_that_is_published() -> None:
    notes = Notes()
    notes.add({"a": b"1"}, at(10))
    assert not notes.allow(sign(9), ["b", "a"])
    assert notes.allow(sign(9), ["b"])
    assert not notes.allow(sign(11, 8), ["a"])
    assert notes.allow(sign(10), ["a"])
    assert notes.allow(sign(9), ["a"])


def test_the_newest_reading_of_a_name_counts() -> None:
    notes = Notes()
    notes.add({"a": b"1"}, at(10))
    notes.add({"a": b"2"}, at(12))
    assert not notes.allow(sign(11), ["a"])
    assert notes.known(["a", "b"]) == {"a": b"2"}
    assert notes.allow(sign(12), ["a"])
    assert notes.known(["a"]) == {}


def test_a_sign_that_was_looked_at_before_counts_for_later_readings_too() -> None:
    notes = Notes()
    notes.add({"a": b"1"}, at(10))
    assert notes.allow(sign(11), ["a"])
    notes.add({"a": b"2"}, at(12))
    assert not notes.allow(sign(11), ["a"])
    notes.add({"b": b"1"}, at(11))
    assert not notes.allow(sign(11), ["a"])


def test_a_sign_of_another_making_is_not_believed_where_it_matters() -> None:
    notes = Notes()
    notes.add({"a": b"1"}, at(10))
    assert not notes.allow(b"1", ["b"])
    assert not notes.allow(b"\xff", ["b"])


def test_too_many_readings_make_every_name_wait() -> None:
    notes = Notes(at_most=2)
    notes.add({"a": b"1"}, at(10))
    notes.add({"b": b"1", "c": b"1"}, at(12))
    assert not notes.allow(sign(9), ["z"])
    assert notes.allow(sign(10), ["z"])
    assert not notes.allow(sign(10), ["c"])
    assert notes.allow(sign(12), ["c"])


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.sampled_from("abc"), st.integers(1, 20)),
            st.tuples(st.just("look"), st.sampled_from("abc"), st.integers(1, 20)),
        )
    ),
    st.integers(1, 4),
)
def test_whatever_is_read_in_whatever_order_nothing_older_is_allowed(
    steps: list[tuple[str, str, int]], at_most: int
) -> None:
    """A snapshot here sees all below its number. The sign of life never goes back."""
    notes, read, published = Notes(at_most), dict.fromkeys("abc", 0), 0
    for step, name, number in steps:
        if step == "read":
            notes.add({name: b"x"}, at(number))
            read[name] = max(read[name], number)
        else:
            published = max(published, number)
            assert not (notes.allow(sign(published), [name]) and published < read[name])
