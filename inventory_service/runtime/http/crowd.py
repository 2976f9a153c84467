"""All open connections of a server: who lets us wait too long goes, and where places get scarce, who waits longest."""

import asyncio
import resource
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from heapq import nsmallest
from typing import Protocol

import structlog

from inventory_service.runtime.http.cuts import Cuts, Reason

LOOK_S = 0.5
PRESSED_SHARE = 0.75
"""Above this share of all places idle connections are closed early, the longest idle first."""
PRESSED_IDLE_S = 2.0
"""Even then nobody goes who has just been answered."""
ROOM = 64
"""Places made at once where all are taken, so that a flood does not cost a search for each."""
OWN_FILES = 128
"""Files that the program needs beside its connections."""
TELL_S = 10.0
"""How often at most a line about closed connections is logged."""

log = structlog.get_logger("nearshelf.connections")


class Member(Protocol):
    """One connection, as the crowd sees it."""

    @property
    def address(self) -> str:
        """Who is at the other end."""

    def waiting_since(self) -> float | None:
        """Since when we wait for a whole request, by the loop's clock; None while one is being answered."""

    def overdue(self, now: float) -> Reason | None:
        """What this client has let us wait for, longer than is decent; None: nothing."""

    def cut(self) -> None:
        """Closes it, whatever is still to be sent."""


class Crowd:
    """At most `places` connections. Of those beyond, some of the address that holds most go, longest waiting first."""

    def __init__(self, places: int, cuts: Cuts) -> None:
        self._places, self._cuts = places, cuts
        self._members: dict[Member, str] = {}
        self._of_address: Counter[str] = Counter()
        self._slow = self._crowded = 0
        self._told_at = 0.0

    def __len__(self) -> int:
        return len(self._members)

    def join(self, one: Member) -> None:
        """Where nobody can go, it is the newcomer."""
        if len(self._members) >= self._places and not self._make_room():
            self._crowd_out(1)
            one.cut()
            return
        self._members[one] = one.address
        self._of_address[one.address] += 1

    def leave(self, one: Member) -> None:
        address = self._members.pop(one, None)
        if address is None:
            return
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    async def watch(self) -> None:
        """Until cancelled. Where we were away ourselves for a while, what has come meanwhile is heard first."""
        loop, hearing = asyncio.get_running_loop(), False
        while True:
            began = loop.time()
            await asyncio.sleep(LOOK_S)
            hearing = not hearing and loop.time() > began + 2 * LOOK_S
            if not hearing:
                self.look(loop.time())

    def look(self, now: float) -> None:
        """Closes who is overdue, and the longest idle where places get scarce."""
        overdue = [(one, why) for one in self._members if (why := one.overdue(now))]
        for _, why in overdue:
            self._cuts.count(why)
        self._slow += self._dismiss([one for one, _ in overdue])
        spare = len(self._members) - int(self._places * PRESSED_SHARE)
        if spare > 0:
            longest = _longest_waiting(self._members, spare)
            self._crowd_out(self._dismiss([one for one in longest if _idle_s(one, now) > PRESSED_IDLE_S]))
        self._tell(now)

    def _make_room(self) -> int:
        """How many places it made."""
        for address, _ in self._of_address.most_common():
            waiting = [one for one, whose in self._members.items() if whose == address]
            made = self._dismiss(_longest_waiting(waiting, ROOM))
            if made:
                self._crowd_out(made)
                return made
        return 0

    def _crowd_out(self, how_many: int) -> None:
        self._crowded += how_many
        for _ in range(how_many):
            self._cuts.count("crowded")

    def _dismiss(self, those: list[Member]) -> int:
        for one in those:
            self.leave(one)
            one.cut()
        return len(those)

    def _tell(self, now: float) -> None:
        if not (self._slow or self._crowded) or now < self._told_at + TELL_S:
            return
        log.info("connections closed", slow=self._slow, crowded=self._crowded, open=len(self._members))
        self._slow = self._crowded = 0
        self._told_at = now


def places_for(wanted: int) -> int:
    """`wanted` connections, or as many as the system lets this process open: it is asked for more where it is few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + OWN_FILES and (hard == resource.RLIM_INFINITY or soft < hard):
        needed = wanted + OWN_FILES if hard == resource.RLIM_INFINITY else min(wanted + OWN_FILES, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else max(ROOM, min(wanted, soft - OWN_FILES))


def _idle_s(one: Member, now: float) -> float:
    since = one.waiting_since()
    return 0.0 if since is None else now - since


def _longest_waiting(among: Iterable[Member], at_most: int) -> list[Member]:
    waiting = [(since, place, one) for place, one in enumerate(among) if (since := one.waiting_since()) is not None]
    return [one for _, _, one in nsmallest(at_most, waiting)]
