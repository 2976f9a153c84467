"""What Redis answers, as it came: no object is made of a value before somebody looks at it."""

from collections.abc import Iterator, Sequence
from typing import Any

import hiredis


def read(raw: bytes) -> list[Any]:
    """Replies, whole and one behind the other, as objects."""
    reader, replies = hiredis.Reader(), []
    reader.feed(raw)
    while (reply := reader.gets()) is not False:
        replies.append(reply)
    return replies


def bulk(value: bytes) -> bytes:
    """The reply that tells a value."""
    return b"$%d\r\n%b\r\n" % (len(value), value)


class Values(Sequence[bytes]):
    """The values in a reply to MGET, none of them nothing; told apart only where somebody looks at them."""

    __slots__ = ("_count", "_raw", "_start")

    def __init__(self, raw: bytes, start: int, count: int) -> None:
        """`raw[start:]` is the reply, and has `count` of them."""
        self._raw, self._start, self._count = raw, start, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._told())

    def __getitem__(self, at: Any) -> Any:
        return self._told()[at]

    def _told(self) -> list[bytes]:
        values: list[bytes]
        (values,) = read(self._raw[self._start :])
        return values
