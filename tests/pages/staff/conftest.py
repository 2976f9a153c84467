"""The staff page on its own twin; windows are those of all pages."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.pages.staff.twin import StaffTwin, serving


@pytest.fixture
def twin() -> StaffTwin:
    """A new one at an address of its own."""
    return StaffTwin()


@pytest_asyncio.fixture(loop_scope="session")
async def origin(twin: StaffTwin) -> AsyncIterator[str]:
    async with serving(twin) as address:
        yield address
