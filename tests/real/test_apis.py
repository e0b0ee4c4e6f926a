"""The prober against APIs of FastAPI, Django REST framework and Express, with a surface and a profile of their own."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from tests.real import installed
from tests.real.running import Served

if TYPE_CHECKING:
    from tests.real.probing import Run

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a framework installs it

HERE = Path(__file__).parent
DEPTHS = [pytest.param(depth, id=depth) for depth in ("standard", "deep")]
SURFACE = """\
surface: notes
about: What members write down.
routes:
  - route: GET /api/health
    guard: public
    control: alive
    why: Where this fails the process is down.
    fix: Start it.
  - route: GET /api/notes
    guard: member
    quick: true
    why: A stranger reads every note.
    fix: Ask for a member first.
  - route: GET /api/notes/:number
    guard: member
    why: A stranger reads that note.
    fix: Ask for a member first.
  - route: POST /api/notes
    guard: member
    effect: acts
    inert: {json: {}}
    why: A stranger writes in a member's name.
    fix: Ask for a member first.
"""
LIST, ONE, ADD = "notes: GET /api/notes", "notes: GET /api/notes/:number", "notes: POST /api/notes"
BEARER = "{status: 401, header: {www-authenticate: Bearer}}"


SERVERS = {"fastapi": "FastAPI", "django": "Django REST framework", "express": "Express"}
PINNED = {"fastapi": "fastapi", "django": "djangorestframework"}


@pytest.fixture
def serve(servers: Any) -> Any:
    """Start an API in this form, once."""

    def started(framework: str, form: str) -> Served:
        if framework == "express":
            package = HERE / "express"
            command = ["node", str(installed.node(package) / "serve.js"), "PORT", form]
            version = installed.locked(package, "express")
        else:
            requirements = HERE / "apis" / "apis.txt"
            script = HERE / "apis" / f"serve_{framework}.py"
            command = [installed.python(requirements), str(script), "PORT", form, str(servers.folder)]
            version = installed.required(requirements, PINNED[framework])
        return Served(servers.url(command), SERVERS[framework], version, form)

    return started


@pytest.fixture
def probe(serve: Any, prober: Any, once: Any) -> Any:
    """Write a surface, a profile and a deployment beside each other, and probe by them."""

    def run(framework: str, form: str, depth: str, *, answer: str = BEARER, presents: str = "[bearer, secret]") -> Any:
        def write_and_probe() -> Run:
            served = serve(framework, form)
            (prober.folder / "probes").mkdir()
            (prober.folder / "probes" / "notes.yaml").write_text(SURFACE)
            (prober.folder / "members.yaml").write_text(
                dedent(f"""\
                profile: members
                about: An API for members.
                presents: {{public: nothing, member: {presents}}}
                guards:
                  public: 200
                  member: ANSWER
                """).replace("ANSWER", answer)
            )
            (prober.folder / "prober.yaml").write_text(
                dedent(f"""\
                profile: ./members.yaml
                probes: [probes]
                surfaces: [notes]
                cookies: [sessionid]
                services: {{web: '{served.url}'}}
                """)
            )
            return prober(served, "--depth", depth)

        return once((framework, form, depth, answer, presents), write_and_probe)

    return run


# --- locked -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("framework", "form", "answer", "presents"),
    [
        pytest.param("fastapi", "http-bearer", BEARER, "[bearer, secret]", id="fastapi-http-bearer"),
        pytest.param("fastapi", "oauth2", BEARER, "[bearer, secret]", id="fastapi-oauth2"),
        pytest.param("django", "token", "{status: 401, header: {www-authenticate: Token}}", "[bearer, cookie]", id="django-token"),
        pytest.param("django", "session", "403", "[cookie, bearer]", id="django-session"),
        pytest.param("express", "locked", BEARER, "[secret, bearer]", id="express-bearer"),
    ],
)  # fmt: skip
def test_api_of_members_is_locked_at_every_probe(
    framework: str, form: str, answer: str, presents: str, depth: str, probe: Any
) -> None:
    run = probe(framework, form, depth, answer=answer, presents=presents)
    assert run.amiss() == {}
    assert run.told == (0, "locked")
    assert {f["answered_by"] for f in run.found()} == {"application"}
    assert set(run.skipped()) <= {"no-sign-in-cookie"}  # this deployment has no sign-in that hands one out
    assert len(run.found()) >= {"standard": 30, "deep": 100}[depth]


# --- broken -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("framework", "form", "answer", "credential"),
    [
        pytest.param("fastapi", "http-bearer-alone", BEARER, "bogus-bearer", id="fastapi-http-bearer-alone"),
        pytest.param("fastapi", "oauth2-alone", BEARER, "bogus-bearer", id="fastapi-oauth2-alone"),
        pytest.param("django", "any-bearer", BEARER, "bogus-bearer", id="django-any-bearer"),
        pytest.param("express", "any-bearer", BEARER, "bogus-bearer", id="express-any-bearer"),
        pytest.param("express", "secret-unset", BEARER, "bearer-undefined", id="express-secret-unset"),
    ],
)
def test_guard_that_takes_what_anybody_can_make_up_is_a_leak_to_that_only(
    framework: str, form: str, answer: str, credential: str, depth: str, probe: Any
) -> None:
    run = probe(framework, form, depth, answer=answer)
    assert run.told == (1, "leak")
    for route in (LIST, ONE):
        assert run.said(id=f"{route} [{credential}]") == {("leak", "granted", 200)}
        assert run.said(id=f"{route} [anonymous]") == {("locked", "as-promised", 401)}
    assert run.said(id="notes: GET /api/health [anonymous]") == {("locked", "as-promised", 200)}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("framework", "form", "status"),
    [pytest.param("django", "any-bearer", 400, id="django"), pytest.param("express", "any-bearer", 400, id="express"),
     pytest.param("fastapi", "oauth2-alone", 422, id="fastapi")],
)  # fmt: skip
def test_handler_that_refuses_the_inert_body_was_reached(
    framework: str, form: str, status: int, depth: str, probe: Any
) -> None:
    run = probe(framework, form, depth)
    assert run.said(id=f"{ADD} [bogus-bearer]") == {("drift", "handler-reached", status)}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("form", ["session-read-only", "session-anybody"])
def test_default_permission_of_django_is_a_leak_to_anybody(form: str, depth: str, probe: Any) -> None:
    run = probe("django", form, depth, answer="403", presents="[cookie, bearer]")
    assert run.told == (1, "leak")
    assert run.said(id=f"{LIST} [anonymous]") == {("leak", "granted", 200)}
    expected = {
        "session-read-only": ("locked", "as-promised", 403),
        "session-anybody": ("drift", "handler-reached", 400),
    }
    assert run.said(id=f"{ADD} [anonymous]") == {expected[form]}


@pytest.mark.parametrize("depth", DEPTHS)
def test_token_of_django_that_nobody_looks_up_is_a_leak(depth: str, probe: Any) -> None:
    answer = "{status: 401, header: {www-authenticate: Token}}"
    run = probe("django", "any-token", depth, answer=answer, presents="[bearer, secret, api-key]")
    assert run.told == (1, "leak")
    assert run.said(id=f"{LIST} [anonymous]") == {("locked", "as-promised", 401)}


def test_guard_that_compares_the_path_is_a_leak_to_another_spelling(probe: Any) -> None:
    run = probe("express", "by-path", "deep")
    assert run.told == (1, "leak")
    assert run.said(id=f"{LIST} [anonymous] upper-case") == {("leak", "granted", 200)}
    assert run.said(id=f"{LIST} [anonymous]") == {("locked", "as-promised", 401)}
