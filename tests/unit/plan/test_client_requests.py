"""Each guarded page is also asked as a browser and as curl ask for it: the very URL, with nothing that names us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

PROFILE = "profile: made\nabout: A.\nguards: {public: 200, session: 401}\n"
ROUTES = """
surface: made
about: A.
routes:
  - {route: GET /api/notes, guard: session, why: w, fix: f}
"""


@pytest.fixture(scope="module")
def made(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., Plan]:
    """Plan these routes, whole."""

    def plan(routes: str = ROUTES, url: str = "http://app.test", **options: object) -> Plan:
        return plan_of([surface_of(routes)], profile_of(PROFILE), urls={"web": url}, whole=True, **options)

    return plan


def by_variant(plan: Plan) -> dict[str, Probe]:
    return {probe.variant.name: probe for probe in plan.probes if probe.variant}


@pytest.mark.parametrize(
    ("depth", "names"),
    [(Depth.QUICK, {"as-browser"}), (Depth.STANDARD, {"as-browser", "as-curl"})],
)
def test_each_depth_sends_them(depth: Depth, names: set[str], made: Callable[..., Plan]) -> None:
    assert {name for name in by_variant(made(depth=depth)) if name in {"as-browser", "as-curl"}} == names


@pytest.mark.parametrize("name", ["as-browser", "as-curl"])
def test_it_is_the_very_url_and_no_header_of_ours(name: str, made: Callable[..., Plan]) -> None:
    request = by_variant(made())[name].request
    headers = dict(request.headers)
    assert request.target == "/api/notes"
    assert headers["User-Agent"].startswith({"as-browser": "Mozilla/5.0", "as-curl": "curl/"}[name])
    assert "Cache-Control" not in headers
    assert ("text/html" in headers["Accept"]) is (name == "as-browser")
    assert headers["X-Lockdown-Probe"] == "0123abcd"  # the run's name, where an operator finds it in a log
    assert "test" not in headers["User-Agent"]


@pytest.mark.parametrize("name", ["as-browser", "as-curl"])
def test_the_prober_can_name_itself_everywhere(name: str, made: Callable[..., Plan]) -> None:
    headers = dict(by_variant(made(identify_always=True))[name].request.headers)
    assert headers["User-Agent"] == "test"
    assert "Cache-Control" not in headers


@pytest.mark.parametrize(
    ("url", "offered"), [("https://app.test", {"as-browser"}), ("http://app.test", set())], ids=["tls", "plain"]
)
def test_a_browser_offers_http_2_over_tls(url: str, offered: set[str], made: Callable[..., Plan]) -> None:
    assert {name for name, probe in by_variant(made(url=url)).items() if probe.request.offers_http2} == offered


@pytest.mark.parametrize(
    "route",
    [
        "POST /api/notes, guard: session, effect: none",
        "GET /api/notes, guard: session, effect: repeats",
        "GET /api/notes, guard: public",
    ],
)
def test_only_a_guarded_get_that_does_nothing_is_asked_so(route: str, made: Callable[..., Plan]) -> None:
    routes = ROUTES.replace("GET /api/notes, guard: session", route)
    plan = made(routes, depth=Depth.STANDARD)
    assert not {"as-browser", "as-curl"} & set(by_variant(plan))


def test_what_a_route_says_of_its_own_request_stays(made: Callable[..., Plan]) -> None:
    routes = ROUTES.replace("why: w", "send: {headers: {Accept: text/event-stream}}, why: w")
    request = by_variant(made(routes))["as-browser"].request
    assert [value for name, value in request.headers if name == "Accept"] == ["text/event-stream"]


def test_an_unknown_path_is_asked_as_a_browser_too(made: Callable[..., Plan]) -> None:
    """Some servers answer a browser with a page where they answer a script with an error."""
    [control] = [control for control in made().not_found_controls if control.variant == "as-browser"]
    headers = dict(control.request.headers)
    assert headers["User-Agent"].startswith("Mozilla/5.0")
    assert "Cache-Control" not in headers


@pytest.mark.parametrize(
    ("path", "target"),
    [("/prices/ws", "/prices/ws"), ("/socket.io/", "/socket.io/?EIO=4&transport=websocket")],
)
def test_an_upgrade_names_what_servers_of_a_kind_ask_for(path: str, target: str, made: Callable[..., Plan]) -> None:
    """The servers of GraphQL and Rails refuse an upgrade without their protocol, those of Socket.IO one without a query."""
    request = by_variant(made(ROUTES.replace("/api/notes", path)))["websocket"].request
    headers = dict(request.headers)
    assert request.target.partition("&lockdown")[0].partition("?lockdown")[0] == target
    assert headers["Upgrade"] == "websocket"
    assert {"graphql-transport-ws", "actioncable-v1-json"} <= set(headers["Sec-WebSocket-Protocol"].split(", "))
