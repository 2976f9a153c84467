"""The arrays that answers are written out of and into, bundle by bundle. Texts stand one behind the other."""

from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.tables import ByteRows, Bytes, Flags, Ints, opener, unpacker

DETAIL = np.dtype([("at", "i8"), ("raw_bytes", "i8"), ("price_bytes", "i8"), ("rest_bytes", "i8"), ("until_us", "i8")])
"""Details that a store tells: where their bytes stand, how many, and how many bytes the texts behind them have."""
Entries = Annotated[NDArray[Any], DETAIL, 1]


class StoreArrays(NamedTuple):
    """The store of row r is `text[at[r]:end[r]]`, the hours h are `hours[h, :hours_length[h]]`, right in the minute
    `stamps[h]`."""

    text: Bytes
    at: Ints
    end: Ints
    hours: ByteRows
    hours_length: Ints
    stamps: Ints


class ProductArrays(NamedTuple):
    """The price of the retailer `owners[i]` is `prices[price_at[i]:price_end[i]]`, the last: of any other."""

    owners: Ints
    price_at: Ints
    price_end: Ints
    prices: Bytes


class DetailArrays(NamedTuple):
    """DETAIL by the hash of the bytes, and what they point into."""

    entries: Entries
    text: Bytes


class SourceArrays(NamedTuple):
    """The kind and name of source s are `text[at[s]:at[s + 1]]`, and 0 stands for any that is not known; `sighting`:
    whether it tells what somebody saw."""

    text: Bytes
    at: Ints
    sighting: Flags


class PageArrays(NamedTuple):
    """Results, and the same without any age."""

    out: Bytes
    lasting: Bytes


open_stores, open_product = opener(StoreArrays), unpacker(ProductArrays)
open_details, open_sources, open_page = opener(DetailArrays), opener(SourceArrays), opener(PageArrays)
