"""The prober against nginx and Caddy, as Debian has them, in front of the demo: TLS ends there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import trustme

from prober.demo.doors import door_named
from prober.demo.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prober.demo.server import Demo

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(300)]

NGINX = """\
daemon off; master_process off; pid {folder}/{port}.pid; error_log {folder}/{port}.error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
  proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme; proxy_http_version 1.1; proxy_buffering off;
  limit_req_zone $binary_remote_addr zone=strict:1m rate=1r/m; limit_req_zone $binary_remote_addr zone=loose:1m rate=20r/s;
  server {{ listen 127.0.0.1:{port} ssl; {inside} }}
}}
"""
CADDY = """\
{{
  admin off
  auto_https disable_redirects
  storage file_system {folder}/caddy
}}
https://localhost:{port} {{
  tls {folder}/server.pem {folder}/server.pem
  {inside}
}}
"""
BCRYPT = "$2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG"  # of somebody's password
FORMS = {
    "nginx": {
        "plain": "location / { proxy_pass http://UPSTREAM; }",
        "respelled": "gzip on; gzip_types application/json; gzip_min_length 1; location / { proxy_pass http://UPSTREAM/; }",
        "password": 'auth_basic "staging"; auth_basic_user_file {folder}/users; location / { proxy_pass http://UPSTREAM; }',
        "strict-limit": "location / { limit_req zone=strict; limit_req_status 429; proxy_pass http://UPSTREAM; }",
        "strict-limit-503": "location / { limit_req zone=strict; proxy_pass http://UPSTREAM; }",
        "loose-limit": "location / { limit_req zone=loose burst=5 nodelay; limit_req_status 429; proxy_pass http://UPSTREAM; }",
        "loose-limit-503": "location / { limit_req zone=loose burst=5 nodelay; proxy_pass http://UPSTREAM; }",
        "dead": "location / { proxy_pass http://127.0.0.1:1; }",
        "maintenance": "error_page 503 /closed.html; location = /closed.html { internal; root {folder}; } location / { return 503; }",
        "single-page": "root {folder}/spa; location / { try_files $uri /index.html; }",
        "single-page-and-api": "root {folder}/spa; location / { try_files $uri /index.html; } location ~ ^/(api|mcp)(/|$) { proxy_pass http://UPSTREAM; }",
    },
    "caddy": {
        "plain": "reverse_proxy UPSTREAM",
        "respelled": "encode gzip\nrewrite * {{path}}?{{query}}\nreverse_proxy UPSTREAM",
        "password": f"basicauth {{\n staging {BCRYPT}\n}}\nreverse_proxy UPSTREAM",
        "dead": "reverse_proxy 127.0.0.1:1",
        "maintenance": 'respond "We will be back soon." 503',
        "single-page": "root * {folder}/spa\ntry_files {{path}} /index.html\nfile_server",
        "single-page-and-api": "@api path /api/* /mcp\nhandle @api {\nreverse_proxy UPSTREAM\n}\nhandle {\nroot * {folder}/spa\ntry_files {{path}} /index.html\nfile_server\n}",
    },
}  # fmt: skip
SHELL = '<!doctype html><html><head><title>Brain</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>'


class Fronts:
    """Servers that stand before a demo, one for each of its services."""

    def __init__(self, folder: Path, servers: Any, installed: Any) -> None:
        self.folder, self._servers, self._installed = folder, servers, installed
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            str(folder / "server.pem")
        )
        (folder / "users").write_text("staging:{PLAIN}somebodys-password\n")
        (folder / "closed.html").write_text("<h1>We will be back soon</h1>")
        (folder / "spa").mkdir()
        (folder / "spa" / "index.html").write_text(SHELL)

    def before(self, demo: Demo, product: str, form: str, *, mcp: str | None = None) -> tuple[str, ...]:
        """Start one for the pages and one for MCP (of the same form, or of another); give the prober's options."""
        web = self._start(product, form, demo.web_url)
        other = self._start(product, mcp or form, demo.mcp_url)
        return ("--base-url", web, "--mcp-url", other, "--cacert", str(self.folder / "authority.pem"))

    def _start(self, product: str, form: str, upstream: str) -> str:
        port = self._servers.free_port()
        inside = FORMS[product][form].replace("UPSTREAM", upstream.removeprefix("http://"))
        inside = inside.replace("{folder}", str(self.folder)).replace("{{", "{").replace("}}", "}")
        file = self.folder / f"{product}-{port}.conf"
        file.write_text({"nginx": NGINX, "caddy": CADDY}[product].format(folder=self.folder, port=port, inside=inside))
        commands = {
            "nginx": ["-p", str(self.folder), "-c", str(file), "-e", str(self.folder / f"{port}.error.log")],
            "caddy": ["run", "--config", str(file), "--adapter", "caddyfile"],
        }
        program = self._installed.debian(product, {"nginx": "nginx-light", "caddy": "caddy"}[product])
        home = {"XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        self._servers.start([program, *commands[product]], port=port, env=home)
        return f"https://localhost:{port}"


@pytest.fixture(scope="session")
def fronts(tmp_path_factory: pytest.TempPathFactory, servers: Any, installed: Any) -> Fronts:
    return Fronts(tmp_path_factory.mktemp("fronts"), servers, installed)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running("oauth") as up:
        yield up


@pytest.fixture
def probe(prober: Any, fronts: Fronts, demo: Demo) -> Any:
    def run(
        product: str, form: str, *arguments: str, mcp: str | None = None, depth: str = "standard", surface: str = "all",
        behind: Demo = demo,
    ) -> Any:  # fmt: skip
        where = fronts.before(behind, product, form, mcp=mcp)
        return prober("--profile", "oauth", *where, "--surface", surface, "--depth", depth, *arguments)

    return run


PRODUCTS = [pytest.param("nginx", id="nginx"), pytest.param("caddy", id="caddy")]
DEPTHS = [pytest.param(depth, id=depth) for depth in ("quick", "standard", "deep")]


def reasons(run: Any) -> set[tuple[str, str]]:
    return {(verdict, reason) for verdict, reason, _ in run.amiss().values()}


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
        pytest.param("nginx", "dead", "intermediary", "nginx", id="nginx-dead-upstream"),
        pytest.param("caddy", "dead", "intermediary", "Caddy", id="caddy-dead-upstream"),
        pytest.param("nginx", "maintenance", "gateway", "gateway", id="nginx-maintenance"),
        pytest.param("caddy", "maintenance", "intermediary", "Caddy", id="caddy-maintenance"),
        pytest.param("nginx", "single-page", "wrong-base", None, id="nginx-single-page"),
        pytest.param("caddy", "single-page", "wrong-base", None, id="caddy-single-page"),
    ],
)
@pytest.mark.parametrize("depth", DEPTHS)
def test_what_keeps_the_request_to_itself_is_no_verdict(
    product: str, form: str, reason: str, who: str | None, depth: str, probe: Any
) -> None:
    run = probe(product, form, depth=depth)
    assert run.told == (2, "unproven")
    assert reasons(run) == {("unproven", reason)}
    assert run.report["counts"]["locked"] == 0
    assert who in {None, run.report["services"]["web"]["intermediary"]}


