"""What a key may be is checked whole, in sentences, before any is made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inventory_service.domain.errors import ConfigurationError
from inventory_service.domain.key import USUAL_LIMITS, Key, Limits
from inventory_service.key_orders import KeyOrder, end_of, lasting, limits_of, origin_of, require_sound
from inventory_service.settings import Settings

NOW = datetime(2026, 11, 22, 3, 40, 12, tzinfo=UTC)
SHOP = ("https://shop.example",)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example:443/", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, kept: str) -> None:
    assert origin_of(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        *("", "*", "null", "shop.example", "https://", "https://*.shop.example", "https://shop.example/page"),
        *("https://shop.example?x", "https://shop.example#x", "https://me@shop.example", "ftp://shop.example"),
        *("https://shop.example:99999", "https://shop .example", "//shop.example", "https://shop.example:x"),
    ],
)
def test_what_is_no_exact_origin_is_refused_in_a_sentence(given: str) -> None:
    with pytest.raises(ConfigurationError, match="is no exact web origin"):
        origin_of(given)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"kind": "pk"}, "needs at least one --origin"),
        ({"kind": "pk", "origins": SHOP, "scopes": ("read", "counts")}, "it has the scope read alone"),
        ({"kind": "sk", "origins": SHOP}, "Only a publishable key has --origin"),
        ({"kind": "st"}, "A staff key needs its --retailer"),
        ({"kind": "st", "retailers": ("a", "b")}, "exactly one"),
        ({"kind": "sk", "store_ids": (1,)}, "Only a staff key is for some --store alone"),
        ({"kind": "sk", "scopes": ("ingest",), "retailers": ("a", "b")}, "one --retailer at most"),
        ({"kind": "sk", "scopes": ("write",)}, "--scope write is none"),
        ({"kind": "st", "scopes": ("ingest",), "retailers": ("a",)}, "A staff key does not send feeds"),
        ({"kind": "sk", "fields": ("stock",)}, "--field stock is none: a result's fields are store, distance_m,"),
        ({"kind": "sk", "fields": ("quantity",)}, "--field quantity needs --scope counts"),
        ({"kind": "pk", "origins": SHOP, "fields": ("quantity",)}, "--field quantity needs --scope counts"),
        ({"kind": "sk", "scopes": ("ingest",), "fields": ("price",)}, "Only a key that reads has --field"),
        ({"kind": "sk", "limits": Limits(per_address_per_minute=1)}, "Only a publishable key has --per-address"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(order: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        require_sound(KeyOrder(**{"scopes": ("read",), **order}))
    assert sentence in str(refused.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        require_sound(KeyOrder("pk", ("counts",), store_ids=(1,), fields=("stock",)))
    assert len(str(refused.value).splitlines()) == 4


def test_a_key_of_each_kind_can_be_made() -> None:
    for order in (
        KeyOrder("pk", ("read",), SHOP, ("acme", "zeta"), fields=("availability",), limits=USUAL_LIMITS["pk"]),
        KeyOrder("sk", ("read", "counts"), fields=("quantity",), limits=USUAL_LIMITS["sk"]),
        KeyOrder("sk", ("ingest",), retailers=("acme",)),
        KeyOrder("st", ("read", "counts"), retailers=("acme",), store_ids=(1, 2), limits=USUAL_LIMITS["st"]),
    ):
        require_sound(order)


def test_a_retailer_is_whom_it_speaks_for_or_whom_it_is_told_of() -> None:
    orders = (
        KeyOrder("pk", ("read",), SHOP, ("acme", "zeta")),
        KeyOrder("sk", ("ingest",), retailers=("acme",)),
        KeyOrder("sk", ("read", "ingest"), retailers=("acme",)),
        KeyOrder("st", ("read",), retailers=("acme",)),
    )
    told = [(one.speaks_for, one.told_of) for one in orders]
    assert told == [(None, ("acme", "zeta")), ("acme", ()), ("acme", ("acme",)), ("acme", ())]


def test_limits_are_the_usual_ones_where_nothing_else_is_said() -> None:
    assert limits_of("pk", None, None, None) == USUAL_LIMITS["pk"]
    assert limits_of("sk", 5, 0, None) == Limits(per_minute=5, per_day=0)
    lowest = min(one.per_address_per_minute or one.per_minute for one in USUAL_LIMITS.values())
    assert lowest == Settings.model_fields["anonymous_per_minute"].default


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90d", NOW + timedelta(days=90)),
        ("12h", NOW + timedelta(hours=12)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00+01:00", datetime(2027, 1, 31, 11, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_time_from_now_or_an_instant(text: str, end: datetime) -> None:
    assert end_of(text, NOW) == end


@pytest.mark.parametrize("text", ["", "soon", "90", "2020-01-01", "-1d", "1y"])
def test_an_end_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--expires"):
        end_of(text, NOW)


def test_an_overlap_is_a_time() -> None:
    assert (lasting("--overlap", "0s"), lasting("--overlap", "2w")) == (timedelta(), timedelta(weeks=2))
    with pytest.raises(ConfigurationError, match="--overlap soon is no time"):
        lasting("--overlap", "soon")


def test_a_key_says_why_it_is_no_longer_valid() -> None:
    def fault(**changes: Any) -> str | None:
        return Key(1, "sk", "", "sk_x", frozenset({"read"}), **changes).fault(NOW)

    assert fault() is None
    assert fault(expires_at=NOW + timedelta(seconds=1)) is None
    assert fault(expires_at=NOW) == "This key expired at 2026-11-22T03:40:12Z."
    assert fault(expires_at=NOW, rotated=True) == (
        "This key expired at 2026-11-22T03:40:12Z; another one has taken its place."
    )
    assert fault(revoked=True, expires_at=NOW) == "This key was revoked."
    assert fault(revoked=True, rotated=True) == "This key was revoked; another one has taken its place."
