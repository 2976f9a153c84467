"""Why a row is refused: a small fixed list of words to count, and the fault that carries one."""

from collections.abc import Mapping
from typing import Final, Literal, Self

from inventory_service.domain.feed import Refusal

Reason = Literal[
    "missing",
    "invalid_number",
    "negative",
    "invalid_value",
    "invalid_gtin",
    "invalid_price",
    "invalid_time",
    "invalid_point",
    "invalid_phone",
    "invalid_hours",
    "too_long",
    "duplicate",
    "columns",
    "quoting",
    "encoding",
    "invalid_json",
    "not_tracked",
    "future",
    "too_old",
    "too_late",
    "unknown_store",
]

REASONS: Final[Mapping[Reason, str]] = {
    "missing": "A value that the row needs is empty.",
    "invalid_number": "Not a whole number, perhaps a thousand (`1.000`), too large, or a move of 0 pieces.",
    "negative": "A count or a price below zero.",
    "invalid_value": "A word, code or address that the field does not know.",
    "invalid_gtin": "Not a GTIN or NDC: other characters, wrong length or wrong check digit.",
    "invalid_price": "Not an amount with a currency, such as `29.99 USD`, or perhaps thousands (`1.234 EUR`).",
    "invalid_time": "Not a time that can be read, or a year that cannot be meant.",
    "invalid_point": "No coordinates, or outside of the globe.",
    "invalid_phone": "Not a phone number of the store's country.",
    "invalid_hours": "Not in OSM's `opening_hours` syntax.",
    "too_long": "Longer than the field or a line may be.",
    "duplicate": "Another row of the file gives the same code to a different place.",
    "columns": "More or fewer columns than the header.",
    "quoting": "A quote that is opened and not closed, or closed in the middle of a value.",
    "encoding": "Bytes that are not text in the file's encoding, or NUL: "
    "save it as UTF-8, or name its encoding in the mapping.",
    "invalid_json": "Not one JSON object: broken off, a name that stands twice, or nested too deeply.",
    "not_tracked": "The shop does not count this item at this place, so nothing is known of its shelf.",
    "future": "Observed more than 5 minutes ahead of our clock.",
    "too_old": "Observed before the year 2000.",
    "too_late": "A sale or delivery from before what is kept: its count has been taken since.",
    "unknown_store": "The store is not known yet; the row is parked and applied once the store loads.",
}

RAW_LIMIT = 2_000
"""Characters of a refused line that are kept."""


class Unusable(Exception):  # noqa: N818 -- a verdict on a value, never seen outside of the parsers
    """A value that makes its row unusable; `field` is added by whoever knows it."""

    def __init__(self, reason: Reason, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.field = field
        self.about: tuple[str, str] | None = None

    def of(self, store_code: str | None, item_id: str | None) -> Self:
        """The same fault, of a row that speaks of this position, where both are known."""
        if store_code and item_id:
            self.about = (store_code, item_id)
        return self

    def at(self, field: str | None) -> Self:
        """The same fault, of `field` unless it has one already."""
        self.field = self.field or field
        return self

    def refusal(self, line: int, raw: str) -> Refusal:
        return Refusal(line, self.field, self.reason, self.detail, readable(raw), self.about)


def readable(raw: str) -> str:
    """`raw` cut to what is kept, without NUL, which Postgres cannot store."""
    return raw[:RAW_LIMIT].replace("\0", "\\x00")
