"""A request that needs a CSRF token: the token and its cookie are fetched for this one probe, as at a real sign-in.

Without them Auth.js answers MissingCSRF, and Django, Laravel or Rails refuse the form, which proves nothing about the
password. Auth.js serves the token as JSON; others put it into the hidden fields of the form. Sends through what it is
given.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from prober.engine.procedures.form_fields import hidden_fields
from prober.model import Answered, Reason, Reply, Request, Unanswered, Unsent
from prober.plan.request_mutations import RUN_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FIELD = "csrfToken"
_FORM = "application/x-www-form-urlencoded"
# Where frameworks look for the token of a request that is no form (Rails, Laravel, csurf; Django; Angular, Spring).
_TOKEN_HEADERS = ("X-CSRF-Token", "X-CSRFToken", "X-XSRF-TOKEN")
_OF_EVERY_CLIENT = frozenset({"user-agent", "accept", RUN_HEADER.lower()})


async def with_csrf(request: Request, send: Callable[[Request], Awaitable[Reply]]) -> Request | Unanswered | Unsent:
    """Fetch the token that the form needs, and give the request with it; or why there is none."""
    if request.csrf is None:
        return request
    own_headers = tuple(
        (name, value) for name, value in request.headers if name.lower() not in {"content-type", "cookie"}
    )
    page = Request(service=request.service, method="GET", target=request.csrf, headers=own_headers)
    outcome = await send(page)
    plain = tuple(header for header in own_headers if header[0].lower() in _OF_EVERY_CLIENT)
    if isinstance(outcome, Answered) and not outcome.succeeded and plain != own_headers:
        outcome = await send(replace(page, headers=plain))  # which refuses a foreign Host, say
    if not isinstance(outcome, Answered):
        return outcome
    tokens = _tokens(outcome)
    cookies = [value.split(";", 1)[0].strip() for name, value in outcome.headers if name == "set-cookie"]
    if not tokens or not cookies:
        detail = f"{request.csrf} answered {outcome.status} without a token, so the request could not be sent"
        return Unsent(reason=Reason.NO_CSRF_TOKEN, detail=detail)
    own = [value for name, value in request.headers if name.lower() == "cookie"]
    headers = tuple((name, value) for name, value in request.headers if name.lower() != "cookie")
    cookie = ("Cookie", "; ".join([*cookies, *own]))
    kind = next((value for name, value in headers if name.lower() == "content-type"), None)
    if kind is not None and not kind.lower().startswith(_FORM):
        token = next(iter(tokens.values()))
        headers = (*headers, *((name, token) for name in _TOKEN_HEADERS), cookie)
        return replace(request, headers=headers, content=_beside_fields(request.content, tokens), csrf=None)
    # What had no body had no type either, and frameworks read the token of a form alone.
    headers = (*headers, cookie) if kind is not None else (*headers, ("Content-Type", _FORM), cookie)
    given = parse_qsl((request.content or b"").decode(), keep_blank_values=True)
    named = {name for name, _ in given}
    fields = [*given, *((name, value) for name, value in tokens.items() if name not in named)]
    return replace(request, headers=headers, content=urlencode(fields).encode(), csrf=None)


def _beside_fields(content: bytes | None, tokens: dict[str, str]) -> bytes | None:
    """Put the tokens into a JSON object, where some libraries look for them; leave any other body as it is."""
    try:
        body = json.loads(content or b"")
    except ValueError:
        return content
    return json.dumps({**tokens, **body}).encode() if isinstance(body, dict) else content


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
