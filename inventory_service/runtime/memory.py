"""Memory of a server that runs for weeks: the start's is given back, and the garbage collector hardly ever stops us.

It looks for cycles among the young, hardly ever through all. Objects without cycles, which is nearly all of ours, go
without it. Going through everything stops a program that holds a million objects for a tenth of a second and more.
"""

import ctypes
import gc
from contextlib import suppress

OBJECTS, YOUNG, ALL = 5_000, 10, 1_000
"""Objects made, and not gone, from one collection of the youngest to the next; of how many of these one takes in those
that have survived one, and of how many of those one takes in all.
"""
ARENAS = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def one_heap() -> None:
    """Before any thread begins: all threads share what is free; else each keeps some 10 MB and more for itself.

    They do not wait for each other by it: only one of them runs Python at a time.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(ARENAS, 1)


def settle() -> None:
    """Once a program is ready: what it holds by then stays, and is not looked at again; what is free is given back."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, YOUNG, ALL)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
