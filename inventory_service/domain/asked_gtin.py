"""GTINs as people ask for them: with hyphens, as the ISBN-10 of an older book, or as the short number of a small pack.

Feeds are read without this: what a file means is not guessed.
"""

import re

from inventory_service.domain.gtin import GtinError, check_digit, parse_gtin

_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[- ](?=[0-9Xx])", re.ASCII)
_ISBN_10 = re.compile(r"[0-9]{9}[0-9Xx]", re.ASCII)
_UPC_E = re.compile(r"[01][0-9]{7}", re.ASCII)
_BOOKS = "978"


def parse_asked(text: str) -> str:
    """The 14-digit form. Raises GtinError.

    Eight digits are an EAN-8 if its check digit is right, and else an UPC-E.
    """
    compact = _BETWEEN_DIGITS.sub("", text.strip())
    if _ISBN_10.fullmatch(compact):
        return _of_book(compact)
    try:
        return parse_gtin(compact)
    except GtinError:
        if _UPC_E.fullmatch(compact) and check_digit(whole := _expanded(compact)) == compact[-1]:
            return parse_gtin(whole + compact[-1])
        raise


def _of_book(isbn: str) -> str:
    """Weights 10, 9, … 1 make a multiple of 11; X is ten (ISO 2108:1992)."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), isbn, strict=False))
    expected = "0123456789X"[-total % 11]
    if isbn[9].upper() != expected:
        raise GtinError(f"Ten digits are an ISBN-10, and the last one of {isbn} is wrong: {expected} would be right.")
    body = _BOOKS + isbn[:9]
    return parse_gtin(body + check_digit(body))


def _expanded(upc_e: str) -> str:
    """The first eleven digits of the UPC-A that was shortened (GS1 General Specifications, 5.2.2.4.2)."""
    system, digits, last = upc_e[0], upc_e[1:6], upc_e[6]
    if last in "012":
        return system + digits[:2] + last + "0000" + digits[2:]
    if last == "3":
        return system + digits[:3] + "00000" + digits[3:]
    if last == "4":
        return system + digits[:4] + "00000" + digits[4:]
    return system + digits + "0000" + last
