"""The way into Postgres: one pool a program, a deadline on every wait, errors in our own words."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import asyncpg
import orjson

from inventory_service.domain.errors import StorageError

if TYPE_CHECKING:
    OwnConnection: TypeAlias = asyncpg.Connection[Any]
    Connection: TypeAlias = OwnConnection | asyncpg.pool.PoolConnectionProxy[Any]
    Pool: TypeAlias = asyncpg.Pool[Any]
else:  # asyncpg's classes take no parameters when run
    OwnConnection, Connection, Pool = asyncpg.Connection, asyncpg.Connection, asyncpg.Pool

T = TypeVar("T")

DOWN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,  # what comes after a session that Postgres has ended between two commands
    OSError,
)
CLASHES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
"""Two transactions met, such as two that tell of one new product: trying again helps."""
BUSY = (
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectInUseError,
    asyncpg.QueryCanceledError,
    TimeoutError,
    *CLASHES,
)
ATTEMPTS = 8
STOPPED_WITHIN_S = 15.0
"""A program that stopped in the midst of a transaction loses it after so long, lest others wait for its locks."""
ROWS_AT_ONCE = 2_000
NAME = "nearshelf"
"""What our sessions are called; nobody else's are ended."""
STOPPED = """
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name = $1 AND a.wait_event_type = 'Client'
  AND a.state_change < clock_timestamp() - make_interval(secs => $2)
  AND EXISTS (SELECT FROM pg_locks w WHERE NOT w.granted AND a.pid = ANY (pg_blocking_pids(w.pid)))
"""


@contextmanager
def translated() -> Iterator[None]:
    """Turns what a driver raises while the database is away or too slow into StorageError."""
    try:
        yield
    except DOWN as error:
        raise StorageError(f"Postgres cannot be reached ({type(error).__name__}).") from error
    except asyncpg.DiskFullError as error:
        raise StorageError("Postgres has no room left on its disk.") from error
    except BUSY as error:
        raise StorageError(f"Postgres did not answer in time ({type(error).__name__}).") from error


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads
    )


def _limits(deadline_s: float) -> dict[str, str]:
    """What Postgres ends by itself, for a program that can no longer do so."""
    return {
        "application_name": NAME,
        "idle_in_transaction_session_timeout": f"{STOPPED_WITHIN_S * 1e3:.0f}",
        "statement_timeout": f"{(deadline_s + STOPPED_WITHIN_S) * 1e3:.0f}",
    }


async def nothing_kept(_connection: Connection) -> None:
    """For pools that are used for whole transactions alone: nothing of a session is left to be tidied up."""


async def open_pool(
    url: str, *, deadline_s: float, at_most: int = 10, tidied: Callable[[Connection], Awaitable[None]] | None = None
) -> Pool:
    """A pool whose commands end after `deadline_s` seconds. Connections are made when first needed.

    `tidied` readies a connection for the next one who takes it; None: whatever a session may keep is dropped, which
    costs a round trip each time.
    """
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=at_most,
        command_timeout=deadline_s,
        timeout=deadline_s,
        init=_prepare,
        reset=tidied,
        server_settings=_limits(deadline_s),
    )


@asynccontextmanager
async def connected(pool: Pool, *, deadline_s: float) -> AsyncIterator[Connection]:
    """A connection of the pool, or StorageError once `deadline_s` seconds have passed.

    A connection whose answer nobody waited for is cut: tidying it up would take another wait.
    """
    with translated():
        connection = await pool.acquire(timeout=deadline_s)
        try:
            yield connection
        except (TimeoutError, asyncio.CancelledError):
            connection.terminate()
            raise
        finally:
            await pool.release(connection, timeout=deadline_s)


async def ping(pool: Pool, *, deadline_s: float) -> None:
    """Raises StorageError where the database does not answer."""
    async with connected(pool, deadline_s=deadline_s) as connection:
        await connection.execute("SELECT 1")


@asynccontextmanager
async def transaction(pool: Pool, *, deadline_s: float) -> AsyncIterator[Connection]:
    """A connection inside one transaction."""
    async with connected(pool, deadline_s=deadline_s) as connection, connection.transaction():
        yield connection


async def in_turns(connection: Connection, query: str) -> AsyncIterator[list[asyncpg.Record]]:
    """All rows of one moment, never all of them in memory."""
    async with connection.transaction():
        cursor = await connection.cursor(query)
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            yield rows


async def stay_patient(connection: Connection) -> None:
    """The transaction under way may wait for its program as long as it takes."""
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


async def throw_out_stopped(connection: Connection, silent_s: float = STOPPED_WITHIN_S) -> None:
    """Ends sessions that others wait for and whose program has not been heard of for `silent_s`.

    Postgres itself ends those that are idle in a transaction, but none whose program stopped while it sent or received
    rows, or holds a lock of the session's.
    """
    await connection.execute(STOPPED, NAME, silent_s)


async def may_be_lost(connection: Connection) -> None:
    """The transaction's commit does not wait for the disk: only if the machine dies at once is it as if it never was.

    For what nobody outside has been told of.
    """
    await connection.execute("SET LOCAL synchronous_commit TO off")


async def persistently(connection: Connection, work: Callable[[], Awaitable[T]]) -> T:
    """Does `work` in a transaction, and again from its start where that clashed with another's."""
    for _ in range(ATTEMPTS - 1):
        try:
            async with connection.transaction():
                return await work()
        except CLASHES:
            continue
    async with connection.transaction():
        return await work()


async def unless_there(connection: Connection, work: Callable[[], Awaitable[T]]) -> T | None:
    """Does `work` within the transaction under way; takes it back where a row that it adds is there already."""
    try:
        async with connection.transaction():
            return await work()
    except asyncpg.UniqueViolationError:
        return None


async def connect(url: str, *, deadline_s: float) -> OwnConnection:
    """A connection of one's own, outside any pool: for locks held over a whole session."""
    with translated():
        connection = await asyncpg.connect(url, timeout=deadline_s, command_timeout=deadline_s)
        await _prepare(connection)
        return connection
