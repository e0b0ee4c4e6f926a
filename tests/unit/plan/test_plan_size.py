"""What a plan costs, its budget, and what is the same in every run."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError, UsageError
from prober.model import (
    Credential,
    Deployment,
    Depth,
    Family,
    Kind,
    Reason,
    Request,
)
from prober.plan.globs import matches, names_of_probe
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from prober.plan.selection import SMALL_GUARD
from tests.support.plan_texts import LADDERS, PROFILE, credentials_by_route, everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Service, Surface


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


def test_probe_of_a_deep_plan_takes_little_memory(
    routes_of: Callable[..., Surface], plan_of: Callable[..., Plan]
) -> None:
    surface = routes_of(*(f"GET /api/{number}" for number in range(60)))
    plan_of([surface], depth=Depth.DEEP)  # what is made once in a process
    tracemalloc.start()
    try:
        plan = plan_of([surface], depth=Depth.DEEP, run="89abcdef", whole=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(plan.probes) > 60 * 50
    assert peak < 800 * len(plan.probes)  # bytes; 1,000 where nothing is shared


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
