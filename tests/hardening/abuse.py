"""Requests at and beyond the edge of HTTP: none gets a 5xx, none hangs, and none hides another request inside."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

HOST = b"Host: a\r\n"
CLOSE = b"Connection: close\r\n"
SMALL = b"Content-Length: 2\r\n" + CLOSE
HIDDEN = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
"""Has to be answered by nobody."""


@dataclass(frozen=True)
class Abuse:
    """What is sent, and what may come back: one of `statuses`, or nothing but the end where there are none."""

    name: str
    sent: bytes
    statuses: tuple[int, ...] = (400,)


def framed(path: str, headers: bytes, rest: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\n" % path.encode() + HOST + headers + b"\r\n" + rest


def asked(target: bytes, headers: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"GET %b HTTP/%b\r\n" % (target, version) + HOST + headers + CLOSE + b"\r\n"


def of_bodies(path: str, taken: tuple[int, ...]) -> list[Abuse]:
    """`path` takes a POST; `taken` is what a body that is framed well is answered with."""
    chunked = b"Transfer-Encoding: chunked\r\n"
    return [
        Abuse("length and chunks", framed(path, b"Content-Length: 4\r\n" + chunked, b"0\r\n\r\n" + HIDDEN)),
        Abuse("chunks and length", framed(path, chunked + b"Content-Length: 4\r\n", b"0\r\n\r\n" + HIDDEN)),
        Abuse("two lengths", framed(path, b"Content-Length: 0\r\nContent-Length: 35\r\n", HIDDEN)),
        Abuse("a list of lengths", framed(path, b"Content-Length: 2, 2\r\n", b"{}")),
        Abuse("a signed length", framed(path, b"Content-Length: +2\r\n", b"{}")),
        Abuse("a length in hex", framed(path, b"Content-Length: 0x2\r\n", b"{}")),
        Abuse("a length beyond 64 bits", framed(path, b"Content-Length: 99999999999999999999999\r\n", b"{}")),
        Abuse("a coding of nobody", framed(path, b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n")),
        Abuse("chunked is not last", framed(path, b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n")),
        Abuse("a chunk that is no number", framed(path, chunked, b"zz\r\nabc\r\n0\r\n\r\n")),
        Abuse("a bad chunk behind a good one", framed(path, chunked, b"3\r\nabc\r\nzz\r\n")),
        Abuse("a negative chunk", framed(path, chunked, b"-1\r\nabc\r\n0\r\n\r\n")),
        Abuse("a chunk longer than it says", framed(path, chunked, b"2\r\nabcdef\r\n0\r\n\r\n")),
        Abuse("chunks with bare line feeds", framed(path, chunked, b"2\nab\n0\n\n")),
        Abuse("a body that ends early", framed(path, b"Content-Length: 20\r\n" + CLOSE, b"{}"), ()),
        Abuse("no body at all", framed(path, CLOSE), (*taken, 411)),
        Abuse("two types", framed(path, b"Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n")),
        Abuse("a type of bytes", framed(path, b'Content-Type: \xff;charset="\r\n' + SMALL, b"{}"), taken),
        Abuse("a body to be asked for", framed(path, b"Expect: 100-continue\r\n" + SMALL, b"{}"), (100, *taken)),
    ]


ANYWHERE = [
    Abuse("space before a colon", b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n"),
    Abuse("a folded header", b"GET /livez HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"),
    Abuse("a bare carriage return", b"GET /livez HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"),
    Abuse("bare line feeds", b"GET /livez HTTP/1.1\nHost: a\n\n"),
    Abuse("NUL in a header", b"GET /livez HTTP/1.1\r\nHost: a\x00b\r\n\r\n"),
    Abuse("no host", b"GET /livez HTTP/1.1\r\n" + CLOSE + b"\r\n", (200, 400)),
    Abuse("two hosts", b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    Abuse("HTTP/1.0", asked(b"/livez", version=b"1.0"), (200,)),
    Abuse("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Abuse("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    Abuse("an absolute target", asked(b"http://a/livez"), (200,)),
    Abuse("the target of another host", asked(b"http://elsewhere.test:99/livez"), (200, 400, 421)),
    Abuse("an authority as target", asked(b"a:80")),
    Abuse("a star", asked(b"*")),
    Abuse("NUL in a path", asked(b"/v1/\x00")),
    Abuse("bytes in a path", asked(b"/v1/\xff\xfe")),
    Abuse("NUL, escaped", asked(b"/v1/stores/%00"), (400, 404)),
    Abuse("bytes, escaped", asked(b"/v1/products/%ff%fe"), (400, 404)),
    Abuse("half an escape", asked(b"/v1/products/%f"), (400, 404)),
    Abuse("up and away", asked(b"/static/../../../../etc/passwd"), (400, 404)),
    Abuse("up and away, escaped", asked(b"/static/%2e%2e/%2e%2e/settings.py"), (400, 404)),
    Abuse("a file and NUL", asked(b"/static/app.css%00"), (400, 404)),
    Abuse("a huge query", asked(b"/v1/places?q=" + b"x" * 30_000), (400, 404)),
    Abuse("a monstrous query", asked(b"/v1/places?q=" + b"x" * 300_000)),
    Abuse("thousands of parameters", asked(b"/v1/places?" + b"&".join(b"a%d=1" % i for i in range(4_000))), (400, 404)),
    Abuse("two keys", asked(b"/v1/stores", b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), (401, 404)),
    Abuse("weights that are no numbers", asked(b"/livez", b"Accept-Encoding: " + b"a;q=nan," * 900 + b"\r\n"), (200,)),
    Abuse("an unknown method", b"FOO /livez HTTP/1.1\r\nHost: a\r\n\r\n"),
    Abuse("a method for nothing here", b"TRACE /livez HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n", (405,)),
    Abuse("a tag that is none", asked(b"/livez", b'If-None-Match: "\r\nRange: bytes=9-1\r\n'), (200,)),
]


async def statuses(port: int, abuse: Abuse) -> list[int]:
    """Of all that comes back until the other side closes, or falls silent behind a whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(OSError):
        writer.write(abuse.sent)
        if not abuse.statuses:
            writer.write_eof()
    heard = await _heard(reader)
    writer.transport.abort()
    lines = heard.replace(b"HTTP/1.", b"\r\nHTTP/1.").split(b"\r\n")
    return [int(line.split()[1]) for line in lines if line.startswith(b"HTTP/1.")]


async def _heard(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    with suppress(OSError):
        async with asyncio.timeout(20):
            while block := await reader.read(65_536):
                heard += block
    return heard
