"""Who starts the servers, who joins them, and who stops them."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from member import use
from processes import StartMember, assert_all_gone, child_pid, supervisor_pid

from inventory_service.domain.errors import ConfigurationError
from inventory_service.embedded import Durability, servers
from inventory_service.embedded.folders import Folders, folders_of
from inventory_service.settings import Settings


def settings_of(folders: Folders, **values: object) -> Settings:
    return Settings(**{"data_dir": folders.data, "database_url": None, "redis_url": None, **values})


async def test_both_servers_answer_and_stop_with_the_program(folders: Folders) -> None:
    async with servers(settings_of(folders)) as running:
        assert running.embedded
        assert await use(running) == 1
    assert not folders.run.exists()
    assert not (folders.postgres / "postmaster.pid").exists()
    assert_all_gone(folders)


async def test_what_was_stored_is_there_at_the_next_start(folders: Folders) -> None:
    for visits in (1, 2):
        async with servers(settings_of(folders)) as running:
            assert await use(running) == visits


async def test_the_database_sorts_by_code_point_and_speaks_utf8(folders: Folders) -> None:
    async with servers(settings_of(folders, redis_url="given")) as running:
        connection = await asyncpg.connect(running.database_url)
        assert await connection.fetchval("SHOW server_encoding") == "UTF8"
        assert (
            await connection.fetchval("SELECT string_agg(word, '' ORDER BY word) FROM unnest('{é,a,B}'::text[]) word")
            == "Baé"
        )
        assert await connection.fetchval("SHOW fsync") == "on"
        await connection.close()


async def test_addresses_that_are_given_are_used_and_nothing_is_started(folders: Folders) -> None:
    given = settings_of(folders, database_url="postgresql://elsewhere/db", redis_url="redis://elsewhere")
    async with servers(given) as running:
        assert (running.database_url, running.redis_url) == ("postgresql://elsewhere/db", "redis://elsewhere")
        assert not running.embedded
    assert not folders.data.exists()


async def test_only_the_server_that_is_not_given_is_started(folders: Folders) -> None:
    async with servers(settings_of(folders, database_url="postgresql://elsewhere/db")) as running:
        assert running.database_url == "postgresql://elsewhere/db"
        assert folders.redis_socket.is_socket()
        assert not folders.postgres.exists()


async def test_a_program_that_joins_later_brings_what_the_first_did_not_need(folders: Folders) -> None:
    async with servers(settings_of(folders, database_url="given")), servers(settings_of(folders)) as running:
        assert await use(running) == 1


async def test_the_servers_run_on_until_the_last_program_leaves(folders: Folders) -> None:
    async with servers(settings_of(folders)) as second:
        async with servers(settings_of(folders)) as first:
            assert first == second
        assert await use(second) == 1


def test_programs_that_start_together_share_one_pair(folders: Folders, start_member: StartMember) -> None:
    members = [start_member() for _ in range(4)]
    assert len({tuple(member.addresses()) for member in members}) == 1
    assert sorted(member.use() for member in members) == [1, 2, 3, 4]
    owner = supervisor_pid(folders)
    assert child_pid(owner, "postgres") != child_pid(owner, "valkey-server")
    for member in members:
        member.leave()
    assert_all_gone(folders)


async def test_a_program_that_comes_while_the_servers_stop_gets_new_ones(folders: Folders) -> None:
    async def visit(turn: int) -> None:
        await asyncio.sleep(0.01 * turn)
        async with servers(settings_of(folders)) as running:
            await use(running)

    await visit(0)
    for _ in range(3):
        await asyncio.gather(*(visit(turn) for turn in range(8)))
    async with servers(settings_of(folders)) as running:
        assert await use(running) == 26


@pytest.mark.parametrize("name", ["x" * 120, "a space, a comma & 100% ü"])
async def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    folders = folders_of(tmp_path / name)
    async with servers(settings_of(folders)) as running:
        assert await use(running) == 1
        assert folders.run.stat().st_mode & 0o777 == 0o700
    assert not folders.run.exists()
    assert_all_gone(folders)


async def test_two_names_of_one_folder_share_one_pair(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(folders.data)
    async with servers(settings_of(folders)) as first, servers(Settings(data_dir=tmp_path / "other")) as second:
        assert first == second


async def test_servers_that_may_lose_data_are_not_shared_with_a_program_that_may_not(folders: Folders) -> None:
    async with servers(settings_of(folders), Durability.THROWAWAY):
        with pytest.raises(ConfigurationError, match="already run as throwaway"):
            async with servers(settings_of(folders)):
                pass
