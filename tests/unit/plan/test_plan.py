"""The plan: which credentials at which depth, what may act, what goes over the wire, what it costs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.document import parse_document
from prober.definitions.surface import parse_surface
from prober.errors import DefinitionError, UsageError
from prober.model import (
    IMPOSSIBLE_ID,
    Credential,
    Deployment,
    Depth,
    Effect,
    Family,
    Kind,
    Never,
    Reason,
    Request,
    Source,
)
from prober.plan.body_keys import IMPOSSIBLE_TOKEN, body_key_names
from prober.plan.credentials import (
    LADDER,
)
from prober.plan.globs import matches, names_of_probe
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from prober.plan.selection import LADDER_ROUTES, QUICK_ROUTES, SMALL_GUARD
from tests.support.plans import is_besides

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Service, Surface

PROFILE = """\
    profile: p
    about: Each guard leads with another kind of credential.
    presents:
      secret: [secret, bearer]
      bearer: bearer
      cookie: [cookie, bearer]
      api-key: [api-key, secret, bearer]
      job: [job, secret, bearer, cookie]
      public: nothing
    guards:
      {secret: 401, bearer: 401, cookie: 401, api-key: 401, job: 401, public: 200, session: 401}
    """


def everything(plan: Plan) -> list[Probe]:
    return [*plan.probes, *(skip.probe for skip in plan.skips)]


def credentials_by_route(plan: Plan) -> dict[str, list[str]]:
    """What is presented at each route, held secrets and variants left out."""
    plain = [p for p in everything(plan) if p.credential.kind is not Kind.HELD and p.variant is None]
    plain = [p for p in plain if p.credential.family in {None, *p.families}]  # without what sessions get once a guard
    plain.sort(key=lambda probe: probe.route.name)
    return {name: [p.credential.name for p in group] for name, group in groupby(plain, lambda p: p.route.name)}


# --- depth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["oauth", "credentials+oauth", "unconfigured", "dev-shim"])
def test_quick_sends_nothing_at_all_to_each_route_and_a_bogus_credential_to_each_guard(
    profile: str, plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of(profile=profile, depth=Depth.QUICK)
    guards = {probe.route.name: probe.route.guard for probe in everything(plan)}
    bare = {guard for guard, families in plan.profile.presents.items() if not families}
    seen = credentials_by_route(plan)
    assert seen.keys() == guards.keys()
    assert {tuple(presented) for presented in seen.values()} == {("anonymous",), ("anonymous", "bogus")}
    routes = Counter(guards.values())
    bogus = Counter(guards[name] for name, presented in seen.items() if "bogus" in presented)
    assert bogus == {
        guard: number if number <= SMALL_GUARD else min(number, QUICK_ROUTES)
        for guard, number in routes.items() if guard not in bare
    }  # fmt: skip


def test_where_only_some_routes_of_a_guard_get_a_credential_they_are_of_many_surfaces_and_harmless(
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of(depth=Depth.QUICK)
    bogus = [p.route for p in plan.probes if p.credential.name == "bogus" and p.route.guard == "session"]
    assert len(bogus) == QUICK_ROUTES
    assert len({route.surface for route in bogus}) >= QUICK_ROUTES - 2
    assert {(route.method, route.effect) for route in bogus} == {("GET", Effect.NONE)}


def test_quick_presents_every_kind_that_fits_in_one_request(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("GET /x", guard="job")], profile_of(PROFILE), depth=Depth.QUICK)
    [bogus] = [probe for probe in plan.probes if probe.credential.name == "bogus"]
    sent = Counter(name for name, _ in bogus.request.headers)
    assert sent["x-vercel-cron"] == 1
    assert sent["Authorization"] == 1
    assert sent["Cookie"] == 1
    assert "X-API-Key" not in sent


@pytest.mark.parametrize(
    ("guard", "core"),
    [
        pytest.param("secret", ["anonymous", "bogus-bearer", "bearer-undefined", "bearer-two-spaces"], id="secret"),
        pytest.param("bearer", ["anonymous", "bogus-bearer"], id="bearer"),
        pytest.param("cookie", ["anonymous", "bogus-bearer", "bogus-cookie"], id="cookie"),
        pytest.param(
            "api-key",
            ["anonymous", "bogus-bearer", "bearer-undefined", "bogus-api-key", "api-key-undefined", "token-scheme"],
            id="api-key",
        ),
        pytest.param(
            "job", ["anonymous", "bogus-bearer", "bearer-undefined", "bearer-two-spaces", "cron-headers"], id="job"
        ),
        pytest.param("public", ["anonymous"], id="public"),
        pytest.param(
            "session",
            ["anonymous", "bogus-bearer", "bearer-undefined", "bearer-two-spaces"],
            id="guard-that-says-nothing",
        ),
    ],
)
def test_standard_presents_the_core_of_its_family_at_every_route(
    guard: str,
    core: list[str],
    routes_of: Callable[..., Surface],
    profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD + 1)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE)))
    assert seen[f"made: GET /r{SMALL_GUARD}"] == core


STRANGERS = [entry for entry in LADDER if not is_besides(entry.name)]
GUARDS = {
    "secret": {None, "secret", "bearer"},
    "cookie": {None, "cookie", "bearer"},
    "job": {None, "job", "secret", "bearer", "cookie"},
}
LADDERS = {  # what depth standard presents, and what depth deep does
    guard: [e.name for e in STRANGERS if e.family in families and e.depth is Depth.STANDARD]
    for guard, families in GUARDS.items()
}
WHOLE_LADDERS = {guard: [e.name for e in STRANGERS if e.family in families] for guard, families in GUARDS.items()}


@pytest.mark.parametrize("guard", LADDERS)
def test_standard_presents_the_whole_ladder_at_every_route_of_a_small_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE)))
    assert seen == {f"made: GET /r{number}": LADDERS[guard] for number in range(SMALL_GUARD)}
    assert SMALL_GUARD == 6


@pytest.mark.parametrize("guard", LADDERS)
def test_standard_presents_the_whole_ladder_at_three_routes_of_a_large_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD + 1)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE)))
    whole = [name for name, presented in seen.items() if presented == LADDERS[guard]]
    assert whole == ["made: GET /r0", "made: GET /r1", "made: GET /r2"]
    assert len(whole) == LADDER_ROUTES


@pytest.mark.parametrize("guard", LADDERS)
def test_deep_presents_the_standard_ladder_at_every_route_and_the_whole_one_at_three_of_a_large_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD + 1)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE), depth=Depth.DEEP))
    few = {f"made: GET /r{number}": WHOLE_LADDERS[guard] for number in range(LADDER_ROUTES)}
    others = {f"made: GET /r{number}": LADDERS[guard] for number in range(LADDER_ROUTES, SMALL_GUARD + 1)}
    assert seen == few | others
    assert len(WHOLE_LADDERS[guard]) > len(LADDERS[guard])


@pytest.mark.parametrize("guard", LADDERS)
def test_deep_presents_the_whole_ladder_at_every_route_of_a_small_guard(
    guard: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(SMALL_GUARD)), guard=guard)
    seen = credentials_by_route(plan_of([routes], profile_of(PROFILE), depth=Depth.DEEP))
    assert seen == {f"made: GET /r{number}": WHOLE_LADDERS[guard] for number in range(SMALL_GUARD)}


def test_deep_presents_only_the_kinds_that_fit(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    surfaces = [routes_of("GET /b", guard="bearer"), routes_of("GET /p", guard="public")]
    seen = credentials_by_route(plan_of(surfaces, profile_of(PROFILE), depth=Depth.DEEP))
    assert seen == {
        "made: GET /b": [e.name for e in STRANGERS if e.family in {None, "bearer"}],
        "made: GET /p": ["anonymous"],
    }


def test_deep_sends_all_that_standard_sends_and_more(plan_of: Callable[..., Plan]) -> None:
    standard, deep = plan_of(), plan_of(depth=Depth.DEEP)
    assert {probe.id for probe in standard.probes} < {probe.id for probe in deep.probes}
    names = {probe.credential.name for probe in everything(deep) if probe.credential.kind is not Kind.HELD}
    assert names == {entry.name for entry in STRANGERS} | set(body_key_names())
    assert {e.name for e in LADDER if e.depth is Depth.DEEP}.isdisjoint(p.credential.name for p in everything(standard))


def test_whole_ladder_of_a_large_guard_goes_where_an_open_door_costs_least(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    rest = ", guard: bearer, why: w, fix: f}"
    acts = "".join(f"  - {{route: DELETE /d{n}/:id, effect: acts, inert: impossible-id{rest}\n" for n in range(4))
    repeats = f"  - {{route: POST /again, effect: repeats{rest}\n"
    reads = "".join(f"  - {{route: GET /g{n}{rest}\n" for n in range(2))
    surface = surface_of(f"surface: made\nabout: A.\nroutes:\n{acts}{repeats}{reads}")
    seen = credentials_by_route(plan_of([surface], profile_of(PROFILE)))
    whole = {name for name, presented in seen.items() if len(presented) > 2}
    assert whole == {"made: GET /g0", "made: GET /g1", "made: POST /again"}


def test_anonymous_comes_first_at_every_route(plan_of: Callable[..., Plan]) -> None:
    assert {presented[0] for presented in credentials_by_route(plan_of()).values()} == {"anonymous"}


def test_each_depth_costs_more_and_quick_stays_cheap(plan_of: Callable[..., Plan]) -> None:
    quick, standard, deep = (plan_of(depth=depth).requests for depth in Depth)
    assert quick < 250 < standard < 1000 < deep < 6000


# --- variants ---------------------------------------------------------------------------------------------------------


def test_header_of_the_middleware_bypass_is_tried_at_every_page_that_redirects_strangers(
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of()
    dressed = {probe.route.name for probe in plan.probes if probe.variant}
    pages = {probe.route.name for probe in plan.probes if probe.route.guard in {"session-page", "admin-page"}}
    assert len(pages) == 12
    assert dressed - pages == {"auth: GET /api/auth/callback/github"}  # it redirects strangers, too
    assert pages <= dressed
    assert {probe.variant.name for probe in plan.probes if probe.variant} == {"middleware-subrequest"}
    assert {probe.credential.name for probe in plan.probes if probe.variant} == {"anonymous"}


def test_one_header_holds_the_value_for_each_affected_line_of_next(plan_of: Callable[..., Plan]) -> None:
    [probe] = [probe for probe in plan_of().probes if probe.id == "pages: GET / [anonymous] middleware-subrequest"]
    values = [value for name, value in probe.request.headers if name == "x-middleware-subrequest"]
    assert len(values) == 1
    parts = Counter(values[0].split(":"))
    assert parts == {"middleware": 5, "src/middleware": 5, "pages/_middleware": 1}


def test_quick_tries_no_variant(plan_of: Callable[..., Plan]) -> None:
    assert [probe.id for probe in everything(plan_of(depth=Depth.QUICK)) if probe.variant] == []


@pytest.mark.parametrize(
    ("route", "promised", "variants"),
    [
        pytest.param("GET /x", "{status: 302, location: /signin}", 1, id="redirect"),
        pytest.param("GET /x", "[401, {status: 302, location: /signin}]", 1, id="one-of-them-a-redirect"),
        pytest.param("POST /x", "{status: 302, location: /signin}", 0, id="no-page"),
        pytest.param("GET /x", "401", 0, id="no-redirect"),
        pytest.param("GET /x", "[{status: 200}, {status: 302, location: /signin}]", 0, id="open-by-promise"),
    ],
)
def test_variant_is_for_pages_that_refuse_by_a_redirect(
    route: str,
    promised: str,
    variants: int,
    routes_of: Callable[..., Surface],
    profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:
    profile = profile_of(f"profile: p\nabout: A.\nguards:\n  page: {promised}\n")
    plan = plan_of([routes_of(route, guard="page")], profile)
    names = [probe.variant.name for probe in plan.probes if probe.variant]
    assert names.count("middleware-subrequest") == variants


# --- effects ----------------------------------------------------------------------------------------------------------

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


# --- paths that do not exist ------------------------------------------------------------------------------------------


def served(path: str) -> re.Pattern[str]:
    """What a router makes of a route's path: a parameter takes any one segment."""
    parts = path.partition("?")[0].split("/")
    return re.compile("/".join("[^/]+" if part.startswith(":") else re.escape(part) for part in parts))


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("profile", ["oauth", "dev-shim"])
def test_no_path_of_nowhere_is_served_by_a_route(
    profile: str, depth: Depth, plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]
) -> None:
    targets = [path.request.target for path in plan_of(profile=profile, depth=depth).not_found_controls]
    patterns = [served(route.path) for surface in shipped_surfaces for route in surface.routes]
    assert len(targets) > 5
    assert [target for target in targets if any(pattern.fullmatch(target) for pattern in patterns)] == []


