"""Google's local feeds partnership sales: what tills sold, as lines that have no ids of their own."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import MovementRow
from store_sync.formats import values
from store_sync.formats.values import missing, read

FIELDS = ("gtin", "id", "store_code", "sale_time", "quantity", "price")
MAX_SALES = 2_000_000
"""Different sales of one file. Each is remembered, in about 0.1 KB."""


class SaleReader:
    """Reads the sales of one file: the texts of FIELDS, "" where absent → a sale. Raises Unusable.

    A sale's id is made of what it says and of how many equal ones stood before it in the file: the same file again
    says nothing new, and two equal lines are two sales. The price goes into the id only, for a movement has none.
    Raises FeedRefusedError beyond `max_sales` different ones, since forgetting one would sell it twice or not at all.
    """

    def __init__(self, max_sales: int = MAX_SALES) -> None:
        self._max_sales = max_sales
        self._equals: Counter[bytes] = Counter()

    def __call__(self, texts: Sequence[str]) -> MovementRow:
        gtin, item_id, store_code, sale_time, quantity, price = texts
        if not gtin and not item_id:
            raise missing("gtin")
        sold = read("quantity", values.pieces, _needed("quantity", quantity))
        sold_at = read("sale_time", values.moment, _needed("sale_time", sale_time))
        code = read("store_code", values.code, _needed("store_code", store_code))
        number = read("gtin", values.gtin, gtin) if gtin else None
        item = read("id", values.code, item_id) if item_id else None
        event_id = self._event_id(code, number, item, sold, sold_at, price)
        return MovementRow(code, "sale", sold, sold_at, event_id, item, number)

    def _event_id(
        self, code: str, gtin: str | None, item_id: str | None, sold: int, sold_at: datetime, price: str
    ) -> str:
        said = "\0".join((code, gtin or "", item_id or "", str(sold), sold_at.isoformat(), values.word(price)))
        content = blake2b(said.encode(), digest_size=16).digest()
        self._equals[content] += 1
        if len(self._equals) > self._max_sales:
            raise FeedRefusedError(
                f"A file tells at most {self._max_sales:,} different sales: split it by day or store."
            )
        return f"{content.hex()}-{self._equals[content]}"


def _needed(field: str, text: str) -> str:
    if not text:
        raise missing(field)
    return text
