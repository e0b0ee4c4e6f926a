"""Limits, held secrets and what they are for, as definitions say them: strictly read, and named where they are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.definitions.deployment import (
    parse_deployment,
    with_limits,
)
from prober.definitions.document import parse_document
from prober.errors import DefinitionError
from prober.model import Limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.definitions.deployment import (
        DeploymentFile,
    )
    from prober.model import Route, Surface

ROUTE = """\
surface: made
about: Made for a test.
routes:
  - route: POST /x
    guard: session
    effect: none
    why: w
    fix: f
    {more}
"""


def route_with(surface_of: Callable[[str], Surface], more: str) -> Route:
    return surface_of(ROUTE.replace("{more}", more)).routes[0]


@pytest.mark.parametrize(
    ("per", "seconds"), [("90s", 90.0), ("90", 90.0), ("5m", 300.0), ("1h", 3600.0), ("2d", 172_800.0)]
)
def test_a_limit_is_a_number_a_span_and_a_signal(surface_of: Callable[[str], Surface], per: str, seconds: float) -> None:  # fmt: skip
    limit = route_with(
        surface_of, f"limit: {{max: 10, per: {per}, signal: {{status: 303, location: '/x?error='}}}}"
    ).limit
    assert isinstance(limit, Limit)
    assert (limit.most, limit.seconds, str(limit.signal)) == (10, seconds, "303 to /x?error=")


def test_a_limit_without_a_signal_is_only_respected(surface_of: Callable[[str], Surface]) -> None:
    assert route_with(surface_of, "limit: {max: 3, per: 1h}").limit == Limit(most=3, seconds=3600.0, signal=None)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("limit: {max: 0, per: 1h, signal: 429}", "'max' is 0"),
        ("limit: {max: 201, per: 1h, signal: 429}", "'max' is 201"),
        ("limit: {max: 10, per: 1 hour, signal: 429}", "'per': '1 hour' is not a duration"),
        ("limit: {max: 10, per: 0s, signal: 429}", "'per': '0s' is not within 1s to 3650d"),
        ("limit: {max: 10, per: 1w, signal: 429}", "'per': '1w' is not a duration"),
        ("limit: {max: 10, signal: 429}", "'limit' has no 'per'"),
        ("limit: {max: 10, per: 1h, signal: 4290}", "'4290' is not a status"),
        ("limit: 10", "'limit' must be a mapping, not '10'"),
        ("session-bound: [a]", "'session-bound' must name two different secrets"),
        ("session-bound: [a, a]", "'session-bound' must name two different secrets"),
        ("session-bound: [a, b, c]", "'session-bound' must name two different secrets"),
        ("admits: []", "'admits' is an empty list"),
        ("admits: [A B]", "a secret is 'A B', which is not a name"),
        ("oauth-metadata: maybe", "'oauth-metadata' must be true or false, not 'maybe'"),
        ("indistinguishable: {jsn: {}}", "unknown key 'jsn' in what is sent"),
    ],
)
def test_a_mistake_is_named_where_it_is(surface_of: Callable[[str], Surface], more: str, what: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        route_with(surface_of, more)
    assert str(raised.value).startswith(f"probes/x.yaml:9: {what}\n  fix: ")


def deployment(text: str) -> DeploymentFile:
    return parse_deployment(parse_document(text, file="prober.yaml"))


def test_a_deployment_declares_limits_of_routes_it_did_not_write(routes_of: Callable[..., Surface]) -> None:
    limits = deployment("limits:\n  POST /login: {max: 20, per: 1m, signal: 429}\n").limits
    surfaces = with_limits((routes_of("POST /login", "GET /login"),), limits)
    assert [route.limit.most if route.limit else None for route in surfaces[0].routes] == [20, None]


def test_a_limit_of_a_route_that_is_not_there_is_a_mistake(routes_of: Callable[..., Surface]) -> None:
    limits = deployment("limits:\n  POST /logn: {max: 20, per: 1m, signal: 429}\n").limits
    with pytest.raises(DefinitionError) as raised:
        with_limits((routes_of("POST /login"),), limits)
    assert str(raised.value) == (
        "prober.yaml:2: no chosen surface has a route 'POST /logn'\n  fix: did you mean 'POST /login'?"
    )


def test_a_deployment_says_where_its_held_secrets_are_kept_and_never_what_they_are() -> None:
    assert deployment("hold: {session-secret: env:NEXTAUTH_SECRET, witness: file:/run/witness}\n").hold == (
        "session-secret=env:NEXTAUTH_SECRET", "witness=file:/run/witness",
    )  # fmt: skip
    with pytest.raises(DefinitionError, match="'witness' must name where the secret is stored"):
        deployment("hold: {witness: the-value-itself}\n")
