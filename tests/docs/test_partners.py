"""The page for partners, from top to bottom: its files are written, its commands run, and what it shows is compared."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ANSWER, Section, Shell, sections
from tests.programs.running import PROJECT, environment, gone_within, running

PAGE = PROJECT / "docs" / "PARTNERS.md"
SECTIONS = {section.title: section for section in sections(PAGE)}
MYPY = (sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file", os.devnull, "typed.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("partners")


@pytest.fixture(scope="module")
def shell(folder: Path) -> Iterator[Shell]:
    """A terminal with all files of the page, beside the demo, and with its keys."""
    settings = environment(folder / "data")
    with running(settings) as program:
        for section in SECTIONS.values():
            for name, text in section.files:
                (folder / name).write_text(text.replace(ANSWER, program.url))
        yield Shell(folder, settings, {ANSWER: program.url})
    assert gone_within(30, folder / "data") == []


def take(section: Section, shell: Shell) -> None:
    for step in section.steps:
        shell.take(step)


def test_the_page_works_from_top_to_bottom(shell: Shell, folder: Path) -> None:
    for title in ("A key in one minute", "curl", "Python", "Python, typed"):
        take(SECTIONS[title], shell)
    checked = subprocess.run(MYPY, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert checked.returncode == 0, checked.stdout
    if shutil.which("node") is not None:
        take(SECTIONS["JavaScript"], shell)


def test_it_has_a_way_for_each_language() -> None:
    assert list(SECTIONS) == ["A key in one minute", "curl", "Python", "Python, typed", "JavaScript"]


@pytest.mark.parametrize("title", ["What went wrong", "Limits", "Caching", "What will not change", "How good it is"])
def test_it_tells_what_a_partner_has_to_know(title: str) -> None:
    assert f"\n## {title}\n" in PAGE.read_text()
