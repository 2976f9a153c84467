"""Whoever is killed, nothing is left behind and nothing that was committed is lost."""

import os
import signal

import pytest
from processes import StartMember, assert_all_gone, child_pid, kill, supervisor_pid, wait_until

from inventory_service.embedded.folders import Folders


def test_a_killed_program_takes_the_servers_with_it(folders: Folders, start_member: StartMember) -> None:
    member = start_member()
    member.addresses()
    member.kill()
    assert_all_gone(folders)
    assert not (folders.postgres / "postmaster.pid").exists()


def test_a_killed_program_leaves_the_servers_to_the_others(folders: Folders, start_member: StartMember) -> None:
    first = start_member()
    first.addresses()
    second = start_member()
    second.addresses()
    first.kill()
    assert second.use() == 1


def test_a_killed_supervisor_is_replaced_by_a_program_that_goes_on(folders: Folders, start_member: StartMember) -> None:
    member = start_member()
    member.addresses()
    assert member.use() == 1
    killed = supervisor_pid(folders)
    kill(killed)
    assert member.use() == 2
    wait_until(folders.supervisor_socket.is_socket)
    assert member.use() == 3
    member.leave()
    assert_all_gone(folders)


def test_supervisor_and_program_killed_together_leave_nothing(folders: Folders, start_member: StartMember) -> None:
    member = start_member()
    member.addresses()
    assert member.use() == 1
    kill(supervisor_pid(folders))
    member.kill()
    assert_all_gone(folders)
    again = start_member()
    again.addresses()
    assert again.use() == 2


def test_after_everything_was_killed_the_next_start_has_the_data(folders: Folders, start_member: StartMember) -> None:
    member = start_member()
    member.addresses()
    assert member.use() == 1
    owner = supervisor_pid(folders)
    victims = [child_pid(owner, "postgres"), child_pid(owner, "valkey-server"), owner]
    for pid in victims:
        os.kill(pid, signal.SIGSTOP)
    member.kill()
    for pid in victims:
        kill(pid)
    again = start_member()
    again.addresses()
    assert again.use() == 2


def test_a_process_id_that_now_is_somebody_elses_does_not_block_a_start(
    folders: Folders, start_member: StartMember
) -> None:
    member = start_member()
    member.addresses()
    kill(child_pid(supervisor_pid(folders), "valkey-server"))
    pid_file = folders.postgres / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill(supervisor_pid(folders))
    member.kill()
    assert_all_gone(folders)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = start_member()
    again.addresses()
    assert again.use() == 1


@pytest.mark.parametrize("program", ["postgres", "valkey-server"])
def test_a_server_that_dies_is_started_again(folders: Folders, start_member: StartMember, program: str) -> None:
    member = start_member()
    member.addresses()
    assert member.use() == 1
    owner = supervisor_pid(folders)
    kill(child_pid(owner, program))
    assert member.use() == 2
    assert supervisor_pid(folders) == owner


def test_ctrl_c_in_the_terminal_reaches_the_program_and_not_its_servers(
    folders: Folders, start_member: StartMember
) -> None:
    member = start_member()
    member.addresses()
    owner = supervisor_pid(folders)
    assert os.getsid(owner) != os.getsid(member.process.pid)
    os.killpg(member.process.pid, signal.SIGINT)
    assert int(member.process.stdout.readline()) == 1
    member.leave()
    assert_all_gone(folders)


def test_a_supervisor_that_is_told_to_stop_stops_its_servers_in_order(
    folders: Folders, start_member: StartMember
) -> None:
    member = start_member()
    member.addresses()
    owner = supervisor_pid(folders)
    member.process.send_signal(signal.SIGSTOP)
    os.kill(owner, signal.SIGTERM)
    assert_all_gone(folders)
    assert "database system is shut down" in (folders.logs / "postgres.log").read_text()
    member.kill()
