"""What a new key is to be, as it is asked for on the command line: checked whole before anything is made."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from yarl import URL

from inventory_service.domain.errors import ConfigurationError
from inventory_service.domain.key import UNLIMITED, USUAL_LIMITS, KeyKind, Limits
from inventory_service.web.models import Result

KINDS: dict[str, KeyKind] = {
    "publishable": "pk",
    "secret": "sk",
    "staff": "st",
    "pk": "pk",
    "sk": "sk",
    "st": "st",
}
SCOPES = ("read", "counts", "ingest")
READING = frozenset({"read", "counts"})
FIELDS = tuple(Result.model_fields)
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
USUAL_PORTS = {"http": 80, "https": 443}
LASTING = re.compile(r"([0-9]{1,5})([smhdw])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """A key that may be made: what it is for, whom it speaks for, and what it is told."""

    kind: KeyKind
    scopes: tuple[str, ...]
    origins: tuple[str, ...] = ()
    retailers: tuple[str, ...] = ()
    store_ids: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    limits: Limits = UNLIMITED
    expires_at: datetime | None = None

    @property
    def reads(self) -> bool:
        return self.kind != "st" and bool(READING & set(self.scopes))

    @property
    def speaks_for(self) -> str | None:
        """The retailer of staff, and of whoever sends."""
        one = self.kind == "st" or "ingest" in self.scopes
        return self.retailers[0] if one and self.retailers else None

    @property
    def told_of(self) -> tuple[str, ...]:
        """The only retailers that it is told of; none: all."""
        return self.retailers if self.reads else ()


def require_sound(order: KeyOrder) -> None:
    """Raises ConfigurationError with a sentence for each thing that is wrong."""
    faults = [*_scope_faults(order), *_reach_faults(order), *_field_faults(order)]
    if order.limits.per_address_per_minute and order.kind != "pk":
        faults.append("Only a publishable key has --per-address-per-minute: the others are used from few addresses.")
    if faults:
        raise ConfigurationError("\n".join(faults))


def kind_of(word: str) -> KeyKind:
    """Raises ConfigurationError."""
    if word not in KINDS:
        raise ConfigurationError(f"--kind {word} is none: it is publishable, secret or staff.")
    return KINDS[word]


def origin_of(text: str) -> str:
    """A web origin as browsers send it. Raises ConfigurationError."""
    try:
        url = URL(text)
        host, port, fits = url.raw_host or "", url.port, url.path in {"", "/"}
    except ValueError:
        host, port, fits = "", None, False
    if not (fits and url.scheme in USUAL_PORTS and HOST.fullmatch(host)) or re.search(r"[?#@*\s]", text):
        detail = "give scheme, host and, if it is not the usual one, port, and nothing else; it is never a pattern"
        raise ConfigurationError(f"--origin {text} is no exact web origin: {detail}.")
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}" + ("" if port == USUAL_PORTS[url.scheme] else f":{port}")


def limits_of(kind: KeyKind, minute: int | None, day: int | None, address: int | None) -> Limits:
    """What was asked for, and else what is usual of such keys."""
    asked = {"per_minute": minute, "per_day": day, "per_address_per_minute": address}
    return replace(USUAL_LIMITS[kind], **{name: value for name, value in asked.items() if value is not None})


def lasting(option: str, text: str) -> timedelta:
    """A time such as 24h. Raises ConfigurationError."""
    found = LASTING.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(f"{option} {text} is no time: give a number and s, m, h, d or w, such as 24h.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def end_of(text: str, now: datetime) -> datetime:
    """90d from now, or an instant of ISO 8601, in UTC where it says no other. Raises ConfigurationError."""
    if LASTING.fullmatch(text.strip()):
        return now + lasting("--expires", text)
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        detail = "give a time such as 90d, or a date such as 2027-01-31"
        raise ConfigurationError(f"--expires {text} is not understood: {detail}.") from None
    end = given.replace(tzinfo=UTC) if given.tzinfo is None else given
    if end <= now:
        raise ConfigurationError(f"--expires {text} is over already.")
    return end


def _scope_faults(order: KeyOrder) -> Iterator[str]:
    for strange in [one for one in order.scopes if one not in SCOPES]:
        yield f"--scope {strange} is none: scopes are {', '.join(SCOPES)}."
    if order.kind == "pk" and set(order.scopes) != {"read"}:
        yield "A publishable key is seen by everybody: it has the scope read alone."
    if order.kind == "st" and "ingest" in order.scopes:
        yield "A staff key does not send feeds: it has no scope ingest."


def _reach_faults(order: KeyOrder) -> Iterator[str]:
    if order.kind == "pk" and not order.origins:
        yield "A publishable key needs at least one --origin: the web origins that may use it."
    if order.kind != "pk" and order.origins:
        yield "Only a publishable key has --origin: other keys are for servers and apps, not for web pages."
    if order.kind == "st" and len(order.retailers) != 1:
        yield "A staff key needs its --retailer, exactly one."
    if order.kind == "sk" and "ingest" in order.scopes and len(order.retailers) > 1:
        yield "A key that sends feeds has one --retailer at most."
    if order.kind != "st" and order.store_ids:
        yield "Only a staff key is for some --store alone."


def _field_faults(order: KeyOrder) -> Iterator[str]:
    if order.fields and not order.reads:
        yield "Only a key that reads has --field."
    for strange in _strange(order.fields):
        yield f"--field {strange} is none: a result's fields are {', '.join(FIELDS)}."
    if "quantity" in order.fields and (order.kind == "pk" or "counts" not in order.scopes):
        yield "--field quantity needs --scope counts."


def _strange(fields: Sequence[str]) -> list[str]:
    return [one for one in fields if one not in FIELDS]
