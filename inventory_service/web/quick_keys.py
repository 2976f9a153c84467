"""Publishable keys on the quick way: taken off the address, so that what is left reads as everybody's question."""

import re
from typing import Protocol

from inventory_service.domain.errors import UnauthorizedError
from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service

PARAMETER = "key=pk_"
PLAIN = re.compile(r"pk_[A-Za-z0-9_-]{1,197}")


class Headers(Protocol):
    """Those of a request; one may come several times."""

    def getall(self, name: str, default: list[str], /) -> list[str]: ...


class Keyring:
    """Tells who may be answered as everybody is."""

    def __init__(self, service: Service, *, required: bool) -> None:
        """`required`: nobody is answered without a key."""
        self._service, self._required = service, required

    def read(self, target: str, headers: Headers) -> tuple[str, Key | None] | None:
        """The target without its key, and whose that is; None where the usual way has to look at it.

        So it is where the key is none, not for this origin, or is told of some retailers or fields alone.
        """
        at = target.find(PARAMETER)
        if at < 0:
            return None if self._required else (target, None)
        secret, _, rest = target[at + 4 :].partition("&")
        before = target[:at] if rest else target[: at - 1]
        if "?" not in before or target[at - 1] not in "?&" or not PLAIN.fullmatch(secret):
            return None
        key = self._valid(secret)
        if key is None or key.kind != "pk" or key.retailers or key.fields:
            return None
        origins = headers.getall("Origin", [])
        return (before + rest, key) if len(origins) == 1 and origins[0] in key.origins else None

    def _valid(self, secret: str) -> Key | None:
        try:
            return self._service.authenticate(secret)
        except UnauthorizedError:
            return None
