"""`--source`: what the source has and no probe knew is probed too, and counted; `--require-coverage` makes it fail."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBER = str(Path(sys.executable).with_name("prober"))
GUARDED = """
import {requireSession} from '@/lib/auth/requireSession';
export async function GET() {
  await requireSession();
  return Response.json({id: 1});
}
"""
UNGUARDED = "export async function GET() { return Response.json({users: [1]}); }\n"
REFUSED = (401, b'{"error":"not_signed_in"}')
OPEN = (200, b'{"users":[{"name":"somebody"}]}')


@contextmanager
def deployment(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def do_GET(self) -> None:
            status, body = answers.get(self.path.split("?")[0], (404, b"nothing here"))
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An application with a route that the shipped probes know, and one that they do not."""
    for name, text in (("me", GUARDED), ("exports", UNGUARDED)):
        folder = tmp_path / "app" / "api" / name
        folder.mkdir(parents=True)
        (folder / "route.ts").write_text(text)
    return tmp_path


def probed(url: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    words = [
        PROBER,
        "run",
        "--profile",
        "oauth",
        "--base-url",
        url,
        "--only",
        "* GET *",
        "--format",
        "json",
        *arguments,
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


LOCKED = {"/api/healthz": (200, b'{"ok":true}'), "/api/me": REFUSED, "/api/exports": REFUSED}


def test_a_route_that_no_probe_knew_is_probed_and_found_open(source: Path) -> None:
    with deployment({**LOCKED, "/api/exports": OPEN}) as url:
        status, report = probed(url, "--source", str(source), "--surface", "me")
        without, _ = probed(url, "--surface", "me")
    leaks = [finding for finding in report["findings"] if finding["verdict"] == "leak"]
    assert {finding["path"] for finding in leaks} == {"/api/exports"}
    assert {finding["surface"] for finding in leaks} == {"discovered"}
    assert (status, without) == (1, 0)


def test_the_report_counts_what_had_no_probe(source: Path) -> None:
    with deployment(LOCKED) as url:
        status, report = probed(url, "--source", str(source), "--surface", "me")
        _, without = probed(url, "--surface", "me")
    told = report["coverage"]["source"]
    assert (status, told["known"]) == (0, 2)
    assert told["unknown_to_probes"] == ["GET /api/exports (app/api/exports/route.ts:1)"]
    assert "GET /api/me" not in told["unknown_to_source"]
    assert without["coverage"]["source"] is None


def test_a_route_without_a_probe_fails_where_each_must_have_one(source: Path) -> None:
    with deployment(LOCKED) as url:
        status, report = probed(url, "--source", str(source), "--surface", "me", "--require-coverage")
    assert (status, report["verdict"]) == (1, "drift")
    assert report["notes"] == [
        "a route without a probe: GET /api/exports (app/api/exports/route.ts:1) (keep one: prober discover nextjs)"
    ]


def test_coverage_is_whole_where_every_route_has_a_probe(source: Path) -> None:
    (source / "app" / "api" / "exports" / "route.ts").unlink()
    with deployment(LOCKED) as url:
        status, report = probed(url, "--source", str(source), "--surface", "me", "--require-coverage")
    assert (status, report["coverage"]["source"]["unknown_to_probes"]) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--require-coverage"], "--require-coverage needs a source to look at", id="no-source"),
        pytest.param(["--source", "."], "no route was found in .", id="an-empty-folder"),
        pytest.param(["--source", "no/such"], "no/such", id="no-folder"),
    ],
)
def test_what_cannot_be_covered_is_a_usage_error(tmp_path: Path, arguments: list[str], said: str) -> None:
    words = [PROBER, "run", "--profile", "oauth", "--base-url", "http://127.0.0.1:1", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.returncode == 64
    assert said in done.stderr
    assert "  fix: " in done.stderr