SEGMENTS = st.lists(st.sampled_from(["api", "a", "b", ":id", ":x"]), min_size=1, max_size=4).map(tuple)


@given(st.sets(SEGMENTS, min_size=1, max_size=12))
def test_no_path_of_nowhere_is_served_by_any_set_of_routes(
    plan_of: Callable[..., Plan], paths: set[tuple[str, ...]]
) -> None:
    said = [f"/{'/'.join(path)}" for path in sorted(paths)]
    lines = "".join(f"  - {{route: 'GET {path}', guard: session, why: w, fix: f}}\n" for path in said)
    surface = parse_surface(parse_document(f"surface: s\nabout: a\nroutes:\n{lines}", file="x.yaml"))
    targets = [path.request.target for path in plan_of([surface]).not_found_controls]
    assert [target for target in targets if any(served(path).fullmatch(target) for path in said)] == []


def test_paths_of_nowhere_lie_beside_the_guarded_ones_of_each_service(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of()
    seen = {(n.request.service, n.request.method, n.prefix) for n in plan.not_found_controls}
    assert {
        ("web", "GET", "/"),
        ("web", "GET", "/api/"),
        ("web", "POST", "/api/"),
        ("web", "GET", "/api/admin/"),
        ("mcp", "GET", "/"),
        ("mcp", "POST", "/"),
    } <= seen
    assert len(seen) == len(plan.not_found_controls)
    assert {n.request.target for n in plan.not_found_controls} == {
        f"{n.prefix}lockdown-probe-0123abcd" for n in plan.not_found_controls
    }


def test_path_of_nowhere_presents_nothing(plan_of: Callable[..., Plan]) -> None:
    names = {name for path in plan_of().not_found_controls for name, _ in path.request.headers}
    assert names == {"User-Agent", "Accept", "Accept-Encoding", "Cache-Control", "Content-Type"}


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.STANDARD])
def test_no_other_site_is_asked_before_depth_deep(depth: Depth, plan_of: Callable[..., Plan]) -> None:
    assert {path.variant for path in plan_of(depth=depth).not_found_controls} == {None}


