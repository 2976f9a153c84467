"""Reads of many requests in one round trip: what is asked while one is under way goes out together with the next.

One connection whose answers come in order. What a driver does per call (a task, a lock, a timer, a wake-up of the other
side) is done once a round trip, for one request alone as for all that are in flight.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, cast

import hiredis
import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from inventory_service.domain.errors import CacheError
from inventory_service.storage.cache.bulk import Command
from inventory_service.storage.cache.client import COMMAND_DEADLINE_S
from inventory_service.storage.cache.replies import read
from inventory_service.storage.cache.resp import INCOMPLETE, replies_end

log = structlog.get_logger(__name__)

MOST_WAITING = 20_000
"""Requests that wait for Redis at most."""
FULL, MOST_TURNS = 16, 8
"""Requests that go out together at once, while fewer than so many turns are under way: what comes back of more would no
longer fit the processor's cache.
"""

REFUSED = "Redis refused to read."

Values = list[bytes | None]
Waiting = asyncio.Future[tuple[bytes | None, list[Values]]]


class Asker(Protocol):
    """Is told once, from the event loop. Where `heard` raises, `failed` is told, and nobody else is disturbed."""

    def heard(self, shared: bytes | None, raw: bytes, gaps: int) -> None:
        """The shared value, and what Redis has answered to the commands, as it came (see replies.py): `gaps` of the
        values are not there.
        """

    def failed(self, error: CacheError) -> None:
        """Redis could not be reached, refused, or did not answer within the deadline."""


class Awaiting:
    """Whoever asked waits for a future."""

    __slots__ = ("future",)

    def __init__(self, future: Waiting) -> None:
        self.future = future

    def heard(self, shared: bytes | None, raw: bytes, _gaps: int) -> None:
        if not self.future.done():
            self.future.set_result((shared, read(raw)))

    def failed(self, error: CacheError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Turn:
    """What goes out together: a key that all of them share, then each one's own. Each is told as soon as it can be."""

    __slots__ = ("_refused", "_settled", "_shared", "asked", "commands", "due")

    def __init__(self, shared: bytes) -> None:
        """`shared` is the command for the shared key; empty: there is none."""
        self.commands = [shared]
        self.asked: list[tuple[Asker, int]] = []
        self._shared: bytes | None = None
        self._refused = False
        self._settled, self.due = -1 if shared else 0, 0.0

    def ask(self, commands: bytes, count: int, asker: Asker) -> None:
        self.commands.append(commands)
        self.asked.append((asker, count))

    def settle(self, data: bytes, at: int) -> int:
        """Tells whoever has been answered by `data[at:]`; returns from where on it has to come again.

        Raises ValueError where that is no answer.
        """
        asked = self.asked
        while self._settled < len(asked):
            count = 1 if self._settled < 0 else asked[self._settled][1]
            end, refusals, gaps = replies_end(data, at, count)
            if end == INCOMPLETE:
                break
            if end < 0:
                raise ValueError
            if refusals:
                self._refuse()
            else:
                self._take(data[at:end], gaps)
            at = end
        return int(at)

    @property
    def settled(self) -> bool:
        return self._settled == len(self.asked)

    def fail(self, why: str) -> None:
        left, self._settled = self.asked[max(0, self._settled) :], len(self.asked)
        for asker, _ in left:
            asker.failed(CacheError(why))

    def _take(self, raw: bytes, gaps: int) -> None:
        at = self._settled
        self._settled += 1
        if at < 0:
            (self._shared,) = read(raw)
        elif self._refused:
            self.asked[at][0].failed(CacheError(REFUSED))
        else:
            _tell(self.asked[at][0], self._shared, raw, gaps)

    def _refuse(self) -> None:
        """Where the shared key is refused, nobody is told anything."""
        at = self._settled
        self._settled += 1
        if at < 0:
            self._refused = True
        else:
            self.asked[at][0].failed(CacheError(REFUSED))


def _tell(asker: Asker, shared: bytes | None, raw: bytes, gaps: int) -> None:
    try:
        asker.heard(shared, raw, gaps)
    except Exception:
        log.exception("an answer was not understood")
        asker.failed(CacheError("What Redis told was not understood."))


