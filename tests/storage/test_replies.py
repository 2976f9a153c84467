"""Replies of Redis are told apart as its own client does, wherever what has come so far ends."""

from collections.abc import Iterator
from typing import Any

import hiredis
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import CacheError
from inventory_service.storage.cache.replies import Values, bulk, read
from inventory_service.storage.cache.resp import INCOMPLETE, NO_REPLY, replies_end
from inventory_service.storage.cache.shared import Turn

lines = st.sampled_from([b"+OK\r\n", b":12\r\n", b"-ERR no\r\n", b"$-1\r\n", b"*-1\r\n", b"*0\r\n"])
values = st.binary(max_size=40).map(bulk)
trees = st.recursive(
    lines | values, lambda inner: st.lists(inner, max_size=4).map(lambda some: b"*%d\r\n" % len(some) + b"".join(some))
)


def leaves_of(replies: list[Any]) -> Iterator[Any]:
    for reply in replies:
        yield from leaves_of(reply) if isinstance(reply, list) else (reply,)


class Listener:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[bytes | None, bytes, int]] = []
        self.failures = 0

    def heard(self, shared: bytes | None, raw: bytes, gaps: int) -> None:
        self.told.append((shared, raw, gaps))

    def failed(self, _error: CacheError) -> None:
        self.failures += 1


@given(st.lists(trees, min_size=1, max_size=5), st.binary(max_size=5))
def test_replies_end_where_each_was_written_to_its_end(replies: list[bytes], before: bytes) -> None:
    raw = before + b"".join(replies)
    leaves = list(leaves_of(read(b"".join(replies))))
    refusals, nothings = sum(isinstance(one, Exception) for one in leaves), leaves.count(None)
    assert replies_end(raw, len(before), len(replies)) == (len(raw), refusals, nothings)
    assert replies_end(raw + b"$5\r\nhe", len(before), len(replies)) == (len(raw), refusals, nothings)


@given(trees, st.data())
def test_a_reply_that_has_not_come_whole_is_waited_for(reply: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(reply) - 1))
    assert replies_end(reply[:cut], 0, 1)[0] == INCOMPLETE


@given(st.binary(min_size=1, max_size=60))
def test_whatever_comes_is_never_read_past_its_end(raw: bytes) -> None:
    end = replies_end(raw, 0, 1)[0]
    assert end in (INCOMPLETE, NO_REPLY) or 0 < end <= len(raw)


@given(st.lists(st.binary(max_size=30), max_size=6), st.binary(max_size=9))
def test_values_are_what_they_were_when_somebody_looks(held: list[bytes], before: bytes) -> None:
    raw = before + b"*%d\r\n" % len(held) + b"".join(map(bulk, held))
    told = Values(raw, len(before), len(held))
    assert len(told) == len(held)
    assert list(told) == held


@given(st.lists(st.lists(trees, max_size=3), max_size=5), st.data())
def test_everyone_hears_their_own_replies_however_they_come(asked: list[list[bytes]], data: st.DataObject) -> None:
    turn, listeners = Turn(b"GET"), [Listener() for _ in asked]
    for listener, replies in zip(listeners, asked, strict=True):
        turn.ask(b"", len(replies), listener)
    raw = bulk(b"sign") + b"".join(map(b"".join, asked))
    come, at = 0, 0
    while not turn.settled:
        come = data.draw(st.integers(come + 1, len(raw))) if come < len(raw) else come
        at = turn.settle(raw[:come], at)
    assert at == len(raw)
    for listener, replies in zip(listeners, asked, strict=True):
        leaves = list(leaves_of(read(b"".join(replies))))
        refused = any(isinstance(one, Exception) for one in leaves)
        assert listener.failures == refused
        assert listener.told == ([] if refused else [(b"sign", b"".join(replies), leaves.count(None))])


def test_where_what_all_share_is_refused_nobody_is_told_anything() -> None:
    turn, listeners = Turn(b"GET"), [Listener(), Listener()]
    for listener in listeners:
        turn.ask(b"", 1, listener)
    raw = b"-LOADING\r\n$1\r\na\r\n$-1\r\n"
    assert turn.settle(raw, 0) == len(raw)
    assert [(one.told, one.failures) for one in listeners] == [([], 1), ([], 1)]


def test_replies_as_objects_are_those_of_the_driver() -> None:
    first, second, refused = read(b"$3\r\nabc\r\n*2\r\n:1\r\n$-1\r\n-ERR x\r\n")
    assert (first, second) == (b"abc", [1, None])
    assert isinstance(refused, hiredis.ReplyError)
