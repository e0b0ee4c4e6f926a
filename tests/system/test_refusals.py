"""Refusals that carry what they refuse: whole runs against a server that answers as each case says, and what curl gets."""

from __future__ import annotations

import gzip
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

import brotli
import pytest
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBER = str(Path(sys.executable).with_name("prober"))
JSON, HTML = "application/json", "text/html; charset=utf-8"
PAYROLL = [{"employee": f"E{n:03d}", "salary": 40_000 + n, "account": f"XX{n:016d}"} for n in range(25)]
ROWS = json.dumps({"payroll": PAYROLL})
TABLE = "".join(f"<tr><td>{row['employee']}</td><td>{row['salary']}</td></tr>" for row in PAYROLL)
PAGE = f"<!doctype html><html><head><title>Payroll</title></head><body><table>{TABLE}</table></body></html>"
NO = '{"error":"unauthenticated"}'
KEYED = '{"error":"unauthenticated","clientSecret":"0123456789abcdefghij"}'
SURFACES = """\
surface: payroll
about: What everybody earns.
routes:
  - {route: GET /api/payroll, guard: session, never: {json: salary}, why: w, fix: f}
  - {route: GET /api/bonus, guard: session, why: w, fix: f}
  - {route: GET /payroll, guard: session-page, why: w, fix: f}
"""


@dataclass(frozen=True, kw_only=True)
class Says:
    """One answer of the server."""

    status: int
    body: bytes = b""
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


REFUSED = Says(status=401, body=NO.encode())
SENT_AWAY = Says(status=307, kind=HTML, headers=(("Location", "/signin"),))
KNOWN = {
    "/api/healthz": Says(status=200, body=b'{"ok":true}'),
    "/api/readyz": Says(status=200, body=b'{"ok":true}'),
    "/api/bonus": REFUSED,
}
NOT_FOUND = Says(status=404, body=b"<title>404</title>nothing here", kind=HTML)


