"""`python -m loadtests.parsing`: how fast a Google local inventory file is parsed and checked, on one core.

Writes a file of 1,000,000 rows, about 55 MB, to a temporary folder and parses it three times in a process of its own,
through the same door as `load`. The last line is one JSON object; a run takes seconds.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROWS, ITEMS, RUNS = 1_000_000, 2_000, 3
DEADLINE_S = 300
HEADER = "store code\tid\tquantity\tavailability\tprice\tpickup_method\tpickup_sla\n"
TIMED = """
import json, sys, time
from store_sync.formats.registry import parser_for
parse = parser_for("google-local-inventory", "stock", None)
seconds = []
for _ in range(int(sys.argv[2])):
    with open(sys.argv[1], "rb") as feed:
        began = time.perf_counter()
        results = parse(feed)
        rows = sum(len(result) if hasattr(result, "__len__") else 1 for result in results)
        seconds.append(time.perf_counter() - began)
print(json.dumps({"rows": rows, "seconds": seconds}))
"""


def lines() -> Iterator[str]:
    """Stores one after another, each with the same items; prices by item, counts by position."""
    yield HEADER
    for number in range(ROWS):
        store, item = divmod(number, ITEMS)
        count = (store * 31 + item * 17) % 30
        said = "in stock" if count > 2 else "limited availability" if count else "out of stock"
        cents = 99 + item * 7919 % 20_000
        price = f"{cents // 100}.{cents % 100:02} USD"
        yield f"{100_000 + store}\tSKU-{item:07}\t{count}\t{said}\t{price}\tbuy\tsame day\n"


def measured() -> dict[str, Any]:
    """Rows a second, the median of some runs."""
    with tempfile.TemporaryDirectory(prefix="nearshelf-parsing-") as folder:
        feed = Path(folder) / "feed.tsv"
        with feed.open("w", encoding="utf-8") as file:
            file.writelines(lines())
        words = [sys.executable, "-c", TIMED, str(feed), str(RUNS)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=DEADLINE_S)
    told = json.loads(done.stdout)
    rates = [round(told["rows"] / seconds) for seconds in told["seconds"]]
    print("parsing  ", *(f"{rate:>10,} rows/s" for rate in rates))
    return {"parsed_rows": told["rows"], "parse_rows_per_s": statistics.median(rates)}


if __name__ == "__main__":
    print(json.dumps(measured()))
