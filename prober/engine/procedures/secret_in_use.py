"""Is a held secret the one that the deployment runs with? Asked without telling it: Auth.js shows a hash of it.

Its CSRF cookie is `token|sha256(token + secret)`, in NextAuth v4 as in Auth.js v5. Sends through what it is given.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

from prober.model import Answered, Reason, Reply, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_COOKIE = "csrf-token"


async def why_not_live(
    request: Request, path: str, secret: str, send: Callable[[Request], Awaitable[Reply]]
) -> Unanswered | Unsent | None:
    """Say why refusing this secret would prove nothing; None where the deployment runs with it."""
    own_headers = tuple((name, value) for name, value in request.headers if name in {"User-Agent", "Cache-Control"})
    outcome = await send(Request(service=request.service, method="GET", target=path, headers=own_headers))
    if not isinstance(outcome, Answered):
        return outcome
    hashes = list(_hashes(outcome))
    if not hashes:
        return Unsent(reason=Reason.NOT_LIVE, detail=f"{path} shows no hash, so it is unknown whose secret this is")
    if any(hashlib.sha256((token + secret).encode()).hexdigest() == shown for token, shown in hashes):
        return None
    detail = "the deployment does not run with this secret, so that refusing it proves nothing"
    return Unsent(reason=Reason.NOT_LIVE, detail=detail)


def _hashes(answered: Answered) -> Iterator[tuple[str, str]]:
    for name, value in answered.headers:
        cookie, _, cookie_text = value.split(";", 1)[0].partition("=")
        if name == "set-cookie" and cookie.strip().endswith(_COOKIE):
            token, bar, shown = unquote(cookie_text.strip()).partition("|")
            if bar and shown.isascii():
                yield token, shown
