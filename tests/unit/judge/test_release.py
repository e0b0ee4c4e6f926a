"""Which release answered: only what an open route of the application says, and always the same service's word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.definitions.service import parse_service
from prober.judge.release import LONGEST, is_release, of_another_release, release_of
from prober.model import Answered, Cause, Finding, Reason, ReleaseSource, Unanswered, Verdict
from tests.support.judging import REFUSED, probe, promise

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Plan, Surface

SERVICES = {
    name: parse_service(name, url) for name, url in (("web", "http://127.0.0.1:3000"), ("mcp", "http://127.0.0.1:3100"))
}
ROUTES = """\
    surface: made
    about: Made for a test.
    routes:
      - {route: GET /health, guard: public, control: alive, why: w, fix: f}
      - {route: GET /about, guard: public, why: w, fix: f}
      - {route: GET /mine, guard: session, why: w, fix: f}
      - {route: GET /healthz, service: mcp, guard: public, control: alive, why: w, fix: f}
    """
HEADER = ReleaseSource(header="x-deploy")


@pytest.fixture(scope="module")
def plan(plan_of: Callable[..., Plan], surface_of: Callable[[str], Surface]) -> Plan:
    return plan_of([surface_of(ROUTES)])


def said(plan: Plan, source: ReleaseSource | None = None, **answers: Outcome) -> str | None:
    """Ask which release answers, when these routes are answered so, and the others not at all."""
    silence = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)
    outcomes = [(p, answers.get(p.route.path.strip("/"), silence)) for p in plan.probes]
    assert {p.route.path.strip("/") for p, _ in outcomes} >= answers.keys()
    return release_of(outcomes, SERVICES, source)


def answer(body: object = None, status: int = 200, **headers: str) -> Answered:
    kept = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answered.of(status=status, headers=kept, body=json.dumps(body).encode(), elapsed_ms=1)


@pytest.mark.parametrize(
    ("body", "headers", "release"),
    [
        pytest.param({"ok": True, "version": "1.0.396"}, {}, "1.0.396", id="json"),
        pytest.param({}, {"x_release": "1.0.396"}, "1.0.396", id="header"),
        pytest.param({"version": "json"}, {"x_release": "header"}, "header", id="a-header-is-asked-first"),
        pytest.param({"commit": "c0ffee", "version": "7"}, {}, "7", id="a-version-before-a-commit"),
        pytest.param({"build": 396}, {}, "396", id="number"),
        pytest.param({"version": True}, {}, None, id="a-flag-is-none"),
        pytest.param({"version": ["1"]}, {}, None, id="a-list-is-none"),
        pytest.param({"version": " "}, {}, None, id="nothing-but-spaces"),
        pytest.param(["version"], {}, None, id="a-list-for-a-body"),
        pytest.param({"version": "9" * 500}, {}, "9" * LONGEST, id="cut"),
        pytest.param({"ok": True}, {"x_request_id": "1"}, None, id="nothing-usual"),
    ],
)
def test_health_route_is_read_where_nobody_says_what_to_read(
    plan: Plan, body: object, headers: dict[str, Any], release: str | None
) -> None:
    assert said(plan, health=answer(body, **headers)) == release


@pytest.mark.parametrize(
    ("source", "answers", "release"),
    [
        pytest.param(HEADER, {"health": answer(x_deploy="a")}, "a", id="header"),
        pytest.param(HEADER, {"about": answer(x_deploy="b")}, "b", id="of-any-open-route"),
        pytest.param(HEADER, {"about": answer(x_deploy="b"), "health": answer(x_deploy="a")}, "a", id="health-first"),
        pytest.param(HEADER, {"mine": answer(status=401, x_deploy="c")}, None, id="not-of-a-guarded-route"),
        pytest.param(HEADER, {"mine": answer(x_deploy="c")}, None, id="not-of-a-door-that-stands-open"),
        pytest.param(HEADER, {"health": answer(status=500, x_deploy="c")}, None, id="not-of-a-broken-answer"),
        pytest.param(HEADER, {"health": answer(x_release="usual")}, None, id="nothing-usual-beside-what-is-said"),
        pytest.param(HEADER, {"healthz": answer(x_deploy="m")}, None, id="not-of-another-service"),
        pytest.param(ReleaseSource(header="x-deploy", service="mcp"), {"healthz": answer(x_deploy="m"), "health": answer(x_deploy="w")}, "m", id="of-the-service-that-is-named"),
        pytest.param(ReleaseSource(path=("app", "version")), {"health": answer({"app": {"version": "2"}})}, "2", id="path"),
        pytest.param(ReleaseSource(path=("app", "version")), {"health": answer({"app": "2"})}, None, id="path-into-a-word"),
    ],
)  # fmt: skip
def test_declared_source_is_read(
    plan: Plan, source: ReleaseSource, answers: dict[str, Outcome], release: str | None
) -> None:
    assert said(plan, source, **answers) == release


def test_another_service_is_not_listened_to_while_the_first_is_away(plan: Plan) -> None:
    both: dict[str, Any] = {"health": answer({"version": "web"}), "healthz": answer({"version": "mcp"})}
    assert said(plan, **both) == "web"
    assert said(plan, healthz=both["healthz"]) is None


def test_wall_in_front_has_no_release_of_ours(plan: Plan) -> None:
    wall: dict[str, Any] = {"server": "cloudflare", "cf_mitigated": "challenge"}
    assert said(plan, HEADER, health=answer(x_deploy="a")) == "a"
    assert said(plan, HEADER, health=answer(x_deploy="a", **wall)) is None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param("release: {header: X-Release}", ReleaseSource(header="x-release"), id="header"),
        pytest.param("release: {json: app.version}", ReleaseSource(path=("app", "version")), id="json"),
        pytest.param(
            "release: {json: version, service: mcp}", ReleaseSource(path=("version",), service="mcp"), id="service"
        ),
    ],
)
def test_deployment_says_where_to_read(text: str, source: ReleaseSource) -> None:
    assert parse_deployment(parse_document(text, file="prober.yaml")).release == source


def test_only_a_health_route_is_read_where_nobody_says_what_to_read(plan: Plan) -> None:
    assert said(plan, about=answer({"version": "1"}), health=answer({"ok": True})) is None


@pytest.mark.parametrize(("told", "same"), [(" a ", True), ("b", False)])
def test_an_answer_tells_of_the_wanted_release_or_of_another(told: str, *, same: bool) -> None:
    assert is_release(answer(x_deploy=told), "a", HEADER) is same


EVERY = tuple(
    Finding(probe=probe(promise(REFUSED)), outcome=answer(status=401), verdict=verdict, reason=reason, detail="", rule="")
    for verdict, reason in (
        (Verdict.LOCKED, Reason.AS_PROMISED), (Verdict.DRIFT, Reason.WRONG_STATUS), (Verdict.LEAK, Reason.GRANTED),
    )
)  # fmt: skip


@pytest.mark.parametrize("observed", ["b", None])
def test_what_another_release_proves_is_taken_back_and_a_leak_stays(observed: str | None) -> None:
    locked, drift, leak = of_another_release(EVERY, "a", observed, source=HEADER)
    assert leak is EVERY[2]
    assert {(one.verdict, one.reason, one.rule) for one in (locked, drift)} == {
        (Verdict.UNPROVEN, Reason.WRONG_RELEASE, "release-is-another")
    }
    assert ("release b answers" in locked.detail) is (observed == "b")


@pytest.mark.parametrize(
    ("wanted", "observed", "source"),
    [
        pytest.param(None, "b", HEADER, id="none-is-wanted"),
        pytest.param("a", "b", None, id="nobody-says-where-to-read"),
        pytest.param("a", "a", HEADER, id="it-answers"),
    ],
)
def test_findings_stay_where_no_other_release_is_known(
    wanted: str | None, observed: str | None, source: ReleaseSource | None
) -> None:
    assert of_another_release(EVERY, wanted, observed, source=source) == EVERY
