"""Evidence for tests: plain, and drawn at random."""

from hypothesis import strategies as st

from inventory_service.domain.belief.basis import ANCHORS, Basis, Traits
from inventory_service.domain.belief.pace import CLASSES, DAY_S
from inventory_service.domain.belief.parameters import USUAL, Constants
from inventory_service.domain.stock import Stock

SHARES = st.floats(0.01, 0.6)
TIMES = st.one_of(st.just(0.0), st.floats(60.0, 60 * DAY_S))


@st.composite
def stocks(draw: st.DrawFn) -> Stock:
    low = draw(st.integers(0, 60))
    return Stock(low, draw(st.one_of(st.just(low), st.none(), st.integers(low, low + 6))))


@st.composite
def traits(draw: st.DrawFn) -> Traits:
    one, two, three = sorted((draw(st.floats(0.01, 0.99)) for _ in range(3)), reverse=True)
    return Traits(
        doubt=draw(st.floats(-2.0, 2.0)),
        lag_s=draw(st.one_of(st.just(0.0), st.floats(0.0, 7 * DAY_S))),
        horizon_s=draw(st.floats(3_600.0, 45 * DAY_S)),
        base=(one, two, three),
        overlooked=draw(st.floats(-2.0, 2.0)),
    )


BASES = st.builds(
    Basis,
    stock=stocks(),
    traits=traits(),
    anchor=st.sampled_from(ANCHORS),
    still_s=TIMES,
    silent_s=TIMES,
    pace=st.integers(0, CLASSES - 1),
    leaning=st.floats(-1.5, 1.5),
)

CONSTANTS = st.builds(
    Constants,
    phantom_at_one=SHARES,
    phantom_slope=st.floats(0.0, 2.0),
    hidden=SHARES,
    vanish_per_day=st.floats(1e-4, 0.1),
    recover_per_day=st.floats(1e-3, 0.5),
    known_shape=st.floats(0.5, 20.0),
    unknown_shape=st.floats(0.3, 3.0),
    pace_factor=st.floats(0.3, 2.0),
    short=st.floats(0.01, 0.4),
    surplus=st.floats(0.01, 0.4),
    tail=st.floats(0.1, 0.9),
    staff_saw_wrong=st.floats(0.005, 0.2),
    staff_missed=st.floats(0.005, 0.3),
)


def fresh(stock: Stock) -> Basis:
    return Basis(stock, USUAL)