def test_where_own_nowhere_may_answer_its_own_path_of_nowhere_is_asked_once_for_each_service(
    plan_of: Callable[..., Plan],
) -> None:
    plan = plan_of(depth=Depth.DEEP, urls={"web": "http://h/app", "mcp": "http://m"})
    elsewhere = [path for path in plan.not_found_controls if path.variant]
    common = (("User-Agent", "test"), ("Accept", "*/*"), ("Accept-Encoding", "identity"), ("Cache-Control", "no-cache"))
    host = ("Host", "lockdown-probe.invalid")
    hosts = {(path.prefix, path.request) for path in elsewhere if path.variant == "foreign-host"}
    assert hosts == {
        (prefix, Request(service=name, method="GET", target=target, headers=(*common, host)))
        for name, prefix, target in (
            ("web", "/app/", "/app/lockdown-probe-0123abcd"),
            ("mcp", "/", "/lockdown-probe-0123abcd"),
        )
    }
    asked = Counter((path.request.service, path.variant) for path in elsewhere)
    assert set(asked.values()) == {1}
    assert {name for _, name in asked} == {"foreign-host", "original-url-open", "forwarded-uri-open", "next-internals"}


def test_path_of_nowhere_is_below_the_base_path(
    routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("GET /api/me")], urls={"web": "http://h/app"})
    assert [path.request.target for path in plan.not_found_controls] == ["/app/api/lockdown-probe-0123abcd"]


