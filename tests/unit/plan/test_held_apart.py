"""One secret may have two names, but for a route that would compare it with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Surface

SAME = {"member-session": "the-session-of-mia", "witness": "the-session-of-mia"}


def test_one_session_may_be_refused_by_one_route_and_accepted_by_another(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(held=SAME)
    assert {p.credential.name for p in plan.probes if p.carries_secret} == set(SAME)
    assert set(plan.secrets) == {"the-session-of-mia"}


@pytest.mark.parametrize(
    "more",
    [", refuse: [member-session], admits: [witness]", ", session-bound: [member-session, witness], effect: none"],
)
def test_no_route_can_tell_a_secret_from_itself(
    more: str, plan_of: Callable[..., Plan], surface_of: Callable[[str], Surface]
) -> None:
    route = f"{{route: GET /a, guard: session, why: w, fix: f{more}}}"
    surface = surface_of(f"surface: made\nabout: A.\nroutes:\n  - {route}\n")
    with pytest.raises(UsageError, match="is the same as another held secret, 'member-session'") as raised:
        plan_of([surface], held=SAME)
    assert "made: GET /a tells them apart" in str(raised.value)
