"""Another backend over HTTP/2: a door that only those see who offer it in the handshake, as browsers do. Whole runs."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import h2.connection
import h2.events
import pytest
import trustme

from tests.support.payroll import NO, ROWS, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SURFACES = """\
surface: payroll
about: A.
routes:
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/payroll, guard: rows, why: w, fix: f}
"""
PROFILE = "profile: own\nabout: A.\npresents: {rows: [bearer]}\nguards: {public: 200, rows: 401}\n"
ANSWERS = {"/api/healthz": (200, "{}"), "/api/payroll": (401, NO)}
OPEN = (200, ROWS)


def answer_http2(client: ssl.SSLSocket, of_the_route: tuple[int, str]) -> None:
    speaks = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    speaks.initiate_connection()
    client.sendall(speaks.data_to_send())
    while data := client.recv(65_536):
        for event in speaks.receive_data(data):
            if not isinstance(event, h2.events.RequestReceived):
                continue
            path = dict(event.headers)[b":path"].decode().partition("?")[0]
            status, body = of_the_route if path == "/api/payroll" else ANSWERS.get(path, (404, "{}"))
            speaks.send_headers(event.stream_id, [(":status", str(status)), ("content-type", "application/json")])
            speaks.send_data(event.stream_id, body.encode(), end_stream=True)
        client.sendall(speaks.data_to_send())


def answer_http1(client: ssl.SSLSocket) -> None:
    with client.makefile("rb") as reading:
        while line := reading.readline():
            while reading.readline() not in {b"\r\n", b""}:
                pass
            status, body = ANSWERS.get(line.split()[1].decode().partition("?")[0], (404, "{}"))
            head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            client.sendall(f"{head}\r\n\r\n{body}".encode())


@contextmanager
def two_backends(folder: Path, *, over_http2: tuple[int, str]) -> Iterator[tuple[str, str, list[str]]]:
    """Give the URL of a server that speaks both, the file of its authority, and the protocols it was asked in."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []

    def serve(plain: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as client:
            protocol = client.selected_alpn_protocol() or "none"
            asked.append(protocol)
            answer_http2(client, over_http2) if protocol == "h2" else answer_http1(client)

    def accept() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                plain.settimeout(20)
                threading.Thread(target=serve, args=(plain,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", str(folder / "ca.pem"), asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("over_http2", "status", "verdict"),
    [pytest.param(OPEN, 1, "leak", id="open"), pytest.param((401, json.dumps({"error": "no"})), 0, "locked", id="locked")],
)  # fmt: skip
def test_a_door_that_is_open_over_http_2_only_is_found(
    over_http2: tuple[int, str], status: int, verdict: str, tmp_path: Path
) -> None:
    with two_backends(tmp_path, over_http2=over_http2) as (url, cacert, asked):
        found, worst = run(tmp_path, url, "--cacert", cacert, surfaces=SURFACES, profile=PROFILE)
    assert (found, worst["/api/payroll"][0]) == (status, verdict)
    assert "h2" in asked
    assert set(asked) - {"h2"}
