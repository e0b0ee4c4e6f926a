"""A guard with a place of its own for its credential: everything that strangers present is put there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError
from prober.model import Carrier, Depth, Effect, Place
from prober.plan.own_credentials import OWN_LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model import Plan, Probe, Profile, Request, Surface

    Carried = Callable[[Request], str | None]

PROFILE = """\
profile: p
about: x.
presents:
  own-header: {{header: X-Shop-Key}}
  given: {given}
guards: {{own-header: 401, given: {{anonymous: 401, own-none: 403, bogus: 401, held: 401}}}}
"""


def planned(
    given: str, routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
    **options: object,
) -> dict[str, Probe]:  # fmt: skip
    more = str(options.pop("more", ""))
    plan = plan_of([routes_of("GET /a", guard="given", more=more)], profile_of(PROFILE.format(given=given)), **options)
    return {p.credential.name: p for p in plan.probes if p.variant is None and p.procedure is None}


def in_header(name: str) -> Carried:
    return lambda request: dict(request.headers).get(name)


def in_query(request: Request) -> str | None:
    return request.target.partition("?")[2] or None


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("given", "label", "carried", "none", "empty"),
    [
        pytest.param("{header: X-Cron-Secret}", "x-cron-secret", in_header("X-Cron-Secret"), "None", "", id="header"),
        pytest.param("{scheme: Token}", "authorization-token", in_header("Authorization"), "Token None", "Token", id="scheme"),
        pytest.param(
            "{header: X-Auth, scheme: Key}", "x-auth-key", in_header("X-Auth"), "Key None", "Key", id="header-and-scheme"
        ),
        pytest.param("{query: api_key}", "query-api_key", in_query, "api_key=None", "api_key=", id="query"),
        pytest.param("{cookie: sid}", "cookie-sid", in_header("Cookie"), "sid=None", "sid=", id="cookie"),
        pytest.param("{basic: ann}", "basic-ann", in_header("Authorization"), basic("ann:None"), basic("ann:"), id="user"),
        pytest.param(
            "basic", "basic-lockdown-probe", in_header("Authorization"), basic("lockdown-probe:None"),
            basic("lockdown-probe:"), id="nobody",
        ),
    ],
)  # fmt: skip
def test_the_whole_ladder_goes_through_the_carrier(
    given: str, label: str, carried: Carried, none: str, empty: str,
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    probes = planned(given, routes_of, profile_of, plan_of)
    assert carried(probes[f"own-none@{label}"].request) == none
    assert carried(probes[f"own-empty@{label}"].request) == empty
    assert {name.partition("@")[2] for name in probes} == {"", label}
    assert carried(probes["anonymous"].request) is None
    assert str(probes[f"own-none@{label}"].promise) == "403"  # by its name, without the carrier's
    assert str(probes[f"own-null@{label}"].promise) == "401"


def test_quick_presents_all_carriers_in_one_request(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    given = "[{header: X-A}, {query: k}, {cookie: sid}, cookie]"
    probes = planned(given, routes_of, profile_of, plan_of, depth=Depth.QUICK)
    assert list(probes) == ["anonymous", "bogus"]
    headers = dict(probes["bogus"].request.headers)
    assert headers["X-A"] in probes["bogus"].request.target
    assert headers["Cookie"].startswith(f"sid={headers['X-A']}; ")
    assert headers["Cookie"].endswith("=garbage")


def test_values_of_several_carriers_are_sent_one_at_a_time(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    probes = planned("[{header: X-A}, {header: X-B}, bearer]", routes_of, profile_of, plan_of)
    first, second = (dict(probes[f"own-undefined@{name}"].request.headers) for name in ("x-a", "x-b"))
    assert (first.get("X-A"), first.get("X-B")) == ("undefined", None)
    assert (second.get("X-A"), second.get("X-B")) == (None, "undefined")
    assert "bogus-bearer" in probes


def test_a_large_guard_gets_the_core_everywhere_and_all_at_three_routes(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    routes = routes_of(*(f"GET /r{number}" for number in range(8)), guard="own-header")
    plan = plan_of([routes], profile_of(PROFILE.format(given="nothing")))
    seen: dict[str, set[str]] = {}
    for probe in plan.probes:
        if probe.credential.name.startswith("own-"):
            seen.setdefault(probe.route.path, set()).add(probe.credential.name.partition("@")[0])
    core = {entry.name for entry in OWN_LADDER if entry.everywhere}
    assert [path for path, names in seen.items() if names > core] == ["/r0", "/r1", "/r2"]
    assert all(names >= core for names in seen.values())
    assert core == {"own-random", "own-undefined", "own-none", "own-empty"}


HELD = {"witness": "a-held-value", "staging": "another-value"}


def test_a_held_secret_goes_where_the_guard_looks(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    more = ", admits: [witness], refuse: [staging]"
    probes = planned("{header: X-Cron-Secret}", routes_of, profile_of, plan_of, held=HELD, more=more)
    witness = dict(probes["witness"].request.headers)
    assert (witness.get("X-Cron-Secret"), witness.get("Authorization")) == ("a-held-value", None)
    assert dict(probes["staging"].request.headers)["Authorization"] == "Bearer another-value"
    assert dict(probes["staging@x-cron-secret"].request.headers)["X-Cron-Secret"] == "another-value"
    assert probes["staging@x-cron-secret"].carries_secret


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        pytest.param("{basic: ann}", {"bob:long-password", "long-password"}, id="user-and-password"),
        pytest.param("{header: X-A}", {"bob:long-password"}, id="no-password"),
    ],
)
def test_the_password_of_a_held_pair_is_a_secret_too(
    given: str, hidden: set[str], routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    routes = routes_of("GET /a", guard="given", more=", admits: [witness]")
    plan = plan_of([routes], profile_of(PROFILE.format(given=given)), held={"witness": "bob:long-password"})
    assert set(plan.secrets) == hidden


def test_digest_is_answered_with_each_value_as_a_password(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    probes = planned("digest", routes_of, profile_of, plan_of)
    none = probes["own-none@digest-lockdown-probe"]
    assert (none.request.digest, none.requests) == (("lockdown-probe", "None"), 2)
    assert probes["own-default-user@digest-lockdown-probe"].request.digest == ("admin", "admin")
    assert probes["anonymous"].request.digest is None
    assert (
        planned("{digest: ann}", routes_of, profile_of, plan_of, depth=Depth.QUICK)["bogus"].request.digest is not None
    )


@pytest.mark.parametrize(
    ("value", "sent"),
    [pytest.param("a-held-value", "ann:a-held-value", id="password"), pytest.param("bob:p", "bob:p", id="user-and-password")],
)  # fmt: skip
def test_a_held_witness_of_basic_is_a_password_or_both(
    value: str, sent: str,
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    probes = planned(
        "{basic: ann}", routes_of, profile_of, plan_of, held={"witness": value}, more=", admits: [witness]"
    )
    assert dict(probes["witness"].request.headers)["Authorization"] == basic(sent)


def test_a_secret_of_jobs_in_its_own_header_makes_a_get_say_its_effect(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    surface = surface_of("surface: s\nabout: A.\nroutes:\n  - {route: GET /run, guard: given, why: w, fix: f}\n")
    with pytest.raises(DefinitionError, match="guard 'given' takes the credential of jobs"):
        plan_of([surface], profile_of(PROFILE.format(given="{header: X-Cron-Secret}")))
    assert surface.routes[0].effect is Effect.NONE


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("{header: Cookie}", "'Cookie' cannot carry a credential", id="cookie-header"),
        pytest.param("{header: X-A, query: b}", "'header' and 'query' are both given", id="two-places"),
        pytest.param("{query: k, scheme: Token}", "'scheme' and 'query' are both given", id="scheme-in-a-query"),
        pytest.param("[{header: X-A}, {header: x-a}]", "'x-a' is given twice", id="twice"),
        pytest.param("{headr: X-A}", "unknown key 'headr' in a carrier", id="typo"),
        pytest.param("{header: 'X A'}", "'X A' is not a header name", id="no-name"),
        pytest.param("{basic: 'a:b'}", "'a:b' is not a user's name", id="no-user"),
        pytest.param("[nothing, {header: X-A}]", "'nothing' cannot be combined", id="nothing-and-something"),
    ],
)
def test_a_carrier_is_read_strictly(given: str, message: str, profile_of: Callable[[str], Profile]) -> None:
    with pytest.raises(DefinitionError) as raised:
        profile_of(PROFILE.format(given=given))
    assert message in raised.value.what


def test_a_profile_that_extends_another_has_its_carriers(profile_of: Callable[[str], Profile]) -> None:
    profile = profile_of(PROFILE.format(given="[bearer, {cookie: sid}]"))
    expected: Mapping[str, tuple[Carrier, ...]] = {
        "own-header": (Carrier(place=Place.HEADER, name="X-Shop-Key"),),
        "given": (Carrier(place=Place.COOKIE, name="sid"),),
    }
    assert profile.carriers == expected
    assert profile.presents == {"own-header": (), "given": ("bearer",)}
