"""How fast positions sell, pooled: category, product and store, each as far as it tells them apart (empirical Bayes).

A position's rate is its category's times its product's factor times its store's, and Gamma-distributed about that.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from inventory_service.domain.belief.gathering import Sales
from inventory_service.domain.belief.pace import DAY_S, Rate
from inventory_service.domain.belief.parameters import Rates

LEAST_SHAPE, MOST_SHAPE = 0.3, 50.0
LEAST_SOLD = 30
"""Pieces sold in all, below which nothing is told apart."""
LEAST_PER_DAY = 0.005
MOST_LUMP = 100.0
"""Falls are squared: a few counts that were put right by thousands must not make a whole category's sales worthless."""


def pooled(sales: Iterable[Sales], held: Rates) -> Rates:
    """Rates of what was sold; `held` where too little was."""
    seen = [one for one in sales if one.exposed_s > 0.0]
    if sum(one.sold for one in seen) < LEAST_SOLD:
        return held
    usual, by_category = _per_day(seen), _by_category(seen)
    means = {name: _per_day(some) for name, some in by_category.items()}
    lumps = {name: lump(some) for name, some in by_category.items()}
    lots = [_in_lumps(one, lumps[one.position.category]) for one in seen]
    due = [means[one.position.category] * one.exposed_s / DAY_S for one in lots]
    sold = [one.sold for one in lots]
    products, product_shape = _factors([one.position.place.product for one in lots], sold, due)
    due = [much * products[one.position.place.product] for one, much in zip(lots, due, strict=True)]
    named = [f"{one.position.place.retailer}/{one.position.place.store}" for one in lots]
    stores, store_shape = _factors(named, sold, due)
    due = [much * stores[name] for name, much in zip(named, due, strict=True)]
    shape = spread(sold, due)
    categories = {name: Rate(mean, shape, lumps[name]) for name, mean in means.items()}
    return Rates(
        usual=Rate(usual, min(shape, 1.0), lump(seen)),
        categories={**held.categories, **categories},
        products={**held.products, **products},
        stores={**held.stores, **stores},
        product_shape=product_shape,
        store_shape=store_shape,
    )


def lump(sales: Iterable[Sales]) -> float:
    """How much more what is sold varies than pieces that sell one by one (1), by Pearson's dispersion.

    Where λ pieces sell in a unit of time, E[fall²] = lump · λt + (λt)² for a count after t, and E[size²] = lump ·
    E[size] for a sale. λ is each position's own, which takes from what is told as much as λ Σt² ÷ exposed.
    """
    excess, told = 0.0, 0.0
    for one in sales:
        share = one.sold * one.spans_s2 / one.exposed_s**2
        excess += one.sold_squared - one.sold * share
        told += one.sold - share
    return min(max(excess / told, 1.0), MOST_LUMP) if told >= LEAST_SOLD else 1.0


def _in_lumps(sales: Sales, much: float) -> Sales:
    """What they tell of a rate, as of pieces that sell one by one."""
    return replace(sales, sold=sales.sold / much, exposed_s=sales.exposed_s / much)


def spread(sold: list[float], due: list[float]) -> float:
    """Shape of the Gamma that rates follow about what was due, by moments: Var(sold) = due + due² / shape."""
    excess = sum((one - much) ** 2 - much for one, much in zip(sold, due, strict=True))
    return min(max(sum(much * much for much in due) / max(excess, 1e-9), LEAST_SHAPE), MOST_SHAPE)


def _factors(names: list[str], sold: list[float], due: list[float]) -> tuple[dict[str, float], float]:
    """How much more than due each name sold, drawn towards 1 by how little names differ."""
    totals: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for name, one, much in zip(names, sold, due, strict=True):
        totals[name][0] += one
        totals[name][1] += much
    shape = spread([one for one, _ in totals.values()], [much for _, much in totals.values()])
    return {name: (shape + one) / (shape + much) for name, (one, much) in totals.items()}, shape


def _per_day(sales: list[Sales]) -> float:
    days = sum(one.exposed_s for one in sales) / DAY_S
    return max(sum(one.sold for one in sales) / max(days, 1e-9), LEAST_PER_DAY)


def _by_category(sales: list[Sales]) -> dict[str, list[Sales]]:
    grouped: dict[str, list[Sales]] = defaultdict(list)
    for one in sales:
        grouped[one.position.category].append(one)
    return grouped
