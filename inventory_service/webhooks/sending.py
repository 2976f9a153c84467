"""One attempt to deliver: signed, with deadlines, without following anybody anywhere."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import time

import aiohttp
from standardwebhooks import Webhook as Signer

from inventory_service.domain.webhooks import Attempt
from inventory_service.storage.outbox import Due, Parcel
from inventory_service.webhooks.addresses import PrivateAddressError, PublicResolver, Resolver, public_socket, url_fault

CONNECT_WITHIN_S, WHOLE_WITHIN_S = 5.0, 15.0
MOST_READ_BYTES = 64 * 1024
PIECE_BYTES = 16 * 1024
AGENT = "Nearshelf-Webhooks/1"
NOT_PUBLIC = "the address is not public"


class Sender:
    """Sends parcels; `open_sender` makes one."""

    def __init__(self, session: aiohttp.ClientSession, *, private: bool) -> None:
        self._session, self._private = session, private

    async def send(self, due: Due, parcel: Parcel) -> Attempt:
        """Never raises for what the receiver does or is."""
        if url_fault(due.url, private=self._private):
            return Attempt(failure=NOT_PUBLIC)
        try:
            return await self._send(due, parcel)
        except TimeoutError:
            return Attempt(failure=f"no answer within {WHOLE_WITHIN_S:.0f} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Attempt(failure=_reason(error))

    async def _send(self, due: Due, parcel: Parcel) -> Attempt:
        request = self._session.post(
            due.url, data=parcel.body.encode(), headers=signed(parcel, due.secrets, time()), allow_redirects=False
        )
        async with request as response:
            attempt = attempt_of(response.status, response.headers.get("Retry-After"))
            await _read_on(response)
            return attempt


@asynccontextmanager
async def open_sender(*, private: bool, resolver: Resolver | None = None) -> AsyncIterator[Sender]:
    """`private`: any address will do. `resolver` tells what names mean; None: the system, looked at."""
    resolver = resolver or (Resolver() if private else PublicResolver())
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        socket_factory=None if private else public_socket,
        use_dns_cache=False,
        limit=0,
        keepalive_timeout=15.0,
    )
    timeout = aiohttp.ClientTimeout(total=WHOLE_WITHIN_S, connect=CONNECT_WITHIN_S, sock_connect=CONNECT_WITHIN_S)
    session = aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    )
    try:
        async with session:
            yield Sender(session, private=private)
    finally:
        await resolver.close()


def signed(parcel: Parcel, secrets: Sequence[str], now_s: float) -> dict[str, str]:
    """The headers of an attempt at `now_s` of the world's clock: receivers refuse what is signed long ago."""
    moment = datetime.fromtimestamp(int(now_s), UTC)
    signatures = [Signer(secret).sign(parcel.event_id, moment, parcel.body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": parcel.event_id,
        "webhook-timestamp": str(int(now_s)),
        "webhook-signature": " ".join(signatures),
    }


def attempt_of(status: int, retry_after: str | None) -> Attempt:
    """What a status means."""
    if 200 <= status < 300:
        return Attempt(status)
    why = "redirects are not followed" if 300 <= status < 400 else f"answered {status}"
    return Attempt(status, why, _seconds(retry_after))


def _seconds(retry_after: str | None) -> float | None:
    """A number of seconds or an HTTP date; None where it is neither."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, aware.timestamp() - time())


async def _read_on(response: aiohttp.ClientResponse) -> None:
    """What is said beside the status is read within bounds, so that the connection may serve again."""
    left = MOST_READ_BYTES
    try:
        async with asyncio.timeout(1.0):
            while left > 0 and (piece := await response.content.read(PIECE_BYTES)):
                left -= len(piece)
    except (TimeoutError, aiohttp.ClientError, OSError):
        left = 0
    if left <= 0:
        response.close()


def _reason(error: Exception) -> str:
    """In a few words, without the address."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, PrivateAddressError):
            return NOT_PUBLIC
        inner = getattr(inner, "os_error", None) or inner.__cause__
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "no trusted TLS connection could be made"
        case aiohttp.ClientConnectorDNSError():
            return "the server's name is not known"
        case aiohttp.ClientConnectorError():
            return "no connection could be made"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the connection ended without an answer"
    return "the answer was not well-formed HTTP"
