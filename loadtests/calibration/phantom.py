"""A shelf that is empty though its record stays at 2, and a healthy one that sells slowly."""

from pathlib import Path
from typing import Any

from loadtests.calibration import commands
from loadtests.calibration.checklist import most_worth
from loadtests.simulator.telling import after
from loadtests.simulator.world import write

PER_DAY = {"brisk": 1.0, "slow": 0.05}
SOLD_FOR_DAYS = {"brisk": 40, "slow": 200}
MISSING = range(5)
OTHERS = 40
"""Products of the store that go on selling."""
Line = dict[str, Any]


def followed(folder: Path, parameters: Path | None) -> dict[str, Any]:
    """P by expected-but-missing sale of the brisk seller; of the slow one after as many days; whether it is listed."""
    lines = [line for name in PER_DAY for line in _sold(name)] + [line for one in range(OTHERS) for line in _other(one)]
    began = SOLD_FOR_DAYS["slow"]
    covered = [_at({"kind": "coverage", "source": "till"}, (began + step / 4) * 24) for step in range(4 * len(MISSING))]
    asked = [_asked(name, missing, began) for name in PER_DAY for missing in MISSING]
    asked += [_asked(f"other{one}", MISSING[-1], began) for one in range(OTHERS)]
    found = commands.tried(write(folder / "phantom.jsonl", lines, covered, asked), parameters)
    last = [name for name in found if name.endswith(f"-{MISSING[-1]}")]
    listed = [last[one] for one in most_worth([found[name] for name in last])[:10]]
    return {
        "phantom_by_missing_sale": [round(found[f"brisk-{missing}"]["probability"], 3) for missing in MISSING],
        "slow_seller_meanwhile": [round(found[f"slow-{missing}"]["probability"], 3) for missing in MISSING],
        "phantom_listed": f"brisk-{MISSING[-1]}" in listed,
        "slow_seller_listed": f"slow-{MISSING[-1]}" in listed,
    }


def _sold(name: str) -> list[Line]:
    """A steady seller whose last sale left 2."""
    every, began = 1.0 / PER_DAY[name], SOLD_FOR_DAYS["slow"]
    number = int(SOLD_FOR_DAYS[name] * PER_DAY[name])
    first = _at(
        {"kind": "record", "product": name, "source": "till", "quantity": number + 2}, (began - number * every) * 24
    )
    times = [(began - (number - 1 - sale) * every) * 24 for sale in range(number)]
    return [first, *(_at({"kind": "sale", "product": name, "source": "till", "quantity": 1}, time) for time in times)]


def _other(one: int) -> list[Line]:
    """Sells two a day of plenty, to the end."""
    began, name = SOLD_FOR_DAYS["slow"], f"other{one}"
    first = _at({"kind": "record", "product": name, "source": "till", "quantity": 200}, (began - 40) * 24)
    times = [(began - 39 + sale / 2) * 24 for sale in range(2 * (38 + len(MISSING)))]
    return [first, *(_at({"kind": "sale", "product": name, "source": "till", "quantity": 1}, time) for time in times)]


def _asked(name: str, missing: int, began: int) -> Line:
    named = {"retailer": "scenario", "store": "s0", "product": name, "kind": "question", "id": f"{name}-{missing}"}
    return named | {"at": after((began + missing) * 24)}


def _at(told: Line, hours: float) -> Line:
    return {"retailer": "scenario", "store": "s0", "category": "scenario"} | told | {"observed_at": after(hours)}
