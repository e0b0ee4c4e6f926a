"""What a request borrows from the deployment itself: a page's build, the cookie of a sign-in that nobody finishes.

Anybody may ask for these. Each is asked for once; where there is none, what needs it is skipped. Sends through what it
is given.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.csrf import with_csrf
from prober.model import BUILD_ID, SIGN_IN_COOKIE, Answered, Reason, Reply, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Send = Callable[[Request], Awaitable[Reply]]

# As Next.js writes it into its pages: the Pages Router's data, the App Router's flight, the manifest's address.
_BUILD = re.compile(
    rb'"buildId":"([A-Za-z0-9_-]{1,64})"|\\"b\\":\\"([A-Za-z0-9_-]{1,64})\\"|'
    rb"/_next/static/([A-Za-z0-9_-]{1,64})/_(?:build|ssg)Manifest\.js"
)
_SIGN_IN_COOKIES = re.compile(r"(?:^|[.-])(?:state|pkce\.code_verifier|nonce)=([!-:<-~]{20,4096})(?:;|$)")
_PLACE = re.compile(r"(?:https?://[^/?#\s]*)?(/[!-\"$->@-~]*)(?:[?#][!-~]*)?$")
_MOST_PROVIDERS = 3
_NO_BUILD = "no page of this service names its build: perhaps it is not Next.js"
_NO_COOKIE = "no sign-in of this service handed out a cookie to try"


def borrows(request: Request) -> str | None:
    """Name what this request must borrow before it can go out, None when it is whole."""
    if BUILD_ID in request.target:
        return BUILD_ID
    return SIGN_IN_COOKIE if any(SIGN_IN_COOKIE in value for _, value in request.headers) else None


def filled(request: Request, word: str, value: str) -> Request:
    """Put what was borrowed in its place."""
    headers = tuple((name, header_value.replace(word, value)) for name, header_value in request.headers)
    return replace(request, target=request.target.replace(word, value), headers=headers)


async def borrow(word: str, request: Request, base: str, send: Send) -> str | Unanswered | Unsent:
    """Ask the deployment for what this word stands for; `base` is the service's base path."""
    kept = tuple((name, value) for name, value in request.headers if name in {"User-Agent", "Cache-Control"})
    plain = Request(service=request.service, method="GET", target=f"{base}/", headers=kept)
    return await (_build_id(plain, send) if word == BUILD_ID else _sign_in_cookie(plain, base, send))


async def _build_id(plain: Request, send: Send) -> str | Unanswered | Unsent:
    """The first page, or the one that strangers are sent to from there."""
    outcome = await send(plain)
    if isinstance(outcome, Answered) and outcome.redirects:
        place = _PLACE.match(outcome.header("location") or "")
        if place is not None:
            outcome = await send(replace(plain, target=place.group(1)))
    if not isinstance(outcome, Answered):
        return outcome
    found = _BUILD.search(outcome.body)
    if found is None:
        return Unsent(reason=Reason.NO_BUILD_ID, detail=_NO_BUILD)
    return next(group for group in found.groups() if group).decode()


async def _sign_in_cookie(plain: Request, base: str, send: Send) -> str | Unanswered | Unsent:
    """Begin to sign in with each provider in turn; the first that hands out a state or a verifier will do."""
    providers = await send(replace(plain, target=f"{base}/api/auth/providers"))
    if not isinstance(providers, Answered):
        return providers
    names = re.findall(rb'"/?[^"]*/api/auth/signin/([a-z0-9-]{1,40})"', providers.body)
    for name in dict.fromkeys(names[:_MOST_PROVIDERS]):
        asked = Request(
            service=plain.service, method="POST", target=f"{base}/api/auth/signin/{name.decode()}",
            headers=(*plain.headers, ("Content-Type", "application/x-www-form-urlencoded")), content=b"json=true",
            csrf=f"{base}/api/auth/csrf",
        )  # fmt: skip
        whole = await with_csrf(asked, send)
        if not isinstance(whole, Request):
            if isinstance(whole, Unsent) and whole.reason is Reason.NO_CSRF_TOKEN:
                break  # this service signs nobody in so
            return whole
        outcome = await send(whole)
        if not isinstance(outcome, Answered):
            return outcome
        cookies = [value for key, value in outcome.headers if key == "set-cookie"]
        found = next((match for cookie in cookies if (match := _SIGN_IN_COOKIES.search(cookie))), None)
        if found:
            return found.group(1)
    return Unsent(reason=Reason.NO_SIGN_IN_COOKIE, detail=_NO_COOKIE)
