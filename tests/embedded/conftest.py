"""Programs that join embedded servers, started as processes of their own so that they can be killed."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from processes import Member, StartMember, assert_all_gone

from inventory_service.embedded.folders import Folders, folders_of

MEMBER = Path(__file__).with_name("member.py")
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    """Of a new DATA_DIR. When the test is over, nothing that it started may be left."""
    folders = folders_of(tmp_path / "data")
    yield folders
    assert_all_gone(folders)


@pytest.fixture
def start_member(folders: Folders) -> Iterator[StartMember]:
    started: list[Member] = []

    def start(
        prefix: Sequence[str] = (),
        python: str = sys.executable,
        user: int | None = None,
        data: Path = folders.data,
    ) -> Member:
        process = subprocess.Popen(
            [*prefix, python, str(MEMBER), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, sys.path)])},
            cwd="/",
        )
        started.append(Member(process))
        return started[-1]

    yield start
    for member in started:
        member.kill()
        member.process.stdin.close()
        member.process.stdout.close()
