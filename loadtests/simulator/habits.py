"""How a retailer's shelves, feeds and people behave: rates a day unless named otherwise.

Where the magnitudes come from:

- N. DeHoratius, A. Raman, "Inventory Record Inaccuracy: An Empirical Analysis", Management Science 54(4), 2008: 65 %
  of nearly 370,000 records of 37 stores differed from the count.
- Y. Kang, S. B. Gershwin, "Information Inaccuracy in Inventory Systems: Stock Loss and Stockout", IIE Transactions
  37(9), 2005: small unrecorded losses freeze replenishment, and the shelf stays empty while the record does not.
- A. Raman, N. DeHoratius, Z. Ton, "Execution: The Missing Link in Retail Operations", California Management Review
  43(3), 2001: of the goods that customers could not find, many were in the store, in the back room or a wrong place.
- T. W. Gruen, D. Corsten, S. Bharadwaj, "Retail Out-of-Stocks", Grocery Manufacturers of America, 2002: about 8 % of
  items are out of stock; a quarter of these are in the store, but not on the shelf.
- National Retail Federation, "National Retail Security Survey": shrink of about 1.4 to 1.6 % of sales.
"""

from dataclasses import dataclass
from typing import Literal

Feed = Literal["till", "nightly", "weekly"]
"""Each sale at once; the counts each night; a file each night whose counts are renewed once a week."""


@dataclass(frozen=True, slots=True)
class Habits:
    """One retailer. `per_day` are mean sales of a position, by category."""

    feed: Feed
    stores: int = 6
    products: int = 100
    per_day: tuple[float, ...] = (0.08, 0.25, 0.8, 2.5)
    product_shape: float = 1.5
    """Shape of the Gamma that products of a category differ by."""
    store_spread: float = 0.3
    """Standard deviation of a store's rate, as a logarithm."""
    position_shape: float = 5.0
    cover_days: float = 9.0
    """Days of sales that are ordered up to."""
    lead_days: float = 3.0
    late: float = 0.25
    """Share of deliveries that come 2 to 7 days late."""
    missing: float = 0.015
    """Share of deliveries that are booked in, but do not come."""
    stolen_of_sales: float = 0.012
    stolen: float = 0.001
    """A piece's hazard of being stolen or broken beside that."""
    misplaced: float = 0.0015
    """Hazard of all of a shelf's pieces being put elsewhere."""
    found_again: float = 0.08
    filled: float = 0.85
    """Probability that a morning brings the back room's pieces to the shelf."""
    wrong_scan: float = 0.004
    """Share of sales that are booked on another product."""
    counted: float = 0.008
    """Rate at which a position's record is set right by a count."""
    gaps_noticed: float = 0.06
    """The same for an empty shelf that the record denies."""
    missed_nights: float = 0.06
    """Probability that a night's file does not come."""
    outage: float = 0.03
    """Rate at which a store's feed falls silent."""
    outage_days: float = 2.0
    staff_errs: float = 0.03
    shopper_errs: float = 0.12
    looks: float = 3.0
    """Confirmations of a random position, by store."""
    shoppers: float = 4.0
    """Words of shoppers, by store."""
