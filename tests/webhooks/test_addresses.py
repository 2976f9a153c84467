"""Only public servers are spoken to, whatever a name or an address looks like."""

import socket

import pytest

from inventory_service.storage.outbox import Due, Parcel
from inventory_service.webhooks.addresses import (
    PrivateAddressError,
    PublicResolver,
    is_public,
    public_socket,
    url_fault,
)
from inventory_service.webhooks.sending import NOT_PUBLIC, open_sender
from tests.webhooks.receiver import Receiver

SECRET = "whsec_" + "A" * 43 + "="

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOT_FOR_US = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "not an address", ""),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_reached(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_FOR_US)
def test_no_other_address_may_be(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(PrivateAddressError):
        public_socket((socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 443)))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "https://hooks.example.co.uk:8443/a/b?c=d",
        "https://8.8.8.8/x",
        "https://[2606:4700:4700::1111]/x",
        "https://xn--bcher-kva.example/x",
        "https://example.com",
    ],
)
def test_an_address_on_the_internet_is_taken(url: str) -> None:
    assert url_fault(url, private=False) is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("example.com", "https://"),
        ("https://", "name a server"),
        ("https://user:pass@example.com/", "password"),
        ("https://user@example.com/", "password"),
        ("https://example.com/#top", "fragment"),
        ("https://example.com:99999/", "well-formed"),
        ("https://example.com:0/", "port"),
        ("https://exa mple.com/", "printable"),
        ("https://example.com/\r\nHost: x", "printable"),
        ("https://example.com\\@10.0.0.1/", "printable"),
        ("https://bücher.example/", "printable"),
        ("https://localhost/", "public"),
        ("https://LOCALHOST./", "public"),
        ("https://metadata.google.internal/", "public"),
        ("https://printer.local/", "public"),
        ("https://127.0.0.1/", "public"),
        ("https://127.1/", "usual form"),
        ("https://2130706433/", "usual form"),
        ("https://0177.0.0.1/", "usual form"),
        ("https://169.254.169.254/latest/meta-data/", "public"),
        ("https://[::1]/", "public"),
        ("https://[::ffff:169.254.169.254]/", "public"),
        ("https://[fe80::1%25eth0]/", "public"),
        ("https://[::1/", "well-formed"),
        ("https://example.com/" + "a" * 2_000, "characters"),
    ],
)
def test_what_cannot_be_delivered_to_is_refused_with_the_reason(url: str, says: str) -> None:
    fault = url_fault(url, private=False)
    assert fault is not None
    assert says in fault


def test_for_development_any_server_will_do_but_no_password() -> None:
    assert url_fault("http://127.0.0.1:9000/hook", private=True) is None
    assert url_fault("http://localhost:9000/hook", private=True) is None
    assert url_fault("http://a:b@127.0.0.1/", private=True) is not None
    assert url_fault("gopher://127.0.0.1/", private=True) is not None


@pytest.mark.parametrize("name", ["localhost", "127.1", "0x7f000001", "2130706433"])
async def test_a_name_is_refused_that_means_a_private_address(name: str) -> None:
    resolver = PublicResolver()
    with pytest.raises(OSError):
        await resolver.resolve(name, 443)
    await resolver.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"])
async def test_nothing_is_sent_to_a_private_address_however_it_is_named(receiver: Receiver, host: str) -> None:
    """As if the address had been taken before: each attempt looks anew."""
    port = receiver.url.split(":")[2].partition("/")[0]
    due = Due(1, 1, f"https://{host}:{port}/hook", 0, (SECRET,))
    async with open_sender(private=False) as sender:
        attempt = await sender.send(due, Parcel(1, "msg_1", "{}", 0))
    assert attempt.failure == NOT_PUBLIC
    assert receiver.arrivals == []


async def test_a_name_that_means_another_address_a_moment_later_gains_nothing(receiver: Receiver) -> None:
    """The name passes every look at it; the connection itself is refused."""
    port = receiver.url.split(":")[2].partition("/")[0]
    due = Due(1, 1, f"https://rebinding.example:{port}/hook", 0, (SECRET,))
    async with open_sender(private=False, resolver=Rebinding()) as sender:
        attempt = await sender.send(due, Parcel(1, "msg_1", "{}", 0))
    assert attempt.failure == NOT_PUBLIC
    assert receiver.arrivals == []


class Rebinding(PublicResolver):
    """A name server that somebody else rules."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list:  # type: ignore[type-arg]
        flags = socket.AI_NUMERICHOST
        return [
            {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": flags}
        ]
