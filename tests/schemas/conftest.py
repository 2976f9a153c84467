"""The service on real servers, as staff meet it; its streams end soon, so that they can be asked for in a row."""

import pytest

from inventory_service.settings import Settings
from tests.staff.conftest import counter

__all__ = ["counter"]


@pytest.fixture
def settings() -> Settings:
    return Settings(deadline_s=20.0, stream_life_s=0.2)
