"""Publishable keys on the quick way: taken off the address, so that what is left reads as everybody's question."""

from inventory_service.domain.errors import UnauthorizedError
from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.callers import Headers
from inventory_service.web.identity import LONGEST_KEY, SHAPE

PARAMETER = "key=pk_"


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
        if "?" not in before or target[at - 1] not in "?&" or len(secret) > LONGEST_KEY or not SHAPE.fullmatch(secret):
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
