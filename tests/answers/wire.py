"""A wire that can be cut: everything between a program and a real server passes through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path


class Wire:
    """Carries bytes from the socket at `near` to the one at `far`, while it is whole."""

    def __init__(self, near: Path, far: Path) -> None:
        self._near, self._far = near, far
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def mend(self) -> None:
        self._server = await asyncio.start_unix_server(self._carry, self._near)

    def freeze(self) -> None:
        """As if the server hung: connections stay, and nothing comes through until `thaw`."""
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    async def cut(self) -> None:
        """As if the server had died: connections break, new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        self._near.unlink(missing_ok=True)
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(self._far))
        self._writers |= {writer, far_writer}
        with suppress(asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()


@asynccontextmanager
async def wire(near: Path, far: Path) -> AsyncIterator[Wire]:
    one = Wire(near, far)
    await one.mend()
    try:
        yield one
    finally:
        await one.cut()
