"""What a scanner read: a GTIN, a GS1 element string or a GS1 Digital Link."""

import re
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from inventory_service.domain.gtin import LENGTHS, GtinError, parse_gtin

MAX_LENGTH = 2_000
"""Characters; a QR code holds at most 4,296, a Digital Link that people print far fewer."""

_GTIN_SYMBOLOGIES = ("]E0", "]E4", "]I1")
"""AIM identifiers of EAN-13 and UPC, EAN-8, ITF-14: the number alone follows."""
_GS1_SYMBOLOGIES = ("]d2", "]C1", "]Q3", "]e0", "]J1")
"""GS1 DataMatrix, GS1-128, GS1 QR, DataBar, GS1 DotCode: element strings follow."""
_FNC1 = "\x1d"
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^(]*)")
_FIXED_LENGTHS = {
    **{"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16},
    **{str(ai): 8 for ai in range(11, 20)},
    **{str(ai): 10 for ai in range(31, 37)},
}
"""Characters of an element string with its identifier, by its first two digits (GS1 General Specifications 7.8.5)."""


class ScanError(ValueError):
    """The scan holds no GTIN; the message is a sentence for people."""


def parse_scan(text: str) -> str:
    """The GTIN-14 in `text`. Raises ScanError or GtinError."""
    scan = text.strip(" \t\r\n")
    if len(scan) > MAX_LENGTH:
        raise ScanError(f"A scan has at most {MAX_LENGTH} characters.")
    if scan.lower().startswith(("http://", "https://")):
        return _from_digital_link(scan)
    if scan.startswith("("):
        return _from_bracketed(scan)
    if scan.startswith("]"):
        return _from_symbology(scan[:3], scan[3:])
    if scan.startswith(_FNC1) or (len(scan) > max(LENGTHS) and scan[:2] in _FIXED_LENGTHS):
        return _from_elements(scan)
    return parse_gtin(scan)


def _from_symbology(symbology: str, rest: str) -> str:
    if symbology in _GTIN_SYMBOLOGIES:
        return parse_gtin(rest)
    if symbology in _GS1_SYMBOLOGIES:
        return _from_elements(rest)
    raise ScanError(f"The symbology {symbology} does not carry a GTIN.")


def _from_elements(elements: str) -> str:
    rest = elements.lstrip(_FNC1)
    while rest:
        length = _FIXED_LENGTHS.get(rest[:2]) or (rest + _FNC1).index(_FNC1)
        if rest.startswith("01"):
            return _gtin_of_element(rest[2:length])
        rest = rest[length:].lstrip(_FNC1)
    raise ScanError("The scan has no GTIN: application identifier 01 is missing.")


def _from_bracketed(scan: str) -> str:
    for identifier, value in _BRACKETED.findall(scan):
        if identifier == "01":
            return _gtin_of_element(value.strip())
    raise ScanError("The scan has no GTIN: (01) is missing.")


def _gtin_of_element(value: str) -> str:
    if len(value) != max(LENGTHS):
        raise ScanError("Application identifier 01 is followed by 14 digits.")
    return parse_gtin(value)


def _from_digital_link(link: str) -> str:
    """The first path segment after an `01` that is a GTIN: whatever stands before or behind it is the host's own."""
    try:
        segments = [unquote(segment) for segment in urlsplit(link).path.split("/")]
    except ValueError:
        raise ScanError("The scan is no readable web address.") from None
    fault: GtinError | None = None
    for key, value in pairwise(segments):
        if key == "01":
            try:
                return parse_gtin(value)
            except GtinError as error:
                fault = fault or error
    if fault is not None:
        raise fault
    raise ScanError("The web address is no GS1 Digital Link: its path has no /01/ with a GTIN.")
