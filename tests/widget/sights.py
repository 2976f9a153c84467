"""Every way in which the widget is shown, for the tests that hold in all of them and for pictures."""

from dataclasses import dataclass, field
from typing import Any

from tests.pages.browsing import DESK, PHONE
from tests.widget import world
from tests.widget.hosts import LOUD, MEDDLING, RESETS, STRICT, Host, widget

SMALL = {"width": 320, "height": 640}
LINK = '<a href="{origin}/?gtin=' + world.GTIN + '">In stock near you?</a>'
ASKED = widget(world.GTIN, world.KEY, LINK, near="98101")


@dataclass(frozen=True)
class Sight:
    """A page and the browser it is looked at with."""

    host: Host
    browser: dict[str, Any] = field(default_factory=dict)


SIGHTS = {
    "start": Sight(Host(widget(world.GTIN, world.KEY, LINK)), {"viewport": PHONE}),
    "answer": Sight(Host(ASKED), {"viewport": PHONE}),
    "answer-desk": Sight(Host(ASKED), {"viewport": DESK}),
    "beyond": Sight(Host(widget(world.FAR, world.KEY, near="98101")), {"viewport": PHONE}),
    "none": Sight(Host(widget(world.NOBODY, world.KEY, near="98101", limit=1)), {"viewport": PHONE}),
    "silent": Sight(Host(widget(world.SILENT, world.KEY, near="98101", limit=1)), {"viewport": PHONE}),
    "strange": Sight(Host(widget(world.UNHEARD, world.KEY, near="98101", limit=1)), {"viewport": PHONE}),
    "nowhere": Sight(Host(widget(world.GTIN, world.KEY, near="nowhere", limit=1)), {"viewport": PHONE}),
    "320": Sight(Host(ASKED), {"viewport": SMALL}),
    "unset": Sight(Host(ASKED, css=RESETS), {"viewport": PHONE}),
    "loud": Sight(Host(ASKED, css=LOUD), {"viewport": PHONE}),
    "strict": Sight(Host(ASKED, policy=STRICT, css="main { padding: 1rem; }"), {"viewport": PHONE}),
    "rtl": Sight(Host(ASKED, root='lang="ar" dir="rtl"'), {"viewport": PHONE}),
    "dark": Sight(Host(ASKED, css=":root { color-scheme: light dark; }"), {"viewport": PHONE, "color_scheme": "dark"}),
    "forced": Sight(Host(ASKED), {"viewport": PHONE, "forced_colors": "active"}),
    "meddling": Sight(Host(ASKED, script=MEDDLING), {"viewport": PHONE}),
    "two": Sight(Host(ASKED + widget(world.FAR, world.KEY, near="98101")), {"viewport": DESK}),
    "spanish": Sight(Host(ASKED, root='lang="es"'), {"viewport": SMALL, "locale": "es-ES"}),
    "german": Sight(Host(ASKED, root='lang="de"'), {"viewport": SMALL, "locale": "de-DE"}),
    "french": Sight(Host(ASKED, root='lang="fr"'), {"viewport": SMALL, "locale": "fr-FR"}),
}
