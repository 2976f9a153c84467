"""Who asks: keys in the header or the address, and the origins that may use them."""

import re

from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError, KeyInvalidError, WrongOriginError
from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.callers import Headers
from inventory_service.runtime.http.query_string import QueryString
from inventory_service.web.reading import KEY_PARAMETER

LONGEST_KEY = 200
SHAPE = re.compile(r"(pk|sk|st)_[A-Za-z0-9_-]+")
NO_KEY = "This does not look like a key of ours: they begin with pk_, sk_ or st_ and have no blanks. Was it cut off?"
LONGEST_ORIGIN = 100
"""As far as one is told again."""
READING = frozenset({"read", "counts"})
ANYONE = "*"


def key_of(asked: QueryString, headers: Headers, service: Service) -> Key | None:
    """None: no key was given. Raises InputError, KeyInvalidError."""
    secret = _secret(asked, headers.getall("Authorization", []))
    if secret is None:
        return None
    if len(secret) > LONGEST_KEY or not SHAPE.fullmatch(secret):
        raise KeyInvalidError(NO_KEY)
    return service.authenticate(secret)


def readable_by(key: Key | None, origin: str | None) -> str:
    """The origin whose scripts may read the answer: `*`, the asking one for a pk_, empty for secret keys."""
    if key is None:
        return ANYONE
    return (origin or "") if key.kind == "pk" else ""


def require_reach(key: Key | None, origin: str | None) -> None:
    """Raises ForbiddenError where the key is not for reading, WrongOriginError where it is not for this origin."""
    if key is None:
        return
    if key.kind == "sk" and not key.scopes & READING:
        raise ForbiddenError("This key has neither scope read nor scope counts.")
    if key.kind == "pk" and key.origins and origin not in key.origins:
        raise WrongOriginError(_wrong_origin(origin))


def _wrong_origin(origin: str | None) -> str:
    if origin is None:
        return "A publishable key works from pages of its web origins alone, and this request names no Origin."
    return f"This key is not for pages of {origin[:LONGEST_ORIGIN]}: it has other web origins."


def _secret(asked: QueryString, authorizations: list[str]) -> str | None:
    in_address = asked.values(KEY_PARAMETER)
    if in_address and authorizations:
        raise InputError(FieldFault(KEY_PARAMETER, "give the key in the Authorization header or here, not both"))
    if len(authorizations) > 1:
        raise KeyInvalidError("Send one Authorization header: several name several keys.")
    if authorizations:
        scheme, _, secret = authorizations[0].partition(" ")
        if scheme.lower() != "bearer":
            raise KeyInvalidError("Send the key as Authorization: Bearer KEY.")
        return secret.strip()
    return _public_key(in_address) if in_address else None


def _public_key(in_address: list[str]) -> str:
    if len(in_address) > 1:
        raise InputError(FieldFault(KEY_PARAMETER, "must be given only once"))
    if not in_address[0].startswith("pk_"):
        advice = "only a publishable key (pk_) may stand in an address; send this one in the Authorization header"
        raise InputError(FieldFault(KEY_PARAMETER, advice))
    return in_address[0]
