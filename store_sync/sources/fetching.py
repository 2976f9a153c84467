"""One conditional GET to a spool file: bounded in bytes, time and redirects, with nothing secret in what it tells."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

from inventory_service.domain.errors import FeedRefusedError, UnavailableError
from inventory_service.storage.source_pulls import Version
from store_sync.inflate import Bounded, Counted, Gunzip

CONNECT_WITHIN_S = 15.0
READ_WITHIN_S = 60.0
FETCH_WITHIN_S = 3600.0
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
BLOCK = 1 << 18
LONGEST_ASKED_WAIT_S = 24 * 3600.0


class FetchError(UnavailableError):
    """The URL could not be fetched. `retry_after_s`: how long the server asks us to stay away, or 0."""

    def __init__(self, sentence: str, retry_after_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for: `authorization` is the whole header value, sent to the URL's own origin alone."""

    url: str
    known: Version
    authorization: str | None
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """A version that was not known, and when the server says it was made."""

    path: Path
    version: Version
    modified_at: datetime | None


async def fetch(request: Request, path: Path, read_within_s: float = READ_WITHIN_S) -> Fetched | None:
    """Writes what the URL holds to `path`; None where it holds what is known. Raises FetchError."""
    try:
        async with (
            asyncio.timeout(FETCH_WITHIN_S),
            _session(read_within_s) as session,
            _answered(session, request) as response,
        ):
            if response.status == 304:
                return None
            await _spool(response, path, request.max_bytes)
            return await _fetched(response, path, request.max_bytes)
    except TimeoutError:
        raise FetchError("The server did not answer in time.") from None
    except (ClientError, ValueError) as error:
        raise FetchError(f"The server cannot be reached or broke off ({type(error).__name__}).") from None
    except OSError as error:
        raise FetchError(f"What was fetched cannot be kept: {error.strerror}.") from None


def _session(read_within_s: float) -> ClientSession:
    limits = ClientTimeout(total=FETCH_WITHIN_S, sock_connect=CONNECT_WITHIN_S, sock_read=read_within_s)
    return ClientSession(timeout=limits, auto_decompress=False, cookie_jar=DummyCookieJar())


@asynccontextmanager
async def _answered(session: ClientSession, request: Request) -> AsyncIterator[ClientResponse]:
    """The answer after redirects: 200, or 304 where something is known."""
    start = url = URL(request.url)
    for _ in range(MOST_REDIRECTS + 1):
        headers = _headers(request, at_home=url.origin() == start.origin())
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            if response.status not in REDIRECTS:
                _check(response, request.known)
                yield response
                return
            url = redirected(url, response.headers)
    raise FetchError(f"The server redirects more than {MOST_REDIRECTS} times.")


def _headers(request: Request, *, at_home: bool) -> dict[str, str]:
    """Credentials leave for the declared server alone."""
    given = {
        "Accept-Encoding": "gzip",
        "User-Agent": "nearshelf",
        "If-None-Match": request.known.etag,
        "If-Modified-Since": request.known.last_modified,
        "Authorization": request.authorization if at_home else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def redirected(url: URL, headers: Mapping[str, str]) -> URL:
    """Where an answer sends us; relative to `url`, which it was given for. Raises FetchError."""
    target = url.join(URL(headers.get("Location", "")))
    if target.scheme not in ("http", "https") or not target.host:
        raise FetchError("The server redirects to something that is no web address.")
    if url.scheme == "https" and target.scheme == "http":
        raise FetchError("The server redirects from https to http, which is not followed.")
    return target


def _check(response: ClientResponse, known: Version) -> None:
    if response.status == 200 or (response.status == 304 and known != Version(None, None)):
        return
    asked = response.headers.get("Retry-After", "")
    wait_s = min(float(asked), LONGEST_ASKED_WAIT_S) if asked.isascii() and asked.isdigit() else 0.0
    raise FetchError(f"The server answered {response.status}.", wait_s)


async def _spool(response: ClientResponse, path: Path, max_bytes: int) -> None:
    taken = 0
    with path.open("wb") as file:
        async for block in response.content.iter_chunked(BLOCK):
            taken += len(block)
            if taken > max_bytes:
                raise FetchError(f"The server sends more than {max_bytes:,} bytes.")
            await asyncio.to_thread(file.write, block)


async def _fetched(response: ClientResponse, path: Path, max_bytes: int) -> Fetched:
    headers = response.headers
    coding = headers.get("Content-Encoding", "identity").lower()
    if coding in ("gzip", "x-gzip"):
        await asyncio.to_thread(_unwrap, path, max_bytes)
    elif coding != "identity":
        raise FetchError("The server sends an encoding that was not asked for; gzip is.")
    last_modified = headers.get("Last-Modified")
    return Fetched(path, Version(headers.get("ETag"), last_modified), _moment(last_modified))


def _unwrap(path: Path, max_bytes: int) -> None:
    """Takes the gzip of the transfer off, so that the file is what the server holds; it may be gzip itself."""
    plain = path.with_name(f"{path.name}.plain")
    try:
        with path.open("rb") as packed, plain.open("wb") as file:
            counted = Counted(packed)
            unpacked = Bounded(Gunzip(counted), counted.position, max_bytes)
            while block := unpacked.read(BLOCK):
                file.write(block)
        plain.replace(path)
    except FeedRefusedError as error:
        raise FetchError(str(error)) from None
    finally:
        plain.unlink(missing_ok=True)


def _moment(http_date: str | None) -> datetime | None:
    """A Last-Modified as a time; None where it is none."""
    if http_date is None:
        return None
    try:
        moment = parsedate_to_datetime(http_date)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
