"""Headers that every response carries, whoever made it."""

from multidict import CIMultiDict

COMMON = {
    "Server": "nearshelf",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
DEVICES = "geolocation=(self), camera=(), microphone=()"
SCANNER_DEVICES = "geolocation=(), camera=(self), microphone=()"
"""What a page may use of the device: that of shoppers, and one that reads barcodes."""
PAGE_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def protect(headers: "CIMultiDict[str]", content_type: str) -> None:
    """Adds the security headers; a page may load its own scripts and styles, data nothing at all.

    A policy that is there already stays.
    """
    headers.update(COMMON)
    headers.setdefault("Permissions-Policy", DEVICES)
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if content_type == "text/html" else DATA_POLICY)
