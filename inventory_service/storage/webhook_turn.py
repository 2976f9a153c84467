"""Whose turn it is to deliver webhooks: the lock of a session, and a sign of life without which others end it.

A holder that dies loses the lock with its connection. One that was stopped (by a debugger, a hypervisor, SIGSTOP) gives
no sign of life any more, and whoever waits for the turn ends its session: nothing that it had begun there is written.
"""

import math
from datetime import timedelta

from inventory_service.storage.postgres import Connection
from inventory_service.storage.publishing import elapsed_s

LEASE = timedelta(seconds=10)
RENEW_EVERY_S = 2.0

LOCK_ID = 0x4E5348_0012
NAMED = "SET application_name = 'nearshelf webhooks'"
TAKE = """
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_lock($1) AS mine)
UPDATE webhook_turn SET pid = pg_backend_pid(), expires_at = clock_timestamp() + $2
FROM turn WHERE turn.mine RETURNING pid
"""
RELIEVE = """
SELECT pg_terminate_backend(l.pid) FROM webhook_turn t JOIN pg_locks l USING (pid)
WHERE t.expires_at < clock_timestamp() AND l.locktype = 'advisory' AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32 | l.objid::bigint) = $1
"""
RENEW = "UPDATE webhook_turn SET expires_at = clock_timestamp() + $2 WHERE pid = $1 RETURNING pid"


class Turn:
    """The holder's side of it."""

    def __init__(self, pid: int, began_s: float) -> None:
        """`pid`: of the session that holds the lock. `began_s`: `elapsed_s` before Postgres was asked."""
        self._pid, self._renewed_s = pid, began_s

    @property
    def held(self) -> bool:
        """False where another may have taken over, as far as the holder's own clock tells."""
        return elapsed_s() - self._renewed_s < LEASE.total_seconds()

    async def renew(self, connection: Connection) -> None:
        """The sign of life, over any connection."""
        began_s = elapsed_s()
        still = await connection.fetchval(RENEW, self._pid, LEASE)
        self._renewed_s = -math.inf if still is None else began_s


async def take(connection: Connection) -> Turn | None:
    """The turn, if nobody has it; it lasts while the connection lives. A holder without a sign of life is ended."""
    began_s = elapsed_s()
    await connection.execute(NAMED)
    pid = await connection.fetchval(TAKE, LOCK_ID, LEASE)
    if pid is not None:
        return Turn(pid, began_s)
    await connection.execute(RELIEVE, LOCK_ID)
    return None
