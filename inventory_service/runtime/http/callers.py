"""From which address a request comes: the one answer for all who want to know.

What a proxy tells of it is believed only of proxies that were named. Each of them adds to the end of `X-Forwarded-For`
whom it was asked by; whatever stands before that, anybody may have written.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from inventory_service.domain.address import network_of

MOST_HELD = 65_536
MOST_HOPS = 20
"""Proxies that are followed back at most."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Headers(Protocol):
    """Those of a request; one may come several times."""

    def getall(self, name: str, default: list[str], /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """`network` has all addresses that one household may choose from. `secure`: a proxy says that it came by TLS."""

    address: str
    network: str
    secure: bool = False


class Callers:
    """Tells callers apart; `trusted`: networks of our own proxies."""

    def __init__(self, trusted: Iterable[Network]) -> None:
        self._trusted = tuple(trusted)
        self._direct: dict[str, Caller] = {}
        self._proxies: set[str] = set()
        self._told = lru_cache(MOST_HELD)(self._follow)

    def of(self, peer: str, headers: Headers) -> Caller:
        """`peer`: the address at the other end of the connection."""
        return self._direct.get(peer) or self._unmet(peer, headers)

    def _unmet(self, peer: str, headers: Headers) -> Caller:
        if peer in self._proxies or self._trusts(peer):
            if len(self._proxies) < MOST_HELD:
                self._proxies.add(peer)
            hops = ",".join(headers.getall("X-Forwarded-For", []))
            return self._told(peer, hops, ",".join(headers.getall("X-Forwarded-Proto", [])))
        if len(self._direct) >= MOST_HELD:
            self._direct.clear()
        caller = self._direct[peer] = Caller(peer, network_of(peer))
        return caller

    def _follow(self, peer: str, hops: str, protocols: str) -> Caller:
        """Back from proxy to proxy until one that is not ours, or that says nothing one can read."""
        address = peer
        for hop in reversed(hops.split(",")[-MOST_HOPS:]):
            before = _address(hop)
            if before is None:
                break
            address = before
            if not self._trusts(address):
                break
        secure = protocols.rpartition(",")[2].strip().lower() == "https"
        return Caller(address, network_of(address), secure)

    def _trusts(self, address: str) -> bool:
        if not self._trusted:
            return False
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        plain = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(plain in network for network in self._trusted)


def _address(hop: str) -> str | None:
    """As proxies write it: with a port or without, IPv6 in brackets or without. None: it is none."""
    text = hop.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def read_networks(text: str) -> Sequence[Network]:
    """Addresses and networks (10.0.0.0/8), separated by commas. Raises ValueError that names the one that is none."""
    return [_network(piece.strip()) for piece in text.split(",") if piece.strip()]


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text} is neither an address nor a network such as 10.0.0.0/8") from None
