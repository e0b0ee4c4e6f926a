"""Discovery: what the source or a description has and no probe covers becomes a surface that loads as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.audit.source.audit import audit_source
from prober.audit.source.nextjs_routes import matches, route_file_of
from prober.definitions.builtin import load_profile, load_surfaces
from prober.definitions.document import parse_document, parse_plain
from prober.definitions.shipped import profile_names
from prober.definitions.surface import parse_surface
from prober.discovery.coverage import Discovered, compare, discovered_in
from prober.discovery.openapi import base_path, discovered_in_openapi
from prober.discovery.surface_yaml import paths_of, render_surface
from prober.errors import DefinitionError, UsageError
from prober.model import Effect, IdType
from prober.plan.credentials import credential_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import JsonValue, Surface

HEAD = "import {getCurrentUserId, requireAdmin} from '@/auth';\nimport {prisma} from '@/lib/db';\nimport {z} from 'zod';\nconst Body = z.object({});\n"
SOURCE = {
    "app/api/me/route.ts": HEAD + "export async function GET() { await getCurrentUserId(); return Response.json(await prisma.user.findFirst()); }\nexport function OPTIONS() { return new Response(); }",
    "app/api/reports/route.ts": HEAD + "export async function GET() { await getCurrentUserId(); await prisma.visit.create({}); return Response.json({}); }\nexport async function POST(request) { await getCurrentUserId(); const body = Body.parse(await request.json()); await prisma.report.create({data: body}); return Response.json({}); }",
    "app/api/reports/[report_id]/route.ts": HEAD + "export async function DELETE() { await requireAdmin(); await prisma.report.delete({}); return new Response(null, {status: 204}); }",
    "app/api/jobs/route.ts": HEAD + "export async function POST() { await prisma.job.create({}); return Response.json({}); }",
    "app/files/[[...path]]/route.ts": HEAD + "export async function GET() { await getCurrentUserId(); return Response.json(await prisma.file.findMany()); }",
    "app/(shell)/reports/page.tsx": "export default function Page() { return <main/>; }",
    "app/signin/page.tsx": "export default function Page() { return <main/>; }",
    "pages/api/legacy/[id].ts": "import {getServerSession} from 'next-auth';\nexport default async function handler(req, res) { const s = await getServerSession(req, res); if (!s) return res.status(401).end(); if (req.method === 'PUT') return res.json({}); res.status(405).end(); }",
    "app/api/healthz/route.ts": "export const GET = () => Response.json({ok: true});",
}  # fmt: skip


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("source"), SOURCE)


@pytest.fixture(scope="module")
def found(source: Path) -> tuple[Discovered, ...]:
    return discovered_in(audit_source(source))


def surface_of(*routes: str) -> Surface:
    entries = "".join(f"\n  - {{route: '{route}', guard: session, effect: none, why: w, fix: f}}" for route in routes)
    return parse_surface(parse_document(f"surface: mine\nabout: a\nroutes:{entries}\n", file="mine.yaml"))


def prober(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("prober"), *words]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)


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
        "POST /api/jobs": (Effect.ACTS, False),  # nothing is known that an open door would reject: skipped, in sight
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


# --- descriptions by OpenAPI ------------------------------------------------------------------------------------------

OPENAPI = """
openapi: 3.1.0
info: {title: t, version: 1.0.0, released: 2026-01-01}
servers: [{url: 'https://api.example.com/v2/'}]
security: [{session: []}]
paths:
  /health: {get: {security: []}}
  /me: &me {get: {summary: me, responses: {200: {description: ok}}}}
  /self: *me
  /items/{item_id}:
    get: {}
    delete: {security: [{key: []}]}
    put: {$ref: '#/x-operations/put'}
  /items/{id}.json: {get: {}}
  /items/{a}-{b}: {get: {}}
  /open: {get: {security: [{}, {session: []}]}}
  /admin/users: {get: {security: [{oauth: ['admin:read']}]}}
  /orders: {post: {requestBody: {$ref: '#/components/requestBodies/order'}}, options: {}, head: {}}
  /shared: {$ref: '#/components/pathItems/shared'}
  /outside: {$ref: 'other.yaml#/x'}
  /round: {$ref: '#/paths/~1round'}
