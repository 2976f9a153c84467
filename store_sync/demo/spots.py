"""Where demo stores may stand: real postcodes, with telephone numbers that are reserved for fiction."""

from collections import Counter
from math import sqrt
from typing import NamedTuple

import zipcodes

STATES = (
    *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS"),
    *("KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC"),
    *("ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"),
)
RURAL_PULL = 0.02
"""Of a town with a single ZIP code, against 1 for either of a town with two."""


class Spot(NamedTuple):
    """A postcode's middle in degrees. `phone_prefix` lacks the last digits, `phone_digits` many."""

    city: str
    region: str
    postcode: str
    country: str
    lat: float
    lon: float
    phone_prefix: str
    phone_digits: int
    pull: float
    """How likely a store stands there, relative to the others of its country."""


ABROAD = (
    Spot("London", "", "EC1A", "GB", 51.5202, -0.0977, "+4420794600", 2, 1.0),
    Spot("London", "", "N1", "GB", 51.5380, -0.0995, "+4420794601", 2, 1.0),
    Spot("Manchester", "", "M1", "GB", 53.4779, -2.2337, "+4416149600", 2, 1.0),
    Spot("Birmingham", "", "B1", "GB", 52.4796, -1.9070, "+4412149600", 2, 1.0),
    Spot("Edinburgh", "", "EH1", "GB", 55.9519, -3.1880, "+4413149600", 2, 1.0),
    Spot("Berlin", "", "10115", "DE", 52.5323, 13.3846, "+493023125", 3, 1.0),
    Spot("Hamburg", "", "20095", "DE", 53.5513, 10.0014, "+494066969", 3, 1.0),
    Spot("München", "", "80331", "DE", 48.1345, 11.5710, "+498999998", 3, 1.0),
    Spot("Köln", "", "50667", "DE", 50.9390, 6.9548, "+492214710", 3, 1.0),
    Spot("Frankfurt am Main", "", "60311", "DE", 50.1109, 8.6821, "+496990009", 3, 1.0),
)
"""Ofcom's and the Bundesnetzagentur's numbers for drama."""


def us_spots() -> list[Spot]:
    """Every ordinary ZIP code of the states, those of larger towns (which have more of them) with more pull.

    States are read one by one: the package's whole list at once takes 139 MB.
    """
    spots = [spot for state in STATES for spot in _state_spots(state)]
    codes_in_town = Counter((spot.city, spot.region) for spot in spots)
    return [spot._replace(pull=_pull(codes_in_town[spot.city, spot.region])) for spot in spots]


def _pull(codes_in_town: int) -> float:
    return sqrt(codes_in_town - 1) or RURAL_PULL


def _state_spots(state: str) -> list[Spot]:
    """555-01xx is kept for fiction in every area code."""
    rows = zipcodes.filter_by(state=state, zip_code_type="STANDARD", active=True)  # type: ignore[no-untyped-call]
    return [
        Spot(
            city=row["city"],
            region=state,
            postcode=row["zip_code"],
            country="US",
            lat=float(row["lat"]),
            lon=float(row["long"]),
            phone_prefix=f"+1{row['area_codes'][0]}55501",
            phone_digits=2,
            pull=0.0,
        )
        for row in rows
        if row["area_codes"] and float(row["lat"] or 0.0)
    ]
