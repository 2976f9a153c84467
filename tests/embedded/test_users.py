"""Postgres refuses root: how it runs all the same, and as an ordinary user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import StartMember, assert_all_gone, child_pid, supervisor_pid

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded.folders import Folders, folders_of
from inventory_service.embedded.identity import choose_identity, give_folder, nobody, ourselves
from inventory_service.embedded.kernel import NOBODY

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")
CONFINED = [sys.executable, str(Path(__file__).with_name("without_namespaces.py"))]


@pytest.fixture
def confined() -> list[str]:
    """The beginning of a command line: what follows runs as root without user namespaces."""
    if subprocess.run([*CONFINED, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets nobody make a user namespace that forbids others")
    return CONFINED


def interpreter_for(user: int) -> str:
    """Of our version, where that user can run it and read our code."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin")):
        try:
            look = f"open({str(Path(__file__).resolve())!r})"
            subprocess.run([candidate or "", "-c", look], user=user, cwd="/", check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return str(candidate)
    pytest.skip(f"user {user} can run no interpreter of our version on our code")


def owner_of(folder: Path) -> int:
    return folder.stat().st_uid


@pytest.fixture
def folders_of_nobody() -> Iterator[Folders]:
    """Where every user can get to, unlike the folder of other tests."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield folders_of(Path(folder))


@as_root
def test_an_ordinary_user_needs_nothing_special(folders_of_nobody: Folders, start_member: StartMember) -> None:
    folders = folders_of_nobody
    member = start_member(python=interpreter_for(NOBODY), user=NOBODY, data=folders.data)
    member.addresses()
    assert member.use() == 1
    assert owner_of(Path("/proc") / str(supervisor_pid(folders))) == NOBODY
    member.leave()
    assert_all_gone(folders)


@as_root
def test_root_without_user_namespaces_runs_postgres_as_nobody(
    folders: Folders, start_member: StartMember, confined: list[str]
) -> None:
    folders.data.mkdir(mode=0o700)
    member = start_member(prefix=confined)
    member.addresses()
    assert member.use() == 1
    assert owner_of(folders.postgres) == NOBODY
    postgres = child_pid(supervisor_pid(folders), "postgres")
    assert owner_of(Path("/proc") / str(postgres)) == NOBODY
    os.kill(supervisor_pid(folders), 9)
    assert member.use() == 2
    member.leave()
    assert_all_gone(folders)


@as_root
def test_data_moves_between_the_two_ways_of_root(
    folders: Folders, start_member: StartMember, confined: list[str]
) -> None:
    for visits, prefix in enumerate([[], confined, []], start=1):
        member = start_member(prefix=prefix)
        member.addresses()
        assert member.use() == visits
        member.leave()


@as_root
def test_a_folder_of_another_user_is_not_taken_from_them(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(ConfigurationError, match="belongs to user 12345"):
        give_folder(tmp_path, nobody())
    assert owner_of(tmp_path) == 12345


def test_a_program_that_does_not_run_is_named_with_its_reason(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho a library is missing >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(ConfigurationError, match="a library is missing"):
        choose_identity(program, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root is never itself")
def test_an_ordinary_user_stays_who_they_are(tmp_path: Path) -> None:
    assert ourselves().owner == (os.geteuid(), os.getegid())
