"""Who really sent a webhook: HMAC-SHA256 over the raw bytes, compared in constant time.

Both vendors ship this check only inside of whole clients for their shops (a few lines among thousands, and an HTTP
client of their own), so it is the standard library's hmac here.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final, Literal

Vendor = Literal["shopify", "square"]

SIGNATURE_HEADERS: Final[Mapping[Vendor, str]] = {
    "shopify": "X-Shopify-Hmac-Sha256",
    "square": "x-square-hmacsha256-signature",
}


def header(headers: Mapping[str, str], name: str) -> str | None:
    """A header's value, whatever the case of its name; None where it is absent or stands twice."""
    wanted = name.lower()
    found = [value for written, value in headers.items() if written.lower() == wanted]
    return found[0] if len(found) == 1 else None


def shopify_signature(secret: bytes, body: bytes) -> str:
    """What Shopify writes into X-Shopify-Hmac-Sha256."""
    return b64encode(hmac.digest(secret, body, "sha256")).decode()


def square_signature(key: bytes, notification_url: str, body: bytes) -> str:
    """What Square writes into x-square-hmacsha256-signature; the URL is the one it was given to call."""
    return b64encode(hmac.digest(key, notification_url.encode() + body, "sha256")).decode()


def verified(
    vendor: Vendor, secrets: Sequence[bytes], headers: Mapping[str, str], notification_url: str, body: bytes
) -> bool:
    """Whether one of `secrets` signed this body. All are tried, so that time does not tell which; an empty one never
    signs. The signature has to stand exactly as the vendor writes it. Only Square signs the URL."""
    given = header(headers, SIGNATURE_HEADERS[vendor])
    if given is None or not given.isascii():
        return False
    right = [
        hmac.compare_digest(given, _signature(vendor, secret, notification_url, body)) for secret in secrets if secret
    ]
    return any(right)


def _signature(vendor: Vendor, secret: bytes, notification_url: str, body: bytes) -> str:
    if vendor == "square":
        return square_signature(secret, notification_url, body)
    return shopify_signature(secret, body)
