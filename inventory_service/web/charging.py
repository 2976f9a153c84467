"""What a request costs, and who has spent too much."""

import time

from aiohttp import web
from aiohttp.typedefs import Handler

from inventory_service.domain.errors import NearshelfError, RateLimitedError, TooCostlyError
from inventory_service.domain.key import Key
from inventory_service.runtime.http.callers import Caller
from inventory_service.spending.limit_metrics import kind_of
from inventory_service.spending.meter import Meter, Policy
from inventory_service.web.parts import CALLERS, KEY, METRICS, PURSE, SERVICE
from inventory_service.web.queries import AvailabilityQuery

API = "/v1/"
NEAR_M, NEAR_LIMIT = 50_000.0, 10
"""Up to here a question costs 1."""
FURTHER_M, MORE = 100_000.0, 20
"""Each so many metres and results beyond cost 1 more."""


def caller_of(request: web.Request) -> Caller:
    """Where it comes from, whoever stands in between."""
    return request.app[CALLERS].of(request.remote or "", request.headers)


def question_cost(radius_m: float, limit: int) -> int:
    """1 up to 50 km and 10 results; for the widest question with the most results 8."""
    if radius_m <= NEAR_M and limit <= NEAR_LIMIT:
        return 1
    return 1 + _steps(radius_m - NEAR_M, FURTHER_M) + _steps(limit - NEAR_LIMIT, MORE)


def availability_cost(query: AvailabilityQuery) -> int:
    return question_cost(query.radius_m, query.limit)


async def charge(request: web.Request, key: Key | None, cost: int) -> None:
    """Counts `cost` for the key, or for the address where there is none. Raises RateLimitedError, TooCostlyError."""
    service, now_s = request.app[SERVICE], time.time()
    purse = request[PURSE] = service.ledger.purse(key, caller_of(request).network)
    short = purse.spend(cost, now_s)
    if key is not None:
        _note(request, key, cost, short)
    if short is not None:
        request.app[METRICS].limits.refused(key, short, cost)
        raise refusal(key, short.policy, cost, short.left_s(now_s))
    request.app[METRICS].limits.spent[kind_of(key)] += cost


def refusal(key: Key | None, policy: Policy, cost: int, left_s: int) -> NearshelfError:
    """What is said to whoever asks for more than `policy` leaves; there is more in `left_s` seconds."""
    allowed = f"{policy.sentence} {'without a key' if key is None else 'with this key'}"
    if cost > policy.item.amount:
        detail = f"This counts as {cost:,} requests, and no more than {allowed} are allowed: ask for less at once."
        return TooCostlyError(detail)
    counted = "" if cost == 1 else f" This one counts as {cost:,}."
    return RateLimitedError(f"No more than {allowed} are allowed.{counted} Ask again in {left_s:,} s.", left_s)


@web.middleware
async def counting_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is refused before it was charged counts too, as one request: guesses at keys, and what is not understood."""
    try:
        return await handler(request)
    except (NearshelfError, web.HTTPError):
        if request.path.startswith(API) and PURSE not in request:
            await charge(request, request.get(KEY), 1)
        raise


def _note(request: web.Request, key: Key, cost: int, short: Meter | None) -> None:
    usage = request.app[SERVICE].usage
    if short is None:
        usage.spent(key.key_id, cost)
    else:
        usage.refused(key.key_id)


def _steps(beyond: float, step: float) -> int:
    return max(0, int(-(-beyond // step)))
