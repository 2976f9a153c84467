"""Who asks: keys in the header or the address, and the origins that may use them."""

from collections.abc import Mapping

from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError, UnauthorizedError
from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.query_string import QueryString
from inventory_service.web.reading import KEY_PARAMETER

LONGEST_KEY = 200
READING = frozenset({"read", "counts"})
ANYONE = "*"


def key_of(asked: QueryString, headers: Mapping[str, str], service: Service) -> Key | None:
    """None: no key was given. Raises InputError, UnauthorizedError."""
    secret = _secret(asked, headers.get("Authorization"))
    if secret is None:
        return None
    if not (secret.isascii() and secret.isprintable() and 0 < len(secret) <= LONGEST_KEY):
        raise UnauthorizedError("This is not one of our keys.")
    return service.authenticate(secret)


def readable_by(key: Key | None, origin: str | None) -> str:
    """The origin whose scripts may read the answer: `*`, the asking one for a pk_, empty for secret keys."""
    if key is None:
        return ANYONE
    return (origin or "") if key.kind == "pk" else ""


def require_reach(key: Key | None, origin: str | None) -> None:
    """Raises ForbiddenError where the key is not for reading, or not for this origin."""
    if key is None:
        return
    if key.kind == "sk" and not key.scopes & READING:
        raise ForbiddenError("This key has neither scope read nor scope counts.")
    if key.kind == "pk" and key.origins and origin not in key.origins:
        raise ForbiddenError("This key is for other web origins.")


def _secret(asked: QueryString, authorization: str | None) -> str | None:
    in_address = asked.values(KEY_PARAMETER)
    if in_address and authorization is not None:
        raise InputError(FieldFault(KEY_PARAMETER, "give the key in the Authorization header or here, not both"))
    if authorization is not None:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise UnauthorizedError("Send the key as Authorization: Bearer KEY.")
        return secret.strip()
    return _public_key(in_address) if in_address else None


def _public_key(in_address: list[str]) -> str:
    if len(in_address) > 1:
        raise InputError(FieldFault(KEY_PARAMETER, "must be given only once"))
    if not in_address[0].startswith("pk_"):
        advice = "only a publishable key (pk_) may stand in an address; send this one in the Authorization header"
        raise InputError(FieldFault(KEY_PARAMETER, advice))
    return in_address[0]
