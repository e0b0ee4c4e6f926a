"""The prober against pages of Next.js by where their lock is: the page, a layout, a stream, or the middleware alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.real.next_apps import BARE, BOTH, MODES, App

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a version installs and builds it

DEPTHS = ["quick", "standard", "deep"]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("app", BOTH)
def test_page_that_is_sent_along_with_its_redirect_is_a_leak(app: App, depth: str, probe_next: Any) -> None:
    run = probe_next(app, MODES["oauth"], depth=depth, surfaces=("health", "pages", "places"))
    assert run.told == (1, "leak")
    assert run.said(id="places: GET /layout-only/report [anonymous]") == {("leak", "disclosed", 307)}
    assert run.said(id="places: GET /streamed/layout-only/report [anonymous]") == {("leak", "disclosed", 200)}
    assert {name for name in run.amiss() if name.startswith("pages:")} == set()


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("app", BOTH)
def test_redirect_inside_a_stream_is_a_soft_refusal(app: App, depth: str, probe_next: Any) -> None:
    only = ("--only", "places: GET /streamed/report*", "--only", "health: *")
    run = probe_next(app, MODES["oauth"], *only, depth=depth, surfaces=("health", "places"))
    assert run.told == (1, "drift")
    assert run.routes() == {("places: GET /streamed/report", "drift", "soft-refusal")}


@pytest.mark.parametrize("app", BOTH)
def test_matcher_that_leaves_prefetches_out_is_found_at_deep(app: App, probe_next: Any) -> None:
    only = ("--only", "places: GET /prefetched*", "--only", "health: *")
    run = probe_next(app, MODES["oauth"], *only, depth="deep", surfaces=("health", "places"))
    assert run.told == (1, "leak")
    assert run.verdicts() == {"places: GET /prefetched [anonymous] rsc-prefetch": "leak"}


# --- CVE-2025-29927 ---------------------------------------------------------------------------------------------------

ONLY = ("pages: GET /settings/tokens*", "pages: GET /signin*", "health: GET /api/healthz*")
SERVED = [word for name in ONLY for word in ("--only", name)]
SUBREQUEST = "pages: GET /settings/tokens [anonymous] middleware-subrequest"


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("version", ["14.2.24", "15.2.2"])
def test_middleware_that_can_be_skipped_is_found_from_standard_on(version: str, depth: str, probe_next: Any) -> None:
    run = probe_next(BARE[version], {}, *SERVED, depth=depth, surfaces=("health", "pages"))
    assert run.told == (1, "leak")
    assert run.verdicts() == {SUBREQUEST: "leak"}
    assert run.said(id=SUBREQUEST) == {("leak", "granted", 200)}


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("version", ["15.5.29", "16.4.6"])
def test_mended_middleware_is_locked(version: str, depth: str, probe_next: Any) -> None:
    run = probe_next(BARE[version], {}, *SERVED, depth=depth, surfaces=("health", "pages"))
    assert run.amiss() == {}
    assert run.told == (0, "locked")
    assert {verdict for verdict, _, _ in run.said(id=SUBREQUEST)} == {"locked"}