@pytest.mark.parametrize("product", PRODUCTS)
def test_one_dead_service_of_two_is_no_verdict(product: str, probe: Any) -> None:
    run = probe(product, "plain", mcp="dead")
    assert run.told == (2, "unproven")
    assert reasons(run) == {("unproven", "intermediary")}
    assert {f["service"] for f in run.found() if f["verdict"] != "locked"} == {"mcp"}
    assert {f["service"] for f in run.found() if f["verdict"] == "locked"} == {"web"}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("product", PRODUCTS)
def test_page_that_every_path_gets_is_drift_beside_an_api_that_is_locked(product: str, depth: str, probe: Any) -> None:
    run = probe(product, "single-page-and-api", mcp="plain", depth=depth)
    assert run.told == (1, "drift")
    assert reasons(run) == {("drift", "soft-refusal")}
    assert {f["path"].split("/")[1] for f in run.found() if f["verdict"] != "locked"}.isdisjoint({"api", "mcp"})


# --- it is, to those who wait -----------------------------------------------------------------------------------------


def test_limit_that_lets_nobody_in_is_called_a_limit(probe: Any) -> None:
    run = probe("nginx", "strict-limit", "--deadline", "60", surface="me")
    assert run.told == (2, "unproven")
    assert reasons(run) == {("unproven", "throttled")}


def test_limit_is_waited_for(probe: Any) -> None:
    run = probe("nginx", "loose-limit", surface="knowledge")
    assert run.amiss() == {}
    assert run.told == (0, "locked")


@pytest.mark.parametrize("form", ["strict-limit-503", "loose-limit-503"])
def test_limit_that_says_503_tells_nothing_of_the_application(form: str, probe: Any) -> None:
    run = probe("nginx", form, "--deadline", "60", "--surface", "auth", surface="knowledge")
    assert run.status in {0, 2}
    assert reasons(run) <= {("unproven", "intermediary"), ("unproven", "throttled")}
