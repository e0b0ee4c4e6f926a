"""What could act is sent in its inert form, with permission, or not at all."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.errors import UsageError
from prober.model import (
    Depth,
    Effect,
    Kind,
    Never,
    Reason,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

EFFECTS = """\
    surface: effects
    about: One route for each effect.
    routes:
      - {route: GET /reads, guard: session, why: w, fix: f}
      - {route: POST /traces, guard: session, effect: trace, why: w, fix: f}
      - {route: POST /marked, guard: session, effect: trace, quick: true, why: w, fix: f}
      - {route: POST /repeats, guard: session, effect: repeats, why: w, fix: f}
      - {route: POST /inert, guard: session, effect: acts, inert: {json: {no-such-key: 1}}, why: w, fix: f}
      - {route: POST /costly, guard: session, effect: acts, inert: {json: {}}, quick: false, why: w, fix: f}
      - {route: POST /acts, guard: session, effect: acts, why: w, fix: f}
      - {route: POST /acts/too, guard: session, effect: acts, send: {json: {}}, why: w, fix: f}
    """
TRACE = "it leaves a trace even if the route is locked, and depth quick leaves none"


@pytest.mark.parametrize(
    ("depth", "allowed", "sent"),
    [
        pytest.param(
            Depth.STANDARD, (), ["/reads", "/traces", "/marked", "/repeats", "/inert", "/costly"], id="standard"
        ),
        pytest.param(Depth.QUICK, (), ["/reads", "/marked", "/repeats", "/inert"], id="quick"),
        pytest.param(
            Depth.STANDARD,
            ("/acts",),
            ["/reads", "/traces", "/marked", "/repeats", "/inert", "/costly", "/acts"],
            id="one-allowed",
        ),
        pytest.param(
            Depth.QUICK,
            ("*",),
            ["/reads", "/marked", "/repeats", "/inert", "/acts", "/acts/too"],
            id="quick-and-all-allowed",
        ),
        pytest.param(
            Depth.STANDARD,
            ("effects: POST /acts*",),
            ["/reads", "/traces", "/marked", "/repeats", "/inert", "/costly", "/acts", "/acts/too"],
            id="allowed-by-route-glob",
        ),
    ],
)
def test_what_would_act_is_sent_only_inert_or_with_leave(
    depth: Depth,
    allowed: tuple[str, ...],
    sent: list[str],
    surface_of: Callable[[str], Surface],
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of([surface_of(EFFECTS)], depth=depth, allow_effects=allowed)
    assert list(dict.fromkeys(probe.route.path for probe in plan.probes)) == sent


@pytest.mark.parametrize(
    ("path", "depth", "detail"),
    [
        pytest.param(
            "/acts",
            Depth.STANDARD,
            "this request could change data and has no harmless form (--allow-effects '/acts' sends it)",
            id="acts",
        ),
        pytest.param("/traces", Depth.QUICK, TRACE, id="trace-in-quick"),
        pytest.param("/costly", Depth.QUICK, TRACE, id="not-for-quick"),
    ],
)
def test_skip_says_why(
    path: str, depth: Depth, detail: str, surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([surface_of(EFFECTS)], depth=depth)
    said = {(skip.reason, skip.detail) for skip in plan.skips if skip.probe.route.path == path}
    assert said == {(Reason.EFFECT, detail)}


def test_inert_form_is_what_is_sent(surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan]) -> None:
    plan = plan_of([surface_of(EFFECTS)])
    bodies = {probe.request.content for probe in plan.probes if probe.route.path == "/inert"}
    assert bodies == {b'{"no-such-key": 1}'}


@pytest.mark.parametrize("glob", ["/inert", "/reads", "/repeats", "/no/such/route", "", "/act"])
def test_leave_for_what_needs_none_is_a_usage_error(
    glob: str, surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan]
) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of([surface_of(EFFECTS)], allow_effects=("/acts", glob))
    assert str(caught.value) == (
        f"error: --allow-effects '{glob}' matches no route that needs permission\n"
        "  fix: see 'prober plan' for what is skipped"
    )


def test_leave_for_all_needs_nothing_that_acts(routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]) -> None:
    surface = routes_of("GET /x")
    assert plan_of([surface], allow_effects=("*",)) == plan_of([surface])


def test_no_shipped_route_acts_by_default_but_in_its_inert_form(plan_of: Callable[..., Plan]) -> None:
    for_good = [
        p.id for p in plan_of(profile="credentials").probes if p.route.effect is Effect.ACTS and not p.route.inert
    ]
    assert for_good == []


def test_guard_that_a_mode_has_not_is_skipped_with_the_profiles_reason(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(profile="oauth")
    said = {skip.detail for skip in plan.skips if skip.reason is Reason.NOT_IN_THIS_MODE}
    assert said == {"this mode has no password sign-in", "this mode opens no part of MCP"}
    of_sign_in = [skip for skip in plan.skips if skip.detail == "this mode has no password sign-in"]
    assert [skip.probe.id for skip in of_sign_in] == ["login: POST /api/auth/callback/admin-credentials [anonymous]"]


@pytest.mark.parametrize("depth", list(Depth))
def test_held_secret_that_was_not_given_is_a_skip(depth: Depth, plan_of: Callable[..., Plan]) -> None:
    skips = [skip for skip in plan_of(depth=depth).skips if skip.reason is Reason.NO_HELD_SECRET]
    said = {skip.probe.id: skip.detail for skip in skips}
    assert said["migrate: POST /api/migrate [session-secret]"] == "no held secret 'session-secret' was given"
    by_name = {found[1] for detail in said.values() if (found := re.search(r"'(.+)'", detail))}
    assert by_name - {"mcp-token", "known-email"} == {"session-secret", "member-session", "machine-key"}
    assert ("mcp: POST /mcp initialize [session-binding]" in said) == (depth is not Depth.QUICK)
    assert ("password-login: POST /api/login [comparison]" in said) == (depth is Depth.DEEP)
    assert not [name for name in said if "[witness]" in name], "a control that nobody gave is missed by nobody"


def test_held_secret_is_carried_as_its_kind_is_and_named_in_no_id(plan_of: Callable[..., Plan]) -> None:
    held = {"member-session": "the-members-own-session", "machine-key": "the-machines-own-key"}
    probes = {p.id: p for p in plan_of(held=held, only=("admin: GET /api/admin/users",)).probes}
    session = probes["admin: GET /api/admin/users [member-session]"].request
    machine = probes["admin: GET /api/admin/users [machine-key]"].request
    assert dict(session.headers)["Cookie"].split("; ")[0] == "authjs.session-token=the-members-own-session"
    assert "Authorization" not in dict(session.headers)
    assert (dict(machine.headers)["Authorization"], dict(machine.headers)["X-API-Key"]) == (
        "Bearer the-machines-own-key", "the-machines-own-key",
    )  # fmt: skip
    others = [p for p in plan_of(held=held).probes if p.credential.kind is not Kind.HELD]
    assert not [p.id for p in others if "own-" in str(p.request.headers)]


def test_what_an_answer_must_never_hold_is_looked_for_whatever_is_presented(
    plan_of: Callable[..., Plan], surface_of: Callable[[str], Surface]
) -> None:
    route = "{route: GET /api/pay, guard: session, refuse: [machine-key], never: {json: salary}, why: w, fix: f}"
    made = surface_of(f"surface: pay\nabout: A.\nroutes:\n  - {route}\n")
    plan = plan_of([made], held={"machine-key": "the-machines-own-key"}, depth=Depth.DEEP, whole=True)
    kinds = {probe.credential.kind for probe in plan.probes if probe.route.surface == "pay"}
    assert Kind.HELD in kinds
    for probe in plan.probes:
        assert any("salary" in never.keys for never in probe.never), probe.id


def test_what_a_profile_never_wants_to_see_is_looked_for_whatever_is_presented(
    plan_of: Callable[..., Plan], shipped_profile: Callable[[str], Profile]
) -> None:
    never = Never(keys=("salary",), source=Source(file="p.yaml", line=1))
    profile = replace(shipped_profile("oauth"), never=(never,))
    plan = plan_of(profile=profile, held={"member-session": "authjs.session-token=abc.def"})
    assert any(probe.credential.kind is Kind.HELD for probe in plan.probes)
    for probe in plan.probes:
        assert never in probe.never, probe.id


def test_whole_cookie_header_goes_as_it_is(plan_of: Callable[..., Plan]) -> None:
    held = {"member-session": "authjs.session-token=abc.def; other=1"}
    [probe] = [p for p in plan_of(held=held, only=("admin: GET *users [member-session]",)).probes if p.credential.secret]  # fmt: skip
    assert dict(probe.request.headers)["Cookie"] == "authjs.session-token=abc.def; other=1"


def test_secret_that_no_chosen_route_asks_for_is_a_usage_error(plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError) as raised:
        plan_of(held={"sesion-secret": "kept-for-a-test"})
    assert raised.value.fix == "did you mean 'session-secret'?"
