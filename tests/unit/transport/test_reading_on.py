"""Long bodies: read on where the promise is about all of them, within bounds for the memory and the work of a run."""

from __future__ import annotations

import asyncio
import gzip
import http.server
import threading
from typing import TYPE_CHECKING

import pytest

import prober
from prober.model import Reason, Verdict
from prober.transport.body import MOST_BODY, MOST_READ_ON, MOST_VALUES, BodyReader, ReadingOn
from prober.transport.received import Received

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from prober.model import Answered

SECRET = b"stock-key-at-the-end"


def read(
    body: bytes, *headers: tuple[bytes, bytes], shared: ReadingOn | None = None, on: bool = True
) -> Answered:  # fmt: skip
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    async def reading() -> Answered:
        reader, coming = BodyReader(), chunks()
        received = Received(status=200, headers=list(headers), body=coming, tls_object=None)
        reader.read_head(received)
        await reader.read_body(coming)
        if on:
            await reader.read_on(coming, shared or ReadingOn())
        return reader.to_answered(1)

    return asyncio.run(reading())


@pytest.mark.parametrize("size", [MOST_BODY - 1, MOST_BODY, MOST_BODY + 1, 300_001, MOST_READ_ON - 1])
def test_a_body_is_read_to_its_end_without_a_gap(size: int) -> None:
    body = bytes(97 + number % 23 for number in range(size))
    answered = read(body)
    assert (answered.body == body, answered.unread) == (True, None)


def test_without_need_the_usual_limit_holds() -> None:
    answered = read(b"x" * 300_000, on=False)
    assert (len(answered.body), answered.unread) == (MOST_BODY, "only its first 256 KiB were read")


def test_past_the_higher_limit_it_is_said_what_was_read() -> None:
    answered = read(b"x" * (MOST_READ_ON + 100_000))
    assert (len(answered.body), answered.unread) == (MOST_READ_ON, "only its first 4096 KiB were read")


def test_what_is_long_only_when_decoded_is_decoded_to_the_higher_limit() -> None:
    encoded, name = gzip.compress(b"x" * 1_000_000), (b"content-encoding", b"gzip")
    assert (len(read(encoded, name).body), read(encoded, name).unread) == (1_000_000, None)
    assert len(read(encoded, name, on=False).body) == MOST_BODY
    bomb = read(gzip.compress(b"x" * (2 * MOST_READ_ON)), name)
    assert len(bomb.body) == MOST_READ_ON
    assert bomb.unread is not None


def test_a_run_reads_on_only_so_much_in_all() -> None:
    shared = ReadingOn()
    shared.left = 1_000_000
    assert [read(b"x" * 900_000, shared=shared).unread is None for _ in range(3)] == [True, True, False]


def test_json_of_countless_values_is_not_held_whole() -> None:
    many = b"[" + b"{}," * MOST_VALUES + b"{}]"
    answered = read(many)
    assert (len(answered.body), answered.unread) == (MOST_BODY, "it holds more than 400000 values")


def test_of_letters_beyond_ascii_less_is_held() -> None:
    answered = read("é".encode() * 1_000_000)
    assert (len(answered.body), answered.unread is None) == (1024 * 1024, False)
    assert read("é".encode() * 500_000).unread is None


def test_an_event_stream_is_not_read_on() -> None:
    answered = read(b"data: x\n" * 60_000, (b"content-type", b"text/event-stream"))
    assert len(answered.body) == MOST_BODY


# --- in a run -----------------------------------------------------------------------------------------------------

PROFILE = "profile: p\nabout: x.\nguards: {member: 401, public: 200}\n"
SURFACE = """\
surface: stock
about: Made for a test.
routes:
  - {route: GET /up, guard: public, control: alive, why: w, fix: f}
  - {route: GET /short, guard: public, never: {body: stock-key-at-the-end}, why: w, fix: f}
  - {route: GET /long, guard: public, never: {body: stock-key-at-the-end}, why: w, fix: f}
  - {route: GET /endless, guard: public, never: {body: stock-key-at-the-end}, why: w, fix: f}
  - {route: GET /free, guard: public, why: w, fix: f}
  - {route: GET /me, guard: member, why: w, fix: f}
"""
BODIES = {
    "/up": b"{}", "/short": b"x" * 300_000, "/long": b"x" * 700_000 + SECRET, "/free": b"x" * 300_000,
    "/endless": b"x" * (MOST_READ_ON + 50_000) + SECRET,
}  # fmt: skip


class LongPages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = BODIES.get(path, b'{"error": "no"}')
        self.send_response(200 if path in BODIES else 401 if path == "/me" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LongPages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.integration
def test_what_must_not_be_in_a_long_page_is_looked_for_to_its_end(url: str, tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "stock.yaml").write_text(SURFACE, encoding="utf-8")
    (tmp_path / "p.yaml").write_text(PROFILE, encoding="utf-8")
    where = f"profile: ./p.yaml\nservices: {{web: '{url}'}}\nsurfaces: [stock]\nprobes: [./probes]\n"
    (tmp_path / "prober.yaml").write_text(where, encoding="utf-8")
    report = prober.run(prober.load(tmp_path / "prober.yaml", depth="quick"))
    seen = {finding.probe.route.path: (finding.verdict, finding.reason) for finding in report.findings}
    locked = (Verdict.LOCKED, Reason.AS_PROMISED)
    assert seen["/long"] == (Verdict.LEAK, Reason.DISCLOSED)
    assert seen["/endless"] == (Verdict.UNPROVEN, Reason.UNREAD)
    assert (seen["/short"], seen["/free"], seen["/me"]) == (locked, locked, locked)
