"""A real server around the twin, and a client that sends addresses byte for byte as they are written."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
from yarl import URL

from inventory_service.runtime.http.server import serve_app
from inventory_service.settings import Settings
from inventory_service.web.app import create_app
from tests.web.twin import Twin

QUESTION = "/v1/availability?gtin=00300691085301&near=98101"


@dataclass(frozen=True)
class Heard:
    """A whole response."""

    status: int
    headers: Any
    body: bytes
    json: Any

    @property
    def pointers(self) -> list[str]:
        return sorted({fault["pointer"] for fault in self.json["errors"]})


Ask = Callable[..., Awaitable[Heard]]


@pytest.fixture
def twin() -> Twin:
    return Twin()


@pytest.fixture
def settings() -> Settings:
    return Settings(deadline_s=0.2)


@pytest_asyncio.fixture
async def port(twin: Twin, settings: Settings) -> AsyncIterator[int]:
    async with serve_app(create_app(twin, settings), "127.0.0.1", 0) as port:
        yield port


@pytest_asyncio.fixture
async def ask(port: int) -> AsyncIterator[Ask]:
    async with aiohttp.ClientSession(auto_decompress=True) as session:

        async def ask(target: str, method: str = "GET", data: bytes | None = None, **headers: str) -> Heard:
            url = URL(f"http://127.0.0.1:{port}{target}", encoded=True)
            spelled = {name.replace("_", "-"): value for name, value in headers.items()}
            async with session.request(method, url, data=data, headers=spelled, allow_redirects=False) as response:
                body = await response.read()
                is_json = body and "json" in response.content_type
                return Heard(response.status, response.headers, body, orjson.loads(body) if is_json else None)

        yield ask
