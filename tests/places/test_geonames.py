"""GeoNames postal files are read as they come; a bad line is refused alone."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal
from inventory_service.domain.placenames import PlaceRow
from inventory_service.places.geonames import origin_of, read_postal_file

GOOD = "DE\t10115\tBerlin\tBerlin\tBE\t\t00\tBerlin, Stadt\t11000\t52.5323\t13.3846\t6"
BERLIN = PlaceRow("DE", "postcode", "Berlin", "BE", "Berlin", "10115", 52.5323, 13.3846, 0, "geonames:DE")


def test_plain_gzip_and_zip_files_give_the_same_rows(tmp_path):
    text = f"{GOOD}\r\n\n{GOOD}".encode()
    (tmp_path / "DE.txt").write_bytes(text)
    with gzip.open(tmp_path / "DE.txt.gz", "wb") as packed:
        packed.write(text)
    with zipfile.ZipFile(tmp_path / "DE.zip", "w") as archive:
        archive.writestr("readme.txt", "no data")
        archive.writestr("DE.txt", text)
    for name in ("DE.txt", "DE.txt.gz", "DE.zip"):
        assert list(read_postal_file(tmp_path / name)) == [BERLIN, BERLIN]
    assert origin_of(Path("somewhere/GB_full.csv.zip")) == "geonames:GB_full"


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("DE\t10115\tBerlin", None, "columns"),
        (GOOD + "\tmore", None, "columns"),
        (GOOD.replace("DE", "Deutschland", 1), "country code", "invalid_value"),
        (GOOD.replace("10115", " - "), "postal code", "missing"),
        (GOOD.replace("Berlin", " ", 1), "place name", "missing"),
        (GOOD.replace("52.5323", "nan"), "latitude, longitude", "invalid_point"),
        (GOOD.replace("52.5323", ""), "latitude, longitude", "invalid_point"),
        (GOOD.replace("52.5323", "91"), "latitude, longitude", "invalid_point"),
        (GOOD.replace("13.3846", "1_3"), "latitude, longitude", "invalid_point"),
        (GOOD.replace("Berlin", "Ber\x00lin"), None, "encoding"),
        ("x" * 3_000, None, "columns"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_field_and_the_rest_is_read(tmp_path, line, field, reason):
    path = tmp_path / "DE.txt"
    path.write_text(f"{GOOD}\n{line}\n{GOOD}\n", encoding="utf-8", newline="")
    first, refused, last = read_postal_file(path)
    assert first == last == BERLIN
    assert isinstance(refused, Refusal)
    assert (refused.line, refused.field, refused.reason) == (2, field, reason)
    assert len(refused.raw) <= 2_000


def test_bytes_that_are_no_utf8_are_refused_alone(tmp_path):
    path = tmp_path / "DE.txt"
    path.write_bytes(GOOD.encode() + b"\n" + GOOD.encode("utf-8").replace(b"Berlin", b"M\xfcnchen") + b"\n")
    good, refused = read_postal_file(path)
    assert good == BERLIN
    assert isinstance(refused, Refusal)
    assert refused.reason == "encoding"


def test_a_file_that_cannot_be_read_is_refused_as_a_whole(tmp_path):
    (tmp_path / "DE.txt.gz").write_bytes(b"no gzip")
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(GOOD.encode() * 100)[:-20])
    (tmp_path / "DE.zip").write_bytes(b"no zip")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("DE.txt", GOOD)
        archive.writestr("GB.txt", GOOD)
    for name in ("DE.txt.gz", "cut.txt.gz", "DE.zip", "two.zip", "absent.txt"):
        with pytest.raises(FeedRefusedError, match=name):
            list(read_postal_file(tmp_path / name))


@pytest.mark.real
@pytest.mark.parametrize(("country", "rows"), [("US", 41_483), ("GB", 27_450), ("DE", 16_477)])
def test_real_postal_files_are_read_to_the_last_row(country, rows):
    folder = Path(os.environ.get("NEARSHELF_REAL_DATA", Path(__file__).parents[3] / "shared/data"))
    path = folder / f"places/{country}.txt.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent; NEARSHELF_REAL_DATA names the folder")
    read = list(read_postal_file(path))
    assert len(read) == rows
    assert all(isinstance(row, PlaceRow) and row.country == country for row in read)
