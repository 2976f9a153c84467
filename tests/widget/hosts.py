"""Pages of partners, on an origin of their own: plain, and hostile in every way that a widget has to survive."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aiohttp import web

RESETS = """
  *, *::before, *::after { all: unset !important; }
  head, script, style, title { display: none !important; }
  body, main, p, h1 { display: block !important; }
"""
LOUD = """
  body { text-transform: uppercase; letter-spacing: .4em; line-height: 3; text-align: center; white-space: pre;
         font: italic 9px serif; color: #a0a; cursor: wait; visibility: visible; word-spacing: 2em; text-indent: 4em; }
  div, p, ul, li, a, button, input, form, span, h2 { border: 5px solid red !important; float: right !important;
         display: inline !important; position: fixed !important; opacity: .2 !important; margin: 3em !important; }
  nearshelf-availability { display: block; margin: 1rem; }
  h1, main > p { all: revert !important; }
"""
STRICT = (
    "default-src 'none'; script-src {origin}; connect-src {origin}; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
MEDDLING = """
  Array.prototype.each = function () {}; String.prototype.strip = () => "";
  Function.prototype.curry = () => null; Array.prototype.toJSON = () => "[]";
  window.h = window.ask = window.TEXTS = "taken"; window.name = "page";
  const real = window.fetch; window.fetched = 0;
  window.fetch = function (...rest) { window.fetched += 1; return real.apply(this, rest); };
"""


@dataclass(frozen=True)
class Host:
    """One page: its widgets as markup, and what the rest of it does to them."""

    body: str
    css: str = ""
    script: str = ""
    policy: str = ""
    root: str = 'lang="en-US" dir="ltr"'
    script_tag: str = '<script async src="{origin}/widget/v1.js"></script>'
    viewport: str = '<meta name="viewport" content="width=device-width, initial-scale=1">'


@dataclass
class Hosts:
    """Serves pages by name and writes the service's `origin` into them."""

    origin: str
    pages: dict[str, Host] = field(default_factory=dict)

    def add(self, name: str, host: Host) -> str:
        """The path at which it is then found."""
        self.pages[name] = host
        return f"/{name}"

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/favicon.ico", self._nothing)
        app.router.add_get("/{name}.css", self._style)
        app.router.add_get("/{name}.js", self._script)
        app.router.add_get("/{name}", self._page)
        return app

    async def _nothing(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(text=self.pages[request.match_info["name"]].css, content_type="text/css")

    async def _script(self, request: web.Request) -> web.Response:
        return web.Response(text=self.pages[request.match_info["name"]].script, content_type="text/javascript")

    async def _page(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        host = self.pages[name]
        headers = {"Content-Security-Policy": host.policy.format(origin=self.origin)} if host.policy else {}
        return web.Response(text=self._text(name, host), content_type="text/html", charset="utf-8", headers=headers)

    def _text(self, name: str, host: Host) -> str:
        style = f'<link rel="stylesheet" href="/{name}.css">' if host.css else ""
        script = f'<script src="/{name}.js"></script>' if host.script else ""
        return (
            f"<!doctype html><html {host.root}><head><meta charset=utf-8><title>A partner's page</title>{host.viewport}"
            f"{style}{script}</head><body><main><h1>A product of the partner</h1><p>What the page says of it.</p>"
            f"{host.script_tag.format(origin=self.origin)}\n{host.body.format(origin=self.origin)}"
            "<p>What follows.</p></main></body></html>"
        )


def widget(gtin: str, key: str | None, inside: str = "", **attributes: object) -> str:
    """The second of the two lines; `radius_m` becomes `radius-m`."""
    given = {"gtin": gtin, "key": key, **attributes}
    written = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in given.items() if value is not None)
    return f"<nearshelf-availability{written}>{inside}</nearshelf-availability>"


@asynccontextmanager
async def hosting(origin: str) -> AsyncIterator[tuple[Hosts, str]]:
    """Partners' pages around the service at `origin`; gives them and their own origin."""
    hosts = Hosts(origin)
    runner = web.AppRunner(hosts.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield hosts, f"http://{host}:{port}"
    await runner.cleanup()


def strict(host: Host) -> Host:
    """With the strictest policy under which a widget can work: no inline script or style, Trusted Types enforced."""
    return replace(host, policy=STRICT)
