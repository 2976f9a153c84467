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

DOWN = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError, OSError)
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


@contextmanager
def translated() -> Iterator[None]:
    """Turns what a driver raises while the database is away or too slow into StorageError."""
    try:
        yield
    except DOWN as error:
        raise StorageError(f"Postgres cannot be reached ({type(error).__name__}).") from error
    except BUSY as error:
        raise StorageError(f"Postgres did not answer in time ({type(error).__name__}).") from error


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads
    )


async def open_pool(url: str, *, deadline_s: float, at_most: int = 10) -> Pool:
    """A pool whose commands end after `deadline_s` seconds. Connections are made when first needed."""
    return await asyncpg.create_pool(
        url, min_size=0, max_size=at_most, command_timeout=deadline_s, timeout=deadline_s, init=_prepare
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


async def connect(url: str, *, deadline_s: float) -> OwnConnection:
    """A connection of one's own, outside any pool: for locks held over a whole session."""
    with translated():
        connection = await asyncpg.connect(url, timeout=deadline_s, command_timeout=deadline_s)
        await _prepare(connection)
        return connection
