"""The tables are made when they are imported; made anew they are the same, for whatever request or run.

It looks needless, and is what makes a mutant of a function that only a table calls show itself (`make mutants`).
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from prober.definitions.service import (
    parse_service,
)
from prober.judge.intermediaries import INTERMEDIARIES
from prober.model import Answered, Depth, Kind, Request
from prober.plan.credential_values import CredentialValues
from prober.plan.credentials import LADDER
from prober.plan.held_secrets import HELD, held_credential, success_promise
from prober.plan.request_mutations import MutationContext
from prober.plan.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from prober.model import Surface

PLAIN = (("User-Agent", "x"), ("Accept", "*/*"))
FORM = (*PLAIN, ("Content-Type", "application/x-www-form-urlencoded"))
REQUESTS = [
    pytest.param(Request(service="web", method="GET", target="/a/b-c?d=e", headers=PLAIN), id="read"),
    pytest.param(Request(service="web", method="GET", target="/app/a/b", headers=PLAIN), id="below-the-base-path"),
    pytest.param(Request(service="web", method="GET", target="/app/", headers=PLAIN), id="root"),
    pytest.param(Request(service="web", method="GET", target="/app/a/", headers=PLAIN), id="slash-at-the-end"),
    pytest.param(Request(service="web", method="GET", target="/app/%41%42/9x", headers=PLAIN), id="escapes"),
    pytest.param(Request(service="web", method="POST", target="/app/a", headers=FORM, content=b"a=b", csrf="/c"), id="post"),
    pytest.param(Request(service="web", method="GET", target="/7", headers=PLAIN), id="nothing-but-a-digit"),
]  # fmt: skip
GROUNDS = [
    MutationContext(service=parse_service("web", url), open_path="/open", missing_path="/nowhere", nonce="0123abcd")
    for url in ("http://h/app", "https://[::1]:8443/app")
]
ANSWERS = [
    Answered.of(status=status, headers=headers, body=body, elapsed_ms=1)
    for status in (200, 302, 401, 403, 404, 429, 502, 503)
    for body in (b"", b"<html>Request unsuccessful. Incapsula incident ID: 1", b"no available server", b"default backend - 404")
    for headers in (
        (), (("location", "https://auth.x/?rd=https://y&rm=GET"),), (("server", "cloudflare"),), (("x-iinfo", "1"),),
        (("www-authenticate", "Basic"),), (("location", "http://captive.x/"),), (("server", "uvicorn"),),
    )
]  # fmt: skip


def anew(name: str) -> ModuleType:
    """Run a module once more, beside the one that is imported."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("request_", REQUESTS)
def test_variants_made_anew_dress_alike(request_: Request) -> None:
    again = anew("prober.plan.variants").VARIANTS
    for known, new in zip(VARIANTS, again, strict=True):
        assert (known.name, known.catches, known.source, known.depth, known.own_control) == (
            new.name, new.catches, new.source, new.depth, new.own_control,
        )  # fmt: skip
        for context in GROUNDS:
            assert known.apply(request_, context) == new.apply(request_, context), known.name


@pytest.mark.parametrize("nonce", ["0123abcd", ""])
def test_credentials_made_anew_are_alike(nonce: str) -> None:
    made = CredentialValues(nonce=nonce, cookies=("one", "two"))
    again = anew("prober.plan.credentials").LADDER
    assert [entry.make(made) for entry in LADDER] == [entry.make(made) for entry in again]
    assert [(entry.core, entry.depth in Depth) for entry in LADDER] == [(entry.core, True) for entry in again]


@pytest.mark.parametrize("value", ["a-value", "one=whole; two=2", "padded=="])
def test_held_secrets_made_anew_are_carried_alike(value: str) -> None:
    for known, new in zip(HELD, anew("prober.plan.held_secrets").HELD, strict=True):
        assert known.headers(value, ("one", "two")) == new.headers(value, ("one", "two"))
        assert (known.name, known.about, known.live) == (new.name, new.about, new.live)


def test_intermediaries_made_anew_are_recognised_alike() -> None:
    new_ones = anew("prober.judge.hosted_intermediaries").HOSTED + anew("prober.judge.self_run_intermediaries").SELF_RUN
    for known, new in zip(INTERMEDIARIES, new_ones, strict=True):
        assert (known.name, known.advice, known.source) == (new.name, new.advice, new.source)
        for answer in ANSWERS:
            assert [sign(answer) for sign in known.signs] == [sign(answer) for sign in new.signs]


