"""The HTML document around every page: its head, and its Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from prober.report.html.markup import Markup, element, lines, together

if TYPE_CHECKING:
    from collections.abc import Iterable


def style_sheet() -> str:
    """Read the style sheet that all pages share."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def policy_of(style: str, *more: str) -> str:
    """Forbid everything but this style and what `more` names: text of the deployment could not act even as markup."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    directives = (f"style-src 'sha256-{digest}'", *more, "base-uri 'none'", "form-action 'none'")
    return "; ".join(("default-src 'none'", *directives))


def document(
    title: str, style: str, body: Iterable[Markup], *, policy: str, more: Iterable[Markup] = (),
    version: str | None = None,
) -> str:  # fmt: skip
    """Write a whole page; `more` goes into its head."""
    metas = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
    ]
    head = element("head", lines([*metas, element("title", title), Markup(f"<style>{style}</style>"), *more]))
    page = element("html", head, Markup("\n"), element("body", lines(body)), lang="en", data_version=version)
    return together([Markup("<!DOCTYPE html>\n"), page, "\n"]).text
