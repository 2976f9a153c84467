"""Real stock of 2022, loaded by the command's own parts: each level is what the files say, by an oracle of its own."""

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from inventory_service.domain.feed import Loaded
from inventory_service.storage.postgres import Pool, open_pool
from inventory_service.storage.reports import Position as HeldPosition
from inventory_service.storage.reports import position_from_row
from inventory_service.storage.stores import RetailerProfile
from store_sync.files import open_feeds
from store_sync.formats.registry import parser_for
from store_sync.load import FeedOrder, Loader
from tests.sync.world import stopped_clock

pytestmark = pytest.mark.real

CLOCK = stopped_clock(datetime(2022, 3, 17, tzinfo=UTC))
HHS = RetailerProfile("hhs", "HHS")
LAST_DAY = "2022-03-16"
HELD = """
SELECT s.store_code AS place, g.gtin AS product, p.*
FROM position p JOIN store s USING (store_id) JOIN product g USING (product_id)
"""


@dataclass(frozen=True)
class Line:
    """One line of a file as it stands; `quantity` None: not told."""

    file: str
    number: int
    place: str
    place_as_written: str
    product: str
    quantity: int | None
    observed_at: datetime | None
    as_of: datetime
    located: bool


Report = tuple[datetime, datetime, int]
"""(observed_at, as_of, less the quantity): sorted, of two at one moment the smaller count is the later."""


@dataclass(frozen=True)
class Truth:
    """A position after some files, folded by looking back: DESIGN §4.1 for one source of records."""

    quantity: int
    observed_at: datetime
    as_of: datetime
    covered_at: datetime
    records: tuple[Report, ...]
    """The newest 9 at most: those that are kept before them may stand for unbroken runs."""


Position = tuple[str, str]


def told_at(path: Path) -> datetime:
    """`paxlovid_2022-03-16T232319Z_b96502d5.csv.gz` → its moment."""
    found = re.search(r"_(\d{4}-\d\d-\d\dT\d{6})Z_", path.name)
    assert found
    return datetime.strptime(found[1], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)


def lines(path: Path) -> Iterator[Line]:
    """The file by the csv module alone."""
    with gzip.open(path) as packed:
        reader = csv.DictReader(TextIOWrapper(packed, encoding="utf-8", newline=""))
        for row in reader:
            address = [row["provider_name"], row["address1"], row["city"], row["state_code"]]
            clock = row.get("courses_available_date") or row.get("last_report_date")
            yield Line(
                file=path.name,
                number=reader.line_num,
                place=place([*address, zip5(row["zip"])]),
                place_as_written=place([*address, row["zip"]]),
                product=gtin(row["national_drug_code"]),
                quantity=int(float(row["courses_available"])) if row["courses_available"].strip() else None,
                observed_at=datetime.fromisoformat(clock).replace(tzinfo=UTC) if clock else None,
                as_of=told_at(path),
                located=row["geocoded_address"].strip() != "",
            )


def place(parts: Sequence[str]) -> str:
    """What is told of a name and address, in capitals and with one space where any white space stood."""
    return "|".join(filter(None, (" ".join(part.upper().split()) for part in parts)))


def zip5(text: str) -> str:
    digits = text.strip()
    return (digits.partition("-")[0].zfill(5) if digits.isdigit() or "-" in digits else digits)[:5]


def gtin(ndc: str) -> str:
    digits = ndc.replace("-", "")
    ten = digits[1:] if len(digits) == 11 else digits
    body = "003" + ten
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def usable(all_lines: Sequence[Line]) -> list[Line]:
    """Lines with a quantity and a time, of places that some line with them locates."""
    complete = [line for line in all_lines if line.quantity is not None and line.observed_at is not None]
    located = {line.place for line in complete if line.located}
    return [line for line in complete if line.place in located]


def truths(all_lines: Sequence[Line]) -> dict[Position, Truth]:
    by_position: dict[Position, list[Report]] = {}
    for line in usable(all_lines):
        assert line.observed_at is not None
        assert line.quantity is not None
        by_position.setdefault((line.place, line.product), []).append((line.observed_at, line.as_of, -line.quantity))
    return {position: truth(sorted(set(reports))) for position, reports in by_position.items()}


def truth(reports: Sequence[Report]) -> Truth:
    """The last report, back to the first of the run that says the same: what follows the first is an echo."""
    last = len(reports) - 1
    first = last
    while first > 0 and reports[first - 1][2] == reports[last][2]:
        first -= 1
    observed_at, as_of, negative = reports[first]
    return Truth(-negative, observed_at, as_of, reports[last][0], tuple(reports[-9:]))


