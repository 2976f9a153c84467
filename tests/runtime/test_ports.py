"""A port that is taken is said to be, whoever wants it."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from aiohttp import web

from inventory_service.domain.errors import ConfigurationError
from inventory_service.runtime.http.server import serve_app
from inventory_service.workers import reserved


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


async def test_a_server_says_that_its_port_is_taken(taken: int) -> None:
    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{taken} cannot be listened on: Address already in use."):
        async with serve_app(web.Application(), "127.0.0.1", taken):
            pass


def test_the_launcher_says_that_its_port_is_taken(taken: int) -> None:
    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{taken} cannot be listened on: Address already in use."):
        reserved("127.0.0.1", taken)


async def test_a_server_says_that_its_host_is_nobodys() -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.invalid:0 cannot be listened on: "):
        async with serve_app(web.Application(), "nowhere.invalid", 0):
            pass


async def test_nobody_can_connect_to_a_reserved_port_before_somebody_serves_on_it() -> None:
    with reserved("127.0.0.1", 0) as shared:
        port = shared.getsockname()[1]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        async with serve_app(web.Application(), "127.0.0.1", 0, shared=shared) as told:
            assert told == port
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
