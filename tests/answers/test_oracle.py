"""Every answer equals a search through all stores with the geodesic of each."""

from datetime import timedelta
from random import Random

from geo.distance import distance_m
from geo.point import Point
from inventory_service.domain.availability import Question
from inventory_service.domain.belief.learned import untaught
from inventory_service.domain.feed import Row
from inventory_service.domain.level import Level
from inventory_service.domain.stock import Stock
from tests.answers.conftest import House
from tests.sync.world import GTIN, at, count, shop

LEARNED = untaught(timedelta(days=14))
NOW = at(0)
RANK = {"in_stock": 0, "limited_availability": 0, "unknown": 1, "out_of_stock": 2}
CENTRES = (Point(47.6, -122.3), Point(89.9, 10.0), Point(-16.8, 179.99), Point(51.5, -0.1), Point(-89.99, -120.0))


def world(random: Random) -> tuple[list[Row], dict[str, tuple[Point, int, float]]]:
    """Stores scattered around a few centres, some at one point; each with a count and the age of its report."""
    rows: list[Row] = []
    truth = {}
    for number in range(400):
        centre = random.choice(CENTRES)
        point = centre if number % 20 == 0 else _near(centre, random)
        quantity, hours = random.choice((0, 0, 1, 2, 3, 9)), random.choice((1.0, 30.0, 200.0, 500.0))
        truth[f"s{number}"] = (point, quantity, hours)
        rows.append(shop(f"s{number}", line=number, point=point, retailer=f"r{number % 3}"))
        rows.append(
            count(f"s{number}", "i", quantity, at(hours * 60), gtin=GTIN, line=number, retailer=f"r{number % 3}")
        )
    return rows, truth


def _near(centre: Point, random: Random) -> Point:
    lat = min(90.0, max(-90.0, centre.lat + random.uniform(-3, 3)))
    lon = (centre.lon + random.uniform(-5, 5) + 540.0) % 360.0 - 180.0
    return Point(lat, lon)


Truth = dict[str, tuple[Point, int, float]]


def expected(truth: Truth, ids: dict[str, int], question: Question) -> tuple[list[tuple[str, str]], str | None]:
    judged = []
    for code, (point, quantity, hours) in truth.items():
        if question.retailers and f"r{int(code[1:]) % 3}" not in question.retailers:
            continue
        told_at = NOW - timedelta(hours=hours)
        level = Level(Stock.exactly(quantity), told_at, told_at, told_at, 1)
        basis = LEARNED.basis(question.product.product_id, ids[code], level, told_at, NOW)
        word = LEARNED.judge(basis, question.quantity, 0).availability
        judged.append((RANK[word], distance_m(question.origin, point), ids[code], code, word))
    inside = sorted(one for one in judged if one[1] <= question.radius_m)
    beyond = sorted(one[1:] for one in judged if one[1] > question.radius_m and one[0] == 0)
    nearest = beyond[0][2] if beyond and not any(one[0] == 0 for one in inside) else None
    return [(code, word) for *_, code, word in inside[: question.limit]], nearest


async def test_answers_equal_a_search_through_all_stores(house: House) -> None:
    random = Random(7)
    rows, truth = world(random)
    await house.sync.load(rows)
    await house.current()
    product = await house.service.product_by_gtin(GTIN, frozenset())
    ids = {store.store_code: store.store_id for store in house.service._parts.memory.directory}
    for _ in range(300):
        centre = random.choice((*CENTRES, Point(random.uniform(-90, 90), random.uniform(-180, 180))))
        question = Question(
            product,
            _near(centre, random),
            radius_m=random.choice((1.0, 20_000.0, 100_000.0, 500_000.0)),
            limit=random.choice((1, 5, 10, 50)),
            quantity=random.choice((1, 2, 3)),
            retailers=random.choice((frozenset(), frozenset({"r1"}), frozenset({"r0", "r2"}))),
        )
        answer = await house.service.availability(question)
        found = [(one.store.store_code, one.availability) for one in answer.results]
        beyond = answer.nearest_beyond.store.store_code if answer.nearest_beyond else None
        assert (found, beyond) == expected(truth, ids, question), question


async def test_postgres_and_the_cache_give_the_same_answer(house: House) -> None:
    random = Random(8)
    rows, _ = world(random)
    await house.sync.load(rows)
    await house.current()
    product = await house.service.product_by_gtin(GTIN, frozenset())
    questions = [Question(product, _near(centre, random), 500_000.0, 50) for centre in CENTRES for _ in range(5)]
    for question in questions:
        await house.service.availability(question)
    cached = [await house.service.availability(question) for question in questions]
    assert all(answer.from_cache for answer in cached)
    await house.redis.cut()
    read = [await house.service.availability(question) for question in questions]
    assert [answer.results for answer in read] == [answer.results for answer in cached]
    assert [answer.nearest_beyond for answer in read] == [answer.nearest_beyond for answer in cached]
