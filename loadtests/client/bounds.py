"""What the client may do: loopback only, and not for long."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_SECONDS, MAX_CONNECTIONS, MAX_RATE = 600.0, 512, 100_000.0
MAX_REQUESTS = 4_000_000


class RefusedError(Exception):
    """Says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement. `rate`: requests a second, sent whether or not answers come; None: closed loop."""

    url: str
    connections: int
    seconds: float
    rate: float | None = None
    requests: int | None = None

    def __post_init__(self) -> None:
        """Raises RefusedError."""
        if not is_loopback(self.url):
            raise RefusedError(f"{self.url} is not on this machine; load goes to loopback addresses only.")
        if not 0 < self.seconds <= MAX_SECONDS:
            raise RefusedError(f"A run takes more than 0 and at most {MAX_SECONDS:g} seconds, not {self.seconds:g}.")
        if not 1 <= self.connections <= MAX_CONNECTIONS:
            raise RefusedError(f"A run has 1 to {MAX_CONNECTIONS} connections, not {self.connections}.")
        if self.rate is not None and not 0 < self.rate <= MAX_RATE:
            raise RefusedError(f"A rate is above 0 and at most {MAX_RATE:g} requests a second, not {self.rate:g}.")
        if not 1 <= self.wanted <= MAX_REQUESTS:
            raise RefusedError(f"A run asks 1 to {MAX_REQUESTS:,} times, not {self.wanted:,}.")

    @property
    def wanted(self) -> int:
        """Requests to build beforehand: as many as will be asked, or more than a server of one process can answer."""
        if self.requests is not None:
            return self.requests
        return int(self.seconds * (self.rate or CLOSED_PER_S))

    @property
    def host(self) -> str:
        return str(urlsplit(self.url).hostname)

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 80)


CLOSED_PER_S = 60_000.0
"""More than one aiohttp process answers a second: how many requests a closed loop has ready."""


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
