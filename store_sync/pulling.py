"""Pulled URLs: asked for on a schedule that all processes share, loaded where there is a new version."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from inventory_service.domain.errors import ConfigurationError, FeedRefusedError, PausedError
from inventory_service.runtime.outage import Outage
from inventory_service.storage import source_pulls, source_state
from inventory_service.storage.postgres import connected, transaction
from inventory_service.storage.source_pulls import Standing, Version
from store_sync.declared import DeclaredSource, filled_in, reading_of
from store_sync.sources.fetching import Fetched, FetchError, Request, fetch
from store_sync.sources.pace import wait_s
from store_sync.sources.taking import DEADLINE_S, Means, enrolled, load_file, turn_of
from store_sync.sources.turns import Turn

LOOK_AGAIN_S = 2.0
"""How soon a resumed source, or a turn that has become free, is noticed."""
PREFIX = "pull-"
LEFT_BEHIND_S = 24 * 3600.0


class Puller:
    """Keeps up with one URL. What it knows is in the database: it may be killed at any moment."""

    def __init__(self, source: DeclaredSource, url: str, means: Means) -> None:
        self._source, self._url, self._means = source, url, means
        self._label = url.partition("?")[0]
        self._reading = reading_of(source)
        self._source_id: int | None = None
        self._outage = Outage(f"the URL of {source.name}")

    async def look(self) -> float:
        """Asks for the URL where that is due; returns the seconds until the next look.

        Raises StorageError and TurnLostError.
        """
        source_id = self._source_id = self._source_id or await enrolled(self._means, self._source)
        standing = await self._standing(source_id)
        if not _is_due(standing):
            return _rest_s(standing)
        async with self._means.slots, turn_of(self._means, source_id) as mine:
            standing = await self._standing(source_id)
            if mine is not None and _is_due(standing):
                await self._pull(source_id, standing, mine)
        return _rest_s(await self._standing(source_id))

    async def _standing(self, source_id: int) -> Standing:
        async with connected(self._means.pool, deadline_s=DEADLINE_S) as connection:
            return await source_pulls.standing(connection, source_id, self._url, self._reading)

    async def _pull(self, source_id: int, standing: Standing, mine: Turn) -> None:
        try:
            with _spool_file(self._means.spool) as path:
                fetched = await fetch(self._request(standing.version), path)
                if fetched is not None:
                    await load_file(self._means, self._source, mine, path, fetched.modified_at, self._label)
        except PausedError:
            return
        except FeedRefusedError as refused:
            await self._failed(source_id, refused, self._wait_s(0))
        except (FetchError, ConfigurationError) as error:
            asked_s = error.retry_after_s if isinstance(error, FetchError) else 0.0
            await self._failed(source_id, error, max(asked_s, self._wait_s(standing.failures + 1)))
        else:
            await self._succeeded(source_id, fetched)

    def _request(self, known: Version) -> Request:
        """Raises ConfigurationError where a variable is not set."""
        url = filled_in(self._source, self._url, self._means.environ)
        name = self._source.authorization_env
        authorization = None if name is None else filled_in(self._source, f"${{{name}}}", self._means.environ)
        return Request(url, known, authorization, self._means.pull_max_bytes)

    def _wait_s(self, failures: int) -> float:
        return wait_s(self._source.every_s, failures, random.random())  # noqa: S311 -- spreads requests, no secret

    async def _succeeded(self, source_id: int, fetched: Fetched | None) -> None:
        next_in_s = self._wait_s(0)
        async with transaction(self._means.pool, deadline_s=DEADLINE_S) as connection:
            if fetched is None:
                await source_pulls.not_modified(connection, source_id, next_in_s)
            else:
                version = fetched.version
                await source_pulls.loaded(connection, source_id, self._url, self._reading, version, next_in_s)
            await source_state.looked(connection, source_id, self._means.clock())
        self._outage.over()

    async def _failed(self, source_id: int, error: Exception, next_in_s: float) -> None:
        async with transaction(self._means.pool, deadline_s=DEADLINE_S) as connection:
            await source_pulls.failed(connection, source_id, next_in_s)
            await source_state.look_failed(connection, source_id, str(error))
        self._outage.met(error)


def _is_due(standing: Standing) -> bool:
    return not standing.paused and standing.due_in_s <= 0


def _rest_s(standing: Standing) -> float:
    return min(LOOK_AGAIN_S, max(standing.due_in_s, 0.05))


@contextmanager
def _spool_file(folder: Path) -> Iterator[Path]:
    """Where a file may be written until the block ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(f"The folder {folder} cannot be made: {error.strerror}.") from None
    path = folder / f"{PREFIX}{uuid4().hex}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def clear_spool(folder: Path) -> None:
    """Removes what killed processes left behind a day ago or longer."""
    for path in folder.glob(f"{PREFIX}*"):
        try:
            if time.time() - path.stat().st_mtime > LEFT_BEHIND_S:
                path.unlink()
        except OSError:
            continue
