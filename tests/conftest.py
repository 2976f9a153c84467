"""Real servers for every test: one throwaway Postgres for the session, one Valkey a worker, a fresh database a test.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers to use instead (their user must be allowed to create databases);
`EMBEDDED_PG_BIN` and `EMBEDDED_REDIS_BIN` name other programs to start, such as an older Postgres.
"""

import asyncio
import fcntl
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from redis.asyncio import Redis

from inventory_service.embedded import Durability, servers
from inventory_service.settings import Settings

T = TypeVar("T")

PROJECT = Path(__file__).resolve().parents[1]
_ROOT = pytest.StashKey[Path]()
_UNUSED = "given"
_numbers = itertools.count(1)

hypothesis_settings.register_profile(
    "nearshelf", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("nearshelf")


def pytest_configure(config: pytest.Config) -> None:
    """One folder for all workers; the environment of whoever runs the tests does not reach them.

    Tests ask much from one address: whoever is to be limited says so.
    """
    for name in Settings.model_fields:
        if not name.startswith("embedded_"):
            os.environ.pop(name.upper(), None)
    os.environ["ANONYMOUS_PER_MINUTE"] = "0"
    given = getattr(config, "workerinput", {}).get("nearshelf_root")
    config.stash[_ROOT] = Path(given or tempfile.mkdtemp(prefix="nearshelf-test-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["nearshelf_root"] = str(node.config.stash[_ROOT])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last to end clears up: by then all workers have left the servers, and these have stopped."""
    if hasattr(config, "workerinput"):
        return
    root = config.stash[_ROOT]
    if "TEST_DATABASE_URL" in os.environ:
        statement = f'DROP DATABASE IF EXISTS "{_template_name(root)}" WITH (FORCE)'
        asyncio.run(_execute(os.environ["TEST_DATABASE_URL"], statement))
    shutil.rmtree(root, ignore_errors=True)


class Backstage:
    """An event loop in its own thread, for what outlives a test and must not meddle with the test's own loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = AsyncExitStack()
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def start(self, settings: Settings) -> tuple[str, str]:
        """Addresses of servers that run until `close`."""
        running = self.run(self._stack.enter_async_context(servers(settings, Durability.THROWAWAY)))
        return running.database_url, running.redis_url

    def close(self) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def backstage() -> Iterator[Backstage]:
    backstage = Backstage()
    yield backstage
    backstage.close()


@pytest.fixture(scope="session")
def session_root(request: pytest.FixtureRequest) -> Path:
    """A folder that all workers of this run share."""
    return request.config.stash[_ROOT]


@pytest.fixture(scope="session")
def postgres_url(backstage: Backstage, session_root: Path) -> str:
    """A database of the one server of this run from which others can be created."""
    given = os.environ.get("TEST_DATABASE_URL")
    return (
        given or backstage.start(Settings(data_dir=session_root / "postgres", database_url=None, redis_url=_UNUSED))[0]
    )


@pytest.fixture(scope="session")
def administration(backstage: Backstage, postgres_url: str) -> Iterator[asyncpg.Connection]:
    """A connection on the backstage's loop."""
    connection = backstage.run(asyncpg.connect(postgres_url, timeout=10, command_timeout=60))
    yield connection
    backstage.run(connection.close())


@pytest.fixture(scope="session")
def template(backstage: Backstage, session_root: Path, postgres_url: str, administration: asyncpg.Connection) -> str:
    """Name of a migrated, otherwise empty database, made by whichever worker needs it first."""
    from inventory_service.storage.migrate import migrate

    name, made = _template_name(session_root), session_root / "template.made"
    with (session_root / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            backstage.run(administration.execute(f'DROP DATABASE IF EXISTS "{name}"'))
            backstage.run(administration.execute(f'CREATE DATABASE "{name}"'))
            backstage.run(migrate(_with_database(postgres_url, name)))
            made.touch()
    return name


@pytest.fixture
def new_database(
    backstage: Backstage, template: str, postgres_url: str, administration: asyncpg.Connection, worker_id: str
) -> Iterator[Callable[[], str]]:
    """Makes migrated, empty databases of this test's own."""
    made = []

    def make() -> str:
        name = f"{template}_{worker_id}_{next(_numbers)}"
        backstage.run(administration.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
        made.append(name)
        return _with_database(postgres_url, name)

    yield make
    for name in made:
        backstage.run(administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """A migrated, empty database of this test's own."""
    return new_database()


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=8, timeout=10, command_timeout=30) as pool:
        yield pool


@pytest.fixture(scope="session")
def redis_server_url(backstage: Backstage, session_root: Path, worker_id: str) -> str:
    """This worker's own server, or its own database of the one that was given."""
    given = os.environ.get("TEST_REDIS_URL")
    if given is None:
        folder = session_root / f"redis-{worker_id}"
        return backstage.start(Settings(data_dir=folder, database_url=_UNUSED, redis_url=None))[1]
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    return f"{given.partition('?')[0]}?db={number}"


@pytest.fixture
def redis_url(backstage: Backstage, redis_server_url: str) -> str:
    """An empty Redis."""
    backstage.run(_flush(redis_server_url))
    return redis_server_url


@pytest_asyncio.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real data that is not part of the project."""
    folder = Path(os.environ.get("NEARSHELF_REAL_DATA") or PROJECT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}: NEARSHELF_REAL_DATA may name another folder")
    return folder


def _template_name(root: Path) -> str:
    return root.name.lower().replace("-", "_")


def _with_database(url: str, name: str) -> str:
    address, mark, query = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{mark}{query}"


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    await connection.execute(statement)
    await connection.close()


async def _flush(url: str) -> None:
    async with Redis.from_url(url) as client:
        await client.flushdb()
