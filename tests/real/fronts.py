"""nginx and Caddy, as Debian has them: what they are told, in each form, and how they are started before a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trustme

from tests.real import installed
from tests.real.running import Served, Servers, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from prober.demo.server import Demo

TEMPLATES = {
    "nginx": """\
daemon off; master_process off; pid FOLDER/LISTEN.pid; error_log FOLDER/LISTEN.error.log;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path FOLDER/t1; proxy_temp_path FOLDER/t2; fastcgi_temp_path FOLDER/t3;
  uwsgi_temp_path FOLDER/t4; scgi_temp_path FOLDER/t5;
  ssl_certificate FOLDER/server.pem; ssl_certificate_key FOLDER/server.pem;
  proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme; proxy_http_version 1.1; proxy_buffering off;
  limit_req_zone $binary_remote_addr zone=strict:1m rate=1r/m; limit_req_zone $binary_remote_addr zone=loose:1m rate=20r/s;
  server { listen 127.0.0.1:LISTEN ssl; INSIDE }
}
""",
    "caddy": """\
{
  admin off
  auto_https disable_redirects
  default_bind 127.0.0.1
  storage file_system FOLDER/caddy
}
https://localhost:LISTEN {
  tls FOLDER/server.pem FOLDER/server.pem
  INSIDE
}
""",
}
ARGUMENTS = {
    "nginx": ["-p", "FOLDER", "-c", "FILE", "-e", "FILE.log"],
    "caddy": ["run", "--config", "FILE", "--adapter", "caddyfile"],
}
PACKAGES = {"nginx": "nginx-light", "caddy": "caddy"}
PASS_ON = "proxy_pass http://UPSTREAM;"
SPA = "try_files $uri /index.html;"
BCRYPT = "$2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG"  # of somebody's password
FORMS = {
    "nginx": {
        "plain": f"location / {{ {PASS_ON} }}",
        "respelled": "gzip on; gzip_types application/json; gzip_min_length 1; location / { proxy_pass http://UPSTREAM/; }",
        "password": f'auth_basic "staging"; auth_basic_user_file FOLDER/users; location / {{ {PASS_ON} }}',
        "strict limit, 429": f"location / {{ limit_req zone=strict; limit_req_status 429; {PASS_ON} }}",
        "strict limit, 503": f"location / {{ limit_req zone=strict; {PASS_ON} }}",
        "loose limit, 429": f"location / {{ limit_req zone=loose burst=5 nodelay; limit_req_status 429; {PASS_ON} }}",
        "loose limit, 503": f"location / {{ limit_req zone=loose burst=5 nodelay; {PASS_ON} }}",
        "dead upstream": "location / { proxy_pass http://127.0.0.1:1; }",
        "maintenance page": "error_page 503 /closed.html; location = /closed.html { internal; root FOLDER; } location / { return 503; }",
        "bare 503": "location / { return 503; }",
        "single page": f"root FOLDER/spa; location / {{ {SPA} }}",
        "single page and API": f"root FOLDER/spa; location / {{ {SPA} }} location ~ ^/(api|mcp)(/|$) {{ {PASS_ON} }}",
    },
    "caddy": {
        "plain": "reverse_proxy UPSTREAM",
        "respelled": "encode gzip\nrewrite * {path}?{query}\nreverse_proxy UPSTREAM",
        "password": f"basicauth {{\n staging {BCRYPT}\n}}\nreverse_proxy UPSTREAM",
        "dead upstream": "reverse_proxy 127.0.0.1:1",
        "maintenance page": 'respond "We will be back soon." 503',
        "bare 503": "respond 503",
        # What the handler throws: Caddy's own words for it are none at all.
        "own 503": "reverse_proxy UPSTREAM {\n health_uri /never\n health_interval 50ms\n health_status 299\n lb_try_duration 0\n}",
        "single page": "root * FOLDER/spa\ntry_files {path} /index.html\nfile_server",
        "single page and API": "@api path /api/* /mcp\nhandle @api {\nreverse_proxy UPSTREAM\n}\nhandle {\nroot * FOLDER/spa\ntry_files {path} /index.html\nfile_server\n}",
    },
}  # fmt: skip
SHELL = '<!doctype html><html><head><title>Brain</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>'


class Fronts:
    """Servers that stand before a demo, one for each of its services."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder, self._servers = folder, servers
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            str(folder / "server.pem")
        )
        (folder / "users").write_text("staging:{PLAIN}somebodys-password\n")
        (folder / "closed.html").write_text("<h1>We will be back soon</h1>")
        (folder / "spa").mkdir()
        (folder / "spa" / "index.html").write_text(SHELL)

    def before(self, demo: Demo, product: str, form: str, *, mcp: str | None = None) -> tuple[Served, tuple[str, ...]]:
        """Start one for the pages and one for MCP (of the same form, or of another); give the prober's options too."""
        program, version = self._program(product)
        web, other = (
            self._start([program, *ARGUMENTS[product]], product, name, upstream.removeprefix("http://"))
            for name, upstream in ((form, demo.web_url), (mcp or form, demo.mcp_url))
        )
        called = f"{form}, before MCP {mcp}" if mcp else form
        served = Served(web, {"nginx": "nginx", "caddy": "Caddy"}[product], version, called)
        return served, ("--base-url", web, "--mcp-url", other, "--cacert", str(self.folder / "authority.pem"))

    @staticmethod
    def _program(product: str) -> tuple[str, str]:
        program = installed.debian(product, PACKAGES[product])
        return program, installed.version_of(program, {"nginx": "-v", "caddy": "version"}[product])

    def _start(self, command: list[str], product: str, form: str, upstream: str) -> str:
        port = free_port()
        told = {"FOLDER": str(self.folder), "UPSTREAM": upstream, "LISTEN": str(port)}
        text = TEMPLATES[product].replace("INSIDE", FORMS[product][form])
        for word, value in told.items():
            text = text.replace(word, value)
        file = self.folder / f"{product}-{port}.conf"
        file.write_text(text)
        home = {"XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        words = [word.replace("FILE", str(file)).replace("FOLDER", str(self.folder)) for word in command]
        self._servers.start(words, port=port, env=home)
        return f"https://localhost:{port}"
