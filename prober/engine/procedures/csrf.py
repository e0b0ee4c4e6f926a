"""Wrong credentials at the real sign-in: its CSRF token and cookie are fetched for this one probe.

Without them Auth.js answers MissingCSRF, and Django, Laravel or Rails refuse the form, which proves nothing about the
password. Auth.js serves the token as JSON; others put it into the hidden fields of the form. Sends through what it is
given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from prober.engine.procedures.form_fields import hidden_fields
from prober.model import Answered, Reason, Reply, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FIELD = "csrfToken"


async def with_csrf(request: Request, send: Callable[[Request], Awaitable[Reply]]) -> Request | Unanswered | Unsent:
    """Fetch the token that the form needs, and give the request with it; or why there is none."""
    if request.csrf is None:
        return request
    own_headers = tuple(
        (name, value) for name, value in request.headers if name.lower() not in {"content-type", "cookie"}
    )
    outcome = await send(Request(service=request.service, method="GET", target=request.csrf, headers=own_headers))
    if not isinstance(outcome, Answered):
        return outcome
    tokens = _tokens(outcome)
    cookies = [value.split(";", 1)[0].strip() for name, value in outcome.headers if name == "set-cookie"]
    if not tokens or not cookies:
        detail = f"{request.csrf} answered {outcome.status} without a token, so the sign-in could not be tried"
        return Unsent(reason=Reason.NO_CSRF_TOKEN, detail=detail)
    given = parse_qsl((request.content or b"").decode(), keep_blank_values=True)
    named = {name for name, _ in given}
    fields = [*given, *((name, value) for name, value in tokens.items() if name not in named)]
    own = [value for name, value in request.headers if name.lower() == "cookie"]
    headers = tuple((name, value) for name, value in request.headers if name.lower() != "cookie")
    # What had no body had no type either, and frameworks read the token of a form alone.
    if all(name.lower() != "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
    return replace(
        request,
        headers=(*headers, ("Cookie", "; ".join([*cookies, *own]))),
        content=urlencode(fields).encode(),
        csrf=None,
    )


def _tokens(answered: Answered) -> dict[str, str]:
    """Give the fields that go with the form: Auth.js's token, or the hidden fields of the page's form."""
    if not answered.succeeded:
        return {}
    if "html" in (answered.header("content-type") or ""):
        found = hidden_fields(answered.text)
    else:
        body = answered.json
        token = body.get(_FIELD) if isinstance(body, dict) else None
        found = {_FIELD: token} if isinstance(token, str) else {}
    return {name: value for name, value in found.items() if value.isascii() and value.isprintable()}
