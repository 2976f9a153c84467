"""What the demo retailers sell: invented brands, GTINs of the prefix 952 that GS1 keeps for demonstrations."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("catalogue.tsv")


@dataclass(frozen=True, slots=True)
class Article:
    """`gtin` has 13 digits; `price` is in US dollars."""

    gtin: str
    title: str
    brand: str
    category: str
    price: Decimal
    sold_by: str
    """Letters of the kinds of retailer (`trades.py`) that may list it."""
    pull: int
    """How often it is bought, relative to the others."""


@cache
def articles() -> tuple[Article, ...]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Article(
                gtin=row["gtin"],
                title=row["title"],
                brand=row["brand"],
                category=row["category"],
                price=Decimal(row["price"]),
                sold_by=row["sold_by"],
                pull=int(row["pull"]),
            )
            for row in csv.DictReader(file, delimiter="\t")
        )
