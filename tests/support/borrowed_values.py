"""Requests that borrow a value of a page, and a service that answers them."""

from __future__ import annotations

import asyncio
import json

from prober.engine.procedures.page_values import borrow
from prober.model import BUILD_ID, SIGN_IN_COOKIE, Answered, Cause, Reason, Request, Unanswered, Unsent

Outcome = Answered | Unanswered | Unsent
AGENT = ("User-Agent", "x")
FRESH = ("Cache-Control", "no-cache")
DATA = Request(
    service="web", method="GET", target=f"/_next/data/{BUILD_ID}/docs.json?a=1", headers=(AGENT, ("Accept", "*/*"), FRESH)
)  # fmt: skip
COOKIES = Request(
    service="web", method="POST", target="/api/x", content=b"{}",
    headers=(AGENT, FRESH, ("Content-Type", "application/json"), ("Cookie", f"one={SIGN_IN_COOKIE}; two={SIGN_IN_COOKIE}")),
)  # fmt: skip
VALUE = "eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc"
NO_ANSWER = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=3, elapsed_ms=1)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="late")


def answer(body: object, *headers: tuple[str, str], status: int = 200) -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answered.of(status=status, headers=headers, body=raw, elapsed_ms=1)


NOTHING = answer(b"", status=404)


def borrowed(
    word: str, replies: dict[str, Outcome], *, base: str = "", request: Request = DATA
) -> tuple[str | Unanswered | Unsent, list[Request]]:
    """Borrow where each target is answered so, and any other one not found; give what came of it and what was asked."""
    asked: list[Request] = []

    async def send(wanted: Request) -> Outcome:
        asked.append(wanted)
        return replies.get(wanted.target, NOTHING)

    return asyncio.run(borrow(word, request, base, send)), asked


def providers(*names: str, base: str = "") -> Answered:
    """What Auth.js answers at /api/auth/providers."""
    return answer({
        name: {
            "id": name, "name": name.title(), "type": "oauth", "signinUrl": f"https://app.test{base}/api/auth/signin/{name}",
            "callbackUrl": f"https://app.test{base}/api/auth/callback/{name}",
        }
        for name in names
    })  # fmt: skip
