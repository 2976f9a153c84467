"""`python -m inventory_service webhooks`."""

import sys
from typing import Annotated, Any

import typer

from inventory_service.domain.errors import ConfigurationError, FieldFault, InputError, NearshelfError, NotFoundError
from inventory_service.domain.gtin import GtinError, parse_gtin
from inventory_service.domain.key import Key
from inventory_service.domain.webhooks import Delivery, Webhook
from inventory_service.runtime.console import run_with, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import keys
from inventory_service.storage.postgres import transaction
from inventory_service.web.webhook_events import test_event
from inventory_service.webhooks.service import Webhooks, require_partner
from inventory_service.webhooks.subscribing import Order

webhooks_app = typer.Typer(
    no_args_is_help=True, help="Webhooks: what keys subscribe to, and what became of it (docs/WEBHOOKS.md)."
)

DEADLINE_S = 60.0
COLUMNS = (
    "id",
    "key_id",
    "state",
    "ended_why",
    "url",
    "products",
    "stores",
    "retailers",
    "waiting",
    "dead",
    "failures",
)
DELIVERY_COLUMNS = ("id", "webhook_id", "type", "state", "created_at", "attempts", "next_attempt_at", "failure")
OPTIONS = {"gtins": "--gtin", "products": "--product", "store_ids": "--store", "stores": "--store-code"}
OPTIONS |= {"retailers": "--retailer", "url": "--url"}

WebhookId = Annotated[int, typer.Argument(help="As listed.")]


