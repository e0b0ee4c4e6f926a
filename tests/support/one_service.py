"""The plan of one service, and what it answers, for tests of findings about a whole service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.judge.service_wide import settle
from prober.model import Answered, Cause, Reason, Unanswered, Unsent, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Profile, Request, ServiceReport, Surface

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]

HTML = ("content-type", "text/html")
JSON = ("content-type", "application/json")
HOST = "app.test"


def answer(status: int, body: str = "", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body.encode(), whole=True, attempts=1, elapsed_ms=1)


def to(url: str, status: int = 308) -> Answered:
    return answer(status, "", ("location", url))


HEALTHY = answer(200, '{"ok":true}', JSON)
REFUSED = answer(401, '{"error":"not_signed_in"}', JSON)
LEAK = answer(200, '{"users":[1]}', JSON)
NOT_FOUND = answer(404, "<html><title>404</title>nothing here</html>", HTML)
CRASHED = answer(500, "Internal Server Error")
PAUSED = answer(503, json.dumps({"jsonrpc": "2.0", "error": {"code": -32002, "message": "paused"}, "id": None}), JSON)
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=1)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="not sent within the deadline")
WALL = answer(403, "<title>Just a moment...</title>", HTML, ("cf-mitigated", "challenge"))

HEALTH, ME, NOTES, NOTE, MIGRATE = "/api/healthz", "/api/me", "/api/notes", "/api/notes/1", "/api/migrate"
GUARDED = (ME, NOTES, NOTE, MIGRATE)
EVERY = (HEALTH, *GUARDED)

SURFACE = """
surface: {name}
about: Made for a test.
routes:
"""
PROFILE = """
profile: made
about: Made for a test.
guards: {public: 200, session: 401, secret: 401}
"""


@pytest.fixture(scope="module")
def plan(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    """Health; two surfaces behind a session; and one whose best posture is to be absent."""

    def surface(name: str, guard: str, *paths: str, absent: str = "drift") -> Surface:
        said = f", absent: {absent}" if absent == "locked" else ""
        lines = [f"  - {{route: GET {path}, guard: {guard}{said}, effect: none, why: w, fix: f}}\n" for path in paths]
        return surface_of(SURFACE.format(name=name) + "".join(lines))

    surfaces = [
        surface("health", "public", HEALTH),
        surface("me", "session", ME),
        surface("notes", "session", NOTES, NOTE),
        surface("migrate", "secret", MIGRATE, absent="locked"),
    ]
    made = profile_of(PROFILE)
    return plan_of(surfaces, made, urls={"web": f"http://{HOST}:3000"}, only=("* [anonymous]",))


def replies(others: Outcome, not_found: Outcome = NOT_FOUND, /, **said: Outcome) -> Callable[[Request], Outcome]:
    """Answer each path with what is said of it by its last part; and all others alike."""

    def reply(request: Request) -> Outcome:
        return not_found if "lockdown-probe" in request.target else said.get(request.target.rpartition("/")[2], others)

    return reply


def settled(
    judged_of: Judged, plan: Plan, reply: Callable[[Request], Outcome], *declared: str
) -> tuple[dict[str, tuple[Verdict, Reason]], ServiceReport, tuple[str, ...]]:
    """Give the verdict of each path, what is said of the service, and the surfaces that are not served."""
    findings, controls = judged_of(plan, reply)
    found, (report,), missing = settle(findings, controls, frozenset(declared))
    assert [finding.probe.id for finding in found] == [probe.id for probe in plan.probes]
    return {finding.probe.route.path: (finding.verdict, finding.reason) for finding in found}, report, missing


@pytest.fixture(scope="module")
def odd(routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]) -> Plan:
    """Paths with a query, with a slash at the end, and one that ends in a capital letter."""
    surface = routes_of("GET /api/list?page=1", "GET /api/folder/", "GET /api/boX")
    return plan_of([surface], profile_of(PROFILE), urls={"web": f"http://{HOST}:3000"}, only=("* [anonymous]",))


PAGE = "/settings"


@pytest.fixture(scope="module")
def page(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    """A page that redirects strangers: asked plainly, by the middleware's own header, and with two credentials."""
    surface = surface_of(SURFACE.format(name="page") + f"  - {{route: GET {PAGE}, guard: page, why: w, fix: f}}\n")
    made = profile_of(PROFILE.replace("guards: {", "guards: {page: {status: 307, location: /signin}, "))
    ids = ("* [anonymous]*", "* [bogus-bearer]", "* [query-bogus]")
    return plan_of([surface], made, urls={"web": f"http://{HOST}:3000"}, only=ids)
