"""Who sends: keys with the scope `ingest`, looked up so often that a revoked one is soon refused."""

import asyncio
import time
from collections.abc import Mapping

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import ForbiddenError, KeyInvalidError, KeyRequiredError, StorageError
from inventory_service.domain.key import Key
from inventory_service.storage import keys
from inventory_service.storage.postgres import Pool, connected

FRESH_S = 1.0
"""Keys are read again once what is held of them is older."""
FRESH_FOR_STRANGERS_S = 0.1
"""The same for a key that nobody knows: it may be new, and it may be a guess."""
LONGEST_KEY = 200
UNKNOWN = "This is not one of our keys."


class Keys:
    """The keys in force, and those that were until lately."""

    def __init__(self, pool: Pool, clock: Clock, deadline_s: float) -> None:
        self._pool, self._clock, self._deadline_s = pool, clock, deadline_s
        self._known: Mapping[bytes, Key] = {}
        self._read_at = -FRESH_S
        self._reading = asyncio.Lock()

    async def sender(self, headers: Mapping[str, str]) -> Key:
        """Whose request it is. Raises KeyRequiredError, KeyInvalidError, ForbiddenError, StorageError."""
        digest = keys.key_hash(_secret(headers))
        try:
            async with asyncio.timeout(self._deadline_s):
                key = await self._find(digest)
        except TimeoutError:
            raise StorageError("The keys could not be read in time.") from None
        fault = UNKNOWN if key is None else key.fault(self._clock())
        if key is None or fault is not None:
            raise KeyInvalidError(fault)
        if key.kind != "sk" or "ingest" not in key.scopes:
            raise ForbiddenError("This key may not send: a secret key (sk_) with the scope ingest may.")
        return key

    async def _find(self, digest: bytes) -> Key | None:
        await self._read_again(FRESH_S)
        if digest not in self._known:
            await self._read_again(FRESH_FOR_STRANGERS_S)
        return self._known.get(digest)

    async def _read_again(self, older_than_s: float) -> None:
        """One reads for all who wait."""
        if time.monotonic() - self._read_at < older_than_s:
            return
        async with self._reading:
            now = time.monotonic()
            if now - self._read_at >= older_than_s:
                async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                    self._known = await keys.known(connection)
                self._read_at = now


def _secret(headers: Mapping[str, str]) -> str:
    if "Authorization" not in headers:
        raise KeyRequiredError("Send a key as Authorization: Bearer KEY.")
    scheme, _, secret = headers["Authorization"].partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise KeyInvalidError("Send the key as Authorization: Bearer KEY.")
    if not (secret.isascii() and secret.isprintable() and len(secret) <= LONGEST_KEY):
        raise KeyInvalidError(UNKNOWN)
    return secret