# --- globs ------------------------------------------------------------------------------------------------------------

COPIED = [
    "pages: GET / [anonymous]",
    "pages: GET / [anonymous] middleware-subrequest",
    "pages: GET /reset-password?token=lockdown-probe [anonymous]",
    "mcp: POST /mcp initialize [bearer-two-spaces]",
    "admin: PATCH /api/admin/users/:id/role [bogus-cookie]",
]


@pytest.mark.parametrize("copied", COPIED)
def test_id_can_be_copied_into_only(copied: str, plan_of: Callable[..., Plan]) -> None:
    assert [probe.id for probe in plan_of(only=(copied,)).probes] == [copied]


@pytest.mark.parametrize("copied", COPIED)
def test_id_can_be_copied_into_skip(copied: str, plan_of: Callable[..., Plan]) -> None:
    whole, less = plan_of(), plan_of(skip=(copied,))
    assert {p.id for p in whole.probes} - {p.id for p in less.probes} == {copied}


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        pytest.param("knowledge", "/api/knowledge*", id="surface"),
        pytest.param("/api/knowledge/:id/promote", "/api/knowledge/:id/promote", id="path"),
        pytest.param("GET /api/orgs", "/api/orgs", id="method-and-path"),
        pytest.param("*tokens*", "*/tokens*", id="anywhere"),
    ],
)
def test_only_takes_a_glob_of_surface_route_or_path(glob: str, paths: str, plan_of: Callable[..., Plan]) -> None:
    probes = plan_of(only=(glob,)).probes
    assert len(probes) >= 3
    assert {p.route.path for p in probes if matches(paths, [p.route.path])} == {p.route.path for p in probes}


