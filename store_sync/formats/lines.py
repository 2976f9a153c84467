"""Bytes → physical lines of text, in bounded memory, whatever the bytes are."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from inventory_service.domain.errors import FeedRefusedError
from store_sync.formats.reasons import RAW_LIMIT, Reason

BLOCK = 1 << 18
SAVE_AS = "Save the file as UTF-8, or name its encoding in the mapping."
UTF8 = "utf-8"
BROKEN_MARKED = "nearshelf.broken-marked"
"""How bytes that are no text are decoded: after a sign, by their numbers."""
MARKED = re.compile(r"\\xff(x[0-9a-f]{2})")
MAX_RECORD = 65_536
"""Bytes of a line, and characters of a record that spans lines."""


class ByteSource(Protocol):
    """What parsers read from: any open binary file. May give fewer bytes than asked for; b"" at the end."""

    def read(self, size: int, /) -> bytes: ...


class Peeked:
    """A stream whose first bytes, at most `size`, can be looked at in `head` before it is read."""

    def __init__(self, stream: ByteSource, size: int) -> None:
        self._stream = stream
        self.head = b""
        while len(self.head) < size and (block := stream.read(size - len(self.head))):
            self.head += block
        self._unread = self.head

    def read(self, size: int, /) -> bytes:
        if self._unread:
            given, self._unread = self._unread[:size], self._unread[size:]
            return given
        return self._stream.read(size)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A physical line that is no text."""

    reason: Reason
    detail: str
    raw: str


class Lines:
    """Iterates over the lines of a stream, without their line feed; a line that is no text comes as Unreadable.

    A stream that breaks (cut gzip) ends the lines with its last whole one; `failure` then holds why.
    """

    def __init__(self, stream: ByteSource, encoding: str = UTF8) -> None:
        self._stream, self._encoding = stream, encoding
        self.failure: FeedRefusedError | None = None

    def __iter__(self) -> Iterator[str | Unreadable]:
        tail = b""
        for block in _with_line_feeds(_as_utf8(self._blocks(), self._encoding)):
            whole, newline, rest = block.rpartition(b"\n")
            if newline:
                yield from _decoded(tail + whole)
                tail = rest
            else:
                tail += rest
            tail = tail[: MAX_RECORD + 1]
        if tail and self.failure is None:
            yield from _decoded(tail)

    def _blocks(self) -> Iterator[bytes]:
        try:
            while block := self._stream.read(BLOCK):
                yield block
        except FeedRefusedError as failure:
            self.failure = failure


def _with_line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text; where the first line ends in a carriage return alone, all lines do."""
    head = b""
    for block in blocks:
        head += block
        if b"\n" in head or len(head) > MAX_RECORD:
            break
    if b"\n" in head or b"\r" not in head:
        yield from _chain(head, blocks)
    else:
        yield from (block.replace(b"\r", b"\n") for block in _chain(head, blocks))


def _as_utf8(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same text as UTF-8 without a byte order mark; UTF-8 and UTF-16 are known by theirs, whatever `encoding`."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(codecs.BOM_UTF8):
            break
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from _translated(_chain(head, blocks), "utf-16")
    elif encoding == UTF8 or head.startswith(codecs.BOM_UTF8):
        yield from _chain(head.removeprefix(codecs.BOM_UTF8), blocks)
    else:
        yield from _translated(_chain(head, blocks), encoding)


def _marked(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    broken = error.object[error.start : error.end]
    return "".join(f"\ufffdx{byte:02x}" for byte in broken), error.end


codecs.register_error(BROKEN_MARKED, _marked)


def _translated(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Before each broken byte, in letters, stands one that UTF-8 never holds, so that its line alone is refused."""
    decoder = codecs.getincrementaldecoder(encoding)(BROKEN_MARKED)
    for block in blocks:
        yield decoder.decode(block).encode().replace("\ufffd".encode(), b"\xff")
    yield decoder.decode(b"", final=True).encode().replace("\ufffd".encode(), b"\xff")


def _chain(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from blocks


def _decoded(whole_lines: bytes) -> Iterable[str | Unreadable]:
    try:
        lines = whole_lines.decode().split("\n")
    except UnicodeDecodeError:
        return map(decoded, whole_lines.split(b"\n"))
    if b"\0" in whole_lines or max(map(len, lines)) * 4 > MAX_RECORD:
        return map(decoded, whole_lines.split(b"\n"))
    return lines


def decoded(line: bytes, max_bytes: int = MAX_RECORD) -> str | Unreadable:
    """One line of UTF-8."""
    if len(line) > max_bytes:
        return Unreadable("too_long", f"The line is longer than {max_bytes} bytes.", _shown(line))
    if b"\0" in line:
        return Unreadable("encoding", "The line holds a NUL byte.", _shown(line))
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        place = error.start + 1
        return Unreadable("encoding", f"Byte {place} of the line is no text. {SAVE_AS}", _shown(line))


def _shown(line: bytes) -> str:
    text = line[:RAW_LIMIT].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return MARKED.sub(r"\\\1", text)
