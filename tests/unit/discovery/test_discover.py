"""Discovery: what the source or a description has and no probe covers becomes a surface that loads as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source
from prober.audit.source.nextjs_routes import matches, route_file_of
from prober.definitions.builtin import load_profile, load_surfaces
from prober.definitions.document import parse_document
from prober.definitions.shipped import profile_names
from prober.definitions.surface import parse_surface
from prober.discovery.coverage import Discovered, compare, discovered_in
from prober.discovery.surface_yaml import paths_of, render_surface
from prober.model import Effect
from prober.plan.credential_names import credential_names
from tests.support.discovered import HEAD, prober, written

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model import Surface


def surface_of(*routes: str) -> Surface:
    entries = "".join(f"\n  - {{route: '{route}', guard: session, effect: none, why: w, fix: f}}" for route in routes)
    return parse_surface(parse_document(f"surface: mine\nabout: a\nroutes:{entries}\n", file="mine.yaml"))


# --- what a source has ------------------------------------------------------------------------------------------------


def test_routes_pages_and_their_guards_are_found(found: tuple[Discovered, ...]) -> None:
    assert {one.name: one.guard for one in found} == {
        "GET /api/healthz": "public",
        "POST /api/jobs": "session",
        "GET /api/me": "session",
        "GET /api/reports": "session",
        "POST /api/reports": "session",
        "DELETE /api/reports/:reportId": "admin",
        "GET /files/:path*": "session",
        "PUT /api/legacy/:id": "session",
        "GET /reports": "session-page",
        "GET /signin": "public",
    }


@pytest.mark.integration
def test_what_is_found_is_a_surface_that_loads_and_plans(source: Path, tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    ended = prober("discover", "nextjs", source, "--surface", "health", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    (tmp_path / "probes" / "found.yaml").write_text(ended.stdout)
    surface = next(one for one in load_surfaces([tmp_path / "probes"]) if one.name == "discovered")
    assert "GET /api/healthz" not in {f"{route.method} {route.path}" for route in surface.routes}
    effects = {f"{route.method} {route.path}": (route.effect, route.inert) for route in surface.routes}
    assert effects == {
        "POST /api/jobs": (
            Effect.ACTS,
            False,
        ),  # nothing is known that an open door would reject: skipped, and the report lists it
        "GET /api/me": (Effect.NONE, False),
        "GET /api/reports": (Effect.ACTS, False),  # it writes
        "POST /api/reports": (Effect.ACTS, True),
        "DELETE /api/reports/:reportId": (Effect.ACTS, True),
        "GET /files": (Effect.NONE, False),
        "GET /files/:path": (Effect.NONE, False),
        "PUT /api/legacy/:id": (Effect.ACTS, True),
        "GET /reports": (Effect.NONE, False),
        "GET /signin": (Effect.NONE, False),
    }
    (tmp_path / "prober.yaml").write_text(
        "profile: oauth\nservices: {web: 'https://app.example.com'}\nsurfaces: [discovered]\nprobes: [./probes]\n"
    )
    planned = prober("plan", "--format", "json", folder=tmp_path)
    assert planned.returncode == 0, planned.stderr
    sent = {probe["id"].partition(" [")[0] for probe in json.loads(planned.stdout)["probes"]}
    assert "discovered: POST /api/reports" in sent
    assert "discovered: POST /api/jobs" not in sent


@pytest.mark.parametrize("profile", profile_names())
def test_every_guard_that_is_guessed_is_one_of_every_profile(profile: str) -> None:
    guards = {"session", "session-page", "admin", "admin-page", "public", "migration-secret", "machine-key"}
    assert guards <= set(load_profile(profile, credentials=credential_names()).guards)


def test_odd_paths_make_a_surface_that_loads() -> None:
    odd = ["/a b/:id", "/it's", "/ü/#x", "/:a*", "/x:y", "/"]
    routes = [
        Discovered(method="GET", path=path, guard="session", file='a"\n#.ts', line=1, why='it\'s "so"', fix="f: x")
        for path in odd
    ]
    text = render_surface(routes, name="odd", about="a: b # c")
    surface = parse_surface(parse_document(text, file="odd.yaml"))
    assert [route.path for route in surface.routes] == ["/a%20b/:id", "/it's", "/%C3%BC/%23x", "/", "/:a", "/x:y"]
    assert surface.routes[0].why == 'it\'s "so"'


def test_of_no_route_there_is_no_surface() -> None:
    assert render_surface([], name="n", about="a") == ""


# --- compared with the probes -----------------------------------------------------------------------------------------


def test_comparison_tells_known_probed_unprobed_and_gone(found: tuple[Discovered, ...]) -> None:
    routes = surface_of("GET /api/me?verbose=1", "HEAD /signin", "DELETE /api/reports/:id", "PATCH /api/me", "GET /api/gone", "GET /files/a/b/c", "POST /api/legacy/7").routes  # fmt: skip
    coverage = compare(found, routes)
    assert coverage.known == found
    assert {one.name for one in coverage.probed} == {
        "GET /api/me", "GET /signin", "DELETE /api/reports/:reportId", "GET /files/:path*", "PUT /api/legacy/:id",
    }  # fmt: skip
    assert set(coverage.unprobed) == set(found) - set(coverage.probed)
    assert [f"{route.method} {route.path}" for route in coverage.gone] == ["PATCH /api/me", "GET /api/gone"]


def test_routes_of_other_services_are_no_part_of_it(found: tuple[Discovered, ...]) -> None:
    node = parse_document("surface: m\nabout: a\nservice: mcp\nroutes: [{route: GET /nowhere, guard: session, why: w, fix: f}]", file="m.yaml")  # fmt: skip
    assert compare(found, parse_surface(node).routes).gone == ()


def test_the_more_exact_route_of_two_is_the_probed_one(tmp_path: Path) -> None:
    route = HEAD + "export async function GET() { await getCurrentUserId(); return Response.json({}); }"
    both = {f"app/api/users/{name}/route.ts": route for name in ("me", "[id]", "[...rest]")}
    coverage = compare(
        discovered_in(audit_source(written(tmp_path, both))),
        surface_of("GET /api/users/me", "GET /api/users/:id").routes,
    )
    assert [one.path for one in coverage.unprobed] == ["/api/users/:rest+"]


def test_a_base_path_is_told_and_may_be_part_of_the_probes(tmp_path: Path) -> None:
    route = HEAD + "export async function GET() { await getCurrentUserId(); return Response.json({}); }"
    files = {"app/api/me/route.ts": route, "next.config.mjs": "export default {basePath: '/brain'};"}
    audit = audit_source(written(tmp_path, files))
    assert audit.base_path == "/brain"
    for path in ("GET /api/me", "GET /brain/api/me"):
        assert compare(discovered_in(audit), surface_of(path).routes, base_path="/brain").unprobed == ()


CATCHERS = [
    pytest.param("/:rest+", "session", "/api/me", False, id="of-the-root"),
    pytest.param("/:rest*", "session", "/api/me", False, id="optional"),
    pytest.param("/api/:path+", "session", "/api/me", False, id="below-a-folder"),
    pytest.param("/:locale/:rest+", "session-page", "/en/me", False, id="behind-a-parameter"),
    pytest.param("/:slug", "session-page", "/login", False, id="of-one-segment"),
    pytest.param("/:rest+", "session", "/:rest", True, id="its-own-probe"),
    pytest.param("/api/auth/:nextauth+", "public", "/api/auth/session", True, id="a-library's-own"),
    pytest.param("/api/notes/:id", "session", "/api/notes/7", True, id="a-parameter-is-no-catch-all"),
]


@pytest.mark.parametrize(("pattern", "guard", "path", "claimed"), CATCHERS)
def test_catch_all_shows_of_no_path_that_it_is_served(pattern: str, guard: str, path: str, claimed: bool) -> None:  # noqa: FBT001
    found = Discovered(method="GET", path=pattern, guard=guard, file="a.ts", line=1, why="w", fix="f")
    text = f"surface: own\nabout: own\nroutes:\n  - {{route: 'GET {path}', guard: session, why: w, fix: f}}\n"
    coverage = compare([found], parse_surface(parse_document(text, file="own.yaml")).routes)
    assert (coverage.probed, coverage.caught == (), coverage.gone) == ((found,), claimed, ())


def test_catch_all_is_named_as_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "app" / "[...rest]" / "route.ts"
    file.parent.mkdir(parents=True)
    file.write_text("export const GET = () => Response.json({});")
    text = render_surface(discovered_in(audit_source(tmp_path)), name="own", about="own")
    assert "# It is a catch-all" in text
    assert parse_surface(parse_document(text, file="own.yaml")).routes[0].path == "/:rest"


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("/", "/", True),
        ("/a/:id", "/a/:userId", True),
        ("/a/:id", "/a/7/", True),
        ("/a/:id", "/a", False),
        ("/a/me", "/a/:id", False),
        ("/a/:r+", "/a", False),
        ("/a/:r+", "/a/b/c", True),
        ("/a/:r*", "/a", True),
        ("/a", "/a/b", False),
    ],
)
def test_a_pattern_serves_a_path(pattern: str, path: str, wanted: bool) -> None:  # noqa: FBT001
    assert matches(pattern, path) is wanted


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("app/page.tsx", "/"),
        ("app/(a)/(b)/x/page.js", "/x"),
        ("app/@modal/x/page.tsx", "/x"),
        ("app/(.)x/page.tsx", None),
        ("app/x/(..)(..)y/page.tsx", None),
        ("app/_private/page.tsx", None),
        ("app/docs/[[...slug]]/page.tsx", "/docs/:slug*"),
        ("app/[user-name]/page.tsx", "/:userName"),
        ("src/pages/index.tsx", "/"),
        ("pages/docs/index.tsx", "/docs"),
        ("pages/_app.tsx", None),
        ("pages/404.tsx", None),
        ("app/x/layout.tsx", None),
        ("packages/web/app/x/page.tsx", "/x"),
        ("application/x/page.tsx", None),
    ],
)
def test_a_page_is_where_next_js_serves_it(file: str, path: str | None) -> None:
    place = route_file_of(file)
    assert (place.path if place else None) == path


@pytest.mark.integration
def test_the_command_lists_what_the_source_has_no_more_of_declared_surfaces_only(source: Path, tmp_path: Path) -> None:
    ended = prober("discover", "nextjs", source, "--surface", "me", folder=tmp_path)
    assert "# These routes are probed, but the source does not have them:" in ended.stdout
    assert "#   POST /api/me/password   (probes/me.yaml:" in ended.stdout
    assert "does not have them" not in prober("discover", "nextjs", source, folder=tmp_path).stdout


@pytest.mark.integration
def test_the_command_can_be_a_check(source: Path, tmp_path: Path) -> None:
    assert prober("discover", "nextjs", source, "--check", folder=tmp_path).returncode == 1
    empty = written(tmp_path / "empty", {"a.ts": "export const a = 1;"})
    assert prober("discover", "nextjs", empty, folder=tmp_path).returncode == 2
    assert prober("discover", "nextjs", source, "--surface", "mee", folder=tmp_path).returncode == 64


def test_paths_of_what_varies_at_its_end() -> None:
    assert paths_of("/a/:rest*") == ["/a", "/a/:rest"]
    assert paths_of("/:rest*") == ["/", "/:rest"]
    assert paths_of("/a/:rest+") == ["/a/:rest"]
