"""New stores get a neighbourhood and a slot; nothing that was given is ever given again."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.distance import distance_m
from geo.point import Point
from inventory_service.domain.neighbourhoods import (
    FOUNDED_WITH,
    JOIN_WITHIN_M,
    SHARED_BELOW,
    SLOTS,
    Assignment,
    Neighbourhood,
    assign,
)

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
near_seattle = st.builds(Point, st.floats(47, 48), st.floats(-123, -122))
point_lists = st.lists(st.one_of(points, near_seattle), max_size=60)
SEATTLE, TACOMA, MIAMI = Point(47.61, -122.33), Point(47.25, -122.44), Point(25.77, -80.19)


@st.composite
def neighbourhoods(draw):
    """Some that exist: of retailers 1 and 2 and shared, from nearly empty to full."""
    count = draw(st.integers(0, 6))
    found = []
    for neighbourhood_id in range(1, count + 1):
        members = draw(st.lists(st.one_of(points, near_seattle), min_size=1, max_size=4))
        free_from = draw(st.sampled_from([len(members), SLOTS - 2, SLOTS]))
        owner = draw(st.sampled_from([1, 2, None]))
        found.append(Neighbourhood(neighbourhood_id, owner, free_from, members))
    return found


@settings(max_examples=150, deadline=None)
@given(neighbourhoods(), st.sampled_from([1, 2, 3]), st.sampled_from([0, 10, 500]), point_lists)
def test_every_store_gets_one_free_slot_of_its_own_or_a_shared_neighbourhood(existing, retailer_id, known, new):
    plan = assign(existing, retailer_id, known, new)
    owner = None if known + len(new) < SHARED_BELOW else retailer_id
    assert len(plan.assignments) == len(new)
    assert len(set(plan.assignments)) == len(new)
    first_free = {one.neighbourhood_id: one.next_slot for one in existing if one.retailer_id == owner}
    first_free |= {one.temporary_id: 0 for one in plan.founded}
    for given_out in plan.assignments:
        assert first_free[given_out.neighbourhood_id] <= given_out.slot < SLOTS
    assert all(one.retailer_id == owner for one in plan.founded)


@settings(max_examples=100, deadline=None)
@given(neighbourhoods(), point_lists)
def test_slots_are_given_without_gaps_and_the_plan_tells_how_many_each_new_neighbourhood_has(existing, new):
    plan = assign(existing, 1, 500, new)
    counts = Counter(given_out.neighbourhood_id for given_out in plan.assignments)
    starts = {one.neighbourhood_id: one.next_slot for one in existing}
    for neighbourhood_id, count in counts.items():
        slots = sorted(a.slot for a in plan.assignments if a.neighbourhood_id == neighbourhood_id)
        start = starts.get(neighbourhood_id, 0)
        assert slots == list(range(start, start + count))
    assert {one.temporary_id: one.next_slot for one in plan.founded} == {k: n for k, n in counts.items() if k < 0}
    assert [one.temporary_id for one in plan.founded] == [-n for n in range(1, len(plan.founded) + 1)]
    assert all(one.next_slot <= FOUNDED_WITH for one in plan.founded)


@settings(max_examples=50, deadline=None)
@given(neighbourhoods(), point_lists)
def test_the_same_stores_always_get_the_same_places(existing, new):
    assert assign(existing, 1, 500, new) == assign(list(reversed(existing)), 1, 500, list(new))


def test_a_store_joins_the_nearest_neighbourhood_of_its_retailer():
    existing = [
        Neighbourhood(7, 1, 40, [TACOMA]),
        Neighbourhood(8, 1, 41, [SEATTLE]),
        Neighbourhood(9, 2, 42, [SEATTLE]),
    ]
    assert assign(existing, 1, 81, [Point(47.6, -122.3)]).assignments == (Assignment(8, 41),)


def test_a_full_neighbourhood_passes_stores_on_to_the_next_and_then_to_a_new_one():
    existing = [Neighbourhood(7, 1, SLOTS - 1, [SEATTLE]), Neighbourhood(8, 1, SLOTS - 1, [Point(47.7, -122.33)])]
    plan = assign(existing, 1, 254, [SEATTLE, SEATTLE, SEATTLE])
    assert plan.assignments == (Assignment(7, 127), Assignment(8, 127), Assignment(-1, 0))


def test_a_far_store_founds_a_neighbourhood_rather_than_stretch_one():
    plan = assign([Neighbourhood(7, 1, 1, [SEATTLE])], 1, 40, [MIAMI])
    assert distance_m(SEATTLE, MIAMI) > JOIN_WITHIN_M
    assert plan.assignments == (Assignment(-1, 0),)
    assert plan.founded[0].retailer_id == 1


def test_a_small_retailer_shares_and_a_grown_one_founds_its_own():
    shared = [Neighbourhood(7, None, 5, [SEATTLE])]
    assert assign(shared, 3, SHARED_BELOW - 2, [SEATTLE]).assignments == (Assignment(7, 5),)
    assert assign(shared, 3, SHARED_BELOW - 1, [SEATTLE]).founded[0].retailer_id == 3


def test_no_new_stores_need_nothing():
    plan = assign([Neighbourhood(7, 1, 1, [SEATTLE])], 1, 1, [])
    assert (plan.assignments, plan.founded) == ((), ())
