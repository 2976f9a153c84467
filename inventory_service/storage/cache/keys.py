"""Every key in Redis: its name, what it holds and how long. `ns1` is the version of the formats behind them.

| key | holds | lifetime |
|---|---|---|
| `ns1:{product}:n` | packed levels of one product in one neighbourhood (block.py) | until thrown away |
| `ns1:{product}:n:l` | lease of the worker that reads that block from Postgres | LEASE_MS |
| `ns1:{product}:p`, `ns1:{g…}` | a product as JSON, by id and by GTIN; `-`: nobody knows it | PRODUCT_MS, UNKNOWN_MS |
| `…:l` | its lease | LEASE_MS |
| `ns1:published` | hash: epoch of the publisher, its place in the change log | until lost |
| `ns1:live` | present while the publisher keeps up: the cache may be believed | LIVE_MS |
"""

PREFIX = "ns1:"
PUBLISHED = PREFIX + "published"
LIVE = PREFIX + "live"

LEASE_MS = 3_000
LIVE_MS = 2_000
PRODUCT_MS = 3_600_000
UNKNOWN_MS = 60_000


def block(product_id: int, neighbourhood_id: int) -> str:
    return f"{PREFIX}{{{product_id}}}:{neighbourhood_id}"


def product(product_id: int) -> str:
    return f"{PREFIX}{{{product_id}}}:p"


def gtin(gtin14: str, owner_id: int | None) -> str:
    """`owner_id` tells whose product a restricted GTIN means."""
    return f"{PREFIX}{{g{gtin14}}}:{'' if owner_id is None else owner_id}"


def lease(key: str) -> str:
    return key + ":l"
