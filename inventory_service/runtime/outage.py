"""An outage is told once when it begins and once when it ends, however often it is met in between."""

import structlog

log = structlog.get_logger("nearshelf.outage")


class Outage:
    """One thing that may be away."""

    def __init__(self, part: str) -> None:
        self._part, self._lasting = part, False

    def met(self, reason: Exception) -> None:
        if not self._lasting:
            log.warning("away", part=self._part, reason=str(reason))
        self._lasting = True

    def over(self) -> None:
        if self._lasting:
            log.info("back", part=self._part)
        self._lasting = False
