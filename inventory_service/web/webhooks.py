"""/v1/webhooks: what a secret key subscribes to, and what became of what it was told."""

from typing import Any

import orjson

from inventory_service.domain import webhooks as domain
from inventory_service.web import webhook_models as models
from inventory_service.web.partner_asking import PartnerAsk, PartnerEndpoint
from inventory_service.web.presenting import instant_or_none
from inventory_service.web.staff_bodies import Body
from inventory_service.web.webhook_bodies import WebhookBody
from inventory_service.web.webhook_events import test_event
from inventory_service.web.webhook_queries import AllQuery, DeliveriesQuery, DeliveryQuery, WebhookQuery
from inventory_service.web.wording import instant_text
from inventory_service.webhooks.subscribing import Order

ALL, ONE = "/v1/webhooks", "/v1/webhooks/{id}"


async def create(ask: PartnerAsk[AllQuery, WebhookBody]) -> models.NewWebhook:
    made = await ask.service.webhooks.create(ask.key, order_of(ask.body))
    return models.NewWebhook(**webhook_fields(made.webhook), secret=made.secret)


async def listed(ask: PartnerAsk[AllQuery, Body]) -> models.WebhookList:
    found = await ask.service.webhooks.listed(ask.key.key_id)
    return models.WebhookList(results=[webhook_seen(one) for one in found], next=None)


async def show(ask: PartnerAsk[WebhookQuery, Body]) -> models.Webhook:
    return webhook_seen(await ask.service.webhooks.find(ask.query.id, ask.key.key_id))


async def delete(ask: PartnerAsk[WebhookQuery, Body]) -> models.Webhook:
    return webhook_seen(await ask.service.webhooks.delete(ask.query.id, ask.key.key_id))


async def pause(ask: PartnerAsk[WebhookQuery, Body]) -> models.Webhook:
    return webhook_seen(await ask.service.webhooks.pause(ask.query.id, ask.key.key_id))


async def resume(ask: PartnerAsk[WebhookQuery, Body]) -> models.Webhook:
    return webhook_seen(await ask.service.webhooks.resume(ask.query.id, ask.key.key_id))


async def rotate(ask: PartnerAsk[WebhookQuery, Body]) -> models.RotatedSecret:
    new = await ask.service.webhooks.rotate(ask.query.id, ask.key.key_id)
    return models.RotatedSecret(secret=new.secret, old_until=instant_text(new.old_until))


async def test(ask: PartnerAsk[WebhookQuery, Body]) -> models.Delivery:
    return delivery_seen(await ask.service.webhooks.test(ask.query.id, ask.key.key_id, test_event))


async def deliveries(ask: PartnerAsk[DeliveriesQuery, Body]) -> models.DeliveryList:
    query = ask.query
    of = query.id, ask.key.key_id
    page = await ask.service.webhooks.deliveries(*of, query.cursor, query.state, query.limit)
    following = None if page.before is None else str(page.before)
    return models.DeliveryList(results=[delivery_seen(one) for one in page.deliveries], next=following)


async def retry(ask: PartnerAsk[DeliveryQuery, Body]) -> models.Delivery:
    return delivery_seen(await ask.service.webhooks.retry(ask.query.id, ask.query.delivery, ask.key.key_id))


def order_of(body: WebhookBody) -> Order:
    return Order(
        url=body.url,
        description=body.description,
        gtins=body.gtins,
        products=body.products,
        store_ids=body.store_ids,
        stores=[(one.retailer, one.store_code) for one in body.stores],
        retailers=body.retailers,
    )


def webhook_seen(of: domain.Webhook) -> models.Webhook:
    return models.Webhook(**webhook_fields(of))


def webhook_fields(of: domain.Webhook) -> dict[str, Any]:
    """Those of models.Webhook."""
    return {
        "id": of.webhook_id,
        "url": of.url,
        "description": of.description,
        "products": list(of.product_ids),
        "store_ids": list(of.store_ids),
        "retailers": list(of.retailers),
        "state": of.state,
        "ended_why": of.ended_why,
        "ended_at": instant_or_none(of.ended_at),
        "watching": of.watching,
        "created_at": instant_text(of.created_at),
        "failures": of.failures,
        "failing_since": instant_or_none(of.failing_since),
        "waiting": of.waiting,
        "dead": of.dead,
    }


def delivery_seen(of: domain.Delivery) -> models.Delivery:
    return models.Delivery(
        id=str(of.delivery_id),
        webhook_id=of.event_id,
        type=of.event,
        state=of.state,
        created_at=instant_text(of.made_at),
        attempts=of.attempts,
        last_attempt_at=instant_or_none(of.tried_at),
        next_attempt_at=instant_or_none(of.next_at),
        status=of.status,
        failure=of.failure,
        payload=orjson.loads(of.body),
    )


ENDPOINTS = (
    PartnerEndpoint(
        method="POST",
        path=ALL,
        summary="Subscribes to what changes; the answer tells the secret, once.",
        query=AllQuery,
        document=models.NewWebhook,
        answer=create,
        body=WebhookBody,
        status=201,
        statuses=(404, 413),
    ),
    PartnerEndpoint(
        method="GET",
        path=ALL,
        summary="All webhooks of the key.",
        query=AllQuery,
        document=models.WebhookList,
        answer=listed,
    ),
    PartnerEndpoint(
        method="GET",
        path=ONE,
        summary="One webhook.",
        query=WebhookQuery,
        document=models.Webhook,
        answer=show,
        statuses=(404,),
    ),
    PartnerEndpoint(
        method="DELETE",
        path=ONE,
        summary="Ends a webhook: nothing is delivered any more, and it is as if it had never been.",
        query=WebhookQuery,
        document=models.Webhook,
        answer=delete,
        statuses=(404,),
    ),
    PartnerEndpoint(
        method="POST",
        path=ONE + "/pause",
        summary="Nothing is told until it goes on; then what has changed meanwhile is.",
        query=WebhookQuery,
        document=models.Webhook,
        answer=pause,
        statuses=(404,),
    ),
    PartnerEndpoint(
        method="POST",
        path=ONE + "/resume",
        summary="Goes on after a pause, or after it was ended; then what has changed meanwhile is told.",
        query=WebhookQuery,
        document=models.Webhook,
        answer=resume,
        statuses=(404,),
    ),
    PartnerEndpoint(
        method="POST",
        path=ONE + "/rotate",
        summary="A new secret; the old one signs as well for 24 hours.",
        query=WebhookQuery,
        document=models.RotatedSecret,
        answer=rotate,
        statuses=(404, 409),
    ),
    PartnerEndpoint(
        method="POST",
        path=ONE + "/test",
        summary="Delivers a `webhook.test`, like any other event.",
        query=WebhookQuery,
        document=models.Delivery,
        answer=test,
        status=202,
        statuses=(404, 409),
    ),
    PartnerEndpoint(
        method="GET",
        path=ONE + "/deliveries",
        summary="What was delivered or is to be, the newest first.",
        query=DeliveriesQuery,
        document=models.DeliveryList,
        answer=deliveries,
        statuses=(404,),
    ),
    PartnerEndpoint(
        method="POST",
        path=ONE + "/deliveries/{delivery}/retry",
        summary="Delivers again what was given up, at once and under the same webhook-id.",
        query=DeliveryQuery,
        document=models.Delivery,
        answer=retry,
        status=202,
        statuses=(404, 409),
    ),
)
