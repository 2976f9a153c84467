"""Postal files of GeoNames: https://download.geonames.org/export/zip/readme.txt describes the twelve columns.

Tab-separated UTF-8 without a header: country code, postal code, place name, admin name and code of three levels,
latitude, longitude, accuracy.
"""

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

from geo.point import Point
from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal
from inventory_service.domain.placenames import PlaceRow, postcode_key

COLUMNS = 12
LONGEST_LINE = 4_000
_COUNTRY = re.compile(r"[A-Z]{2}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,20})?")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class _LineError(ValueError):
    """A line that cannot be used."""

    def __init__(self, field: str | None, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.reason, self.detail = field, reason, detail


def origin_of(path: Path) -> str:
    """What the rows of this file are stored under: loading it again replaces them. DE.txt.gz gives geonames:DE."""
    return f"geonames:{path.name.partition('.')[0]}"


def read_postal_file(path: Path) -> Iterator[PlaceRow | Refusal]:
    """Rows and refused lines of a plain, .gz or .zip file, in order; bounded memory.

    Raises FeedRefusedError where the file itself cannot be read.
    """
    origin = origin_of(path)
    try:
        with ExitStack() as stack:
            stream = _open(path, stack)
            lines = iter(lambda: stream.readline(LONGEST_LINE), b"")
            for number, raw in enumerate(lines, start=1):
                if raw.strip():
                    yield _read_line(number, raw, origin)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise FeedRefusedError(f"{path.name} cannot be read: {error}.") from error


def _open(path: Path, stack: ExitStack) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], stack.enter_context(gzip.open(path, "rb")))
    if path.suffix != ".zip":
        return stack.enter_context(path.open("rb"))
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = [name for name in archive.namelist() if name.endswith(".txt") and "readme" not in name.lower()]
    if len(members) != 1:
        raise FeedRefusedError(f"{path.name} must hold one postal file (.txt); it holds {len(members)}.")
    return stack.enter_context(archive.open(members[0]))


def _read_line(number: int, raw: bytes, origin: str) -> PlaceRow | Refusal:
    text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
    try:
        if "\ufffd" in text:
            raise _LineError(None, "encoding", "The line is not UTF-8.")
        return _parse(text, origin)
    except _LineError as bad:
        return Refusal(number, bad.field, bad.reason, bad.detail, text[:2_000])


def _parse(text: str, origin: str) -> PlaceRow:
    columns = [column.strip() for column in text.split("\t")]
    if len(columns) != COLUMNS:
        raise _LineError(None, "columns", f"The line has {len(columns)} columns instead of {COLUMNS}.")
    if _CONTROL.search(text):
        raise _LineError(None, "encoding", "The line holds a control character.")
    country, postcode, name, region_name, region = columns[:5]
    if not _COUNTRY.fullmatch(country):
        raise _LineError("country code", "invalid_value", "The country code must be two capital letters.")
    if not postcode_key(postcode):
        raise _LineError("postal code", "missing", "The postal code is missing.")
    if not name:
        raise _LineError("place name", "missing", "The place name is missing.")
    point = _point(columns[9], columns[10])
    return PlaceRow(country, "postcode", name, region, region_name, postcode, point.lat, point.lon, 0, origin)


def _point(lat: str, lon: str) -> Point:
    if not (_DEGREES.fullmatch(lat) and _DEGREES.fullmatch(lon)):
        raise _LineError("latitude, longitude", "invalid_point", "Latitude and longitude must be decimal degrees.")
    try:
        return Point(float(lat), float(lon))
    except ValueError as error:
        raise _LineError("latitude, longitude", "invalid_point", f"The {error}.") from None
