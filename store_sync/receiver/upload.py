"""What an upload is to be loaded as: by its declaration, else by its parameters."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import get_args

from inventory_service.domain.clock import clock_fault
from inventory_service.domain.errors import FeedRefusedError, FieldFault, InputError
from inventory_service.storage.stores import RetailerProfile
from store_sync.declared import DeclaredSource
from store_sync.formats.mapping import shipped_names
from store_sync.formats.registry import Kind, Parser, parser_for
from store_sync.load import AS_OF_FAULTS, FeedOrder
from store_sync.receiver.asking import Parameters, Sender

PARAMETERS = ("retailer", "as_of", "snapshot", "format", "kind", "mapping")
DECLARED = ("format", "kind", "mapping")
FILE = "upload"
USUAL_FORMAT = "auto"
ANSWERS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Upload:
    """How to read a file, and what to load it as."""

    order: FeedOrder
    parser: Parser

    def order_of(self, name: str) -> FeedOrder:
        """Of one file of several in a zip."""
        return replace(self.order, file=name)


def read_upload(
    sender: Sender, asked: Parameters, declared: DeclaredSource | None, last_modified: str | None, now: datetime
) -> Upload:
    """Raises InputError that names the parameter."""
    manner = declared or _undeclared(sender, asked)
    if declared is not None:
        _refuse_redeclared(asked)
    snapshot = _yes_or_no("snapshot", asked["snapshot"]) if "snapshot" in asked else manner.snapshot
    if snapshot and manner.kind in ("stores", "products"):
        raise _fault("snapshot", f"is for stock: files of {manner.kind} never take anything away")
    order = FeedOrder(
        profile=RetailerProfile(sender.retailer, sender.retailer),
        source=sender.source,
        file=FILE,
        kind=manner.kind or "any",
        as_of=_as_of(asked["as_of"], now) if "as_of" in asked else None,
        modified_at=None if last_modified is None else _http_date(last_modified),
        snapshot=snapshot,
    )
    return Upload(order, _parser(manner))


def _undeclared(sender: Sender, asked: Parameters) -> DeclaredSource:
    """A mapping is one that ships: paths are for files on our own disk, and nobody outside names those."""
    mapping, kind = asked.get("mapping"), asked.get("kind")
    if mapping is not None and mapping not in shipped_names():
        raise _fault("mapping", f"is one of {', '.join(shipped_names())}")
    if kind is not None and kind not in get_args(Kind):
        raise _fault("kind", f"is one of {', '.join(get_args(Kind))}")
    usual = USUAL_FORMAT if mapping is None else "csv"
    return DeclaredSource(sender.retailer, sender.source, asked.get("format", usual), kind, mapping)


def _refuse_redeclared(asked: Parameters) -> None:
    faults = [FieldFault(name, "is declared for this source; leave it out") for name in DECLARED if name in asked]
    if faults:
        raise InputError(*faults)


def _parser(manner: DeclaredSource) -> Parser:
    try:
        return parser_for(manner.format, manner.kind, manner.mapping)
    except FeedRefusedError as refused:
        raise _fault("format", str(refused)) from None


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ANSWERS:
        raise _fault(name, f"is one of {', '.join(ANSWERS)}")
    return ANSWERS[text]


def _as_of(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _fault("as_of", "is an ISO 8601 time, such as 2026-11-22T03:40:12Z") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    fault = clock_fault(moment, now)
    if fault is not None:
        ours = f", which reads {now.isoformat(timespec='seconds')}" if fault == "future" else ""
        raise _fault("as_of", AS_OF_FAULTS[fault] + ours)
    return moment


def _http_date(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise _fault("Last-Modified", "is an HTTP date, such as Sun, 22 Nov 2026 03:40:12 GMT") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _fault(name: str, detail: str) -> InputError:
    return InputError(FieldFault(name, detail))
