"""Routes and guards of an OpenAPI description."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from prober.definitions.document import parse_document, parse_plain
from prober.definitions.surface import parse_surface
from prober.discovery.coverage import Discovered
from prober.discovery.openapi import base_path, discovered_in_openapi
from prober.discovery.surface_yaml import render_surface
from prober.errors import DefinitionError, UsageError
from prober.model import Effect, IdType
from tests.support.discovered import prober

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prober.model import JsonValue

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