@pytest.fixture(scope="module")
def therapeutics(real_data: Path) -> list[Path]:
    return sorted((real_data / "therapeutics").glob("*.csv.gz"), key=lambda path: (told_at(path), path.name))


@pytest.fixture(scope="module")
def paxlovid(therapeutics: list[Path]) -> list[Path]:
    return [path for path in therapeutics if path.name.startswith("paxlovid")]


@pytest.fixture(scope="module")
def last_day(therapeutics: list[Path]) -> list[Path]:
    return [path for path in therapeutics if LAST_DAY in path.name]


@pytest.fixture(scope="module")
def read(therapeutics: list[Path]) -> dict[str, list[Line]]:
    return {path.name: list(lines(path)) for path in therapeutics}


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=60.0)
    yield pool
    await pool.close()


async def loaded(pool: Pool, path: Path) -> Loaded:
    order = FeedOrder(HHS, "therapeutics", path.name, "any", as_of=told_at(path))
    parse = parser_for("csv", None, "therapeutics")
    for feed in open_feeds(str(path)):
        return await Loader(pool, CLOCK).load(order, parse(feed.stream))
    raise AssertionError


async def held(pool: Pool) -> dict[Position, Truth]:
    return {(row["place"], row["product"]): _truth(position_from_row(row)) for row in await pool.fetch(HELD)}


def _truth(position: HeldPosition) -> Truth:
    level = position.level
    assert level.stock.quantity is not None
    records = [(one.observed_at, one.as_of, -one.stock.low) for one in position.reports[-9:]]
    return Truth(level.stock.quantity, level.observed_at, level.as_of, level.covered_at, tuple(records))


async def test_the_four_files_of_the_last_day_are_applied_or_listed_to_the_row(
    pool: Pool, last_day: list[Path], read: dict[str, list[Line]]
) -> None:
    tallies = [await loaded(pool, path) for path in last_day]
    everything = [line for path in last_day for line in read[path.name]]
    assert [one.rows for one in tallies] == [len(read[path.name]) for path in last_day]
    assert sum(one.rows for one in tallies) == len(everything) == 11_514
    assert all(one.rows == one.applied + one.unchanged + one.rejected for one in tallies)
    assert await held(pool) == truths(everything)
    listed = {(row["file"], row["line"]) for row in await pool.fetch(
        "SELECT l.file, r.line FROM rejected r JOIN load l USING (load_id) WHERE r.resolved_at IS NULL"
    )}  # fmt: skip
    good = {(line.file, line.number) for line in usable(everything)}
    assert listed == {(line.file, line.number) for line in everything} - good
    assert len(good) + len(listed) == 11_514


async def test_each_refused_line_says_why(pool: Pool, last_day: list[Path], read: dict[str, list[Line]]) -> None:
    reasons = [(await loaded(pool, path)).reasons for path in last_day]
    assert sum(sum((one or {}).values()) for one in reasons) == 640
    assert {reason for one in reasons for reason in one or {}} <= {"unknown_store", "missing"}
    rows = await pool.fetch("SELECT field, reason, detail, raw FROM rejected")
    assert all(row["field"] and row["reason"] and row["detail"] and row["raw"] for row in rows)


async def test_snapshots_in_order_give_at_each_step_the_fold_of_what_was_loaded(
    pool: Pool, paxlovid: list[Path], read: dict[str, list[Line]]
) -> None:
    so_far: list[Line] = []
    for path in paxlovid:
        await loaded(pool, path)
        so_far += read[path.name]
        assert await held(pool) == truths(so_far), path.name


def test_35_times_one_place_and_day_carry_two_quantities(paxlovid: list[Path], read: dict[str, list[Line]]) -> None:
    """And once more where one of two files lost the leading zero of a ZIP."""
    found = [line for path in paxlovid for line in read[path.name] if line.quantity is not None]
    by_zip_as_written, by_place = defaultdict(set), defaultdict(set)
    for line in found:
        by_zip_as_written[line.place_as_written, line.observed_at].add(line.quantity)
        by_place[line.place, line.observed_at].add(line.quantity)
    assert sum(len(quantities) > 1 for quantities in by_zip_as_written.values()) == 35
    assert sum(len(quantities) > 1 for quantities in by_place.values()) == 36


async def test_snapshots_in_any_order_and_one_of_them_twice_end_in_the_same_rows(
    pool: Pool, paxlovid: list[Path], read: dict[str, list[Line]]
) -> None:
    rng = Random(16)
    shuffled = rng.sample(paxlovid, len(paxlovid))
    shuffled.insert(rng.randrange(12), rng.choice(paxlovid))
    for path in shuffled:
        await loaded(pool, path)
    assert await held(pool) == truths([line for path in paxlovid for line in read[path.name]])
