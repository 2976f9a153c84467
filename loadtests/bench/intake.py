"""python -m loadtests.bench.intake: how stock comes in, by feeds and webhooks; the last line is one JSON object."""

import json
import tempfile
from pathlib import Path

from loadtests import parsing, sync
from loadtests.bench.children import all_ended


def main() -> None:
    with all_ended(), tempfile.TemporaryDirectory(prefix="nearshelf-bench-sync-") as name:
        figures = {**sync.measured(Path(name)), **parsing.measured()}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
