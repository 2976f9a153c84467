"""Requests that differ from one before them, on their connection, in what they ask for alone.

Who keeps a connection sends the same headers with each request. What was parsed of them once is right as long as not a
byte of them changes, and the target is nothing but plain letters. Whatever differs at all is the parser's.
"""

import re
from dataclasses import dataclass

from aiohttp import HttpVersion
from aiohttp.http import RawRequestMessage
from multidict import CIMultiDictProxy

METHOD, VERSION, END = b"GET ", b" HTTP/1.1\r\n", b"\r\n\r\n"
LONGEST_BYTES = 4_096
PLAIN = re.compile(rb'/[!"$-~]*')
"""No blank, no fragment, no control character, nothing beyond ASCII."""


@dataclass(slots=True)
class Repeat:
    """A request without a body, as the parser would tell it."""

    path: str
    method: str
    version: HttpVersion
    headers: CIMultiDictProxy[str]
    should_close: bool


class Pattern:
    """What a request looked like, and what the parser said of it."""

    __slots__ = ("_behind", "_first")

    def __init__(self, first: RawRequestMessage, behind: bytes) -> None:
        self._first, self._behind = first, behind

    @classmethod
    def of(cls, data: bytes, message: RawRequestMessage) -> "Pattern | None":
        """None where `data`, of which the parser made `message` alone, is no plain GET."""
        target = _target(data, data[data.find(VERSION) :])
        if target is None or target != message.path or data.find(END) + len(END) != len(data):
            return None
        return cls(message, data[len(METHOD) + len(target) :])

    def request(self, data: bytes) -> Repeat | None:
        """None where `data` is anything but one such request, whole."""
        target = _target(data, self._behind)
        if target is None:
            return None
        first = self._first
        return Repeat(target, first.method, first.version, first.headers, first.should_close)


def _target(data: bytes, behind: bytes) -> str | None:
    if len(data) > LONGEST_BYTES or not (data.startswith(METHOD) and data.endswith(behind)):
        return None
    target = data[len(METHOD) : len(data) - len(behind)]
    return target.decode("ascii") if PLAIN.fullmatch(target) else None
