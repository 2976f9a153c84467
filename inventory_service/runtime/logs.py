"""Logs as JSON lines on stderr: no key, and no place nearer than a tenth of a degree, ever stands in them."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[redacted]"
SECRET = re.compile(r"(?<![A-Z])(pk|sk|st|whsec)(?:_|%5F)[A-Z0-9_+/=%-]{4,}", re.IGNORECASE)
COORDINATES = frozenset({"lat", "lon"})
KNOWN = frozenset(
    {
        *("gtin", "scan", "product", "near", "q", "radius_m", "limit", "quantity", "arrive_in_s", "retailer", "days"),
        *("open_now", "cursor", "store_id", "store_code", "item_id", "load", "as_of", "snapshot", "format", "kind"),
    }
)
"""Parameters whose values are logged. Of others nobody knows what they hold: as likely as not a key, misspelt."""
PLAIN_NAME = re.compile(r"[A-Za-z_.-]{1,20}")
EXACT = re.compile(r"[0-9.]*[0-9]\.?[eE][+-]?[0-9]+|[0-9]*\.[0-9]{2,}|(?<![0-9.])[0-9]+,[0-9]{2,}(?![0-9]*\.)")
"""Degrees, or whatever else is that exact: a tenth of it is logged."""
LONGEST_VALUE, MOST_PARAMETERS = 100, 20


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Our loggers and those of the libraries write to `stream`; `level` is debug, info, warning or error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        hide_secrets,
        structlog.processors.JSONRenderer(serializer=_json),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Processor: keys of any kind lose all but their prefix, wherever in a line's values they stand."""
    return {name: _hidden(value) for name, value in event.items()}


def loggable_query(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parameters as they may be logged; of a repeated one the last, of very many the first."""
    return dict(_loggable(name, value) for name, value in pairs[:MOST_PARAMETERS])


def _loggable(name: str, value: str) -> tuple[str, str]:
    if name in COORDINATES:
        return name, _tenth(value)
    if name in KNOWN:
        return name, EXACT.sub(_rounded, value[:LONGEST_VALUE])
    return (name if PLAIN_NAME.fullmatch(name) else HIDDEN), HIDDEN


def _rounded(exact: re.Match[str]) -> str:
    """To a tenth; whether a comma parts a number's decimals or two numbers, nobody knows where none has a point."""
    text = exact[0]
    if "," in text:
        return _tenth(text.replace(",", ".")).replace(".", ",")
    return _tenth(text)


def _tenth(number: str) -> str:
    try:
        return f"{float(number):.1f}"
    except ValueError:
        return HIDDEN


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET.sub(rf"\1_{HIDDEN}", value)
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    return value


def _json(event: EventDict, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()
