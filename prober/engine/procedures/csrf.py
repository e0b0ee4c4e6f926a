"""Wrong credentials at the real sign-in: its CSRF token and cookie are fetched for this one probe.

Without them Auth.js answers MissingCSRF, which proves nothing about the password. Sends through what it is given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from prober.model import Answered, Reason, Reply, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FIELD = "csrfToken"


async def with_csrf(request: Request, send: Callable[[Request], Awaitable[Reply]]) -> Request | Unanswered | Unsent:
    """Fetch the token that the form needs, and give the request with it; or why there is none."""
    if request.csrf is None:
        return request
    kept = tuple((name, value) for name, value in request.headers if name.lower() not in {"content-type", "cookie"})
    outcome = await send(Request(service=request.service, method="GET", target=request.csrf, headers=kept))
    if not isinstance(outcome, Answered):
        return outcome
    token = _token(outcome)
    cookies = [value.split(";", 1)[0].strip() for name, value in outcome.headers if name == "set-cookie"]
    if token is None or not cookies:
        detail = f"{request.csrf} answered {outcome.status} without a token, so the sign-in could not be tried"
        return Unsent(reason=Reason.NO_CSRF_TOKEN, detail=detail)
    fields = [*parse_qsl((request.content or b"").decode(), keep_blank_values=True), (_FIELD, token)]
    own = [value for name, value in request.headers if name.lower() == "cookie"]
    headers = tuple((name, value) for name, value in request.headers if name.lower() != "cookie")
    return replace(
        request,
        headers=(*headers, ("Cookie", "; ".join([*cookies, *own]))),
        content=urlencode(fields).encode(),
        csrf=None,
    )


def _token(answered: Answered) -> str | None:
    body = answered.json
    token = body.get(_FIELD) if isinstance(body, dict) else None
    return token if isinstance(token, str) and token.isascii() and token.isprintable() else None
