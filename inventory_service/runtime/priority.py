"""Whose turn the processor is where not everybody has one: who answers shoppers goes before who takes stock in."""

import os

BEHIND = 10
"""Niceness of what nobody waits for with a phone in the hand; answering has 0."""


def behind_answers() -> None:
    """This process, and what it starts, from now on."""
    os.setpriority(os.PRIO_PROCESS, 0, max(BEHIND, os.getpriority(os.PRIO_PROCESS, 0)))
