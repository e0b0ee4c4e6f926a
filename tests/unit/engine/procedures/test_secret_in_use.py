"""A held secret is proven to be the deployment's, or not, without being sent."""

from __future__ import annotations

import asyncio
import hashlib
from urllib.parse import quote

import pytest

from prober.engine.procedures.secret_in_use import why_not_live
from prober.model import Answered, Cause, Reason, Request, Unanswered, Unsent

SECRET = "the-deployments-own-secret"
PATH = "/api/auth/csrf"
HELD = Request(
    service="web", method="POST", target="/api/migrate",
    headers=(("User-Agent", "x"), ("Authorization", f"Bearer {SECRET}")), content=b"",
)  # fmt: skip


def cookie(secret: str, name: str = "authjs.csrf-token", token: str = "0a1b", *, encoded: bool = True) -> Answered:
    said = f"{token}|{hashlib.sha256((token + secret).encode()).hexdigest()}"
    value = quote(said, safe="") if encoded else said
    headers = (("set-cookie", "other=1; Path=/"), ("set-cookie", f"{name}={value}; Path=/; HttpOnly"))
    return Answered.of(status=200, headers=headers, body=b"{}", elapsed_ms=1)


def asked(outcome: Answered | Unanswered | Unsent) -> tuple[Unanswered | Unsent | None, list[Request]]:
    requests: list[Request] = []

    async def send(request: Request) -> Answered | Unanswered | Unsent:
        requests.append(request)
        return outcome

    return asyncio.run(why_not_live(HELD, PATH, SECRET, send)), requests


@pytest.mark.parametrize("name", ["authjs.csrf-token", "__Host-authjs.csrf-token", "next-auth.csrf-token", "__Host-next-auth.csrf-token"])  # fmt: skip
@pytest.mark.parametrize("encoded", [True, False])
def test_the_secret_that_the_deployment_runs_with_is_live(name: str, *, encoded: bool) -> None:
    found, requests = asked(cookie(SECRET, name, encoded=encoded))
    assert found is None
    assert requests == [Request(service="web", method="GET", target=PATH, headers=(("User-Agent", "x"),))]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        pytest.param(cookie("another-secret"), "does not run with this secret", id="another-secret"),
        pytest.param(cookie(SECRET, "session-token"), "shows no hash", id="another-cookie"),
        pytest.param(Answered.of(status=404, headers=(), body=b"", elapsed_ms=1), "shows no hash", id="no-such-route"),
        pytest.param(
            Answered.of(status=200, headers=(("set-cookie", "csrf-token=%FF%00|\xe9"),), body=b"", elapsed_ms=1),
            "shows no hash", id="nonsense",
        ),
    ],
)  # fmt: skip
def test_any_other_secret_is_not_live(outcome: Answered, said: str) -> None:
    found, _ = asked(outcome)
    assert isinstance(found, Unsent)
    assert (found.reason, said in found.detail, SECRET in found.detail) == (Reason.NOT_LIVE, True, False)


def test_silence_is_silence() -> None:
    silence = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)
    assert asked(silence)[0] is silence
