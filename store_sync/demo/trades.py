"""The four kinds of demo retailer, and how each goes about its business."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """One demo retailer before its stores are placed. Everything people see of it says that it is simulated."""

    letter: str
    """Which articles of the catalogue it may list."""
    slug: str
    name: str
    sign: str
    """Over the door; a store is called by it and its town."""
    code: str
    """Format of its store codes."""
    us_stores: int
    stores_a_town_abroad: int
    price_factor: Decimal
    stocked_share: float
    """Share of its list that a store of middling size carries."""
    hours: Mapping[str, tuple[str, ...]]
    """By country, equally likely; OSM syntax."""
    pickup: tuple[str, str] = ("", "")
    """Google's pickup_method and pickup_sla."""
    aisles: int = 0
    """Numbered aisles; 0: none are told."""


TRADES = (
    Trade(
        letter="G",
        slug="demo-grocer",
        name="Demo Grocer (simulated)",
        sign="Demo Grocer",
        code="{:04d}",
        us_stores=950,
        stores_a_town_abroad=3,
        price_factor=Decimal("1.00"),
        stocked_share=0.75,
        hours={
            "US": ("Mo-Su 06:00-23:00", "Mo-Sa 07:00-22:00; Su 08:00-21:00", "24/7"),
            "GB": ("Mo-Sa 07:00-22:00; Su 10:00-16:00", "Mo-Sa 06:00-23:00; Su 11:00-17:00"),
            "DE": ("Mo-Sa 07:00-21:00", "Mo-Sa 08:00-22:00"),
        },
    ),
    Trade(
        letter="P",
        slug="demo-pharmacy",
        name="Demo Pharmacy (simulated)",
        sign="Demo Pharmacy",
        code="P-{:04d}",
        us_stores=800,
        stores_a_town_abroad=3,
        price_factor=Decimal("1.10"),
        stocked_share=0.65,
        hours={
            "US": ("Mo-Fr 08:00-21:00; Sa 09:00-18:00; Su 10:00-18:00", "Mo-Su 08:00-22:00", "24/7"),
            "GB": ("Mo-Fr 08:30-18:30; Sa 09:00-17:30", "Mo-Sa 08:00-20:00; Su 10:00-16:00"),
            "DE": ("Mo-Fr 08:00-18:30; Sa 09:00-14:00", "Mo-Fr 08:30-13:00,14:00-18:30; Sa 09:00-13:00"),
        },
    ),
    Trade(
        letter="E",
        slug="demo-electronics",
        name="Demo Electronics (simulated)",
        sign="Demo Electronics",
        code="{:d}",
        us_stores=320,
        stores_a_town_abroad=1,
        price_factor=Decimal("0.97"),
        stocked_share=0.80,
        hours={
            "US": ("Mo-Sa 10:00-21:00; Su 11:00-19:00", "Mo-Th 10:00-20:00; Fr-Sa 10:00-21:00; Su 11:00-18:00"),
            "GB": ("Mo-Fr 09:00-20:00; Sa 09:00-19:00; Su 11:00-17:00",),
            "DE": ("Mo-Sa 10:00-20:00",),
        },
        pickup=("buy", "same day"),
    ),
    Trade(
        letter="H",
        slug="demo-hardware",
        name="Demo Hardware (simulated)",
        sign="Demo Hardware",
        code="HW{:05d}",
        us_stores=480,
        stores_a_town_abroad=2,
        price_factor=Decimal("1.03"),
        stocked_share=0.80,
        hours={
            "US": ("Mo-Sa 06:00-21:00; Su 08:00-20:00", "Mo-Fr 07:00-19:00; Sa 08:00-18:00; Su 09:00-17:00"),
            "GB": ("Mo-Fr 07:00-20:00; Sa 07:00-19:00; Su 10:00-16:00",),
            "DE": ("Mo-Fr 07:00-20:00; Sa 08:00-20:00",),
        },
        aisles=24,
    ),
)
