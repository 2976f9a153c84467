"""A pool as the programs open it, and a loader whose clock stands still."""

from tests.sync.conftest import pool, sync

__all__ = ["pool", "sync"]
