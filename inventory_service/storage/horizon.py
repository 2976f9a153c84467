"""What a snapshot of Postgres sees, as plain data: two of them can be compared long after both were taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Horizon:
    """All transactions below `end` are seen, but for those `running`; none below `start` was running."""

    start: int
    end: int
    running: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Horizon":
        """From `pg_snapshot`'s text, such as `10:20:10,14`. Raises ValueError."""
        start, end, running = text.split(":")
        return cls(int(start), int(end), frozenset(int(one) for one in running.split(",") if one))

    def __str__(self) -> str:
        return f"{self.start}:{self.end}:{','.join(map(str, sorted(self.running)))}"

    def covers(self, other: "Horizon") -> bool:
        """Whether this sees every transaction that `other` sees.

        Subtransactions count as transactions, so now and then it says no where it could say yes.
        """
        if any(one < other.end and one not in other.running for one in self.running):
            return False
        beyond = sum(one >= self.end for one in other.running)
        return other.end - self.end <= beyond
