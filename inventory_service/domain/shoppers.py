"""What shoppers say of a shelf, as a shift in log-odds: it moves the probability within bounds, never the stock.

The numbers, the attack and its bound: docs/SHOPPERS.md.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MISSED = 1 / 6
"""Who looks for what is there and does not find it; taken for the share who find what is not there as well."""
WORTHLESS = 1 / 2
"""Voices that say either at random, for all that anybody can prove."""
ERROR = WORTHLESS / 2 + (1 - WORTHLESS) * MISSED
VOICE = math.log((1 - ERROR) / ERROR)
"""The first voice's weight: ln 2, twice or half the odds."""
BOUND = 1.84
"""The weight of any number of voices: 0.95 stays above 0.75, and 0.05 below 0.25."""
HALF_LIFE = timedelta(days=1)
"""By how much a word is older than the newest one to weigh half as much."""
KEPT_FOR = timedelta(days=30)
"""How long words are kept, and so count, where no news comes after them."""
MOST = 200
"""So many of the newest words of a position are looked at: a crowd makes no further voice dearer to hear."""
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Word:
    """A shopper was there at `observed_at` and found the product, or did not."""

    found: bool
    observed_at: datetime


def leaning(words: Iterable[Word], evidence_at: datetime) -> int:
    """The shift of what is held since `evidence_at`, in hundredths of log-odds; positive: it is likelier to be there.

    Words up to and with the evidence have been heard by it and weigh nothing. Words for and against cancel, and each
    further voice on one side weighs less.
    """
    since = [word for word in words if word.observed_at > evidence_at]
    if not since:
        return 0
    net = _net(since)
    weight = BOUND * (1 - (1 - VOICE / BOUND) ** abs(net))
    return round(math.copysign(HUNDREDTHS * weight, net))


def supersedes(word: Word, held: Word, evidence_at: datetime | None) -> bool:
    """Whether `word` takes the place of what the same voice said before, that day.

    The last word counts. A repetition tells nothing new, unless news came after what it repeats.
    """
    if word.observed_at < held.observed_at:
        return False
    heard = evidence_at is not None and held.observed_at <= evidence_at < word.observed_at
    return word.found != held.found or heard


def _net(words: Collection[Word]) -> float:
    """Voices for it less voices against it, older ones fading beside the newest."""
    newest = max(word.observed_at for word in words)
    return math.fsum(_worth(word, newest) for word in words)


def _worth(word: Word, newest: datetime) -> float:
    share: float = 2.0 ** -((newest - word.observed_at) / HALF_LIFE)
    return share if word.found else -share
