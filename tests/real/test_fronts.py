"""The prober against nginx and Caddy, as Debian has them, in front of the demo: TLS ends there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prober.demo.doors import door_named
from prober.demo.server import running
from tests.real.fronts import Fronts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.demo.server import Demo
    from tests.real.probing import Run

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]  # the first test of a proxy installs it


@pytest.fixture(scope="module")
def fronts(tmp_path_factory: pytest.TempPathFactory, servers: Any) -> Fronts:
    return Fronts(tmp_path_factory.mktemp("fronts"), servers)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running("oauth") as up:
        yield up


@pytest.fixture
def probe(prober: Any, fronts: Fronts, demo: Demo, once: Any) -> Any:
    def run(
        product: str, form: str, *arguments: str, mcp: str | None = None, depth: str = "standard", surface: str = "all",
        behind: Demo = demo,
    ) -> Any:  # fmt: skip
        def start_and_probe() -> Run:
            served, where = fronts.before(behind, product, form, mcp=mcp)
            return prober(served, "--profile", "oauth", *where, "--surface", surface, "--depth", depth, *arguments)

        return once((product, form, mcp, depth, surface, arguments, behind.web_url), start_and_probe)

    return run


PRODUCTS = [pytest.param("nginx", id="nginx"), pytest.param("caddy", id="caddy")]
DEPTHS = [pytest.param(depth, id=depth) for depth in ("quick", "standard", "deep")]


# --- the request is passed on -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("form", ["plain", "respelled"])
def test_what_passes_everything_on_changes_nothing(form: str, product: str, depth: str, probe: Any) -> None:
    run = probe(product, form, depth=depth)
    assert run.amiss() == {}
    assert run.told == (0, "locked")


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("product", PRODUCTS)
def test_nothing_is_left_unsent_behind_what_passes_everything_on(product: str, depth: str, probe: Any) -> None:
    # Caddy answers 200 with an empty body to a host that it does not know: that is no open door, and ends no probing.
    run = probe(product, "plain", depth=depth)
    assert set(run.skipped()) <= {"effect", "no-held-secret", "not-announced", "not-in-this-mode"}


@pytest.mark.parametrize("depth", ["standard", "deep"])  # quick sends no credential by itself
@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    ("door", "surface", "probes"),
    [
        pytest.param("migrate-template-unset", "migrate", "migrate: POST /api/migrate [bearer-undefined]", id="secret"),
        pytest.param("mcp-any-bearer", "mcp", "mcp: POST /mcp initialize [bogus-bearer]", id="mcp"),
        pytest.param("settings-tokens-open", "pages", "pages: GET /settings/tokens [anonymous]", id="anybody"),
    ],
)
def test_open_door_is_seen_through_the_proxy(
    door: str, surface: str, probes: str, product: str, depth: str, probe: Any
) -> None:
    with running("oauth", doors=[door_named(door)]) as open_somewhere:
        run = probe(product, "plain", depth=depth, surface=surface, behind=open_somewhere)
    assert run.told == (1, "leak")
    assert run.said(id=probes) == {("leak", "granted", 200)}


# --- it is not --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "form", "reason", "who"),
    [
        pytest.param("nginx", "password", "intermediary", "a Basic-auth wall", id="nginx-password"),
        pytest.param("caddy", "password", "intermediary", "a Basic-auth wall", id="caddy-password"),
        pytest.param("nginx", "dead upstream", "intermediary", "nginx", id="nginx-dead-upstream"),
        pytest.param("caddy", "dead upstream", "intermediary", "Caddy", id="caddy-dead-upstream"),
        pytest.param("nginx", "maintenance page", "gateway", "gateway", id="nginx-maintenance"),
        pytest.param("caddy", "maintenance page", "intermediary", "Caddy", id="caddy-maintenance"),
        pytest.param("nginx", "bare 503", "intermediary", "nginx", id="nginx-503"),
        pytest.param("caddy", "bare 503", "intermediary", "Caddy", id="caddy-503"),
        pytest.param("caddy", "own 503", "intermediary", "Caddy", id="caddy-own-503"),
        pytest.param("nginx", "single page", "wrong-base", None, id="nginx-single-page"),
        pytest.param("caddy", "single page", "wrong-base", None, id="caddy-single-page"),
    ],
)
@pytest.mark.parametrize("depth", DEPTHS)
def test_what_keeps_the_request_to_itself_is_no_verdict(
    product: str, form: str, reason: str, who: str | None, depth: str, probe: Any
) -> None:
    run = probe(product, form, depth=depth)
    assert run.told == (2, "unproven")
    assert run.reasons() == {("unproven", reason)}
    assert run.report["counts"]["locked"] == 0
    assert who in {None, run.report["services"]["web"]["intermediary"]}


@pytest.mark.parametrize("product", PRODUCTS)
def test_one_dead_service_of_two_is_no_verdict(product: str, probe: Any) -> None:
    run = probe(product, "plain", mcp="dead upstream")
    assert run.told == (2, "unproven")
    assert run.reasons() == {("unproven", "intermediary")}
    assert {f["service"] for f in run.found() if f["verdict"] != "locked"} == {"mcp"}
    assert {f["service"] for f in run.found() if f["verdict"] == "locked"} == {"web"}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("product", PRODUCTS)
def test_page_that_every_path_gets_is_drift_beside_an_api_that_is_locked(product: str, depth: str, probe: Any) -> None:
    run = probe(product, "single page and API", mcp="plain", depth=depth)
    assert run.told == (1, "drift")
    assert run.reasons() == {("drift", "soft-refusal")}
    assert {f["path"].split("/")[1] for f in run.found() if f["verdict"] != "locked"}.isdisjoint({"api", "mcp"})


# --- it is, to those who wait -----------------------------------------------------------------------------------------


def test_limit_that_lets_nobody_in_is_called_a_limit(probe: Any) -> None:
    run = probe("nginx", "strict limit, 429", "--deadline", "60", surface="me")
    assert run.told == (2, "unproven")
    assert run.reasons() == {("unproven", "throttled")}


def test_limit_is_waited_for(probe: Any) -> None:
    run = probe("nginx", "loose limit, 429", surface="knowledge")
    assert run.amiss() == {}
    assert run.told == (0, "locked")


def test_limit_that_says_503_tells_nothing_of_the_application(probe: Any) -> None:
    run = probe("nginx", "strict limit, 503", surface="knowledge")
    assert run.told == (2, "unproven")
    of_a_head = ("unproven", "gateway")  # nginx signs its 503 in the body
    assert run.reasons() <= {("unproven", "intermediary"), ("unproven", "changed-midway"), of_a_head}


@pytest.mark.parametrize("surface", ["knowledge", "all"])
def test_limit_that_says_503_is_found_out(surface: str, probe: Any) -> None:
    run = probe("nginx", "loose limit, 503", surface=surface)
    assert run.amiss() == {}
    assert run.told == (0, "locked")


def test_limit_that_says_503_is_kept_by_a_rate(probe: Any) -> None:
    run = probe("nginx", "loose limit, 503", "--rate", "10", surface="knowledge")
    assert run.amiss() == {}
    assert run.told == (0, "locked")
