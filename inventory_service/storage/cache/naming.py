"""Commands for the blocks of a product, compiled: written straight from the neighbourhoods' ids."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from geo.compiled import compiled
from geo.digits import digits_of, write_number
from inventory_service.storage.cache import keys

MGET = np.frombuffer(b"\r\n$4\r\nMGET\r\n", np.uint8).copy()
STAR, DOLLAR, RETURN, FEED = (ord(sign) for sign in "*$\r\n")


ONE_REPLY = b"*1\r\n"
"""What the reply to `single` begins with."""


def prefix(product_id: int) -> bytes:
    """What the names of all blocks of a product begin with."""
    return keys.blocks(product_id, [0])[0][:-1].encode()


def single(name: str) -> bytes:
    """The command for one name alone."""
    return f"*2\r\n$4\r\nMGET\r\n${len(name)}\r\n{name}\r\n".encode()


class Names(Sequence[str]):
    """The names in a command, spelled out only where somebody looks at them."""

    __slots__ = ("_command", "_count")

    def __init__(self, command: bytes, count: int) -> None:
        """`count` of them stand at the end of `command`."""
        self._command, self._count = command, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return iter(self._spelled())

    def __getitem__(self, at: Any) -> Any:
        return self._spelled()[at]

    def _spelled(self) -> list[str]:
        return self._command.decode().split("\r\n")[-2 * self._count : -1 : 2]


@compiled
def _line_end(out, at):
    out[at], out[at + 1] = RETURN, FEED
    return at + 2


@compiled
def write_command(out, head, beginning, ids, places):
    """`head`, then the command for the blocks `beginning` + id of those `ids`; returns how many bytes that is."""
    at = 0
    for byte in head:
        out[at] = byte
        at += 1
    out[at] = STAR
    at = write_number(out, at + 1, len(places) + 1)
    for byte in MGET:
        out[at] = byte
        at += 1
    for place in places:
        one = ids[place]
        out[at] = DOLLAR
        at = _line_end(out, write_number(out, at + 1, len(beginning) + digits_of(one)))
        for byte in beginning:
            out[at] = byte
            at += 1
        at = _line_end(out, write_number(out, at, one))
    return at
