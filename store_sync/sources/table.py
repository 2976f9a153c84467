"""A [[source]] table as an engineer writes it, and every mistake in it as one sentence that shows no secret."""

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from yarl import URL

from inventory_service.domain.confirmation import STAFF

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
UNBROKEN = re.compile(r"[A-Z0-9]{20,}")
"""As a secret looks; the name of a variable is made of words."""

RESERVED = f"{STAFF} is the name for what staff see: take another"

Vendor = Literal["shopify", "square"]


class SourceTable(BaseModel):
    """A [[source]] table as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    retailer: str
    source: str
    format: str | None = None
    kind: str | None = None
    mapping: str | None = None
    snapshot: bool = False
    watch: str | None = Field(None, min_length=1)
    url: str | None = None
    every_s: float | None = Field(None, ge=0.05, le=7 * 24 * 3600)
    vendor: Vendor | None = None
    secrets: list[str] = []
    notification_url: str | None = None
    authorization_env: str | None = None

    @field_validator("retailer", "source")
    @classmethod
    def _slug(cls, given: str) -> str:
        if not SLUG.fullmatch(given):
            raise ValueError(f"{given!r} is no name: use 1 to 64 letters, digits, dots, hyphens and underscores")
        return given

    @field_validator("source")
    @classmethod
    def _free(cls, given: str) -> str:
        if given == STAFF:
            raise ValueError(RESERVED)
        return given

    @field_validator("secrets")
    @classmethod
    def _names_of_secrets(cls, given: list[str]) -> list[str]:
        for number, name in enumerate(given, 1):
            if not _is_variable(name):
                raise ValueError(
                    f"entry {number} is not the name of an environment variable; a secret never stands in this file,"
                    " put it into a variable such as ACME_SECRET and name that"
                )
        return given

    @field_validator("authorization_env")
    @classmethod
    def _name_of_header(cls, given: str | None) -> str | None:
        if given is not None and not _is_variable(given):
            raise ValueError("this is not the name of an environment variable; the credential itself never stands here")
        return given

    @field_validator("url", "notification_url")
    @classmethod
    def _address(cls, given: str | None) -> str | None:
        return given if given is None else _checked_address(given)

    @model_validator(mode="after")
    def _one_way(self) -> "SourceTable":
        ways = [key for key in ("watch", "url", "vendor") if getattr(self, key) is not None]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)}: a source has one way in; declare another source for the other")
        for key, fault in _misfits(self):
            raise ValueError(f"{key}: {fault}")
        return self


def _misfits(table: SourceTable) -> Iterator[tuple[str, str]]:
    """(key, why it does not go with the others)"""
    if table.vendor is not None:
        if not table.secrets:
            yield "secrets", f"a webhook of {table.vendor} needs at least one, as the name of an environment variable"
        for key in ("format", "mapping", "kind"):
            if getattr(table, key) is not None:
                yield key, f"what {table.vendor} sends has its own format, leave it out"
        if table.snapshot:
            yield "snapshot", "a webhook tells only what changed"
    elif table.secrets:
        yield "secrets", "only a webhook is signed: name its vendor, or use authorization_env for a url"
    if (table.vendor == "square") != (table.notification_url is not None):
        yield "notification_url", "Square signs it with the body: a source of square needs it, no other takes it"
    if table.every_s is not None and table.watch is None and table.url is None:
        yield "every_s", "only what is watched or pulled is looked at on a schedule"
    if table.authorization_env is not None and table.url is None:
        yield "authorization_env", "it is sent with the request for a url, and there is none"
    if table.url is None and table.watch is not None and table.format is None and table.mapping is None:
        yield "format", "say what the files are"
    if table.url is not None and table.format is None and table.mapping is None:
        yield "format", "say what the file is"
    if table.snapshot and table.kind in ("stores", "products"):
        yield "snapshot", f"it is for stock: files of {table.kind} never take anything away"


def _is_variable(name: str) -> bool:
    return bool(VARIABLE.fullmatch(name)) and not UNBROKEN.fullmatch(name)


def _checked_address(given: str) -> str:
    """The address; its text is not repeated in a fault, since it may hold a credential."""
    names = PLACEHOLDER.findall(given)
    if not all(map(_is_variable, names)):
        raise ValueError("between ${ and } stands the name of an environment variable")
    try:
        url = URL(PLACEHOLDER.sub("x", given))
    except ValueError:
        raise ValueError("this is no web address") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("give a whole address that begins with https:// or http://")
    if url.user is not None or url.password is not None:
        raise ValueError("no name or password stands in it: put them into a variable, see authorization_env")
    return given


def sentences(error: ValidationError) -> Iterator[str]:
    """What is wrong, a sentence a key; values are not repeated, since they may be secrets."""
    for fault in error.errors(include_input=False, include_url=False):
        key = str(fault["loc"][0]) if fault["loc"] else ""
        if fault["type"] == "extra_forbidden":
            reason = f"there is no such key; there are {', '.join(SourceTable.model_fields)}"
        elif fault["type"] == "missing":
            reason = "every source needs it"
        else:
            reason = fault["msg"].removeprefix("Value error, ")
        yield f"{key}: {reason}." if key else f"{reason}."