@webhooks_app.command("create")
def create_webhook(
    key: Annotated[int, typer.Option(help="Id of the secret key (sk_) that it belongs to: `keys list`.")],
    url: Annotated[str, typer.Option(help="Where to deliver to: https, a public server.")],
    gtin: Annotated[list[str] | None, typer.Option(help="GTIN of a product; repeatable.")] = None,
    product: Annotated[list[int] | None, typer.Option(help="Our id of a product; repeatable.")] = None,
    store: Annotated[list[int] | None, typer.Option(help="Our id of a store; repeatable.")] = None,
    store_code: Annotated[
        list[str] | None, typer.Option(help="RETAILER/CODE of a store, such as cvs/1042; repeatable.")
    ] = None,
    retailer: Annotated[list[str] | None, typer.Option(help="All stores of this retailer; repeatable.")] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Subscribes to what changes; prints the webhook's id and its secret, once."""

    async def work(tools: Toolbox) -> None:
        try:
            codes = [_code(one) for one in store_code or []]
            gtins = [_gtin(one) for one in gtin or []]
            about = gtins, product or [], store or [], codes, retailer or []
            order = Order(url, description, *about)
            made = await _webhooks(tools).create(await _key(tools, key), order)
        except (InputError, NotFoundError) as error:
            raise _as_told_here(error) from None
        show([{"id": made.webhook.webhook_id, "secret": made.secret}], ("id", "secret"))

    run_with(work)


@webhooks_app.command("list")
def list_webhooks(key: Annotated[int | None, typer.Option(help="Only this key's.")] = None) -> None:
    """Lists webhooks, without their secrets."""

    async def work(tools: Toolbox) -> None:
        show([_row(one) for one in await _webhooks(tools).listed(key)], COLUMNS)

    run_with(work)


@webhooks_app.command("show")
def show_webhook(
    webhook: WebhookId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Deliveries to show, the newest first.")] = 20,
) -> None:
    """Tells of one webhook and its newest deliveries."""

    async def work(tools: Toolbox) -> None:
        show([_row(await _webhooks(tools).find(webhook, None))], COLUMNS)
        page = await _webhooks(tools).deliveries(webhook, None, None, None, limit)
        show([_delivery_row(one) for one in page.deliveries], DELIVERY_COLUMNS)

    run_with(work)


@webhooks_app.command("pause")
def pause_webhook(webhook: WebhookId) -> None:
    """Nothing is delivered until `resume`, which then tells what has changed meanwhile."""

    async def work(tools: Toolbox) -> None:
        print(f"Webhook {webhook} is {(await _webhooks(tools).pause(webhook, None)).state}.")

    run_with(work)


@webhooks_app.command("resume")
def resume_webhook(webhook: WebhookId) -> None:
    """Goes on after a pause, or after it was ended because its receiver failed for days or answered 410."""

    async def work(tools: Toolbox) -> None:
        await _webhooks(tools).resume(webhook, None)
        print(f"Webhook {webhook} goes on.")

    run_with(work)


@webhooks_app.command("delete")
def delete_webhook(webhook: WebhookId) -> None:
    """Ends a webhook: what waits is not delivered any more."""

    async def work(tools: Toolbox) -> None:
        await _webhooks(tools).delete(webhook, None)
        print(f"Webhook {webhook} is deleted.")

    run_with(work)


@webhooks_app.command("rotate")
def rotate_secret(webhook: WebhookId) -> None:
    """Makes a new secret and prints it once; the old one signs as well for 24 hours."""

    async def work(tools: Toolbox) -> None:
        new = await _webhooks(tools).rotate(webhook, None)
        show([{"secret": new.secret, "old_until": new.old_until}], ("secret", "old_until"))

    run_with(work)


@webhooks_app.command("test")
def send_test(webhook: WebhookId) -> None:
    """Has a `webhook.test` delivered by the running service."""

    async def work(tools: Toolbox) -> None:
        show([_delivery_row(await _webhooks(tools).test(webhook, None, test_event))], DELIVERY_COLUMNS)

    run_with(work)


@webhooks_app.command("failed")
def list_failed(
    webhook: Annotated[int | None, typer.Argument(help="As listed; none: of all webhooks.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Of each webhook, the newest first.")] = 100,
) -> None:
    """Lists dead letters: deliveries that were given up."""

    async def work(tools: Toolbox) -> None:
        service, rows = _webhooks(tools), []
        wanted = [webhook] if webhook is not None else [one.webhook_id for one in await service.listed(None)]
        for one in wanted:
            page = await service.deliveries(one, None, None, "dead", limit)
            rows += [{"webhook": one, **_delivery_row(delivery)} for delivery in page.deliveries]
        show(rows, ("webhook", *DELIVERY_COLUMNS))

    run_with(work)


@webhooks_app.command("retry")
def retry_delivery(
    webhook: WebhookId,
    delivery: Annotated[list[int] | None, typer.Argument(help="As listed by `failed`; none: all dead ones.")] = None,
) -> None:
    """Delivers dead letters again, unless something newer has been told of the same product and store since."""

    async def work(tools: Toolbox) -> None:
        service, retried = _webhooks(tools), 0
        for one in delivery or await _dead(service, webhook):
            try:
                await service.retry(webhook, one, None)
            except NearshelfError as error:
                print(f"{one}: {error}", file=sys.stderr)
            else:
                retried += 1
        print(f"{retried} are delivered again.")

    run_with(work)


async def _dead(service: Webhooks, webhook: int) -> list[int]:
    found: list[int] = []
    before: int | None = None
    while True:
        page = await service.deliveries(webhook, None, before, "dead", 1_000)
        found += [one.delivery_id for one in page.deliveries]
        if (before := page.before) is None:
            return found


def _webhooks(tools: Toolbox) -> Webhooks:
    return Webhooks(tools.pool, tools.clock, DEADLINE_S, private=tools.settings.webhook_private)


async def _key(tools: Toolbox, key_id: int) -> Key:
    """Raises ConfigurationError, ForbiddenError."""
    async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
        key = await keys.one(connection, key_id)
    if key is None or key.fault(tools.clock()) is not None:
        raise ConfigurationError(f"There is no key {key_id} in force.")
    return require_partner(key)


def _code(text: str) -> tuple[str, str]:
    """Raises ConfigurationError."""
    retailer, slash, code = text.partition("/")
    if not (retailer and slash and code):
        raise ConfigurationError(f"--store-code {text}: give RETAILER/CODE, such as cvs/1042.")
    return retailer, code


def _gtin(text: str) -> str:
    """14 digits. Raises ConfigurationError."""
    try:
        return parse_gtin(text)
    except GtinError as error:
        raise ConfigurationError(f"--gtin {text}: {error}.") from None


def _as_told_here(error: InputError | NotFoundError) -> ConfigurationError:
    """The same about options."""
    return ConfigurationError("; ".join(map(_fault, error.faults)) or str(error))


def _fault(fault: FieldFault) -> str:
    field, _, place = fault.pointer.strip("/").partition("/")
    which = f" ({int(place) + 1}.)" if place.isdigit() else ""
    return f"{OPTIONS.get(field, field)}{which}: {fault.detail}"


def _row(of: Webhook) -> dict[str, Any]:
    return {
        "id": of.webhook_id,
        "key_id": of.key_id,
        "state": of.state,
        "ended_why": of.ended_why,
        "ended_at": of.ended_at,
        "url": of.url,
        "description": of.description,
        "products": list(of.product_ids),
        "stores": list(of.store_ids),
        "retailers": list(of.retailers),
        "watching": of.watching,
        "created_at": of.created_at,
        "failures": of.failures,
        "failing_since": of.failing_since,
        "waiting": of.waiting,
        "dead": of.dead,
    }


def _delivery_row(of: Delivery) -> dict[str, Any]:
    return {
        "id": of.delivery_id,
        "webhook_id": of.event_id,
        "type": of.event,
        "state": of.state,
        "created_at": of.made_at,
        "attempts": of.attempts,
        "last_attempt_at": of.tried_at,
        "next_attempt_at": of.next_at,
        "status": of.status,
        "failure": of.failure,
    }
