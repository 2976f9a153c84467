"""What things are called: retailers, products, items and stores."""

FIRST_WORDS = ("harbor", "summit", "maple", "river", "canyon", "prairie", "granite", "orchard", "beacon", "cedar",
               "liberty", "meadow", "pioneer", "sunset", "union")  # fmt: skip
SECOND_WORDS = ("market", "drug", "hardware", "outfitters", "books", "pets", "home", "electronics", "sports", "dollar")
BRANDS = ("Northfold", "Quillon", "Brightwell", "Tessera", "Oakline", "Verano", "Kestrel", "Lumen & Co", "Pallas",
          "Redmoor", "Sable", "Tidewater", "Umbria", "Wexley", "Yarrow", "Zephyr")  # fmt: skip
KINDS = ("Compact", "Classic", "Organic", "Family", "Travel", "Premium", "Everyday", "Sensitive", "Cordless", "Mini",
         "Deluxe")  # fmt: skip
GOODS = ("Charger", "Shampoo", "Coffee", "Notebook", "Drill Bit Set", "Dog Food", "Headphones", "Running Socks",
         "Desk Lamp", "Pain Relief Tablets", "Water Filter", "Storage Box", "Board Game")  # fmt: skip
SIZES = ("", ", 2 pack", ", 250 g", ", 500 ml", ", large", ", small", ", 12 pieces")

SKU_STRIDE, SKU_SPACE = 48_271_217, 10**8
"""Item ids have eight digits; the stride has no factor in common with the space (2, 5)."""


def retailer_slug(retailer: int) -> str:
    """Different for each of them: 150 pairs of words, then the same pairs with a number."""
    turn, number = divmod(retailer, len(FIRST_WORDS) * len(SECOND_WORDS))
    second = (number // len(FIRST_WORDS) + 2 * number) % len(SECOND_WORDS)
    name = f"{FIRST_WORDS[number % len(FIRST_WORDS)]}-{SECOND_WORDS[second]}"
    return f"{name}-{turn + 1}" if turn else name


def store_code(store: int) -> str:
    """Of the store with this number at its retailer; it begins with zeros, as codes do."""
    return f"{store + 1:06d}"


def item_id(retailer: int, item: int) -> str:
    """Of the item at this place in the retailer's list."""
    return f"{(item * SKU_STRIDE + retailer * 7_919) % SKU_SPACE:08d}"


def brand(product: int) -> str:
    return BRANDS[product * 7 % len(BRANDS)]


def title(product: int) -> str:
    """Without the brand."""
    rest, kind = divmod(product, len(KINDS))
    rest, goods = divmod(rest, len(GOODS))
    number, size = divmod(rest, len(SIZES))
    return f"{KINDS[kind]} {GOODS[goods]}{SIZES[size]}" + (f" No. {number}" if number else "")


def cents(product: int, retailer: int) -> int:
    """A retailer's price: half of all are below 26 dollars; retailers differ by at most a tenth."""
    usual = 99 + (product * 2_654_435_761 % 4_096) ** 2 // 1_700
    return usual * (90 + (product + retailer * 31) % 21) // 1_000 * 10 + 9
