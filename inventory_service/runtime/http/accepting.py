"""Taking connections from a socket that other processes take them from too, and stopping without losing one."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TAKEN_BY_ANOTHER = (BlockingIOError, InterruptedError, ConnectionAbortedError)


@contextmanager
def accepting(shared: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> Iterator[None]:
    """While the block lasts. What nobody has accepted at its end waits in the socket for the others.

    An event loop's own server may accept one connection more while it closes, and drop it.
    """
    loop = asyncio.get_running_loop()
    beginning: set[asyncio.Task[object]] = set()
    shared.setblocking(False)

    def accept() -> None:
        try:
            connection, _ = shared.accept()
        except TAKEN_BY_ANOTHER:
            return
        task: asyncio.Task[object] = loop.create_task(_begun(loop, protocol, connection))
        beginning.add(task)
        task.add_done_callback(beginning.discard)

    loop.add_reader(shared.fileno(), accept)
    try:
        yield
    finally:
        loop.remove_reader(shared.fileno())


async def _begun(
    loop: asyncio.AbstractEventLoop, protocol: Callable[[], asyncio.Protocol], connection: socket.socket
) -> None:
    try:
        await loop.connect_accepted_socket(protocol, connection)
    except OSError:
        connection.close()