@pytest.mark.parametrize("option", ["only", "skip"])
def test_glob_that_matches_nothing_is_a_usage_error(option: str, plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of(**{option: ("knowlege",)})
    assert str(caught.value) == f"error: --{option} 'knowlege' matches no probe\n  fix: did you mean 'knowledge'?"


def test_skip_wins_over_only(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(only=("knowledge",), skip=("GET *",))
    assert {probe.route.method for probe in plan.probes} == {"POST", "PATCH", "DELETE"}


def test_plan_with_nothing_to_send_is_a_usage_error(plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of(skip=("*",))
    assert str(caught.value) == "error: no probe is left to send\n  fix: choose more surfaces, or fewer --skip"


def test_plan_of_skips_alone_is_a_usage_error(plan_of: Callable[..., Plan]) -> None:
    with pytest.raises(UsageError, match="no probe is left to send"):
        plan_of(only=("reminders",))


def test_choosing_does_not_change_what_is_presented_at_a_route(plan_of: Callable[..., Plan]) -> None:
    """A large guard stays large when only one of its routes is asked for."""
    whole = [probe.id for probe in plan_of().probes if probe.route.surface == "machines"]
    assert [probe.id for probe in plan_of(only=("machines",)).probes] == whole


# --- what it costs, and what stays the same ---------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["oauth", "credentials"])
def test_plan_costs_its_probes_its_paths_of_nowhere_and_its_csrf_tokens(
    profile: str, plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of(profile=profile)
    with_token = [probe for probe in plan.probes if probe.request.csrf]
    assert len(with_token) == {"oauth": 0, "credentials": 1}[profile]
    chains = [probe for probe in plan.probes if probe.procedure == "challenge"]
    assert [(probe.route.surface, probe.cost) for probe in chains] == [("mcp-tools", 4), ("mcp", 4)]
    opened = sum(3 for probe in plan.probes if probe.request.opening is not None)
    more = 3 * len(chains) + opened
    assert plan.requests == len(plan.probes) + len(plan.not_found_controls) + len(with_token) + more


def test_budget_of_just_the_plan_is_enough(plan_of: Callable[..., Plan]) -> None:
    cost = plan_of(whole=True).requests
    assert plan_of(whole=True, budget=cost).requests == cost


def test_plan_over_its_budget_is_a_usage_error(plan_of: Callable[..., Plan]) -> None:
    cost = plan_of(whole=True).requests
    with pytest.raises(UsageError) as caught:
        plan_of(whole=True, budget=cost - 1)
    assert str(caught.value) == (
        f"error: the plan needs {cost} requests, but --budget is {cost - 1}\n"
        "  fix: raise --budget, name fewer surfaces, or use --depth quick"
    )


@pytest.mark.parametrize("depth", list(Depth))
def test_same_run_has_the_same_plan(depth: Depth, plan_of: Callable[..., Plan]) -> None:
    assert plan_of(depth=depth) == plan_of(depth=depth)


@pytest.mark.parametrize("depth", list(Depth))
def test_ids_are_those_of_every_other_run_and_values_are_not(depth: Depth, plan_of: Callable[..., Plan]) -> None:
    one, other = plan_of(depth=depth, run="0123abcd"), plan_of(depth=depth, run="99999999")
    assert [probe.id for probe in everything(one)] == [probe.id for probe in everything(other)]
    assert {path.request.target for path in one.not_found_controls}.isdisjoint(
        path.request.target for path in other.not_found_controls
    )
    assert one.probes != other.probes


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("profile", ["oauth", "credentials", "dev-shim", "unconfigured"])
def test_every_id_is_given_once(profile: str, depth: Depth, plan_of: Callable[..., Plan]) -> None:
    ids = Counter(probe.id for probe in everything(plan_of(profile=profile, depth=depth)))
    assert len(ids) > 100
    assert [id_ for id_, count in ids.items() if count > 1] == []


def test_probes_are_in_the_order_of_the_surfaces_and_their_routes(
    plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]
) -> None:
    order = [route.name for surface in shipped_surfaces for route in surface.routes]
    planned = list(dict.fromkeys(probe.route.name for probe in plan_of().probes))
    assert planned == [name for name in order if name in set(planned)]


def test_only_services_that_are_used_are_in_the_plan(plan_of: Callable[..., Plan]) -> None:
    assert [service.name for service in plan_of(only=("mcp",)).services] == ["mcp"]
    assert [service.name for service in plan_of().services] == ["web", "mcp"]


def test_probe_carries_what_must_never_be_in_its_answer(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    surface = surface_of(
        "surface: s\nabout: a\nroutes:\n  - {route: GET /x, guard: g, never: {json: apiKey}, why: w, fix: f}\n"
    )
    profile = profile_of("profile: p\nabout: A.\nguards: {g: 401}\nnever: {body: [one, two]}\n")
    never = {probe.never for probe in plan_of([surface], profile).probes}
    assert [[(n.keys, n.texts) for n in each] for each in never] == [[((), ("one", "two")), (("apiKey",), ())]]


def test_every_name_of_a_probe_finds_it(plan_of: Callable[..., Plan]) -> None:
    probe = plan_of().probes[0]
    assert [name for name in names_of_probe(probe) if not matches(name, names_of_probe(probe))] == []


@pytest.mark.parametrize("declared", [pytest.param(True, id="declared"), pytest.param(False, id="not-declared")])
def test_plan_carries_what_the_deployment_says_of_itself(
    shipped_profile: Callable[[str], Profile],
    routes_of: Callable[..., Surface],
    service_of: Callable[..., Service],
    *,
    declared: bool,
) -> None:
    deployment = Deployment(
        services=(service_of(),), surfaces=(routes_of("GET /x"),), declared=frozenset({"made"}), cookies=("its-own",),
        untried=("other",), blanket_is_application=declared,
    )  # fmt: skip
    plan = make_plan(deployment, shipped_profile("oauth"), PlanOptions(run="1", user_agent="u", depth=Depth.QUICK))
    assert (plan.depth, plan.declared, plan.cookies) == (Depth.QUICK, frozenset({"made"}), ("its-own",))
    assert (plan.untried, plan.blanket_is_application) == (("other",), declared)


def test_each_guard_is_small_or_large_for_itself(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    secret = routes_of(*(f"GET /s{number}" for number in range(SMALL_GUARD)), guard="secret")
    cookie = routes_of(*(f"GET /c{number}" for number in range(SMALL_GUARD)), guard="cookie")
    seen = credentials_by_route(plan_of([secret, cookie], profile_of(PROFILE)))
    assert {tuple(names) for route, names in seen.items() if "/s" in route} == {tuple(LADDERS["secret"])}
    assert {tuple(names) for route, names in seen.items() if "/c" in route} == {tuple(LADDERS["cookie"])}


def test_probe_of_a_held_secret_that_was_not_given_is_whole_but_for_the_secret(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    surface = surface_of(
        "surface: made\nabout: Made for a test.\nroutes:\n"
        "  - {route: GET /x, guard: secret, refuse: [staging-token], why: w, fix: f}\n"
    )
    plan = plan_of([surface], profile_of(PROFILE))
    [held] = [skip.probe for skip in plan.skips if skip.reason is Reason.NO_HELD_SECRET]
    assert held.credential == Credential(
        name="staging-token",
        kind=Kind.HELD,
        family=None,
        headers=(),
        query="",
        catches="your own secret (--hold staging-token=env:NAME)",
    )
    assert held.promise == plan.probes[0].promise
    assert held.request == plan.probes[0].request


@pytest.mark.parametrize(
    ("guard", "said", "what", "fix"),
    [
        pytest.param(
            "sesion", "{session: 401}", "profile 'p' does not say how guard 'sesion' answers",
            "add 'sesion' under 'guards' in profiles/p.yaml (or did you mean 'session'?)", id="a-typo",
        ),
        pytest.param(
            "mcp-token", "{session: 401}", "profile 'p' does not say how guard 'mcp-token' answers",
            "add 'mcp-token' under 'guards' in profiles/p.yaml", id="an-unknown-guard",
        ),
        pytest.param(
            "session", "{session: {bogus: 401}}", "profile 'p' does not say how guard 'session' answers 'anonymous'",
            "add 'anonymous' to 'session' under 'guards' in profiles/p.yaml", id="a-kind-that-is-left-out",
        ),
    ],
)  # fmt: skip
def test_a_gap_in_the_profile_is_an_error(
    guard: str, said: str, what: str, fix: str,
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    made = profile_of(f"profile: p\nabout: x.\nguards: {said}\n")
    with pytest.raises(DefinitionError) as raised:
        plan_of([routes_of("GET /x", guard=guard)], made)
    assert str(raised.value) == f"probes/x.yaml:4: {what}\n  fix: {fix}"


def test_request_is_this_and_no_more(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([routes_of("DELETE /x?a=b", guard="job")], profile_of(PROFILE))
    common = (("User-Agent", "test"), ("Accept", "*/*"), ("Accept-Encoding", "identity"), ("Cache-Control", "no-cache"))
    assert plan.probes[0].request == Request(
        service="web", method="DELETE", target="/x?a=b", headers=common, content=None
    )
    assert plan.probes[0].families == (Family.JOB, Family.SECRET, Family.BEARER, Family.COOKIE)


@pytest.mark.parametrize(("profile", "sent"), [("oauth", True), ("unconfigured", False)])
def test_witness_goes_only_where_somebody_may_come_in(
    profile: str, plan_of: Callable[..., Plan], *, sent: bool
) -> None:
    plan = plan_of(profile=profile, held={"witness": "kept-for-a-test"})
    assert ("me: GET /api/me [witness]" in {probe.id for probe in plan.probes}) == sent
    skips = {skip.probe.id: skip.detail for skip in plan.skips}
    assert ("me: GET /api/me [witness]" in skips) == (not sent)


@pytest.mark.parametrize(
    ("guard", "sent"),
    [("401", True), ("[503, 401]", True), ("503", False), ("500", False), ("[500, 503]", False), ("499", True), ("5xx", False)],
)  # fmt: skip
def test_mode_that_answers_nothing_but_5xx_is_shut_to_a_key_too(
    guard: str, surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
    *, sent: bool,
) -> None:  # fmt: skip
    surface = surface_of(
        "surface: made\nabout: x.\nroutes:\n  - {route: GET /x, guard: door, admits: [witness], why: w, fix: f}\n"
    )
    made = profile_of(f"profile: p\nabout: x.\nguards:\n  door:\n    anonymous: {guard}\n    bogus: 200\n")
    plan = plan_of([surface], made, held={"witness": "kept-for-a-test"})
    assert ("made: GET /x [witness]" in {probe.id for probe in plan.probes}) == sent
    skips = [(skip.reason, skip.detail) for skip in plan.skips if skip.probe.credential.name == "witness"]
    assert skips == ([] if sent else [(Reason.NOT_IN_THIS_MODE, "this mode refuses every credential here")])


def test_all_guards_that_a_profile_lacks_are_one_message_with_the_block_to_paste(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    """Pasted as it is, the block makes a profile that can be planned."""
    routes = (
        ("GET /api/me", "sesion"),
        ("GET /x", "admin"),
        ("GET /y", "admin"),
        ("GET /z", "session"),
        ("GET /", "public"),
    )
    entries = "".join(f"  - {{route: {route}, guard: {guard}, why: w, fix: f}}\n" for route, guard in routes)
    surface = surface_of(f"surface: x\nabout: x.\nroutes:\n{entries}")
    head = "profile: p\nabout: x.\nguards:\n    session: 401\n"
    with pytest.raises(DefinitionError) as raised:
        plan_of([surface], profile_of(head))
    first, fix, *block = str(raised.value).splitlines()
    assert first == "probes/x.yaml:4: profile 'p' does not say how 3 guards answer: sesion, admin, public"
    assert fix == "  fix: add these under 'guards' in profiles/p.yaml, each with what a client without credentials gets"
    assert block == [
        "    sesion: 401  # GET /api/me; or is it 'session'?",
        "    admin: 401  # GET /x and 1 more",
        "    public: 200  # GET /",
    ]
    assert {probe.route.guard for probe in plan_of([surface], profile_of(head + "\n".join(block))).probes} == {
        guard for _, guard in routes
    }