webhooks: {made: {post: {}}}
x-operations: {put: {requestBody: {content: {text/plain: {}}}}}
components:
  pathItems: {shared: {get: {}}}
  requestBodies: {order: {content: {application/json: {schema: {$ref: '#/components/schemas/order'}}}}}
  schemas: {order: {type: object}}
  securitySchemes:
    session: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: x-key}
    oauth: {type: oauth2}
"""


def test_security_requirements_become_guards() -> None:
    found, notes = discovered_in_openapi(parse_plain(OPENAPI, file="a.yaml"), file="a.yaml")
    assert {one.name: one.guard for one in found} == {
        "GET /health": "public",
        "GET /me": "session",
        "GET /self": "session",
        "GET /items/:itemId": "session",
        "PUT /items/:itemId": "session",
        "DELETE /items/:itemId": "machine-key",
        "GET /items/0.json": "session",
        "GET /items/0-0": "session",
        "GET /open": "session",
        "GET /admin/users": "admin",
        "POST /orders": "session",
        "GET /shared": "session",
    }
    assert notes == (
        "GET /open: its security is optional; assumed to be guarded",
        "/outside: cannot be resolved",
        "/round: cannot be resolved",
        "by the security schemes, the profile needs: presents: {machine-key: {header: x-key}}",
    )
    surface = parse_surface(parse_document(render_surface(found, name="api", about="a"), file="api.yaml"))
    assert [route.inert for route in surface.routes if route.method == "POST"] == [True]


def test_what_says_nothing_of_security_is_guarded() -> None:
    document = json.dumps({"openapi": "3.0.3", "paths": {"/a": {"get": {}}}})
    found, notes = discovered_in_openapi(parse_plain(document, file="a.json"), file="a.json")
    assert [one.guard for one in found] == ["session"]
    assert notes == ("GET /a: the document has no security; assumed to be guarded",)


def test_the_base_path_of_a_description_is_its_first_servers() -> None:
    assert base_path(parse_plain(OPENAPI, file="a.yaml")) == "/v2"
    assert base_path({"servers": [{"url": "https://{tenant}.example.com/v2"}]}) == ""
    assert base_path({"servers": []}) == base_path({}) == base_path([]) == ""


@pytest.mark.parametrize(
    "document", ["swagger: '2.0'", "openapi: 4.0.0", "[1]", "{}", "openapi: {}", "openapi: 3.2.0\npaths: {}"]
)
def test_what_is_no_description_of_these_versions_is_told(document: str) -> None:
    with pytest.raises(UsageError, match=r"not an OpenAPI 3\.0 or 3\.1"):
        discovered_in_openapi(parse_plain(document, file="a.yaml"), file="a.yaml")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("a: [", id="half"),
        pytest.param('{"a": ' * 5000, id="deep-json"),
        pytest.param("[" * 5000, id="deep-yaml"),
        pytest.param('{"a": ' * 100_000 + "1" + "}" * 100_000, id="deep-and-whole"),
    ],
)
def test_what_cannot_be_read_is_told(document: str) -> None:
    with pytest.raises(DefinitionError):
        parse_plain(document, file="a.yaml")


@pytest.mark.parametrize("paths", ["7", "[a]", "{/a: 7, /b: {get: 7}, c: {get: {}}, /d: {get: {security: 7}}}"])
def test_odd_shapes_are_read_without_a_crash(paths: str) -> None:
    found, _ = discovered_in_openapi(parse_plain(f"openapi: 3.0.0\npaths: {paths}", file="a"), file="a")
    assert all(one.guard == "session" for one in found)


def test_a_ring_of_aliases_is_refused() -> None:
    with pytest.raises(DefinitionError, match="recursive"):
        parse_plain("openapi: 3.0.0\npaths: &ring {/a: *ring}\n", file="a")


def test_a_bomb_of_aliases_ends() -> None:
    bomb = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    found, notes = discovered_in_openapi(parse_plain(f"openapi: 3.0.0\n{bomb}paths: {{/a: *a11}}", file="a"), file="a")
    assert (found, notes) == ((), ("/a: cannot be resolved",))


class Description(BaseHTTPRequestHandler):
    """Serves a description, a redirect to it, and one that is too large."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        body = {"/openapi.yaml?v=1": OPENAPI.encode(), "/large": b"x" * (9 * 1024 * 1024)}.get(self.path, b"")
        self.send_response(200 if body else 302)
        self.send_header("Location", "/openapi.yaml?v=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            return

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Description.asked = []
    with HTTPServer(("127.0.0.1", 0), Description) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.mark.integration
def test_a_url_is_asked_once_and_no_redirect_is_followed(server: str, tmp_path: Path) -> None:
    ended = prober("discover", "openapi", f"{server}/openapi.yaml?v=1", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "  - route: 'POST /orders'" in ended.stdout
    assert Description.asked == ["/openapi.yaml?v=1"]
    moved = prober("discover", "openapi", f"{server}/moved", folder=tmp_path)
    assert (moved.returncode, Description.asked[1:]) == (64, ["/moved"])
    assert "answered 302" in moved.stderr


@pytest.mark.integration
def test_a_description_that_is_too_large_is_refused(server: str, tmp_path: Path) -> None:
    assert "larger than 8 MiB" in prober("discover", "openapi", f"{server}/large", folder=tmp_path).stderr
    (tmp_path / "large.json").write_bytes(b" " * (8 * 1024 * 1024 + 1))
    assert "larger than 8 MiB" in prober("discover", "openapi", "large.json", folder=tmp_path).stderr


@pytest.mark.integration
def test_a_file_is_read_as_json_or_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"openapi": "3.0.0", "paths": {"/things": {"get": {}}}}))
    (tmp_path / "a.yaml").write_text("openapi: 3.0.0\npaths: {/things: {get: {}}}\n")
    outs = [
        prober("discover", "openapi", name, folder=tmp_path).stdout.partition("\n")[2] for name in ("a.json", "a.yaml")
    ]
    assert "GET /things" in outs[0]
    assert outs[0].replace("a.json", "a.yaml") == outs[1]
    assert prober("discover", "openapi", "none.json", folder=tmp_path).returncode == 64


