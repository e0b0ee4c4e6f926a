"""Where a challenge leads: metadata of this very resource, on this origin, with an authorization server (RFC 9728)."""

from __future__ import annotations

import asyncio
import json

import pytest

from prober.definitions.service import (
    parse_service,
)
from prober.engine.procedures.oauth_metadata import check_challenge
from prober.model import Answered, Cause, Observed, ProcedureResult, Request, Unanswered

MCP = parse_service("mcp", "https://mcp.test")
ASKED = Request(service="mcp", method="POST", target="/mcp", headers=(("User-Agent", "x"), ("Accept", "y")), content=b"{}")  # fmt: skip
METADATA = "https://mcp.test/.well-known/oauth-protected-resource/mcp"
GOOD = {"resource": "https://mcp.test/mcp", "authorization_servers": ["https://auth.test"]}


def answer(status: int, body: object = None, *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=json.dumps(body).encode(), elapsed_ms=1)


def challenge(url: str = METADATA) -> Answered:
    return answer(401, None, ("www-authenticate", f'Bearer error="invalid_token", resource_metadata="{url}"'))


def learn(*answers: Answered | Unanswered) -> tuple[ProcedureResult, list[Request]]:
    left, asked = list(answers), []

    async def send(request: Request) -> Answered | Unanswered:
        asked.append(request)
        return left.pop(0)

    found = asyncio.run(check_challenge(ASKED, MCP, send))
    assert isinstance(found, ProcedureResult)
    assert found.requests == len(asked)
    return found, asked


def test_metadata_of_this_resource_is_as_promised_and_asked_for_as_anybody() -> None:
    found, asked = learn(challenge(), answer(200, GOOD))
    assert found.observed is Observed.METADATA_VERIFIED
    assert asked[1] == Request(service="mcp", method="GET", target="/.well-known/oauth-protected-resource/mcp", headers=(("User-Agent", "x"),))  # fmt: skip


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(answer(401, None, ("www-authenticate", 'Bearer realm="x"')), id="no-metadata"),
        pytest.param(answer(401), id="no-challenge"),
        pytest.param(
            answer(200, GOOD, ("www-authenticate", f'Bearer resource_metadata="{METADATA}"')), id="no-refusal"
        ),
    ],
)
def test_what_announces_nothing_is_not_followed(refusal: Answered) -> None:
    found, asked = learn(refusal)
    assert (found.observed, len(asked)) == (Observed.NO_CHALLENGE, 1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://evil.test/.well-known/x", "another origin (https://evil.test)"),
        ("http://mcp.test/.well-known/x", "another origin (http://mcp.test)"),
        ("https://mcp.test:8443/x", "another origin"),
        ("http://169.254.169.254/latest/meta-data", "another origin"),
        ("https://[::1", "cannot be read"),
        ("https://mcp.test:99999/x", "cannot be read"),
        ("/relative", "another origin"),
        ("https://mcp.test", "cannot be read"),
    ],
)
def test_nobody_else_is_asked(url: str, said: str) -> None:
    found, asked = learn(challenge(url))
    assert (found.observed, said in found.detail, len(asked)) == (Observed.METADATA_WRONG, True, 1)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        pytest.param(answer(404), "was answered 404", id="gone"),
        pytest.param(answer(200, ["x"]), "not a JSON object", id="no-object"),
        pytest.param(answer(200, {**GOOD, "resource": "https://mcp.test"}), "another resource than https://mcp.test/mcp", id="another-resource"),
        pytest.param(answer(200, {**GOOD, "resource": "https://evil.test/mcp"}), "another resource", id="another-host"),
        pytest.param(answer(200, {"resource": GOOD["resource"]}), "no authorization server", id="no-server"),
        pytest.param(answer(200, {**GOOD, "authorization_servers": []}), "no authorization server", id="empty"),
        pytest.param(answer(200, {**GOOD, "bearer_methods_supported": ["header", "query"]}), "in the query", id="query"),
    ],
)  # fmt: skip
def test_metadata_that_says_something_else_is_wrong(metadata: Answered, said: str) -> None:
    found, _ = learn(challenge(), metadata)
    assert (found.observed, said in found.detail) == (Observed.METADATA_WRONG, True)


def test_silence_is_silence() -> None:
    silence = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)

    async def send(_: Request) -> Unanswered:
        return silence

    assert asyncio.run(check_challenge(ASKED, MCP, send)) is silence


# --- the authorization server, where it is on the same origin ---------------------------------------------------------

ISSUER = "https://mcp.test/tenant"
OURS = answer(200, {**GOOD, "authorization_servers": [ISSUER]})
SERVER: dict[str, object] = {
    "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
    "code_challenge_methods_supported": ["plain", "S256"],
}  # fmt: skip


def test_a_server_on_another_origin_is_named_and_not_asked() -> None:
    found, asked = learn(challenge(), answer(200, GOOD))
    assert "https://auth.test is on another origin" in found.detail
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param({}, "clients are registered by hand", id="by-hand"),
        pytest.param({"registration_endpoint": f"{ISSUER}/register"}, "anyone may register a client", id="by-anybody"),
    ],
)
def test_the_whole_chain_is_verified(more: dict[str, object], said: str) -> None:
    found, asked = learn(challenge(), OURS, answer(200, SERVER | more))
    assert (found.observed, said in found.detail) == (Observed.METADATA_VERIFIED, True)
    assert asked[2].target == "/.well-known/oauth-authorization-server/tenant"
    assert asked[2].headers == (("User-Agent", "x"),)


def test_openid_metadata_will_do_and_none_at_all_is_said() -> None:
    found, asked = learn(challenge(), OURS, answer(404), answer(200, SERVER))
    assert found.observed is Observed.METADATA_VERIFIED
    assert asked[3].target == "/tenant/.well-known/openid-configuration"
    found, _ = learn(challenge(), OURS, answer(404), answer(404))
    assert (found.observed, "has no metadata here" in found.detail) == (Observed.METADATA_VERIFIED, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"issuer": "https://evil.test"}, "names another issuer", id="issuer"),
        pytest.param({"token_endpoint": None}, "has no token_endpoint", id="endpoint"),
        pytest.param({"code_challenge_methods_supported": ["plain"]}, "does not offer PKCE by S256", id="plain-pkce"),
        pytest.param({"code_challenge_methods_supported": None}, "does not offer PKCE by S256", id="no-pkce"),
    ],
)
def test_a_server_that_is_not_safe_to_use_is_wrong(changed: dict[str, object], said: str) -> None:
    found, _ = learn(challenge(), OURS, answer(200, SERVER | changed))
    assert (found.observed, said in found.detail) == (Observed.METADATA_WRONG, True)
