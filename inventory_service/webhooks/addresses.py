"""Where may be delivered to: only public addresses, looked at when a connection is made.

What a name means is asked anew for each connection, and the connection goes to the very address that was looked at: a
name that means another address a moment later gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

from inventory_service.domain.errors import FieldFault, InputError

LONGEST_URL = 2_000
PLAIN = re.compile(r"[\x21-\x7e]+")
NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?", re.I
)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "100.100.100.200", "192.0.0.192")))
"""What clouds tell their machines, beside link-local addresses."""
INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "localdomain")
"""Last labels of names that no public server has."""
LOOKUPS_AT_ONCE = 8
LIFTED = "(for development, WEBHOOK_PRIVATE=1 lifts this)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class PrivateAddressError(OSError):
    """It is no public address."""


def is_public(text: str) -> bool:
    """Whether an address, written as sockets write it, is one that anybody on the internet may be reached at."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return "%" not in text and all(_public(one) for one in (address, *_within(address)))


def url_fault(url: str, *, private: bool) -> str | None:
    """Why nothing can be delivered there, to be read after the field's name. `private`: any address and http do."""
    if len(url) > LONGEST_URL:
        return f"must have at most {LONGEST_URL:,} characters"
    if not PLAIN.fullmatch(url) or "\\" in url:
        return "must be an address of printable ASCII characters without blanks"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a well-formed address"
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        return f"must begin with https:// {LIFTED}"
    if "@" in parts.netloc:
        return "must not hold a user name or password"
    if parts.fragment or "#" in url:
        return "must not have a fragment (#)"
    if parts.port == 0:
        return "must name a port from 1 to 65535, or none"
    return _host_fault(host, private=private)


def require_url(url: str, *, private: bool, pointer: str = "/url") -> str:
    """The address as it was given. Raises InputError."""
    if fault := url_fault(url, private=private):
        raise InputError(FieldFault(pointer, fault))
    return url


def _host_fault(host: str, *, private: bool) -> str | None:
    if ":" in host or re.fullmatch(r"[0-9.]+", host):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return "must name a server as a name, or as an address in its usual form"
        return None if private or is_public(host) else f"must name a public server {LIFTED}"
    if not NAME.fullmatch(host):
        return "must name a server"
    inside = host.lower().rstrip(".").rpartition(".")[2] in INSIDE
    return f"must name a public server {LIFTED}" if inside and not private else None


def _within(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour]
    if address in NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return tuple(one for one in found if one is not None)


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped is not None or address in NAT64):
        return True  # what it stands for is looked at
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address in METADATA
    return address.is_global and not odd


def public_socket(address: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """A socket for one address, which is looked at a last time. Raises PrivateAddressError."""
    family, kind, protocol, _, where = address
    if not is_public(str(where[0])):
        raise PrivateAddressError("is no public address")
    return socket.socket(family, kind, protocol)


class Resolver(AbstractResolver):
    """Names by the system, in threads of its own: a name server that hangs holds up nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(where[0]),
                port=port,
                family=of,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for of, _, protocol, _, where in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class PublicResolver(Resolver):
    """Refuses names that mean any address that is not public."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError."""
        found = await super().resolve(host, port, family)
        if not all(is_public(one["host"]) for one in found):
            raise PrivateAddressError(f"{host} is no public address")
        return found