@pytest.mark.parametrize(
    ("path", "guard", "effect"),
    [
        ("/api/cron/prune", "session", Effect.ACTS),
        ("/api/rows", "session", Effect.NONE),
        ("/jobs", "session-page", Effect.NONE),
        ("/hooks", "public", Effect.NONE),
    ],
)
def test_a_get_of_a_job_is_written_as_one_that_acts(path: str, guard: str, effect: Effect) -> None:
    route = Discovered(method="GET", path=path, guard=guard, file="a.ts", line=1, why="w", fix="f")
    [written] = parse_surface(parse_document(render_surface([route], name="n", about="a"), file="n.yaml")).routes
    assert (written.effect, written.inert) == (effect, False)


def test_a_guarded_route_that_takes_upgrades_is_written_as_one() -> None:
    document = """
openapi: 3.1.0
paths:
  /prices: {get: {responses: {'101': {description: Switching Protocols}}}}
  /trades: {get: {x-websocket: true, responses: {'200': {description: ok}}}}
  /quotes: {get: {x-websocket: false, responses: {'200': {description: ok}}}}
  /rooms/ws: {get: {responses: {'200': {description: ok}}}}
  /live: {get: {security: [], responses: {'200': {description: ok}}}}
"""
    found, _ = discovered_in_openapi(parse_plain(document, file="a.yaml"), file="a.yaml")
    surface = parse_surface(parse_document(render_surface(found, name="api", about="a"), file="api.yaml"))
    assert [route.path for route in surface.routes if route.websocket] == ["/prices", "/trades", "/rooms/ws"]


