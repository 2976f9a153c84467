"""Webhooks that are not the vendor's own are never taken for it."""

import hmac
import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest

from store_sync.formats.signatures import (
    SIGNATURE_HEADERS,
    Vendor,
    shopify_signature,
    square_signature,
    verified,
)

URL = "https://stock.example/v1/webhooks/square/till"
SECRETS = (b"old secret", b"new secret", "späte Zeichen".encode())
BODY = b'{"inventory_item_id": 271878346596884015, "location_id": 24826418, "available": 7}'
MUTATIONS = 100_000


def signed(vendor: Vendor, secret: bytes, body: bytes) -> str:
    return square_signature(secret, URL, body) if vendor == "square" else shopify_signature(secret, body)


def accepts(vendor: Vendor, signature: str, body: bytes = BODY, secrets: tuple[bytes, ...] = SECRETS) -> bool:
    return verified(vendor, secrets, {SIGNATURE_HEADERS[vendor]: signature}, URL, body)


def test_the_signatures_are_those_of_the_vendors_documents() -> None:
    assert shopify_signature(b"key", BODY) == b64encode(hmac.new(b"key", BODY, sha256).digest()).decode()
    whole = URL.encode() + BODY
    assert square_signature(b"key", URL, BODY) == b64encode(hmac.new(b"key", whole, sha256).digest()).decode()


def test_the_hmac_is_that_of_rfc_4231() -> None:
    """Test case 2."""
    expected = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    assert shopify_signature(b"Jefe", b"what do ya want for nothing?") == b64encode(expected).decode()
    assert square_signature(b"Jefe", "what do ya want ", b"for nothing?") == b64encode(expected).decode()


@pytest.mark.parametrize("vendor", ["shopify", "square"])
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("body", [BODY, b"", b"\xff\x00", b"x" * 100_000])
def test_each_of_several_secrets_may_sign(vendor: Vendor, secret: bytes, body: bytes) -> None:
    assert accepts(vendor, signed(vendor, secret, body), body)


@pytest.mark.parametrize("vendor", ["shopify", "square"])
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_the_case_of_a_header_name_makes_no_difference(vendor: Vendor, change: Callable[[str], str]) -> None:
    name = change(SIGNATURE_HEADERS[vendor])
    assert verified(vendor, SECRETS, {"Host": "x", name: signed(vendor, SECRETS[0], BODY)}, URL, BODY)


@pytest.mark.parametrize("vendor", ["shopify", "square"])
def test_no_header_and_a_header_that_stands_twice_sign_nothing(vendor: Vendor) -> None:
    name, right = SIGNATURE_HEADERS[vendor], signed(vendor, SECRETS[0], BODY)
    assert not verified(vendor, SECRETS, {}, URL, BODY)
    assert not verified(vendor, SECRETS, {name.upper(): right, name.lower(): right}, URL, BODY)


@pytest.mark.parametrize("vendor", ["shopify", "square"])
@pytest.mark.parametrize("garbled", ["", "=", "ü" * 44, "\udcff" * 44, "\0" * 44, "None", "A" * 44, "A" * 100_000])
def test_garbled_headers_sign_nothing(vendor: Vendor, garbled: str) -> None:
    assert not accepts(vendor, garbled)


@pytest.mark.parametrize("vendor", ["shopify", "square"])
def test_without_a_secret_nothing_is_signed(vendor: Vendor) -> None:
    assert not accepts(vendor, signed(vendor, b"", BODY), secrets=())
    assert not accepts(vendor, signed(vendor, b"", BODY), secrets=(b"",))


@pytest.mark.parametrize("vendor", ["shopify", "square"])
def test_a_secret_that_was_taken_out_signs_no_longer(vendor: Vendor) -> None:
    assert not accepts(vendor, signed(vendor, SECRETS[0], BODY), secrets=SECRETS[1:])


def test_square_signs_the_address_too_and_shopify_does_not() -> None:
    still: dict[Vendor, bool] = {"square": False, "shopify": True}
    for vendor, holds in still.items():
        headers = {SIGNATURE_HEADERS[vendor]: signed(vendor, SECRETS[0], BODY)}
        assert verified(vendor, SECRETS, headers, URL + "/", BODY) is holds


Forged = tuple[Vendor, str, bytes]


def place_in(chance: random.Random, whole: bytes | str) -> int:
    return chance.randrange(len(whole))


def with_a_bit_flipped(chance: random.Random, whole: bytes) -> bytes:
    flipped = bytearray(whole)
    flipped[place_in(chance, whole)] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def with_one_put_in(whole: bytes, place: int, added: bytes) -> bytes:
    return whole[:place] + added + whole[place:]


def with_another_letter(chance: random.Random, right: str) -> str:
    place = place_in(chance, right)
    return right[:place] + chr((ord(right[place]) + chance.randrange(1, 128)) % 128) + right[place + 1 :]


OTHER_BODIES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    lambda chance, body: body[: place_in(chance, body)],
    lambda chance, body: body[1 + place_in(chance, body) :],
    lambda chance, body: with_one_put_in(body, place_in(chance, body), chance.randbytes(1)),
    lambda chance, body: body + chance.choice([b"\n", b" ", b"\0", b"\xef\xbb\xbf"]),
    lambda _, body: json.dumps(json.loads(body), separators=(",", ":")).encode(),
    with_a_bit_flipped,
    with_a_bit_flipped,
)
OTHER_SIGNATURES: tuple[Callable[[random.Random, str], str], ...] = (
    lambda chance, right: right[: place_in(chance, right)],
    lambda chance, right: right + chance.choice(["=", " ", "\n", right]),
    lambda chance, right: chance.choice([" ", "sha256=", '"']) + right,
    lambda chance, right: b64encode(with_a_bit_flipped(chance, b64decode(right))).decode(),
    lambda chance, right: b64decode(right).hex(),
    lambda _, right: right.swapcase(),
    lambda _, right: right.rstrip("="),
    lambda chance, _: b64encode(chance.randbytes(32)).decode(),
    with_another_letter,
    with_another_letter,
)
OTHER_SECRETS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    lambda _, secret: secret[:-1],
    lambda _, secret: secret + b"\n",
    lambda chance, _: chance.randbytes(16),
    lambda *_: b"",
    with_a_bit_flipped,
)
OTHER_VENDOR: dict[Vendor, Vendor] = {"shopify": "square", "square": "shopify"}


def forged(chance: random.Random, vendor: Vendor, secret: bytes, body: bytes) -> Forged:
    """A webhook that is not the vendor's own: one thing about a true one is changed."""
    match chance.randrange(5):
        case 0:
            return vendor, signed(vendor, secret, body), chance.choice(OTHER_BODIES)(chance, body)
        case 1:
            return vendor, chance.choice(OTHER_SIGNATURES)(chance, signed(vendor, secret, body)), body
        case 2:
            return vendor, signed(vendor, chance.choice(OTHER_SECRETS)(chance, secret), body), body
        case 3:
            return OTHER_VENDOR[vendor], signed(vendor, secret, body), body
        case _:
            return vendor, b64encode(sha256(secret + body).digest()).decode(), body


def test_of_100_000_forgeries_none_is_accepted_and_every_true_one_is() -> None:
    chance = random.Random(20261122)
    accepted = 0
    for number in range(MUTATIONS):
        vendor: Vendor = "shopify" if number % 2 else "square"
        secret = chance.choice(SECRETS)
        body = BODY.replace(b"7}", b"%d}" % number)
        if number % 100 == 0:
            assert accepts(vendor, signed(vendor, secret, body), body)
        accepted += accepts(*forged(chance, vendor, secret, body))
    assert accepted == 0
