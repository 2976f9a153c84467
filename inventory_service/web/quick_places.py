"""Places that were lately asked for by name: resolved as the usual way resolves them, once."""

from inventory_service.domain.errors import InputError
from inventory_service.lookup.places import Gazetteer
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.web.asking import origin_of
from inventory_service.web.models import Origin
from inventory_service.web.queries import PlaceQuery
from inventory_service.web.reading import read_query

MOST_NAMES = 16_384
"""Those that were learned first are let go first."""


class NamedPlaces:
    """By their names as they stand in addresses, for as long as the worker knows the same places."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._gazetteer: Gazetteer | None = None
        self._known: dict[bytes, Origin | None] = {}

    def origin(self, near: bytes) -> Origin | None:
        """None where the name means no place, or none for sure: the usual way says why."""
        gazetteer = self._service.gazetteer
        if gazetteer is not self._gazetteer:
            self._gazetteer = gazetteer
            self._known.clear()
        try:
            return self._known[near]
        except KeyError:
            return self._learned(near)

    def _learned(self, near: bytes) -> Origin | None:
        if len(self._known) >= MOST_NAMES:
            del self._known[next(iter(self._known))]
        origin = self._known[near] = self._read(near)
        return origin

    def _read(self, near: bytes) -> Origin | None:
        try:
            return origin_of(read_query(PlaceQuery, read_query_string(f"?near={near.decode()}"), {}), self._service)
        except InputError:
            return None
