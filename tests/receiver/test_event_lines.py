"""A body is cut into the same lines however it comes, and into batches as soon as they are worth it."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.runtime.http.errors import TooSlowError
from store_sync.formats.lines import MAX_RECORD
from store_sync.receiver.bounds import EventBounds
from store_sync.receiver.event_lines import Cutter, Numbered, batches

QUICK = EventBounds(lines_at_once=3, gather_s=0.01, silent_s=0.05)


class Sent:
    """A body whose blocks are there; after the last comes the end, or silence."""

    def __init__(self, *blocks: bytes, ends: bool = True) -> None:
        self._blocks, self._ends = list(blocks), ends

    async def block(self, within_s: float) -> bytes:
        if self._blocks:
            return self._blocks.pop(0)
        if not self._ends:
            raise TooSlowError
        return b""

    async def ready(self, within_s: float) -> bytes | None:
        try:
            return await self.block(within_s)
        except TooSlowError:
            return None

    @property
    def unread(self) -> int:
        return len(self._blocks)


async def all_of(body: Sent) -> list[Sequence[Numbered]]:
    return [batch async for batch in batches(body, QUICK)]


@given(st.lists(st.binary(max_size=12), max_size=12), st.booleans())
def test_lines_do_not_depend_on_how_the_body_was_cut(blocks: list[bytes], spread: bool) -> None:
    text = b"".join(blocks)
    cutter = Cutter()
    for block in blocks if spread else [text]:
        cutter.feed(block)
    cutter.finish()
    expected = [(number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]
    assert list(cutter.waiting) == expected


def test_of_a_line_that_is_too_long_only_as_much_is_kept_as_shows_it() -> None:
    cutter = Cutter()
    for _ in range(100):
        cutter.feed(b"x" * 10_000)
    cutter.feed(b"\n{}\n")
    assert [(number, len(line)) for number, line in cutter.waiting] == [(1, MAX_RECORD + 1), (2, 2)]


async def test_a_last_line_without_its_end_counts() -> None:
    assert await all_of(Sent(b"a\nb")) == [[(1, b"a"), (2, b"b")]]


async def test_a_batch_has_so_many_lines_at_most() -> None:
    assert [len(batch) for batch in await all_of(Sent(b"a\n" * 7))] == [3, 3, 1]


async def test_no_more_is_read_while_a_batch_is_worked_on() -> None:
    body = Sent(*[b"a\n"] * 10)
    async for _ in batches(body, QUICK):
        assert body.unread == 7
        break


async def test_lines_that_are_there_are_given_before_a_silence_ends_the_stream() -> None:
    lines = batches(Sent(b"a\n", b"half a li", ends=False), QUICK)
    assert await anext(lines) == [(1, b"a")]
    with pytest.raises(TooSlowError):
        await anext(lines)


async def test_a_line_waits_for_others_no_longer_than_it_is_told_to() -> None:
    class Slow(Sent):
        async def ready(self, within_s: float) -> bytes | None:
            asked.append(within_s)
            await asyncio.sleep(within_s)
            return None

    asked: list[float] = []
    async for batch in batches(Slow(b"a\n"), QUICK):
        assert batch == [(1, b"a")]
    assert sum(asked) <= 2 * QUICK.gather_s
