"""A problem's `type` leads to a page about it, which works without scripts and offline."""

from html import escape

import orjson
from aiohttp import web

from inventory_service.runtime.http.problems import MEDIA_TYPE, Problem
from inventory_service.web.problem_texts import TEXTS, USUAL
from inventory_service.web.problems import all_problems

CACHING = "no-cache"
PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{title} · Nearshelf API</title>
  <link rel="stylesheet" href="/docs/docs.css">
</head>
<body>
  <header>
    <h1>{title}</h1>
    <p><code>{type}</code>, HTTP status {status}</p>
  </header>
  <main>
    <section><h2>What it means</h2><p>{means}</p></section>
    <section><h2>What to do</h2><p>{do}</p></section>
    <section><h2>How it reads</h2><pre tabindex="0">HTTP/1.1 {status}
Content-Type: {media_type}

{example}</pre></section>
    <p><a href="/docs#problems">All problems</a>, <a href="/docs">the API</a></p>
  </main>
</body>
</html>
"""


async def problem_page(request: web.Request) -> web.Response:
    """Raises HTTPNotFound for what is no problem of ours."""
    known = next((one for one in all_problems() if one["type"] == request.path), None)
    if known is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": CACHING, "Content-Type": "text/html; charset=utf-8"}
    return web.Response(text=_page(str(known["type"]), str(known["title"]), int(known["status"])), headers=headers)


def _page(kind: str, title: str, status: int) -> str:
    text = TEXTS.get(kind.rpartition("/")[2], USUAL)
    problem = Problem(type=kind, title=title, status=status, detail=text.detail, errors=list(text.errors)).model_dump()
    shown = {
        "type": kind,
        "title": title,
        "status": str(status),
        "means": text.means,
        "do": text.do,
        "media_type": MEDIA_TYPE,
        "example": orjson.dumps(problem, option=orjson.OPT_INDENT_2).decode(),
    }
    return PAGE.format(**{name: escape(value, quote=False) for name, value in shown.items()})