class Line(asyncio.Protocol):
    """The connection: turns go out, and are settled in the order in which they did."""

    def __init__(self, deadline_s: float, idle: Callable[[], None]) -> None:
        """`idle` is called when all that was sent is answered."""
        self._deadline_s, self._idle = deadline_s, idle
        self._rest = b""
        self._turns: deque[Turn] = deque()
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def turns(self) -> int:
        """How many are under way."""
        return len(self._turns)

    def send(self, turn: Turn) -> None:
        loop = asyncio.get_running_loop()
        turn.due = loop.time() + self._deadline_s
        self._turns.append(turn)
        if self._watch is None:
            self._watch = loop.call_later(self._deadline_s, self._look)
        assert self._transport is not None
        self._transport.write(b"".join(turn.commands))

    def close(self, why: str = "The connection to Redis was closed.") -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._transport is not None:
            self._transport.abort()
        turns, self._turns = self._turns, deque()
        for turn in turns:
            turn.fail(why)
        self._idle()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at = 0
        try:
            while at < len(data):
                turn = self._turns[0]
                begun, at = at, turn.settle(data, at)
                if turn.settled:
                    self._turns.popleft()
                elif at == begun:
                    break
        except (ValueError, IndexError):
            self.close("What answers is no Redis.")
            return
        self._rest = data[at:]
        if not self._turns:
            self._idle()

    def connection_lost(self, exc: Exception | None) -> None:
        self.close("Redis closed the connection." if exc is None else f"Redis is gone ({type(exc).__name__}).")

    def _look(self) -> None:
        """Ends a connection on which the oldest turn has waited for too long."""
        loop, self._watch = asyncio.get_running_loop(), None
        if not self._turns:
            return
        left_s = self._turns[0].due - loop.time()
        if left_s > 0:
            self._watch = loop.call_later(left_s, self._look)
        else:
            self.close("Redis did not answer in time.")


class SharedReads:
    """Reads on a connection of their own, which is opened when first asked, and again after a fault."""

    def __init__(self, redis: Redis, shared: str) -> None:
        """`shared` is the key that is read with every turn."""
        self._pool = redis.connection_pool
        self._shared = f"*2\r\n$3\r\nGET\r\n${len(shared)}\r\n{shared}\r\n".encode()
        self._deadline_s = float(self._pool.connection_kwargs.get("socket_timeout") or COMMAND_DEADLINE_S)
        self._line = Line(self._deadline_s, self._depart)
        self._opening: asyncio.Task[None] | None = None
        self._turn: Turn | None = None
        self._standing: list[Turn] = []

    def ask(self, commands: bytes, count: int) -> Waiting:
        """To be awaited for the shared value, and the answers to so many commands, each an MGET of names of one slot.

        Raises CacheError, at once or when awaited, where Redis cannot be reached, refuses, or does not answer within
        the deadline.
        """
        waiting: Waiting = asyncio.get_running_loop().create_future()
        self.tell(commands, count, Awaiting(waiting))
        return waiting

    def tell(self, commands: bytes, count: int, asker: Asker) -> None:
        """As `ask`, for somebody who does not wait. Raises CacheError where too many have asked."""
        turn = self._turn
        if turn is None:
            turn = self._turn = Turn(self._shared)
            asyncio.get_running_loop().call_soon(self._depart)
        if len(turn.asked) >= MOST_WAITING:
            raise CacheError("Too many wait for Redis.")
        turn.ask(commands, count, asker)
        if len(turn.asked) >= FULL and self._line.open and self._line.turns < MOST_TURNS and not self._standing:
            self._turn = None
            self._line.send(turn)

    async def aclose(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            with suppress(asyncio.CancelledError):
                await self._opening
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.fail("The connection to Redis was closed.")
        self._line.close()

    def _depart(self) -> None:
        """Unless others are under way: then with whatever comes until they are back."""
        turn = self._turn
        if turn is None or (self._line.open and self._line.turns):
            return
        self._turn = None
        if self._line.open and not self._standing:
            self._line.send(turn)
            return
        self._standing.append(turn)
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        why = "The connection to Redis was closed."
        try:
            async with asyncio.timeout(self._deadline_s):
                line = self._line = await self._connected()
            standing, self._standing = self._standing, []
            for turn in standing:
                line.send(turn)
        except (OSError, TimeoutError, CacheError) as error:
            why = f"Redis cannot be reached ({type(error).__name__})."
        finally:
            self._opening = None
            standing, self._standing = self._standing, []
            for turn in standing:
                turn.fail(why)

    async def _connected(self) -> Line:
        loop, of = asyncio.get_running_loop(), self._pool.connection_kwargs
        line = Line(self._deadline_s, self._depart)
        kind, made = self._pool.connection_class, _given(line)
        if issubclass(kind, UnixDomainSocketConnection):
            await loop.create_unix_connection(made, of["path"])
        else:
            tls = kind(**of).ssl_context.get() if issubclass(kind, SSLConnection) else None
            await loop.create_connection(made, of.get("host", "localhost"), of.get("port", 6379), ssl=tls)
        try:
            await _introduced(line, _introduction(of))
        except BaseException:
            line.close()
            raise
        return line


def _introduction(of: dict[str, Any]) -> list[Command]:
    commands: list[Command] = []
    if of.get("password"):
        commands.append(("AUTH", of.get("username") or "default", of["password"]))
    if of.get("db"):
        commands.append(("SELECT", of["db"]))
    return commands


async def _introduced(line: Line, commands: list[Command]) -> None:
    if commands:
        waiting: Waiting = asyncio.get_running_loop().create_future()
        turn = Turn(b"")
        turn.ask(b"".join(map(hiredis.pack_command, commands)), len(commands), Awaiting(waiting))
        line.send(turn)
        await waiting


def _given(line: Line) -> Callable[[], Line]:
    return lambda: line
