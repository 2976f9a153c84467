"""Every key in Redis: its name, what it holds and how long. `ns1` is the version of the formats behind them.

| key | holds | lifetime |
|---|---|---|
| `ns1:{product}:n` | packed levels of one product in one neighbourhood (block.py) | until thrown away |
| `ns1:{product}:n:l` | lease of the worker that reads that block from Postgres | LEASE_MS |
| `ns1:{g…}:…` | product as JSON by its GTIN; `-`: nobody knows it | until thrown away; UNKNOWN_MS |
| `ns1:{product}:p` | the same by its id | until thrown away; SECOND_COPY_MS if it has a GTIN; UNKNOWN_MS |
| `…:l` | its lease | LEASE_MS |
| `ns1:{product}:l` | lease of a rebuilding that reads all of a product from Postgres | LEASE_MS |
| `ns1:{voice:…}` | how many words a device, or an address, has said on a day | a day |
| `ns1:{spent:…}` | what an identity has spent in one window of a limit | as long as the window |
| `ns1:{log}:published` | hash: publisher's epoch, its database, its place in the change log | until lost |
| `ns1:{log}:live` | all that this snapshot of Postgres sees is published | LIVE_MS since that snapshot |
| `ns1:{log}:rebuilt` | the last product that a rebuilding under way has dealt with | REBUILD_MS |
"""

from collections.abc import Iterable

PREFIX = "ns1:"
EVERY_VALUE = PREFIX + "{[0-9g]*"
"""Matches all that is cached, and its leases; not the publisher's own keys."""
PUBLISHED = PREFIX + "{log}:published"
LIVE = PREFIX + "{log}:live"
REBUILT = PREFIX + "{log}:rebuilt"

LEASE_MS = 2_000
LIVE_MS = 800
"""How long the cache is believed beyond what is known of it: an answer out of it is never older by more."""
SECOND_COPY_MS = 3_600_000
"""How long a product that is cached by its GTIN, or by what it was merged into, is kept by its id as well."""
UNKNOWN_MS = 60_000
"""What nobody knows takes room for so long only, however much of it is asked for."""
REBUILD_MS = 86_400_000


def block(product_id: int, neighbourhood_id: int) -> str:
    return f"{PREFIX}{{{product_id}}}:{neighbourhood_id}"


def blocks(product_id: int, neighbourhood_ids: Iterable[int]) -> list[str]:
    """Each one's `block`, in their order."""
    head = f"{PREFIX}{{{product_id}}}:"
    return [f"{head}{one}" for one in neighbourhood_ids]


def product(product_id: int) -> str:
    return f"{PREFIX}{{{product_id}}}:p"


def gtin(gtin14: str, owner_id: int | None) -> str:
    """`owner_id` tells whose product a restricted GTIN means."""
    return f"{PREFIX}{{g{gtin14}}}:{'' if owner_id is None else owner_id}"


def whole(product_id: int) -> str:
    """The lease of all of a product's blocks at once."""
    return f"{PREFIX}{{{product_id}}}:l"


def whole_of(block: str) -> str:
    """The same, by one of the blocks."""
    return block[: block.rindex(":")] + ":l"


def voice(digest: bytes) -> str:
    """Counts what one device or address says on a day; the digest is another one every day."""
    return f"{PREFIX}{{voice:{digest.hex()}}}"


def spent(window: str) -> str:
    """Adds up what was spent; `window` names an identity, its limit and the time."""
    return f"{PREFIX}{{spent:{window}}}"


def lease(key: str) -> str:
    return key + ":l"
