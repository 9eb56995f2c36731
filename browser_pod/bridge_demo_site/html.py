"""Pages as HTML: the templates of this package, filled in."""

import json
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from bridge_demo_site.state.faults import KINDS

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))


def chat_html(config: dict[str, Any]) -> str:
    """Render the chat page; its script reads the configuration."""
    as_json = json.dumps(config, ensure_ascii=False).replace("<", "\\u003c")
    return _template("chat.html").substitute(config=as_json, box_name=escape(config["messageBoxName"]))


def challenge_html(*, back: str) -> str:
    """Render the page that asks for a person."""
    return _template("challenge.html").substitute(back=escape(back))


def missing_html() -> str:
    return _template("missing.html").substitute()


def index_html() -> str:
    """Render the page that says what this is and how to control it."""
    rows = (
        f"<tr><td><code>{name}</code><td>{' and '.join(kind.moments)}<td>{escape(kind.does)}"
        for name, kind in KINDS.items()
    )
    return _template("index.html").substitute(faults="\n".join(rows))