@pytest.mark.parametrize(
    ("name", "value", "headers"),
    [
        ("session-secret", "a-value", {"Authorization": "Bearer a-value"}),
        ("mcp-token", "a-value", {"Authorization": "Bearer a-value"}),
        ("somebodys-own", "a-value", {"Authorization": "Bearer a-value"}),
        ("machine-key", "a-value", {"Authorization": "Bearer a-value", "X-API-Key": "a-value"}),
        ("member-session", "a-value", {"Cookie": "one=a-value; two=a-value"}),
        ("member-session", "one=a; b=c", {"Cookie": "one=a; b=c"}),
        ("member-session", "padded==", {"Cookie": "one=padded==; two=padded=="}),
        ("member-session", "other=a", {"Cookie": "other=a; one=other=a; two=other=a"}),
        ("clerk-session", "a-value", {"Cookie": "one=a-value; two=a-value"}),
        ("clerk_cookie-2", "a-value", {"Cookie": "one=a-value; two=a-value"}),
        ("sessions-of-all", "a-value", {"Authorization": "Bearer a-value"}),
        ("somebodys-own", "sid=a; b=c==", {"Cookie": "sid=a; b=c=="}),
        ("somebodys-own", "sid=c==", {"Cookie": "sid=c==; one=sid=c==; two=sid=c=="}),
        ("somebodys-own", "padded==", {"Authorization": "Bearer padded=="}),
        ("somebodys-own", "Token a-value", {"Authorization": "Token a-value"}),
        ("mcp-token", "bearer a-value", {"Authorization": "bearer a-value"}),
        ("member-session", "one", {"Cookie": "one=one; two=one"}),
        ("witness", "a-value", {"Authorization": "Bearer a-value", "Cookie": "one=a-value; two=a-value"}),
    ],
)
def test_held_secret_is_carried_so(name: str, value: str, headers: dict[str, str]) -> None:
    made = held_credential(name, value, cookies=("one", "two"), base_path="/app")
    assert dict(made.headers) == headers
    assert (made.name, made.kind, made.secret, made.query) == (name, Kind.HELD, value, "")
    assert made.live == ("/app/api/auth/csrf" if name == "session-secret" else None)


def test_held_secret_that_is_not_there_carries_nothing() -> None:
    made = held_credential("witness", None, cookies=("one",))
    assert (made.headers, made.secret) == ((), "")
    assert made.catches == "a session or a token that routes with 'admits' must accept (--hold witness=env:NAME)"


def test_what_a_key_opens_answers_any_success(routes_of: Callable[..., Surface]) -> None:
    [route] = routes_of("GET /x").routes
    promise = success_promise(route)
    assert (promise.skip, promise.source, promise.refuses) == (None, route.source, False)
    [answer] = promise.answers
    assert answer.source == route.source
    assert [status for status in range(600) if answer.allows(status)] == list(range(200, 300))


@pytest.mark.parametrize(
    ("target", "segment", "tree"),
    [
        ("/app/docs/read-me?a=b", "/docs/read-me/__PAGE__", '["",{"children":["docs",{"children":["read-me",{"children":["__PAGE__",{},null,"refetch"]}]}]}]'),
        ("/app/docs/", "/docs/__PAGE__", '["",{"children":["docs",{"children":["__PAGE__",{},null,"refetch"]}]}]'),
        ("/app/", "/__PAGE__", '["",{"children":["__PAGE__",{},null,"refetch"]}]'),
    ],
)  # fmt: skip
def test_the_routers_requests_name_the_page_by_its_path(target: str, segment: str, tree: str) -> None:
    by_name = {entry.name: entry for entry in VARIANTS}
    plain = Request(service="web", method="GET", target=target, headers=PLAIN)
    joint = "&" if "?" in target else "?"
    for name, added in (
        (
            "rsc-segment-prefetch",
            (("RSC", "1"), ("Next-Router-Prefetch", "1"), ("Next-Router-Segment-Prefetch", segment)),
        ),
        ("rsc-refetch", (("RSC", "1"), ("Next-Router-State-Tree", quote(tree, safe="")))),
    ):
        dressed = by_name[name].apply(plain, GROUNDS[0])
        assert dressed == Request(
            service="web",
            method="GET",
            target=f"{target}{joint}lockdown-probe=0123abcd-{name}",
            headers=(*PLAIN, *added),
        )
