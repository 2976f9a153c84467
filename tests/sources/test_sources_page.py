"""The page about sources tells every key, and its example is one that is accepted."""

import re
from pathlib import Path

from inventory_service.storage.diagnostics import unseen
from store_sync.declared import load_declared
from store_sync.sources.table import SourceTable

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "SOURCES.md").read_text()
FIRST_CELLS = re.compile(r"^\| (`.+?`) \|", re.MULTILINE)


def told() -> set[str]:
    return {name for cell in FIRST_CELLS.findall(PAGE) for name in re.findall(r"`(\w+)`", cell)}


def test_the_example_is_accepted(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "sources.toml").write_text(example)
    assert len(load_declared(tmp_path / "sources.toml").sources) == 5


def test_every_key_is_told() -> None:
    assert set(SourceTable.model_fields) <= told()


def test_everything_that_is_told_of_a_source_is_explained() -> None:
    plain = {"paused", "loads", "since", "newest_observed_at", "duplicates"}
    assert set(unseen("acme", "stock")) - plain <= told()
