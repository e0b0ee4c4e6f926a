"""A probe, an answer and what the controls have shown, made by hand for tests of the judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.judge.controls import Controls, NotFoundAnswer, ServiceControls
from prober.judge.controls_reader import ControlsReader
from prober.judge.fingerprint import fingerprint
from prober.model import (
    Answer,
    Answered,
    Control,
    Credential,
    Effect,
    Family,
    Kind,
    LocationFact,
    Never,
    Payload,
    Probe,
    Promise,
    Request,
    Route,
    Service,
    Source,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model import NotFoundControl, Outcome, Plan

HERE = Source(file="probes/test.yaml", line=1)
WEB = Service(name="web", url="https://app.test", scheme="https", host="app.test", port=443, base_path="")
HTML = ("content-type", "text/html; charset=utf-8")
JSON = ("content-type", "application/json")


def status(*numbers: int, **facts: object) -> Answer:
    return Answer(statuses=tuple(range(n, n + 1) for n in numbers), source=HERE, **facts)  # type: ignore[arg-type]


REFUSED = status(401)
TO_SIGN_IN = status(302, 303, 307, location=LocationFact(path="/signin"))
OPEN = status(200)
SUBREQUEST = Variant(name="middleware-subrequest", headers=(), catches="")


def promise(*answers: Answer) -> Promise:
    return Promise(answers=answers, skip=None, source=HERE)


def probe(
    promised: Promise,
    *,
    path: str = "/api/me",
    method: str = "GET",
    absent: bool = False,
    family: Family | None = Family.BEARER,
    families: tuple[Family, ...] = (Family.COOKIE, Family.BEARER),
    variant: Variant | None = None,
    never: tuple[Never, ...] = (),
    content: bytes | None = None,
    query: str = "",
    control: Control | None = None,
) -> Probe:
    route = Route(
        surface="me", service="web", id=None, method=method, path=path, guard="session", effect=Effect.NONE,
        payload=Payload(content=content), inert=False, absent_is_locked=absent, refuse=(), never=(), quick=True, csrf=None,
        control=control, why="w", fix="f", source=HERE,
    )  # fmt: skip
    credential = Credential(
        name="bogus-bearer", kind=Kind.BOGUS, family=family, headers=(("Authorization", "Bearer 0123456789abcdef"),),
        query=query, catches="",
    )  # fmt: skip
    sent = path.replace(":id", "00000000-0000-4000-8000-000000000000") + (f"?{query}" if query else "")
    return Probe(
        id=f"{route.name} [bogus-bearer]", route=route, credential=credential, variant=variant, families=families,
        promise=promised, never=never,
        request=Request(service="web", method=method, target=sent, headers=credential.headers, content=content),
    )  # fmt: skip


def answer(number: int, body: str | bytes = b"", *headers: tuple[str, str]) -> Answered:
    raw = body.encode() if isinstance(body, str) else body
    return Answered.of(status=number, headers=headers, body=raw, whole=True, attempts=1, elapsed_ms=1)


def to(location: str, number: int = 307) -> Answered:
    return answer(number, b"", ("location", location))


def seen(answered: Answered, target: str = "/api/lockdown-probe-1", prefix: str = "/api/") -> NotFoundAnswer:
    return NotFoundAnswer(
        prefix=prefix, target=target, safe_method=True, answered=answered, fingerprint=fingerprint(answered, target)
    )


NOT_FOUND = answer(404, "<html><title>404</title>nothing is here</html>", HTML)
NOT_ROUTED = answer(404, "Not Found", ("x-render-routing", "no-server"))
SHELL = answer(200, "<html><title>App</title><div id=root></div></html>", HTML)
SIGN_IN_PAGE = answer(200, "<html><title>Sign in</title><form></form></html>", HTML)


def controls(*not_found: NotFoundAnswer, **known: object) -> Controls:
    beside = not_found or (seen(NOT_FOUND),)
    return Controls(services={"web": ServiceControls(service=WEB, not_found=beside, **known)})  # type: ignore[arg-type]


ERROR_ONLY = json.dumps({"error": "not_signed_in"})
RPC_ERROR = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "no"}})
RPC_RESULT = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"serverInfo": {"name": "x"}}})


def read_controls(
    plan: Plan, not_found: Iterable[tuple[NotFoundControl, Outcome]], findings: Iterable[tuple[Probe, Outcome]]
) -> Controls:
    """Give what the controls show once all of this came back."""
    reader = ControlsReader(plan)
    for control, outcome in not_found:
        reader.observe(control, outcome)
    for probe, outcome in findings:
        reader.observe(probe, outcome)
    return reader.controls
