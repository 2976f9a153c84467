"""So many at once; whoever comes beyond is asked to come back, rather than kept waiting."""

from collections.abc import Iterator
from contextlib import contextmanager

from inventory_service.runtime.http.errors import BusyError


class Slots:
    """Places for `at_most` of `what`, such as `uploads`."""

    def __init__(self, at_most: int, what: str) -> None:
        self._at_most, self._what, self._taken = at_most, what, 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Holds a place. Raises BusyError."""
        if self._taken >= self._at_most:
            raise BusyError(f"{self._at_most} {self._what} are under way, as many as we take; try again later.")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
