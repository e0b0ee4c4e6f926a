"""A profile must say how each guard of the routes answers; what it lacks is named at once, with the lines to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError
from prober.plan.guards import check_guards

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Profile, Surface

PROFILE = "profile: p\nabout: A.\npresents: {session: cookie}\nguards: {session: 401}\n"


def routes(*lines: str) -> str:
    entries = "".join(f"  - {{route: {line}, why: w, fix: f}}\n" for line in lines)
    return f"surface: own\nabout: A.\nroutes:\n{entries}"


@pytest.fixture
def refused(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile]
) -> Callable[..., DefinitionError]:
    """Check routes that the profile does not cover."""

    def check(*lines: str) -> DefinitionError:
        with pytest.raises(DefinitionError) as caught:
            check_guards(surface_of(routes(*lines)).routes, profile_of(PROFILE))
        return caught.value

    return check


def test_guards_that_the_profile_has_are_let_through(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile]
) -> None:
    check_guards(surface_of(routes("GET /a, guard: session", "GET /b, guard: session")).routes, profile_of(PROFILE))


def test_one_guard_that_is_lacking_is_named_with_the_first_route_that_has_it(
    refused: Callable[..., DefinitionError],
) -> None:
    error = refused("GET /a, guard: session", "GET /b, guard: partner", "GET /c, guard: partner")
    assert str(error) == (
        "probes/x.yaml:5: profile 'p' does not say how guard 'partner' answers\n"
        "  fix: add 'partner' under 'guards' in profiles/p.yaml"
    )


def test_a_guard_that_is_nearly_one_of_the_profile_names_that_one(refused: Callable[..., DefinitionError]) -> None:
    assert str(refused("GET /a, guard: sesion")).endswith("(or did you mean 'session'?)")


def test_several_guards_come_at_once_each_with_the_line_to_paste(refused: Callable[..., DefinitionError]) -> None:
    error = refused(
        "GET /a, guard: partner", "GET /b, guard: public", "GET /c, guard: partner", "GET /d, guard: partner",
        "GET /e, guard: sesion",
    )  # fmt: skip
    assert str(error).splitlines() == [
        "probes/x.yaml:4: profile 'p' does not say how 3 guards answer: partner, public, sesion",
        "  fix: add these under 'guards' in profiles/p.yaml, each with what a client without credentials gets",
        "    partner: 401  # GET /a and 2 more",
        "    public: 200  # GET /b",
        "    sesion: 401  # GET /e; or is it 'session'?",
    ]


def test_two_guards_that_are_lacking_come_at_once(refused: Callable[..., DefinitionError]) -> None:
    error = refused("GET /a, guard: partner", "GET /b, guard: branch", "GET /c, guard: branch")
    assert error.what == "profile 'p' does not say how 2 guards answer: partner, branch"
    assert error.block == ("partner: 401  # GET /a", "branch: 401  # GET /b and 1 more")
