"""The prober against Next.js and Auth.js that are as they should be, in each mode, and against the mode that is not meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real.next_apps import BOTH, MODES, SURFACES, App

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a version installs and builds it

DEPTHS = [
    pytest.param("quick", 80, id="quick"),
    pytest.param("standard", 240, id="standard"),
    pytest.param("deep", 1900, id="deep"),
]


@pytest.mark.parametrize(("depth", "least"), DEPTHS)
@pytest.mark.parametrize("app", BOTH)
def test_healthy_application_is_locked_at_every_depth(app: App, depth: str, least: int, probe_next: Any) -> None:
    run = probe_next(app, MODES["oauth"], depth=depth, surfaces=(*SURFACES, "prerendered"))
    assert run.amiss() == {}
    assert run.told == (0, "locked")
    assert run.skipped().keys() <= {
        "no-held-secret",
        "no-build-id",
        "effect",
    }  # locks in the body act where they are open
    assert run.report["counts"]["locked"] >= least


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("mode", ["credentials", "credentials+oauth", "dev-shim", "unconfigured"])
@pytest.mark.parametrize("app", BOTH)
def test_each_mode_is_as_its_profile_promises(app: App, mode: str, depth: str, probe_next: Any) -> None:
    run = probe_next(app, MODES[mode], profile=mode, depth=depth, surfaces=(*SURFACES, "login"))
    assert run.amiss() == {}
    assert run.told == (0, "locked")


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("app", BOTH)
def test_middleware_that_guards_everything_is_locked(app: App, depth: str, probe_next: Any) -> None:
    run = probe_next(app, MODES["oauth"] | {"GUARDS": "everything"}, depth=depth)
    assert run.amiss() == {}
    assert run.told == (0, "locked")


@pytest.mark.parametrize(
    ("served", "told", "found"),
    [
        pytest.param("dev-shim", (1, "leak"), ("leak", "granted", 200), id="dev-shim"),
        pytest.param("unconfigured", (1, "drift"), ("drift", "broken", 503), id="unconfigured"),
    ],
)
@pytest.mark.parametrize("app", BOTH)
def test_mode_that_is_not_the_promised_one_is_not_locked(
    app: App, served: str, told: tuple[int, str], found: tuple[str, str, int], probe_next: Any
) -> None:
    run = probe_next(app, MODES[served], profile="oauth", depth="quick")
    assert run.told == told
    assert run.report["observed_mode"] == served
    assert run.said(id="knowledge: GET /api/knowledge [anonymous]") == {found}
