"""Controls of one service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import NotFoundAnswer, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Request
from tests.support.judging import read_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Probe, Profile, Service, Surface

HTML = ("content-type", "text/html; charset=utf-8")
JSON = ("content-type", "application/json")


def answer(status: int, body: str = "", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body.encode(), whole=True, attempts=1, elapsed_ms=1)


NOT_FOUND = answer(404, "<html><title>404</title>nothing</html>", HTML)
SHELL = answer(200, "<html><title>App</title><div id=root></div></html>", HTML)

SURFACE = """
surface: made
about: Made for a test.
routes:
  - {route: GET /signin, guard: public, why: w, fix: f}
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/auth/providers, guard: public, control: sign-in, why: w, fix: f}
  - {route: GET /api/auth/session, guard: session-of-nobody, control: cookies, why: w, fix: f}
  - {route: GET /api/me, guard: session, why: w, fix: f}
  - {route: POST /api/notes, guard: session, effect: trace, send: {json: {}}, why: w, fix: f}
"""
PROFILE = """
profile: made
about: Made for a test.
guards: {public: 200, session: {status: 401, body: not_signed_in}, session-of-nobody: 200}
presents: {session: [cookie], session-of-nobody: [cookie]}
"""


@pytest.fixture(scope="module")
def controls_plan(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Plan:
    return plan_of([surface_of(SURFACE)], profile_of(PROFILE), urls={"web": "http://app.test"})


@pytest.fixture(scope="module")
def read(controls_plan: Plan) -> Callable[..., ServiceControls]:
    """Read the controls of a service that answers each path so: by its last part, and 404 where nothing is said."""

    def controls(not_found: Outcome = NOT_FOUND, **said: Outcome) -> ServiceControls:
        def reply(request: Request) -> Outcome:
            return said.get(request.target.rpartition("/")[2], NOT_FOUND)

        outcomes = [(probe, reply(probe.request)) for probe in controls_plan.probes]
        return read_controls(
            controls_plan, [(path, not_found) for path in controls_plan.not_found_controls], outcomes
        ).services["web"]

    return controls


# --- nowhere ----------------------------------------------------------------------------------------------------------


def a_probe(controls_plan: Plan, path: str) -> Probe:
    return next(probe for probe in controls_plan.probes if probe.route.path == path)


def seen(prefix: str, answered: Answered, *, safe: bool = True) -> NotFoundAnswer:
    mark = fingerprint(answered, f"{prefix}lockdown-probe")
    return NotFoundAnswer(prefix=prefix, target=f"{prefix}lost", safe_method=safe, answered=answered, fingerprint=mark)


@pytest.fixture(scope="module")
def web(service_of: Callable[..., Service]) -> Service:
    return service_of("web", "http://app.test")


# --- who writes -------------------------------------------------------------------------------------------------------

SIGNED = ("x-powered-by", "Express")
