"""What stands behind the reports of a position: files and looks that brought them, by name, and when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from inventory_service.domain.report import Report
from inventory_service.domain.retelling import UNKNOWN_ARRIVAL, Arrival, Step
from inventory_service.explaining.explanation import Word
from inventory_service.storage import explaining
from inventory_service.storage.explaining import Load, Look
from inventory_service.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Behind:
    """By load id; `sources` by source id."""

    sources: Mapping[int, str]
    loads: Mapping[int, Load]
    looks: Mapping[int, Look]

    @property
    def arrivals(self) -> dict[int, Arrival]:
        """When the reports of each had come. Live events are noted by day: when each came is not known."""
        told = {
            load_id: Arrival(None if load.is_live else load.ended_at, load.started_at, load.undone_at)
            for load_id, load in self.loads.items()
        }
        seen = {load_id: Arrival(look.received_at, None, look.undone_at) for load_id, look in self.looks.items()}
        return told | seen

    def source(self, source_id: int) -> str:
        return self.sources.get(source_id, f"source {source_id}")

    def is_live(self, report: Report) -> bool:
        return report.load_id in self.loads and self.loads[report.load_id].is_live

    def word(self, step: Step) -> Word:
        """A step with the names of what brought its report."""
        report = step.report
        arrival = self.arrivals.get(report.load_id, UNKNOWN_ARRIVAL)
        held = None if step.standing is None else step.standing.level.stock
        return Word(
            report,
            self.source(report.source_id),
            step.effect,
            self._by(report),
            arrival.came_at(report.observed_at),
            held,
        )

    def _by(self, report: Report) -> str | None:
        look = self.looks.get(report.load_id)
        if look is not None:
            return " ".join(part for part in ("key", look.hint, look.name) if part)
        return self.loads[report.load_id].file if report.load_id in self.loads else None


async def read(connection: Connection, store_id: int, load_ids: Collection[int]) -> Behind:
    """Of the loads and looks of one store's retailer."""
    return Behind(
        await explaining.sources(connection, store_id),
        await explaining.loads(connection, load_ids),
        await explaining.looks(connection, load_ids),
    )
