"""A whole run at a server of the test's own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROBER = str(Path(sys.executable).with_name("prober"))
Reply = tuple[int, dict[str, str], bytes]
NOT_FOUND: Reply = (404, {"Content-Type": "text/html"}, b"<title>404</title>")
REFUSED: Reply = (401, {"Content-Type": "application/json"}, b'{"error":"not_signed_in"}')
HEALTHY: Reply = (200, {"Content-Type": "application/json"}, b'{"ok":true}')


class Deployment:
    """A deployment whose answers a test chooses, and what arrived at it."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.arrived: list[tuple[str, str, dict[str, str]]] = []


@contextmanager
def deployment(answer: Callable[[str, str], Reply]) -> Iterator[Deployment]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one write an answer: two would each wait for the other side

        def reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            here.arrived.append((self.command, self.path, dict(self.headers.items())))
            number, headers, body = answer(self.command, self.path)
            self.send_response_only(number)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PATCH = do_DELETE = reply  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Deployment(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def members_only(_method: str, path: str) -> Reply:
    return {"/api/healthz": HEALTHY, "/api/readyz": HEALTHY, "/api/me": REFUSED, "/api/me/password": REFUSED}.get(
        path, NOT_FOUND
    )


def prober(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(
        [PROBER, *arguments], capture_output=True, text=True, timeout=60, check=False, env={**clean, **environment}
    )


def probed(*arguments: str) -> tuple[int, dict]:
    done = prober("run", "--profile", "oauth", "--format", "json", *arguments)
    return done.returncode, json.loads(done.stdout)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
