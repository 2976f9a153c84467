"""Limits that explain themselves: what is left stands on every answer, and who is over is told when to come back."""

import re
from collections.abc import Callable

import orjson
import pytest

from inventory_service.domain.key import Key, Limits
from inventory_service.settings import Settings
from inventory_service.spending.ledger import Ledger
from tests.web import twin as twins
from tests.web.conftest import QUESTION, Ask, Heard
from tests.web.twin import Twin

QUICK = "/v1/availability?gtin=00300691085301&lat=47.61&lon=-122.33"
SHOP = {"Origin": "https://shop.example"}
PK, SK = "pk_shop_0123456789", "sk_counts_0123456789"


def left(heard: Heard) -> int:
    found = re.fullmatch(r'"\w+";r=(\d+);t=(\d+)', heard.headers["RateLimit"])
    assert found is not None
    assert 1 <= int(found[2]) <= 86_400
    return int(found[1])


@pytest.fixture
def twin() -> Twin:
    of = Twin()
    of.ledger = Ledger(10)
    return of


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives a key limits, until the test ends."""

    def limit(secret: str, **limits: int) -> None:
        old = twins.KEYS[secret]
        kept = {name: getattr(old, name) for name in Key.__slots__ if name != "limits"}
        monkeypatch.setitem(twins.KEYS, secret, Key(**kept, limits=Limits(**limits)))

    return limit


@pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
async def test_every_answer_tells_what_is_left(ask: Ask, target: str) -> None:
    first = await ask(target)
    assert (first.status, first.headers["RateLimit-Policy"], left(first)) == (200, '"minute";q=10;w=60', 9)
    unchanged = await ask(target, If_None_Match=first.headers["ETag"])
    assert (unchanged.status, left(unchanged), unchanged.headers["ETag"]) == (304, 8, first.headers["ETag"])


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/v1/availability?gtin=1", {}, 400),
        ("/v1/nothing", {}, 404),
        ("/v1/availability?product=424242&near=98101", {}, 404),
        (QUICK.replace("00300691085301", "04006381333931"), {}, 404),
        (QUESTION, {"Authorization": "Bearer sk_unknown_0123456789"}, 401),
        (QUESTION + f"&key={PK}", {"Origin": "https://evil.example"}, 403),
        ("/v1/staff/me", {}, 401),
    ],
)
async def test_problems_count_as_one_request_and_tell_it(
    ask: Ask, target: str, headers: dict[str, str], status: int
) -> None:
    heard = await ask(target, **headers)
    assert (heard.status, left(heard)) == (status, 9)


@pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
async def test_who_is_over_is_told_when_to_come_back(ask: Ask, target: str) -> None:
    for _ in range(10):
        assert (await ask(target)).status == 200
    heard = await ask(target)
    assert (heard.status, heard.json["type"], left(heard)) == (429, "/problems/rate-limited", 0)
    assert heard.json["title"] == "The limit is used up for now"
    assert heard.headers["RateLimit"] == f'"minute";r=0;t={heard.headers["Retry-After"]}'
    assert f"Ask again in {heard.headers['Retry-After']} s." in heard.json["detail"]
    assert heard.headers["Access-Control-Allow-Origin"] == "*"
    exposed = heard.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)


async def test_both_ways_spend_from_one_purse_once_each(ask: Ask) -> None:
    assert [left(await ask(target)) for target in (QUICK, QUESTION, QUICK, QUESTION)] == [9, 8, 7, 6]


@pytest.mark.parametrize(
    ("more", "cost"),
    [
        ("&radius_m=50000&limit=10", 1),
        ("&radius_m=50001", 2),
        ("&radius_m=500000", 6),
        ("&limit=30", 2),
        ("&radius_m=500000&limit=50", 8),
    ],
)
@pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
async def test_a_wide_question_costs_more(ask: Ask, target: str, more: str, cost: int) -> None:
    assert left(await ask(target + more)) == 10 - cost


@pytest.mark.parametrize(
    ("more", "products", "cost"),
    [
        ({}, 1, 1),
        ({"radius_m": 50_000, "limit": 10}, 3, 3),
        ({"radius_m": 50_001}, 3, 6),
        ({"limit": 11}, 2, 4),
        ({"radius_m": 100_000, "limit": 20}, 3, 9),
    ],
)
async def test_a_wide_basket_costs_more_for_each_product(
    ask: Ask, more: dict[str, int], products: int, cost: int
) -> None:
    body = {"near": "98101", "items": [{"gtin": "00300691085301"}] * products, **more}
    assert left(await ask("/v1/basket", "POST", orjson.dumps(body))) == 10 - cost


async def test_what_is_refused_costs_nothing(ask: Ask) -> None:
    wide = QUICK + "&radius_m=500000&limit=50"
    assert [(await ask(wide)).status for _ in range(3)] == [200, 429, 429]
    assert "This one counts as 8." in (await ask(wide)).json["detail"]
    assert left(await ask(QUICK)) == 1


class TestLowLimits:
    @pytest.fixture
    def twin(self) -> Twin:
        of = Twin()
        of.ledger = Ledger(5)
        return of

    @pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
    async def test_what_can_never_be_allowed_is_not_to_be_asked_again(self, ask: Ask, target: str) -> None:
        heard = await ask(target + "&radius_m=500000&limit=50")
        assert (heard.status, heard.json["type"]) == (403, "/problems/too-costly")
        assert "Retry-After" not in heard.headers
        assert "counts as 8 requests" in heard.json["detail"]
        assert "5 a minute" in heard.json["detail"]


async def test_who_has_no_limit_is_told_of_none(ask: Ask) -> None:
    heard = await ask(QUESTION, Authorization=f"Bearer {SK}")
    assert (heard.status, "RateLimit" in heard.headers, "RateLimit-Policy" in heard.headers) == (200, False, False)


async def test_a_key_spends_its_own(ask: Ask, limited: Callable[..., None]) -> None:
    limited(SK, per_minute=3, per_day=100)
    heard = [await ask(QUESTION, Authorization=f"Bearer {SK}") for _ in range(4)]
    assert [one.status for one in heard] == [200, 200, 200, 429]
    assert [left(one) for one in heard] == [2, 1, 0, 0]
    assert heard[0].headers["RateLimit-Policy"] == '"minute";q=3;w=60, "day";q=100;w=86400'
    assert left(await ask(QUESTION)) == 9


async def test_an_address_cannot_use_up_a_publishable_key(ask: Ask, limited: Callable[..., None]) -> None:
    limited(PK, per_minute=100, per_address_per_minute=2)
    heard = [await ask(f"{QUESTION}&key={PK}", **SHOP) for _ in range(3)]
    assert [one.status for one in heard] == [200, 200, 429]
    assert heard[2].headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "2 a minute from one address" in heard[2].json["detail"]


async def test_a_wrong_origin_spends_nothing_of_the_key(ask: Ask, limited: Callable[..., None]) -> None:
    limited(PK, per_minute=1)
    for _ in range(3):
        assert (await ask(f"{QUESTION}&key={PK}", Origin="https://evil.example")).status == 403
    assert (await ask(f"{QUESTION}&key={PK}", **SHOP)).status == 200


async def test_guesses_at_keys_are_limited(ask: Ask) -> None:
    statuses = [(await ask(QUESTION, Authorization=f"Bearer sk_guess_{number:09}")).status for number in range(12)]
    assert statuses == [401] * 10 + [429] * 2


@pytest.mark.parametrize("target", ["/livez", "/docs", "/openapi.json", "/metrics"])
async def test_what_is_no_question_costs_nothing(ask: Ask, target: str) -> None:
    heard = await ask(target)
    assert (heard.status, "RateLimit" in heard.headers) == (200, False)
    assert left(await ask(QUESTION)) == 9


async def test_what_is_refused_is_counted_by_kind_and_limit(ask: Ask, limited: Callable[..., None]) -> None:
    limited(SK, per_day=1)
    for _ in range(3):
        await ask(QUESTION, Authorization=f"Bearer {SK}")
    for _ in range(11):
        await ask(QUICK)
    told = (await ask("/metrics")).body.decode()
    assert 'nearshelf_limited_total{kind="sk",limit="day"} 2.0' in told
    assert 'nearshelf_limited_total{kind="anonymous",limit="minute"} 1.0' in told
    assert 'nearshelf_spent_total{kind="anonymous"} 10.0' in told
    assert 'nearshelf_spent_total{kind="sk"} 1.0' in told


class TestBehindAProxy:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(deadline_s=0.2, trusted_proxies="127.0.0.0/8")

    @pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
    async def test_each_client_has_a_limit_of_its_own(self, ask: Ask, target: str) -> None:
        for client in ("203.0.113.1", "203.0.113.2, 203.0.113.3", "203.0.113.9, [2001:db8::1]:99"):
            assert left(await ask(target, X_Forwarded_For=client)) == 9
        assert left(await ask(target, X_Forwarded_For="203.0.113.77, 203.0.113.1")) == 8
        assert left(await ask(target, X_Forwarded_For="2001:db8::2")) == 8

    @pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
    async def test_garbage_is_the_proxy_s_own(self, ask: Ask, target: str) -> None:
        heard = [await ask(target, X_Forwarded_For=hop) for hop in ("unknown", ",,,", "1.2.3", "x" * 5_000, "é")]
        assert [(one.status, left(one)) for one in heard] == [(200, 9 - place) for place in range(5)]

    @pytest.mark.parametrize("target", [QUESTION, QUICK, "/", "/livez"])
    async def test_who_came_by_tls_is_to_come_so_again(self, ask: Ask, target: str) -> None:
        by_tls = await ask(target, X_Forwarded_Proto="https")
        assert by_tls.headers["Strict-Transport-Security"] == "max-age=31536000"
        for more in ({}, {"X_Forwarded_Proto": "http"}, {"X_Forwarded_Proto": "https, http"}):
            assert "Strict-Transport-Security" not in (await ask(target, **more)).headers


@pytest.mark.parametrize("target", [QUESTION, QUICK], ids=["usual", "quick"])
async def test_without_a_proxy_of_ours_nobody_chooses_an_address(ask: Ask, target: str) -> None:
    for place in range(3):
        heard = await ask(target, X_Forwarded_For=f"203.0.113.{place}", X_Forwarded_Proto="https")
        assert (left(heard), "Strict-Transport-Security" in heard.headers) == (9 - place, False)
