"""The mapping language: which column of a CSV is which field. A mapping is a TOML file, checked as it is read."""

import codecs
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from inventory_service.domain.errors import FeedRefusedError
from store_sync.formats.conversions import CONVERSIONS
from store_sync.formats.lines import BROKEN_MARKED, UTF8

_PLAIN = bytes(range(0x20, 0x7F)) + rb"\u0041+AGE-"
"""What no encoding may read as anything but ASCII: neither escapes of Python nor UTF-7."""
SHIPPED = files("store_sync") / "mappings"


def _column_alone(given: object) -> object:
    """A bare string is short for the column of that name."""
    return {"column": given} if isinstance(given, str) else given


def _one_or_more(given: object) -> object:
    return [given] if isinstance(given, str) else given


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Source(_Strict):
    """Where a text comes from: exactly one of `column`, `first_of`, `join`, `constant`; the rest refines it."""

    column: str | None = Field(None, min_length=1)
    first_of: tuple["TextSource", ...] = ()
    join: tuple["TextSource", ...] = ()
    constant: str | None = Field(None, min_length=1)
    between: str = Field(" ", alias="with")
    split: str | None = Field(None, min_length=1)
    part: int = Field(1, ge=1, le=100)
    words: dict[str, str] = {}
    conversions: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = Field((), alias="as")
    if_present: bool = False
    required: bool = False

    @field_validator("conversions")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in CONVERSIONS:
                raise ValueError(f"{name} is none of the conversions {', '.join(CONVERSIONS)}")
        return names

    @model_validator(mode="after")
    def _exactly_one_origin(self) -> Self:
        origins = [self.column is not None, bool(self.first_of), bool(self.join), self.constant is not None]
        if sum(origins) != 1:
            raise ValueError("name exactly one of column, first_of, join, constant")
        return self


TextSource = Annotated[Source, BeforeValidator(_column_alone)]


class Quantity(Source):
    """A count; `times` pieces a unit, as a number or the column that holds it."""

    times: int | str = 1


class Time(Source):
    """ISO 8601, or strptime's `format`, or `format = "unix"` seconds; a time without offset is one of `zone`."""

    format: str | None = Field(None, min_length=1)
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name} is no IANA time zone") from None
        return name

    @field_validator("format")
    @classmethod
    def _format_works(cls, pattern: str | None) -> str | None:
        if pattern not in (None, "unix"):
            datetime.strptime(datetime.now(UTC).strftime(pattern), pattern)  # noqa: DTZ007 -- tries the pattern only
        return pattern


class Price(Source):
    """`29.99 USD`, or an amount whose currency stands elsewhere."""

    currency: TextSource | None = None


class PointSource(_Strict):
    """Either `wkt` or `lat` and `lon`."""

    wkt: TextSource | None = None
    lat: TextSource | None = None
    lon: TextSource | None = None
    required: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.wkt is None) == (self.lat is None) or (self.lat is None) != (self.lon is None):
            raise ValueError("name either wkt, or lat and lon")
        return self


QuantitySource = Annotated[Quantity, BeforeValidator(_column_alone)]
TimeSource = Annotated[Time, BeforeValidator(_column_alone)]
PriceSource = Annotated[Price, BeforeValidator(_column_alone)]


class StoreMapping(_Strict):
    store_code: TextSource
    name: TextSource
    street: TextSource | None = None
    city: TextSource | None = None
    region: TextSource | None = None
    postcode: TextSource | None = None
    country: TextSource | None = None
    point: PointSource | None = None
    phone: TextSource | None = None
    timezone: TextSource | None = None
    opening_hours: TextSource | None = None


class _Offer(_Strict):
    price: PriceSource | None = None
    sale_price: PriceSource | None = None
    sale_starts_at: TimeSource | None = None
    sale_ends_at: TimeSource | None = None


class ProductMapping(_Offer):
    item_id: TextSource | None = None
    gtin: TextSource | None = None
    name: TextSource | None = None
    brand: TextSource | None = None
    image_url: TextSource | None = None
    category: TextSource | None = None

    @model_validator(mode="after")
    def _identified(self) -> Self:
        if self.item_id is None and self.gtin is None:
            raise ValueError("name item_id or gtin")
        return self


class StockMapping(_Offer):
    """`store_code`, `item_id` and `gtin` are those of [store] and [product] where they are not named here."""

    store_code: TextSource | None = None
    item_id: TextSource | None = None
    gtin: TextSource | None = None
    quantity: QuantitySource | None = None
    availability: TextSource | None = None
    observed_at: TimeSource | None = None
    pickup_method: TextSource | None = None
    pickup_sla: TextSource | None = None
    aisle: TextSource | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.quantity is None and self.availability is None:
            raise ValueError("name quantity or availability")
        return self


class MappingFile(_Strict):
    """A whole mapping; each part may be absent."""

    about: str = ""
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    encoding: str = UTF8
    retailer: TextSource | None = None
    store: StoreMapping | None = None
    product: ProductMapping | None = None
    stock: StockMapping | None = None

    @field_validator("encoding")
    @classmethod
    def _is_text(cls, name: str) -> str:
        """Delimiters and line ends are found in it as they are in ASCII."""
        try:
            plain = _PLAIN.decode(name)
            if plain == _PLAIN.decode("ascii") == codecs.getincrementaldecoder(name)(BROKEN_MARKED).decode(_PLAIN):
                return UTF8 if codecs.lookup(name).name == UTF8 else name
        except (LookupError, ValueError):
            pass
        example = "windows-1252 or iso-8859-15; UTF-8 and UTF-16 need no name"
        raise ValueError(f"{name} is no encoding such as {example}")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not (self.store or self.product or self.stock):
            raise ValueError("a mapping has at least one of [store], [product], [stock]")
        if self.stock and not (self.stock.store_code or self.store):
            raise ValueError("stock.store_code: name it here or in [store]")
        if self.stock and not (self.stock.item_id or self.stock.gtin or self.product):
            raise ValueError("stock.item_id: name it, or gtin, here or in [product]")
        return self


def shipped_names() -> list[str]:
    return sorted(entry.name.removesuffix(".toml") for entry in SHIPPED.iterdir() if entry.name.endswith(".toml"))


def load_mapping(name_or_path: str) -> MappingFile:
    """A shipped mapping by its name, or any by its path. Raises FeedRefusedError that names the faulty key."""
    if name_or_path in shipped_names():
        text = (SHIPPED / f"{name_or_path}.toml").read_text(encoding="utf-8")
    else:
        text = _read(Path(name_or_path))
    try:
        return MappingFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FeedRefusedError(f"The mapping {name_or_path} is no TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        reason = first["msg"].removeprefix("Value error, ")
        raise FeedRefusedError(f"The mapping {name_or_path} is faulty at {key}: {reason}.") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(shipped_names())
        raise FeedRefusedError(f"There is no mapping {path}: give a path or one of {known}.") from None
    except (OSError, ValueError) as error:
        raise FeedRefusedError(f"The mapping {path} cannot be read: {error}.") from None
