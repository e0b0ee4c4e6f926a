"""Probes of variants, and the answers to the plain request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.definitions.service import parse_service
from prober.judge.controls import Controls, NotFoundAnswer, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.model import Answered, Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

WEB = parse_service("web", "https://app.test")
HTML = ("content-type", "text/html; charset=utf-8")
JSON = ("content-type", "application/json")

PROFILE = """\
    profile: p
    about: A page that redirects strangers, and an API that refuses them.
    presents: {page: nothing, session: nothing, public: nothing}
    guards: {page: {status: [302, 307], location: /signin}, session: 401, public: 200}
    """
SURFACE = """\
    surface: made
    about: An open route, a page and two of an API.
    routes:
      - {route: GET /api/health, guard: public, control: alive, why: w, fix: f}
      - {route: GET /docs/read-me, guard: page, why: w, fix: f}
      - {route: GET /api/settings, guard: session, why: w, fix: f}
      - {route: OPTIONS /api/settings, guard: session, why: w, fix: f}
      - {route: POST /api/again, guard: session, effect: repeats, why: w, fix: f}
    """


@pytest.fixture(scope="session")
def asked(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[[str], Probe]:
    """Give the probe of a method and a path; and of a variant, where a third word names it."""
    plan = plan_of([surface_of(SURFACE)], profile_of(PROFILE), urls={"web": WEB.url}, depth=Depth.DEEP)
    by_words = {
        " ".join([probe.route.method, probe.route.path, *([probe.variant.name] if probe.variant else [])]): probe
        for probe in plan.probes
    }
    return lambda words: by_words[words]


PAGE = "GET /docs/read-me"
API = "GET /api/settings"


def answer(number: int, body: str | bytes = b"", *headers: tuple[str, str]) -> Answered:
    raw = body.encode() if isinstance(body, str) else body
    return Answered.of(status=number, headers=headers, body=raw, elapsed_ms=1)


def to(location: str, number: int = 307) -> Answered:
    return answer(number, b"", ("location", location))


def seen(answered: Answered, target: str = "/lockdown-probe-1", prefix: str = "/") -> NotFoundAnswer:
    return NotFoundAnswer(
        prefix=prefix, target=target, safe_method=True, answered=answered, fingerprint=fingerprint(answered, target)
    )


NOT_FOUND = answer(404, "<html><title>404</title>nothing at /lockdown-probe-1</html>", HTML)

ALIVE = answer(200, '{"status":"ok"}', JSON)

DATA = answer(200, '{"users":[{"id":1}]}', JSON)


def known(*not_found: NotFoundAnswer, **more: object) -> ServiceControls:
    return ServiceControls(service=WEB, not_found=not_found or (seen(NOT_FOUND),), **more)  # type: ignore[arg-type]


def controls(*not_found: NotFoundAnswer, **more: object) -> Controls:
    return Controls(services={"web": known(*not_found, **more)})