@contextmanager
def served(api: Says, page: Says) -> Iterator[str]:
    answers = {**KNOWN, "/api/payroll": api, "/payroll": page}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def do_GET(self) -> None:
            said = answers.get(self.path.partition("?")[0], NOT_FOUND)
            self.send_response_only(said.status)
            for name, value in (("Content-Type", said.kind), ("Content-Length", str(len(said.body))), *said.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def run(folder: Path, url: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Give the exit status, and each route's worst verdict with its reason."""
    (folder / "probes").mkdir()
    (folder / "probes" / "payroll.yaml").write_text(SURFACES, encoding="utf-8")
    deployment = f"profile: oauth\nservices: {{web: '{url}'}}\nsurfaces: [payroll, health]\nprobes: [./probes]\n"
    (folder / "prober.yaml").write_text(deployment, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    done = subprocess.run(
        [PROBER, "run", "--format", "json", "--deadline", "40"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=clean,
    )  # fmt: skip
    order = ["leak", "drift", "unproven", "unreachable", "locked", "skipped"]
    worst: dict[str, tuple[str, str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        now = (finding["verdict"], finding["reason"])
        was = worst.setdefault(finding["path"], now)
        worst[finding["path"]] = min(was, now, key=lambda pair: order.index(pair[0]))
    return done.returncode, worst


def refusal(body: str | bytes, kind: str = JSON, *headers: tuple[str, str], status: int = 401) -> Says:
    raw = body.encode() if isinstance(body, str) else body
    return Says(status=status, body=raw, kind=kind, headers=headers)


LEAKS = {
    "records": refusal(ROWS),
    "records-behind-a-403": refusal(ROWS, status=403),
    "a-record-of-its-own": refusal('{"error":"no","employee":"E001","account":"XX1"}'),
    "a-secret": refusal(KEYED),
    "a-secret-in-a-header": refusal(NO, JSON, ("X-Client-Secret", "0123456789abcdefghij")),
    "a-secret-in-a-cookie": refusal(NO, JSON, ("Set-Cookie", "clientSecret=0123456789abcdefghij; Path=/")),
    "records-in-a-header": refusal(NO, JSON, ("X-Rows", json.dumps(PAYROLL[:3]))),
    "br": refusal(brotli.compress(KEYED.encode()), JSON, ("Content-Encoding", "br")),
    "zstd": refusal(zstandard.ZstdCompressor().compress(KEYED.encode()), JSON, ("Content-Encoding", "zstd")),
    "gzip-in-gzip": refusal(gzip.compress(gzip.compress(KEYED.encode())), JSON, ("Content-Encoding", "gzip, gzip")),
    "gzip-that-is-not-declared": refusal(gzip.compress(KEYED.encode())),
    "utf-16": refusal(KEYED.encode("utf-16"), "application/json; charset=utf-16"),
    "a-byte-order-mark": refusal(b"\xef\xbb\xbf" + b'{"error":"no","salary":1}'),
    "lines": refusal(f'{NO}\n{{"salary":1,"employee":"E1"}}\n', "application/x-ndjson"),
    "a-later-event": refusal(f"data: {NO}\n\ndata: {KEYED}\n\n", "text/event-stream"),
    "much-longer-than-the-others": refusal(NO[:-1] + ',"message":"' + "word " * 1_000 + '"}'),
    "xml": refusal("<r><error>no</error><clientSecret>0123456789abcdefghij</clientSecret></r>", "application/xml"),
    "an-escaped-name": refusal('{"error":"no","client\\u0053ecret":"0123456789abcdefghij","pad":"' + "x" * 70_000),
}  # fmt: skip


@pytest.mark.parametrize("api", [pytest.param(says, id=name) for name, says in LEAKS.items()])
def test_a_refusal_that_carries_data_is_a_leak(api: Says, tmp_path: Path) -> None:
    with served(api, SENT_AWAY) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst["/api/payroll"]) == (1, ("leak", "disclosed"))
    assert worst["/api/bonus"][0] == worst["/payroll"][0] == "locked"


def test_a_redirect_that_brings_the_page_along_is_a_leak(tmp_path: Path) -> None:
    page = Says(status=307, body=PAGE.encode(), kind=HTML, headers=(("Location", "/signin"),))
    with served(REFUSED, page) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst["/payroll"]) == (1, ("leak", "disclosed"))


@pytest.mark.parametrize(
    "api",
    [
        pytest.param(refusal(b"\x00\x01\x02", JSON, ("Content-Encoding", "x-own")), id="an-unknown-encoding"),
        pytest.param(refusal(b"not gzip", JSON, ("Content-Encoding", "gzip")), id="a-broken-encoding"),
    ],
)
def test_a_refusal_that_cannot_be_read_whole_proves_nothing(api: Says, tmp_path: Path) -> None:
    with served(api, SENT_AWAY) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst["/api/payroll"]) == (2, ("unproven", "unread"))


@pytest.mark.parametrize(
    ("api", "page"),
    [
        pytest.param(REFUSED, SENT_AWAY, id="plain"),
        pytest.param(refusal(gzip.compress(NO.encode()), JSON, ("Content-Encoding", "gzip")), SENT_AWAY, id="gzip"),
        pytest.param(refusal(""), SENT_AWAY, id="empty"),
        pytest.param(refusal('{"error":"no","requestId":"0f3c","path":"/api/payroll","timestamp":1}'), SENT_AWAY, id="an-id"),
        pytest.param(
            REFUSED,
            Says(status=302, body=b'<h1>Redirecting...</h1><p>You should be redirected to <a href="/signin">/signin</a>.',
                 kind=HTML, headers=(("Location", "/signin"),)),
            id="a-stub-of-a-redirect",
        ),
        pytest.param(refusal(NO, JSON, ("Set-Cookie", "csrf=0123456789abcdef; Path=/")), SENT_AWAY, id="a-csrf-cookie"),
    ],
)  # fmt: skip
def test_a_refusal_that_carries_nothing_is_locked(api: Says, page: Says, tmp_path: Path) -> None:
    with served(api, page) as url:
        status, worst = run(tmp_path, url)
    assert (status, {verdict for verdict, _ in worst.values()}) == (0, {"locked"})