def test_the_types_of_ids_are_written_as_the_description_has_them() -> None:
    document = """
openapi: 3.1.0
components: {schemas: {Id: {type: integer}}}
paths:
  /orders/{order_id}/lines/{line}:
    parameters:
      - {name: order_id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}
      - {name: page, in: query, schema: {type: integer}}
    get:
      parameters: [{name: line, in: path, required: true, schema: {type: string, format: uuid}}]
  /pages/{slug}: {get: {parameters: [{name: slug, in: path, required: true, schema: {type: string}}]}}
"""
    found, _ = discovered_in_openapi(parse_plain(document, file="a.yaml"), file="a.yaml")
    assert [one.path for one in found] == ["/orders/:orderId<int>/lines/:line<uuid>", "/pages/:slug"]
    surface = parse_surface(parse_document(render_surface(found, name="api", about="a"), file="api.yaml"))
    assert [route.path for route in surface.routes] == ["/orders/:orderId/lines/:line", "/pages/:slug"]
    assert surface.routes[0].id_types == (("orderId", IdType.INT), ("line", IdType.UUID))


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        pytest.param("schema: {type: [integer, 'null']}", "/a/:no<int>/", id="or-null"),
        pytest.param("schema: {anyOf: [{type: string, format: uuid}, {type: 'null'}]}", "/a/:no<uuid>/", id="any-of"),
        pytest.param("schema: {oneOf: [{type: integer}, {type: string}]}", "/a/:no/", id="or-a-text"),
        pytest.param("content: {text/plain: {schema: {type: integer}}}", "/a/:no<int>/", id="in-its-content"),
        pytest.param("schema: {$ref: '#/components/schemas/Ring'}", "/a/:no/", id="a-schema-of-itself"),
    ],
)
def test_type_of_an_id_is_the_one_that_its_schema_allows(schema: str, written: str) -> None:
    ring = "{anyOf: [{$ref: '#/components/schemas/Ring'}, {$ref: '#/components/schemas/Ring'}]}"
    text = f"openapi: 3.1.0\npaths:\n  /a/{{no}}/:\n    get: {{parameters: [{{name: no, in: path, {schema}}}]}}\ncomponents: {{schemas: {{Ring: {ring}}}}}"
    routes, _ = discovered_in_openapi(parse_plain(text, file="api.yaml"), file="api.yaml")
    assert [one.path for one in routes] == [written]


@pytest.mark.parametrize(
    ("schemes", "written"),
    [
        pytest.param({"a": {"type": "apiKey", "in": "header", "name": "X-Cron"}}, "{header: X-Cron}", id="header"),
        pytest.param({"a": {"type": "apiKey", "in": "cookie", "name": "sid"}}, "{cookie: sid}", id="cookie"),
        pytest.param({"a": {"type": "apiKey", "in": "query", "name": "k.x"}}, '{query: "k.x"}', id="quoted-query"),
        pytest.param({"a": {"type": "http", "scheme": "Basic"}}, "basic", id="basic"),
        pytest.param({"a": {"type": "http", "scheme": "DPoP"}}, "{scheme: DPoP}", id="own-scheme"),
        pytest.param(
            {"a": {"type": "oauth2"}, "b": {"type": "apiKey", "in": "cookie", "name": "sid"}},
            "[secret, bearer, {cookie: sid}]", id="two-at-one-guard",
        ),
        pytest.param({"a": {"type": "http", "scheme": "bearer"}}, None, id="bearer-is-usual"),
        pytest.param({"a": {"type": "mutualTLS"}}, None, id="nothing-to-send"),
    ],
)  # fmt: skip
def test_security_schemes_say_what_the_profile_presents(schemes: dict[str, JsonValue], written: str | None) -> None:
    document: JsonValue = {
        "openapi": "3.1.0",
        "components": {"securitySchemes": schemes},
        "paths": {"/me": {"get": {"security": [{name: []} for name in schemes]}}},
    }
    [route], notes = discovered_in_openapi(document, file="o.json")
    expected = f"by the security schemes, the profile needs: presents: {{{route.guard}: {written}}}"
    assert notes == (() if written is None else (expected,))
