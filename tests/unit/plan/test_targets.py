"""The requests of a plan: targets, values, headers, and no secret in any of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.model import (
    IMPOSSIBLE_ID,
    Depth,
)
from prober.plan.body_keys import IMPOSSIBLE_TOKEN
from tests.support.plan_texts import everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Surface


# --- targets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "route", "more", "target"),
    [
        pytest.param("http://h", "GET /api/me", "", "/api/me", id="plain"),
        pytest.param("http://h/", "GET /", "", "/", id="root"),
        pytest.param("http://h/app", "GET /api/me", "", "/app/api/me", id="base-path"),
        pytest.param("http://h/a/b//", "GET /", "", "/a/b/", id="base-path-with-slashes"),
        pytest.param("http://h", "GET /x/:id", "", f"/x/{IMPOSSIBLE_ID}", id="id"),
        pytest.param("http://h", "GET /x/:userId/y", "", f"/x/{IMPOSSIBLE_ID}/y", id="other-name"),
        pytest.param("http://h", "GET /:a/:ab/:a", "", "/" + "/".join([IMPOSSIBLE_ID] * 3), id="names-within-names"),
        pytest.param("http://h", "GET /i/:token", "", f"/i/{IMPOSSIBLE_TOKEN}", id="token"),
        pytest.param("http://h", "GET /i/:code", "", "/i/!", id="code"),
        pytest.param("http://h", "GET /x/:id", ", send: {path: {id: a/b ?}}", "/x/a%2Fb%20%3F", id="value-of-its-own"),
        pytest.param("http://h", "GET /x/:id", ", send: {path: {id: ':id'}}", "/x/%3Aid", id="value-like-a-parameter"),
        pytest.param("http://h", "GET /x?at=:id", "", "/x?at=:id", id="no-parameter-in-a-query"),
        pytest.param("http://h", "GET /x/v1:undo", "", "/x/v1:undo", id="colon-within-a-segment"),
        pytest.param("http://h", "GET /a/../b//c", "", "/a/../b//c", id="byte-for-byte"),
    ],
)  # fmt: skip
def test_target_is_the_path_as_served(
    url: str, route: str, more: str, target: str, routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of(route, guard="public", more=more)], urls={"web": url})
    assert [probe.request.target for probe in plan.probes] == [target]


def test_impossible_values_are_well_formed_and_the_id_of_nothing() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", IMPOSSIBLE_ID)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", IMPOSSIBLE_TOKEN)
    assert "lockdown-probe" in IMPOSSIBLE_TOKEN


@pytest.mark.parametrize(
    ("route", "start"),
    [
        pytest.param("GET /x", "/x?token=", id="no-query"),
        pytest.param("GET /x?a=b", "/x?a=b&token=", id="beside-a-query"),
    ],
)
def test_credential_in_the_query_joins_the_one_that_is_there(
    route: str, start: str, routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of(route, guard="migration-secret")])
    [bogus] = [probe for probe in plan.probes if probe.credential.name == "query-bogus"]
    assert bogus.request.target.startswith(start)
    assert bogus.request.target.count("?") == 1
    assert "Authorization" not in dict(bogus.request.headers)


def test_token_for_a_sign_in_is_fetched_below_the_base_path(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(profile="credentials", urls={"web": "http://h/app"})
    [probe] = [probe for probe in plan.probes if probe.route.csrf]
    assert probe.request.csrf == "/app/api/auth/csrf"


@pytest.mark.parametrize("depth", list(Depth))
def test_every_request_names_the_prober_and_asks_not_to_be_cached(depth: Depth, plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(depth=depth, user_agent="lockdown-prober/1 (run 0123abcd)")
    requests = [*(probe.request for probe in plan.probes), *(control.request for control in plan.not_found_controls)]
    own = [(n, v) for request in requests for n, v in request.headers if n in {"User-Agent", "Cache-Control"}]
    assert Counter(own) == {
        ("User-Agent", "lockdown-prober/1 (run 0123abcd)"): len(requests),
        ("Cache-Control", "no-cache"): len(requests),
    }


def test_header_that_a_route_says_itself_is_sent_once(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of()
    [probe] = [probe for probe in plan.probes if probe.id == "mcp: POST /mcp initialize [anonymous]"]
    accepts = [value for name, value in probe.request.headers if name.lower() == "accept"]
    assert accepts == ["application/json, text/event-stream"]


# --- no secret --------------------------------------------------------------------------------------------------------

# What a scanner for leaked secrets would stop at.
VALID_LOOKING = re.compile(
    r"\b(gh[pousr]_|github_pat_|sk-|sk_live|pk_live|bp_|AKIA|xox[abp]-|glpat-|npm_|ya29\.|AIza|eyJ)[A-Za-z0-9_-]{8,}"
)
OURS = {  # see test_credentials.py
    "jwt-unsigned", "jwt-unsigned-otherwise", "jwt-unsigned-without-dot", "jwt-expired",
    "cookie-jwe-shaped", "cookie-jwt-unsigned",
}  # fmt: skip


@pytest.mark.parametrize("depth", list(Depth))
def test_no_header_holds_a_secret_or_what_looks_like_one(
    depth: Depth, plan_of: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXTAUTH_SECRET", "the-operators-own-secret")
    monkeypatch.setenv("MIGRATION_SECRET", "the-operators-own-secret")
    plan = plan_of(depth=depth)
    values = [
        value
        for probe in everything(plan)
        for value in (*(v for _, v in probe.request.headers), probe.request.target)
        if probe.credential.name not in OURS
    ]
    assert len(values) > 300
    assert [value for value in values if VALID_LOOKING.search(value) or "operators-own" in value] == []


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("profile", ["oauth", "credentials"])
def test_every_header_and_target_is_printable_ascii(profile: str, depth: Depth, plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(profile=profile, depth=depth)
    requests = [
        *(probe.request for probe in everything(plan)),
        *(control.request for control in plan.not_found_controls),
    ]
    said = [text for r in requests for pair in r.headers for text in pair] + [r.target for r in requests]
    assert len(said) > 1000
    assert [text for text in said if not (text.isascii() and text.isprintable())] == []
    assert [r.target for r in requests if " " in r.target] == []
    elsewhere = {p.variant and p.variant.name for p in everything(plan) if not p.request.target.startswith("/")}
    assert elsewhere == ({"absolute-form"} if depth is Depth.DEEP else set())
