"""Runs a program as root where no further user namespace may be made, as containers do: `… PROGRAM ARGUMENT…`."""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def confine(entered: int, mapped: int) -> None:
    """In the child: a namespace that its parent maps one to one, and whose own limit of namespaces is none."""
    if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
        os._exit(1)
    os.write(entered, b".")
    os.read(mapped, 1)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execvp(sys.argv[1], sys.argv[1:])


def main() -> int:
    entered, enter = os.pipe()
    mapped, map_done = os.pipe()
    child = os.fork()
    if child == 0:
        confine(enter, mapped)
    os.close(enter)
    if os.read(entered, 1) == b"":
        os.waitpid(child, 0)
        return 1
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{child}/{name}").write_text("0 0 65536")
    os.write(map_done, b".")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
