"""Clients that nobody wants: each takes up a connection until the server has had enough of it."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

PATIENCE_S = 30.0
"""Whoever is still connected after that has not been cut off at all."""
HEAD = b"Host: nearshelf.test\r\n"


@dataclass(frozen=True)
class Bad:
    """One kind of client: what it sends at once, what again and again, and whether it reads what it is told."""

    kind: str
    at_once: bytes
    again: bytes = b""
    every_s: float = 1.0
    reads: bool = True


@dataclass(frozen=True)
class Ended:
    """How long it was let stay, from its last news on: None for ever."""

    kind: str
    after_s: float | None


def asking(path: str) -> bytes:
    return b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), HEAD)


def sending(path: str, length: int, key: str = "") -> bytes:
    """The head of a body of `length` bytes that is still to come."""
    who = f"Authorization: Bearer {key}\r\n" if key else ""
    return f"POST {path} HTTP/1.1\r\n{who}Content-Length: {length}\r\n".encode() + HEAD + b"\r\n"


def bomb(path: str, key: str) -> bytes:
    """200 KB of gzip that unpack to 200 MB."""
    packed = gzip.compress(bytes(200_000_000), compresslevel=9)
    head = f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {key}\r\nContent-Encoding: gzip\r\n".encode()
    return head + b"Content-Length: %d\r\nConnection: close\r\n" % len(packed) + HEAD + b"\r\n" + packed


async def suffered(port: int, bad: Bad) -> Ended:
    """Connects, misbehaves, and waits for the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    pestering = asyncio.create_task(_pester(writer, bad))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await (_to_the_end(reader) if bad.reads else _until_refused(writer))
    except TimeoutError:
        return Ended(bad.kind, None)
    finally:
        pestering.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await pestering
        writer.transport.abort()
    return Ended(bad.kind, time.monotonic() - began)


async def _pester(writer: asyncio.StreamWriter, bad: Bad) -> None:
    with suppress(OSError):
        writer.write(bad.at_once)
        await writer.drain()
        while bad.again:
            await asyncio.sleep(bad.every_s)
            writer.write(bad.again)
            await writer.drain()


async def _to_the_end(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        async for _ in _blocks(reader):
            pass


async def _blocks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while block := await reader.read(65_536):
        yield block


async def _until_refused(writer: asyncio.StreamWriter) -> None:
    """Who never reads sees the end where it cannot send any more."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    with suppress(OSError):
        while not writer.transport.is_closing():
            await asyncio.sleep(0.2)
            writer.write(asking("/openapi.json"))
