"""What tests of the canary set up: a demo whose doors open and shut while it runs, receivers, and watches of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prober.demo.app import build
from prober.demo.doors import door_named
from prober.demo.server import running
from prober.demo.stack import Stack
from prober.demo.state import Mode, Settings, new_state
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBER = str(Path(sys.executable).with_name("prober"))
SECRET = "whsec-0123456789"
UNLIMITED = Settings(limit_per_minute=0)
DOOR = "members-with-invite-tokens"
INTERVAL = 1.0
NOWHERE = ("--profile", "oauth", "--base-url", "http://127.0.0.1:1")


class Deployment:
    """The demo, in which a door is opened and shut and a release is made while it runs, behind a proxy that stays."""

    def __init__(self) -> None:
        state = new_state(Mode.OAUTH, UNLIMITED)
        self.locked = build(state).web
        self.opened = build(state, [door_named(DOOR)]).web
        self.app, self.release, self.is_dead = self.locked, "1.0.396", False

    def stands_before(self, _: ASGIApp) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def signed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-release", self.release.encode())]
                await send(message)

            await (bad_gateway if self.is_dead else self.app)(scope, receive, signed)

        return app


async def bad_gateway(scope: Scope, _: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 502, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<html><h1>502 Bad Gateway</h1><hr>nginx</html>"})


@contextmanager
def deployed() -> Iterator[tuple[Deployment, list[str]]]:
    """Run it, and give what makes a watch of two of its surfaces."""
    here = Deployment()
    stack = Stack(name="t", about="t", web=here.stands_before, exit_status=ExitStatus.LOCKED)
    with running("oauth", stack=stack, settings=UNLIMITED) as demo:
        yield here, ["--profile", "oauth", "--base-url", demo.web_url, "--surface", "members", "--surface", "health"]


class Receiver:
    """Takes every message, and knows when each came first."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.came: dict[str, float] = {}
        self.pinged: list[str] = []
        self.url = ""
        self.is_dead = False

    @property
    def pings(self) -> int:
        return len(self.pinged)

    @property
    def told(self) -> list[str]:
        """The titles, each message once."""
        return [body["title"].partition(": web")[0] for body in dict(reversed(self.posts)).values()][::-1]

    @property
    def options(self) -> tuple[str, ...]:
        """Give what makes a watch tell it."""
        return ("--alert", f"{self.url}/hook", "--alert-secret", "env:HOOK_SECRET", "--ping", f"{self.url}/ping")


@contextmanager
def receiving() -> Iterator[Receiver]:
    here = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self._dies():
                return
            here.posts.append((self.headers["Idempotency-Key"], body))
            here.came.setdefault(self.headers["Idempotency-Key"], time.time())
            self.send_response_only(204)
            self.end_headers()

        def do_GET(self) -> None:
            if self._dies():
                return
            here.pinged.append(self.path)
            self.send_response_only(200)
            self.end_headers()

        def _dies(self) -> bool:
            self.close_connection = self.close_connection or here.is_dead
            return here.is_dead

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PROBER_", "BASE_URL", "MCP_URL"))}
    return {**kept, "HOOK_SECRET": SECRET, **more}


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [PROBER, "watch", "--every", f"{INTERVAL:g}s", *words]
    return subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)


def ask(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROBER, *words], cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def summarize(folder: Path) -> dict[str, Any]:
    done = ask(folder, "history", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def verdicts(folder: Path) -> list[str]:
    """Give what each run came to that was not interrupted, in their order."""
    with closing(sqlite3.connect(folder / "prober-history.db")) as database:
        found = database.execute("SELECT verdict FROM runs WHERE state = 'finished' ORDER BY number").fetchall()
    return [str(row[0]) for row in found]


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while not (done := bool(true())) and time.monotonic() < until:
        time.sleep(0.02)
    return done


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, float]:
    """End it; give its exit status, what it said, and how long that took."""
    began = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    return process.returncode, said, time.monotonic() - began


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def get(port: int, path: str, *headers: str, host: str = "localhost") -> tuple[int, str]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
        asking.sendall("\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode())
        answer = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
    return int(answer.split(" ")[1]) if answer else 0, answer.partition("\r\n\r\n")[2]


def there(port: int) -> bool:
    try:
        return get(port, "/alive")[0] == 200
    except OSError:
        return False


def measured(port: int, sample: str) -> float | None:
    lines = [line for line in get(port, "/metrics")[1].splitlines() if line.startswith(sample + " ")]
    return float(lines[0].rsplit(" ", 1)[1]) if lines else None
