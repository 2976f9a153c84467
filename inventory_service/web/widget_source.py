"""The widget's readable sources, joined into the one script that is served; and the versions that were released."""

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path

SOURCES = Path(__file__).parent / "widget"
RELEASED = SOURCES / "released"
VERSION = "1.0.1"
"""Of the sources as they are. It rises with whatever changes in them, for a released text never changes."""
PARTS = (
    "dom.js",
    "language.js",
    "words.js",
    "asking.js",
    "question.js",
    "advice.js",
    "store.js",
    "panel.js",
    "widget.js",
    "start.js",
)
"""In an order in which each stands behind what it imports."""
COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
MODULE_WORDS = re.compile(r"^(?:import [^;]*;\n|export )", re.MULTILINE)
SPACES_IN_SCRIPT = re.compile(r'("(?:[^"\\\n]|\\.)*"|`[^`\n]*`)| *([{}()\[\],;:?=<>&|!*]) *')
"""Strings, which stay; and what needs no space beside it. Plus, minus and slash may."""
SPACES_IN_STYLE = re.compile(r"\s*([{};,>]|(?<=[a-z]):(?= ))\s*")


def joined_script() -> str:
    """All parts in one scope that leaves no name behind on the host page."""
    texts = json.dumps(json.loads(_read("texts.json")), ensure_ascii=False, separators=(",", ":"))
    style = json.dumps(_lean_style(_read("style.css")), ensure_ascii=False)
    code = "".join(_lean_script(MODULE_WORDS.sub("", _read(part))) for part in PARTS)
    return (
        f"/* Nearshelf availability widget {VERSION} */\n"
        f'(() => {{\n"use strict";\nconst TEXTS = {texts};\nconst STYLE = {style};\n{code}}})();\n'
    )


def released() -> dict[str, str]:
    """Text by version."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(RELEASED.glob("*.js"))}


def integrity(script: str) -> str:
    """For the attribute of that name (Subresource Integrity)."""
    return f"sha384-{b64encode(hashlib.sha384(script.encode()).digest()).decode()}"


def _read(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")


def _lean_script(text: str) -> str:
    """Without comments and needless spaces; lines and names stay, so that an error in it can be found."""
    lines = (line.strip() for line in COMMENT.sub("", text).splitlines())
    return "".join(f"{SPACES_IN_SCRIPT.sub(_kept, line)}\n" for line in lines if line)


def _kept(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _lean_style(text: str) -> str:
    return SPACES_IN_STYLE.sub(r"\1", COMMENT.sub("", text)).strip()
