"""The shapes of the demo's answers: JSON, pages, redirects, and the refusals that are the application's own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import JsonValue

TEMPORARY = 307
FOUND = 302
NOT_CONFIGURED = (
    "auth_not_configured — set ADMIN_USERNAME and ADMIN_PASSWORD_HASH, or AUTH_GITHUB_ID, AUTH_GITHUB_SECRET and "
    "AUTH_SECRET; ALLOW_DEV_AUTH=true is for local development."
)
SERVER_CONFIGURATION = (
    "There was a problem with the server configuration. Check the server logs for more information."  # Auth.js's words
)


BUILD = "demo-build-4f3c2a1b0d9e"  # as Next.js names the build of its pages


def json_answer(value: JsonValue, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return JSONResponse(value, status_code=status, headers=dict(headers or {}))


def failure(code: str, status: int) -> Response:
    """Answer with the application's own form of an error."""
    return json_answer({"error": code}, status)


def page(title: str, body: str, status: int = 200) -> Response:
    """Answer with a page; `body` is HTML."""
    head = f'<meta charSet="utf-8"/><title>{escape(title)}</title>'
    main = (
        f'<div id="__next"><main>{body}</main></div><script src="/_next/static/chunks/main-app.js" async=""></script>'
        f'<script id="__NEXT_DATA__" type="application/json">{{"props":{{}},"buildId":"{BUILD}"}}</script>'
    )
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{main}</body></html>', status_code=status
    )


def not_found_page(path: str) -> Response:
    """Answer as Next does where nothing is: a page that names the path, as its stream of components does."""
    seen = escape(path)
    body = (
        f"<h1>404</h1><h2>This page could not be found.</h2><script>self.__next_f.push([1,&quot;{seen}&quot;])</script>"
    )
    return page("404: This page could not be found.", body, 404)


def redirect(to: str, status: int = TEMPORARY) -> Response:
    """Redirect, with a relative location as Next 16 sends it."""
    return RedirectResponse(to, status_code=status)


def not_signed_in() -> Response:
    """Refuse a stranger: 401."""
    return failure("not_signed_in", 401)


def not_configured() -> Response:
    """Refuse everybody: no mode was chosen."""
    return failure(NOT_CONFIGURED, 503)


def invalid(*missing: str) -> Response:
    """Refuse a body as the schema library does: 400 with what is wrong in it."""
    issues: list[JsonValue] = [{"path": [name], "message": "Required"} for name in missing]
    return json_answer({"error": "invalid_request", "issues": issues}, 400)


def missing(what: str = "not_found") -> Response:
    """Say that an id is nobody's: 404."""
    return failure(what, 404)
