"""GTINs of products by number: valid, all different, in no visible order, none restricted (GS1 General Specifications).

13 digits that begin with 30 to 96, so none is a store's own (02, 04, 2), a coupon (05, 98, 99) or a book (97).
"""

import numpy as np
from numpy.typing import NDArray

from loadtests.world.draws import generator

FIRST, SPACE = 30 * 10**10, 67 * 10**10
"""Twelve digits before the check digit: from FIRST on, SPACE of them."""
STRIDE = 411_239_870_237
"""Has no factor in common with SPACE (2, 5, 67), so multiplying by it visits each number once."""
MOST = 20_000_000
"""Products whose numbers do not overflow 64 bits."""


def gtins(seed: int, products: NDArray[np.int64]) -> NDArray[np.int64]:
    """GTINs as numbers; 14 digits with leading zeros make their text. Raises ValueError beyond MOST."""
    if len(products) and int(products.max()) >= MOST:
        raise ValueError(f"There are GTINs for {MOST:,} products.")
    start = int(generator(seed, "gtin").integers(SPACE))
    body = FIRST + (products * STRIDE % SPACE + start) % SPACE
    total = np.zeros_like(body)
    for place in range(12):
        total += body // 10**place % 10 * (3 if place % 2 == 0 else 1)
    return body * 10 + -total % 10
