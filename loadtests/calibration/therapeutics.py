"""Real snapshots of the Therapeutic Locator: fitted on the earlier, judged on the later.

What they can show: what the next record of a place will say, after days in which nobody spoke of it. What they cannot:
whether the shelf held what its record said, since nobody looked; nor, in the later ones, whether a place ran out: those
list no place with 0 any more, so that being listed again tells that there is at least one.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from loadtests.calibration import commands
from loadtests.calibration.diagram import Curve
from loadtests.calibration.judged import Baselines, Judged
from loadtests.calibration.scores import reliability
from loadtests.simulator.world import write

Line = dict[str, Any]
EARLIER_SHARE = 0.6
"""Of the snapshots, in order of time."""
QUANTITIES = (1, 3)
PLACE = ("provider_name", "address1", "city", "state_code")
DATES = ("courses_available_date", "last_report_date")


def judged(folder: Path, data: Path) -> tuple[dict[str, float], Curve]:
    """Scores on the later snapshots beside both baselines, and the reliability curve."""
    told = _told(data)
    cut = _cut(data)
    earlier = {place: {day: count for day, count in days.items() if day <= cut} for place, days in told.items()}
    history = write(folder / "earlier.jsonl", _records(earlier))
    fitted = commands.fit(history, folder / "therapeutics.json", "--truth", "record")
    training = _judged(folder / "early-asked.jsonl", earlier, "", fitted)
    later = _judged(folder / "late-asked.jsonl", told, cut, fitted)
    return Baselines.of(training).figures(later), Curve("therapeutics, later", reliability(later.likely, later.found))


Told = Mapping[str, Mapping[str, int]]
"""By place and product: courses by the day that they were counted on."""


def _told(data: Path) -> Told:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for path in sorted(data.glob("*.csv.gz"), key=_taken):
        for place, day, count in _rows(path):
            found[place].setdefault(day, count)
    return found


def _taken(path: Path) -> str:
    """Snapshots name their moment: product_2022-03-16T232319Z_id."""
    return path.name.split("_")[1]


def _cut(data: Path) -> str:
    """The day of the last of the earlier snapshots."""
    moments = sorted({_taken(path) for path in data.glob("*.csv.gz")})
    return moments[int(len(moments) * EARLIER_SHARE) - 1][:10]


def _rows(path: Path) -> Iterator[tuple[str, str, int]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            day = next((row[name][:10] for name in DATES if row.get(name)), "")
            if day and row["courses_available"]:
                place = "|".join((*(row[name].strip().lower() for name in PLACE), row["zip"][:5], row["order_label"]))
                yield place, day, max(0, int(float(row["courses_available"])))


def _records(told: Told) -> Iterator[Line]:
    for place, days in told.items():
        for day, count in days.items():
            record = {"kind": "record", "source": "locator", "observed_at": f"{day}T00:00:00Z", "quantity": count}
            yield _named(place) | {"category": place.rpartition("|")[2]} | record


def _judged(path: Path, told: Told, after: str, parameters: Path) -> Judged:
    """Every count after a day, asked for a minute before it was made."""
    questions, truths = [], []
    for place, days in told.items():
        for before, day in _steps(sorted(days)):
            if day > after:
                for quantity in QUANTITIES:
                    name = f"{place} {day} {quantity}"
                    asked = {"kind": "question", "id": name, "at": f"{before}T23:59:00Z", "quantity": quantity}
                    questions.append(_named(place) | asked)
                    truths.append({"id": name, "quantity": quantity, "pieces": days[day]})
    return Judged.of(truths, commands.tried(write(path, _records(told), questions), parameters))


def _steps(days: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The eve of each day that something was told on, but the first; and the day."""
    for day in days[1:]:
        yield str(date.fromisoformat(day) - timedelta(days=1)), day


def _named(place: str) -> Line:
    return {"retailer": "hhs", "store": place.rpartition("|")[0], "product": place.rpartition("|")[2]}
