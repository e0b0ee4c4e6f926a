"""An application with two guarded routes and a guarded page, whose answers each test chooses; and a whole run at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PROBER = str(Path(sys.executable).with_name("prober"))
JSON, HTML = "application/json", "text/html; charset=utf-8"
PAYROLL = [{"employee": f"E{n:03d}", "salary": 40_000 + n, "account": f"XX{n:016d}"} for n in range(25)]
ROWS = json.dumps({"payroll": PAYROLL})
TABLE = "".join(f"<tr><td>{row['employee']}</td><td>{row['salary']}</td></tr>" for row in PAYROLL)
PAGE = f"<!doctype html><html><head><title>Payroll</title></head><body><table>{TABLE}</table></body></html>"
NO = '{"error":"unauthenticated"}'
SURFACES = """\
surface: payroll
about: What everybody earns.
routes:
  - {route: GET /api/payroll, guard: session, never: {json: salary}, why: w, fix: f}
  - {route: GET /api/bonus, guard: session, why: w, fix: f}
  - {route: GET /payroll, guard: session-page, why: w, fix: f}
  - {route: GET /signin, guard: sign-in-page, why: w, fix: f}
"""
ORDER = ("leak", "drift", "unproven", "unreachable", "locked", "skipped")


@dataclass(frozen=True, kw_only=True)
class Says:
    """One answer of the server."""

    status: int
    body: bytes = b""
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the server was asked. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""


REFUSED = Says(status=401, body=NO.encode())
SENT_AWAY = Says(status=307, kind=HTML, headers=(("Location", "/signin"),))
SIGN_IN = Says(status=200, body=b"<title>Sign in</title><form><input type=password></form>", kind=HTML)
KNOWN = {
    "/api/healthz": Says(status=200, body=b'{"ok":true}'),
    "/api/readyz": Says(status=200, body=b'{"ok":true}'),
    "/api/bonus": REFUSED,
    "/api/payroll": REFUSED,
    "/payroll": SENT_AWAY,
    "/signin": SIGN_IN,
}
NOT_FOUND = Says(status=404, body=b"<title>404</title>nothing here", kind=HTML)


@contextmanager
def answering(answer: Callable[[Asked], Says | None], *, address: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve what `answer` says on loopback, and the application's ordinary answer where it says nothing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = answer(Asked(method=self.command, path=path, headers=headers, body=body, query=query)) or KNOWN.get(
                path, NOT_FOUND
            )
            self.send_response_only(said.status)
            for name, value in (("Content-Type", said.kind), ("Content-Length", str(len(said.body))), *said.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else said.body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def served(api: Says, page: Says) -> Iterator[str]:
    """Serve these at the first route and at the page, whatever is presented."""
    answers = {"/api/payroll": api, "/payroll": page}
    with answering(lambda asked: answers.get(asked.path)) as url:
        yield url


def run(
    folder: Path, url: str, *options: str, surfaces: str = SURFACES, profile: str | None = None, more: str = ""
) -> tuple[int, dict[str, tuple[str, str]]]:
    """Give the exit status, and each path's worst verdict with its reason; `more` stands in prober.yaml too."""
    (folder / "probes").mkdir()
    (folder / "probes" / "payroll.yaml").write_text(surfaces, encoding="utf-8")
    if profile is not None:
        (folder / "own.yaml").write_text(profile, encoding="utf-8")
    named = "oauth" if profile is None else "./own.yaml"
    deployment = f"profile: {named}\nservices: {{web: '{url}'}}\nsurfaces: [payroll]\nprobes: [./probes]\n{more}"
    if profile is None:
        deployment = deployment.replace("[payroll]", "[payroll, health]")
    (folder / "prober.yaml").write_text(deployment, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    done = subprocess.run(
        [PROBER, "run", "--format", "json", "--deadline", "40", *options],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=clean,
    )  # fmt: skip
    assert done.stdout, done.stderr
    worst: dict[str, tuple[str, str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        now = (finding["verdict"], finding["reason"])
        was = worst.setdefault(finding["path"], now)
        worst[finding["path"]] = min(was, now, key=lambda pair: ORDER.index(pair[0]))
    return done.returncode, worst
