"""The staff page on its own twin; windows are those of all pages."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.pages.staff.twin import StaffTwin, serving


@pytest.fixture(scope="session")
def serving_twin() -> StaffTwin:
    return StaffTwin()


@pytest.fixture
def twin(serving_twin: StaffTwin) -> StaffTwin:
    """The twin as new."""
    serving_twin.forget()
    return serving_twin


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def origin(serving_twin: StaffTwin) -> AsyncIterator[str]:
    async with serving(serving_twin) as address:
        yield address
