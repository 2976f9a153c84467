"""The few Linux calls that Python does not offer, made in a child between fork and exec. Each raises OSError."""

import ctypes
import os
from pathlib import Path
from signal import Signals

NOBODY = 65534
"""Linux's overflow id: present and powerless on every system."""

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityWords(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def end_with_parent(signal: Signals, parent_pid: int) -> None:
    """This process gets `signal` when its parent dies; ends if that has happened. A change of user undoes it."""
    _check(_prctl(_PR_SET_PDEATHSIG, signal), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent_pid:
        os._exit(1)


def enter_user_namespace() -> None:
    """This process sees itself as NOBODY, and stays who it is to everyone else: root's own files remain its own."""
    uid, gid = os.getuid(), os.getgid()
    _check(_libc.unshare(_CLONE_NEWUSER), "unshare(CLONE_NEWUSER)")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become_nobody_with_reach() -> None:
    """From root to NOBODY, keeping one right: to pass the permissions of folders, so that /root stays reachable."""
    _check(_prctl(_PR_SET_KEEPCAPS, 1), "prctl(PR_SET_KEEPCAPS)")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    bit = 1 << _CAP_DAC_OVERRIDE
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    words = (_CapabilityWords * 2)(_CapabilityWords(bit, bit, bit), _CapabilityWords(0, 0, 0))
    _check(_libc.capset(ctypes.byref(header), words), "capset")
    _check(_prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE), "prctl(PR_CAP_AMBIENT)")


def _prctl(option: int, first: int, second: int = 0) -> int:
    arguments = (ctypes.c_ulong(value) for value in (first, second, 0, 0))
    return int(_libc.prctl(option, *arguments))


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
