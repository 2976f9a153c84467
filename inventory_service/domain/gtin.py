"""GTINs: the numbers under barcodes (GS1 General Specifications, sections 1.4 and 7.9)."""

import re

LENGTHS = (8, 12, 13, 14)
_ASCII_DIGITS = re.compile(r"[0-9]+\Z")
_NDC = re.compile(r"([0-9]{4,5})-?([0-9]{3,4})-?([0-9]{1,2})\Z")
_TEN_DIGIT_LAYOUTS = {(4, 4, 2), (5, 3, 2), (5, 4, 1)}
_PADDED_LAYOUT = (5, 4, 2)
_STORES_OWN = ("02", "04", "2")
_COUPONS = ("05", "98", "99")
_GTIN_8_PADDING = "000000"


class GtinError(ValueError):
    """The text is no GTIN; the message is a sentence for people."""


def check_digit(body: str) -> str:
    """The digit that completes `body`, the ASCII digits before it: weights 3, 1, 3, … from the right."""
    codes = body.encode("ascii")
    weighted = 3 * sum(codes[::-2]) + sum(codes[-2::-2]) - ord("0") * (3 * len(codes[::-2]) + len(codes[-2::-2]))
    return str(-weighted % 10)


def parse_gtin(text: str) -> str:
    """The 14-digit form of a GTIN of 8, 12, 13 or 14 digits. Raises GtinError."""
    digits = text.strip()
    if not _ASCII_DIGITS.match(digits):
        raise GtinError("A GTIN has only the digits 0 to 9.")
    if len(digits) not in LENGTHS:
        raise GtinError(f"A GTIN has 8, 12, 13 or 14 digits, not {len(digits)}.")
    if not digits.strip("0"):
        raise GtinError("A GTIN is not all zeros.")
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise GtinError(f"The check digit of {digits} is wrong: {expected} would be right.")
    return digits.zfill(14)


def is_coupon(gtin14: str) -> bool:
    """A coupon or refund slip: 13 digits beginning 05, 98 or 99."""
    return not _is_gtin_8(gtin14) and gtin14[1:].startswith(_COUPONS)


def is_restricted(gtin14: str) -> bool:
    """True where the number means something only within one retailer, so it is never matched across retailers.

    These are a store's own numbers (13 digits beginning 02, 04 or 2, which are UPC-A number systems 2 and 4 too;
    8 digits beginning 0 or 2) and coupons.
    """
    if _is_gtin_8(gtin14):
        return gtin14[6] in "02"
    return gtin14[1:].startswith(_STORES_OWN) or is_coupon(gtin14)


def ndc_to_gtin(text: str) -> str:
    """The GTIN-14 of a US National Drug Code: 003, its ten digits, check digit. Raises GtinError.

    Ten digits come as 4-4-2, 5-3-2, 5-4-1 or without hyphens. Eleven digits (5-4-2) carry one padding zero, which is
    dropped: before a labeler (the FDA gives no five-digit labeler a leading zero), else before the product or package.
    """
    compact = text.strip()
    if re.fullmatch(r"[0-9]{10}", compact):
        return _drug(compact)
    if not (parts := _NDC.match(compact)):
        raise GtinError("An NDC is written 4-4-2, 5-3-2, 5-4-1 or, padded, 5-4-2.")
    labeler, item, package = parts.groups()
    layout = (len(labeler), len(item), len(package))
    if layout in _TEN_DIGIT_LAYOUTS:
        return _drug(labeler + item + package)
    if layout != _PADDED_LAYOUT:
        raise GtinError("An NDC is written 4-4-2, 5-3-2, 5-4-1 or, padded, 5-4-2.")
    return _drug(_without_padding(labeler, item, package))


def _without_padding(labeler: str, item: str, package: str) -> str:
    if labeler[0] == "0":
        return labeler[1:] + item + package
    if item[0] == "0" and package[0] == "0":
        raise GtinError("Either zero of this 11-digit NDC may be its padding: give the 10-digit form.")
    if item[0] == "0":
        return labeler + item[1:] + package
    if package[0] == "0":
        return labeler + item + package[1:]
    raise GtinError("An 11-digit NDC has a padding zero before one of its parts; this one has none.")


def _drug(ten_digits: str) -> str:
    body = "03" + ten_digits
    return "0" + body + check_digit(body)


def _is_gtin_8(gtin14: str) -> bool:
    return gtin14.startswith(_GTIN_8_PADDING)
