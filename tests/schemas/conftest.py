"""The service on real servers, as staff meet it."""

from tests.staff.conftest import counter

__all__ = ["counter"]
