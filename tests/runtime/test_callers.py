"""From which address a request comes: nobody chooses it for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from inventory_service.runtime.http.callers import Callers, read_networks

PROXY, CLIENT, OTHER = "10.0.0.1", "203.0.113.9", "198.51.100.4"
BEHIND = Callers(read_networks("10.0.0.0/8, 2001:db8::1"))


def told(peer: str, *forwarded: str, proto: str | None = None, callers: Callers = BEHIND) -> tuple[str, bool]:
    headers = CIMultiDict([("X-Forwarded-For", line) for line in forwarded])
    if proto is not None:
        headers["X-Forwarded-Proto"] = proto
    caller = callers.of(peer, headers)
    return caller.address, caller.secure


def test_what_a_client_says_of_itself_is_not_believed() -> None:
    assert told(CLIENT, OTHER, proto="https") == (CLIENT, False)
    assert told(PROXY, OTHER, proto="https", callers=Callers([])) == (PROXY, False)


def test_a_proxy_of_ours_is_believed() -> None:
    assert told(PROXY, CLIENT, proto="https") == (CLIENT, True)
    assert told("2001:db8::1", CLIENT, proto="http") == (CLIENT, False)
    assert told(f"::ffff:{PROXY}", CLIENT) == (CLIENT, False)


def test_what_stands_before_the_address_that_our_proxy_saw_is_the_client_s_own_invention() -> None:
    assert told(PROXY, f"{OTHER}, {CLIENT}")[0] == CLIENT
    assert told(PROXY, OTHER, CLIENT)[0] == CLIENT
    assert told(PROXY, f"{OTHER}, {CLIENT}, 10.0.0.2")[0] == CLIENT
    assert told(PROXY, CLIENT, proto="https, http") == (CLIENT, False)


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.9:4711", CLIENT),
        ("[2001:db8::5]:4711", "2001:db8::5"),
        ("2001:db8::5", "2001:db8::5"),
        ('"[2001:db8::5]"', "2001:db8::5"),
    ],
)
def test_a_hop_is_read_with_a_port_or_without(hop: str, address: str) -> None:
    assert told(PROXY, hop)[0] == address


@pytest.mark.parametrize("hop", ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "::g", "[", "]", "é", "x" * 9_000])
def test_what_is_no_address_ends_the_way_back_at_the_proxy_that_says_it(hop: str) -> None:
    assert told(PROXY, hop)[0] == PROXY
    assert told(PROXY, f"{CLIENT}, {hop}")[0] == PROXY


def test_where_all_hops_are_ours_the_first_one_asks() -> None:
    assert told(PROXY, "10.0.0.3, 10.0.0.2")[0] == "10.0.0.3"


def test_a_house_has_one_network_of_ipv6() -> None:
    networks = {BEHIND.of(f"2001:db8:1:2::{host}", CIMultiDict()).network for host in ("1", "ffff")}
    assert networks == {"2001:db8:1:2::/64"}


@given(st.text(max_size=80), st.text(max_size=20))
def test_whatever_a_client_writes_it_stays_the_one_that_our_proxy_saw(claim: str, proto: str) -> None:
    assert told(PROXY, claim, CLIENT, proto=proto)[0] == CLIENT
    assert told(CLIENT, claim, proto=proto) == (CLIENT, False)


@pytest.mark.parametrize("text", ["10.0.0.0/99", "proxy.example", "10.0.0.1/8"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_networks(f"127.0.0.1, {text}")
