"""Every way of "Connect a store in five minutes", from nothing to the answer, as the page has it."""

import socket
from collections.abc import Iterator

import pytest

from tests.docs.pages import ANSWER, RECEIVER, SETTING, Section, Shell, sections
from tests.programs.running import PROJECT, environment, gone_within, running

PAGE = PROJECT / "docs" / "CONNECT.md"
SECTIONS = tuple(sections(PAGE))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A terminal, with all files of the page, beside the program, which knows all its sources and secrets."""
    folder = tmp_path_factory.mktemp("connect")
    for name in {name for section in SECTIONS for name, _ in section.files}:
        texts = [text for section in SECTIONS for one, text in section.files if one == name]
        (folder / name).write_text("\n".join(texts))
    port, secrets = free_port(), dict(SETTING.findall(PAGE.read_text()))
    settings = environment(
        folder / "data", DEMO="0", SYNC_PORT=str(port), SOURCES=str(folder / "sources.toml"), **secrets
    )
    with running(settings) as program:
        yield Shell(folder, settings, {ANSWER: program.url, RECEIVER: f"http://127.0.0.1:{port}"})
    assert gone_within(30, folder / "data") == []


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.title)
def test_the_way_ends_in_the_answer_that_is_shown(section: Section, shell: Shell) -> None:
    for step in section.steps:
        shell.take(step)


def test_there_is_a_way_for_everyone() -> None:
    titles = [one.title for one in SECTIONS]
    assert titles == ["A Google feed", "A CSV", "Shopify", "Square", "A till that sends JSON"]
    assert all(any(one.shown for one in section.steps[-2:]) for section in SECTIONS)


def test_each_way_tells_what_is_needed_and_the_three_likeliest_causes_of_trouble() -> None:
    for part in PAGE.read_text().split("\n## ")[2:-1]:
        assert "You need:" in part
        assert part.rpartition("**If it does not work**")[2].count("\n- *") == 3
