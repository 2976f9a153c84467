"""The same shopper as users with intent, in named shapes; docs/LOADTESTS.md tells how to run them.

`LOCUST_SHAPE` names a shape of shapes.py (unset: smoke), `LOCUST_WORLD` the folder of a seeded world to ask about
(unset: the demo world). Only hosts on this machine, unless `LOCUST_ALLOW_HOST` repeats the host's address.
"""

import os
import random
import sys
from typing import Any

import gevent
from locust import FastHttpUser, between, constant_pacing, events, task
from locust.env import Environment

from loadtests.client.bounds import is_loopback
from loadtests.shapes import SHAPES
from loadtests.shopping import of_environment

SHOPPING = of_environment(os.environ)
RIGHT = (200, 304, 404)
"""404 is the right answer to a product that nobody knows."""
AVAILABILITY = "/v1/availability"


class Chosen(SHAPES[os.environ.get("LOCUST_SHAPE", "smoke")]):  # type: ignore[misc]
    """The shape that the environment names."""


@events.init.add_listener
def only_here(environment: Environment, **_: Any) -> None:
    """Ends the program where its host is not on this machine and nobody has said that it may be asked."""
    host = environment.host or ""
    if not is_loopback(host) and os.environ.get("LOCUST_ALLOW_HOST") != host:
        sys.exit(f"--host {host} is not on this machine; LOCUST_ALLOW_HOST={host} says that it may be asked.")


class Shopper(FastHttpUser):
    """Someone on a phone."""

    abstract = True
    wait_time = between(1, 4)

    def ask(self, target: str, name: str, etag: str = "") -> dict[str, Any]:
        """The answer with its `etag`; an empty one where nothing has changed or nobody knows the product."""
        headers = {"If-None-Match": etag} if etag else {}
        with self.client.get(target, name=name, headers=headers, catch_response=True) as response:
            if response.status_code not in RIGHT:
                response.failure(f"status {response.status_code}")
                return {}
            response.success()
            return {**response.json(), "etag": response.headers.get("ETag", "")} if response.status_code == 200 else {}


class Browsing(Shopper):
    """Looks for words, opens one of the products, and sees who has it."""

    weight = 3

    @task
    def browse(self) -> None:
        found = self.ask(f"/v1/products?q={SHOPPING.words()}&limit=10", "search")
        gtins = [one["gtin"] for one in found.get("results", ()) if one["gtin"]]
        if gtins:
            gtin = random.choice(gtins)
            self.ask(f"/v1/products/{gtin}", "open a product")
            self.ask(f"{AVAILABILITY}?gtin={gtin}&{SHOPPING.place()}", "ask for a product found")


class Asking(Shopper):
    """Asks who near by has something, and soon asks the same again: nothing new is 304."""

    weight = 5

    @task
    def ask_and_ask_again(self) -> None:
        question = SHOPPING.question()
        etag = self.ask(question, "ask").get("etag", "")
        gevent.sleep(random.uniform(0.2, 1.0))
        self.ask(question, "ask again", etag)


class WithABasket(Shopper):
    """Wants several products at one place."""

    weight = 2

    @task
    def fill_a_basket(self) -> None:
        place = SHOPPING.place()
        for _ in range(random.randint(3, 8)):
            self.ask(f"{AVAILABILITY}?gtin={SHOPPING.gtin()}&{place}", "basket")


class Living(Shopper):
    """Keeps a page open that asks the same question every few seconds."""

    weight = 2
    wait_time = constant_pacing(5)

    def on_start(self) -> None:
        self.question, self.etag = SHOPPING.question(), ""

    @task
    def look(self) -> None:
        self.etag = self.ask(self.question, "live", self.etag).get("etag", self.etag)
