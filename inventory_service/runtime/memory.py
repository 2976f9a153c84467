"""The garbage collector in a server that runs for weeks: it looks for cycles among the young, hardly ever through all.

Objects without cycles, which is nearly all of ours, go without it. Going through everything stops a program that holds
a million objects for a tenth of a second and more.
"""

import gc

OBJECTS, YOUNG, ALL = 5_000, 10, 1_000
"""Objects made, and not gone, from one collection of the youngest to the next; of how many of these one takes in those
that have survived one, and of how many of those one takes in all.
"""


def settle() -> None:
    """Once a program is ready: what it holds by then stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, YOUNG, ALL)
