"""`prober watch` and `prober history`, as operators start them: on the demo, with real receivers, and killed at random."""

from __future__ import annotations

import json
import os
import random
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

import pytest

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


# --- the scene --------------------------------------------------------------------------------------------------------


class Deployment:
    """The demo, in which a door is opened and shut and a release is made while it runs."""

    def __init__(self) -> None:
        state = new_state(Mode.OAUTH, UNLIMITED)
        self.locked = build(state).web
        self.opened = build(state, [door_named(DOOR)]).web
        self.app, self.release = self.locked, "1.0.396"

    def stands_before(self, _: ASGIApp) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def signed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-release", self.release.encode())]
                await send(message)

            await self.app(scope, receive, signed)

        return app


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
        self.pings = 0
        self.url = ""

    @property
    def told(self) -> list[str]:
        """The titles, each message once."""
        return [body["title"].partition(": web")[0] for body in dict(reversed(self.posts)).values()][::-1]


@contextmanager
def receiving() -> Iterator[Receiver]:
    here = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            here.posts.append((self.headers["Idempotency-Key"], body))
            here.came.setdefault(self.headers["Idempotency-Key"], time.time())
            self.send_response_only(204)
            self.end_headers()

        def do_GET(self) -> None:
            here.pings += 1
            self.send_response_only(200)
            self.end_headers()

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


def account(folder: Path) -> dict[str, Any]:
    done = ask(folder, "history", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


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


# --- a door opens, and is shut ----------------------------------------------------------------------------------------


def test_a_door_that_opens_is_told_of_once_and_its_end_too(tmp_path: Path) -> None:
    with deployed() as (here, words), receiving() as receiver:
        hook = (
            "--alert",
            receiver.url + "/hook",
            "--alert-secret",
            "env:HOOK_SECRET",
            "--ping",
            receiver.url + "/ping",
        )
        process = start(tmp_path, *words, *hook)
        assert wait_until(lambda: receiver.pings >= 2)
        assert receiver.posts == []
        here.app, here.release, at = here.opened, "1.0.397", time.time()
        assert wait_until(lambda: receiver.posts)
        first = receiver.posts[0][1]
        assert next(iter(receiver.came.values())) - at <= INTERVAL * 1.1 + 2
        assert wait_until(lambda: receiver.pings >= 5)
        seen = account(tmp_path)
        here.app, until = here.locked, time.time()
        assert wait_until(lambda: len(receiver.posts) > 1)
        status, said, _ = ended(process)
        after = account(tmp_path)

    assert receiver.told == ["1 door opened", "1 route is locked again"]
    assert "after release 1.0.397 (1.0.396 before it)" in first["text"]
    assert SECRET not in json.dumps(receiver.posts)
    assert {(entry["release"], entry["release_before"]) for entry in seen["open"]} == {("1.0.397", "1.0.396")}
    assert {entry["id"].partition(" [")[0] for entry in seen["open"]} == {"members: GET /api/org/members"}
    assert after["open"] == []
    assert {entry["opened_at_release"] for entry in after["over"]} == {"1.0.397"}
    assert {entry["now"] for entry in after["over"]} == {"locked"}
    assert all(abs(entry["seconds"] - (until - at)) <= 2 * INTERVAL + 1 for entry in after["over"])
    assert (status, after["last_run"]["verdict"], after["queued"]) == (130, "locked", [])
    assert said.count("1 door opened") == 1
    assert "locked" not in said.replace("locked again", "")


def test_killed_at_random_moments_it_loses_nothing_and_tells_nothing_twice(tmp_path: Path) -> None:
    """A message may come again where the kill fell between the receiver's 2xx and our note of it: under the same key."""
    chance = random.Random(47)
    kills = 0
    with deployed() as (here, words), receiving() as receiver:
        hook = (
            "--alert",
            receiver.url + "/hook",
            "--alert-secret",
            "env:HOOK_SECRET",
            "--ping",
            receiver.url + "/ping",
        )
        over = threading.Event()

        def kill_and_start() -> None:
            nonlocal kills
            while not over.is_set():
                with start(tmp_path, *words, *hook) as process:
                    over.wait(0.6 + 2.4 * chance.random())
                    process.kill()
                    kills += 1

        killer = threading.Thread(target=kill_and_start)
        killer.start()
        try:
            assert wait_until(lambda: receiver.pings >= 2, 40)
            here.app, here.release, at = here.opened, "1.0.397", time.time()
            assert wait_until(lambda: receiver.posts, 40)
            assert wait_until(lambda: kills >= 4, 40)
            here.app, until = here.locked, time.time()
            assert wait_until(lambda: len(receiver.told) > 1, 40)
            assert wait_until(lambda: kills >= 6, 40)
        finally:
            over.set()
            killer.join()
        found = account(tmp_path)

    assert receiver.told == ["1 door opened", "1 route is locked again"]
    assert kills >= 6
    assert (found["open"], found["queued"]) == ([], [])
    assert {entry["opened_at_release"] for entry in found["over"]} == {"1.0.397"}
    assert len(found["over"]) == 2
    assert all(-1 <= entry["seconds"] - (until - at) + 1 <= 12 for entry in found["over"])
    with closing(sqlite3.connect(tmp_path / "prober-history.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert {row[0] for row in database.execute("SELECT state FROM runs")} == {"finished"}
        assert database.execute("SELECT COUNT(*) FROM runs WHERE report IS NULL AND news = 1").fetchone() == (0,)


# --- signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_two_seconds_and_the_run_is_no_verdict(tmp_path: Path, number: int) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as hanging:  # it takes connections, and never answers
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        process = start(tmp_path, "--profile", "oauth", "--base-url", url, "--surface", "me", "--surface", "health")
        hanging.settimeout(20)
        with hanging.accept()[0]:
            status, said, took = ended(process, number)
    assert (status, took < 2) == (130, True)
    assert "interrupted after 1 request: no verdict" in said
    assert "Traceback" not in said
    last = account(tmp_path)["last_run"]
    assert (last["state"], last["verdict"], last["exit_status"]) == ("interrupted", None, None)


def test_definitions_are_read_anew_at_a_sighup_and_kept_where_they_are_wrong(tmp_path: Path) -> None:
    heard: list[str] = []

    def hear(stream: Any) -> None:
        heard.extend(stream)

    def is_said(word: str, times: int = 1) -> bool:
        return wait_until(lambda: sum(word in line for line in heard) >= times)

    with deployed() as (_, words):
        file = tmp_path / "prober.yaml"
        right = f"profile: oauth\nservices: {{web: '{words[3]}'}}\nsurfaces: [health]\n"
        file.write_text(right)
        with start(tmp_path, "--verbose") as process:
            listener = threading.Thread(target=hear, args=(process.stderr,))
            listener.start()
            try:
                assert is_said("LOCKED: 2 probes")
                file.write_text(right.replace("surfaces", "surfases"))
                process.send_signal(signal.SIGHUP)
                assert is_said("unknown key 'surfases' in a deployment")
                assert is_said("LOCKED: 2 probes", 1 + sum("LOCKED: 2 probes" in line for line in heard))
                file.write_text(right.replace("[health]", "[health, members]"))
                process.send_signal(signal.SIGHUP)
                assert is_said("the definitions were read anew")
                assert is_said("LOCKED: 4 probes")
            finally:
                process.terminate()
                listener.join()
    kinds = [beat["kind"] for beat in account(tmp_path)["beats"] if beat["kind"] != "missed"]
    assert kinds == ["stopped", "reloaded", "refused", "started"]


# --- once -------------------------------------------------------------------------------------------------------------


def test_once_is_for_timers(tmp_path: Path) -> None:
    with deployed() as (here, words), receiving() as receiver:
        hook = (
            "--alert",
            receiver.url + "/hook",
            "--alert-secret",
            "env:HOOK_SECRET",
            "--ping",
            receiver.url + "/ping",
        )
        first = ask(tmp_path, "watch", "--once", *words, *hook)
        here.app = here.opened
        second = ask(tmp_path, "watch", "--once", *words, *hook)
        third = ask(tmp_path, "watch", "--once", *words, *hook)
    assert [first.returncode, second.returncode, third.returncode] == [0, 1, 1]
    assert first.stdout.startswith("LOCKED: ")
    assert first.stderr == ""
    assert (receiver.told, receiver.pings) == (["1 door opened"], 3)
    text = ask(tmp_path, "history").stdout
    assert text.startswith("open now (1)\n  members: GET /api/org/members [anonymous, bogus]: leak for ")
    assert "at release 1.0.396" in " ".join(text.split())


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with deployed() as (_, words):
        process = start(tmp_path, *words)
        assert wait_until((tmp_path / "prober-history.db.lock").exists)
        second = ask(tmp_path, "watch", "--once", *words)
        ended(process)
    assert second.returncode == 64
    assert second.stderr.startswith("error: another canary is writing to the history 'prober-history.db'\n")


# --- what is refused before anything is sent --------------------------------------------------------------------------

HERE = ("--profile", "oauth", "--base-url", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param((*HERE, "--depth", "deep"), "the canary never runs 'deep'", id="deep"),
        pytest.param((*HERE, "--every", "5"), "'5' is no length of time: write it as 30s, 5m, 6h or 90d", id="no-unit"),
        pytest.param((*HERE, "--every", "0s"), "'0s' is not within 1 to 86400 seconds", id="too-often"),
        pytest.param((*HERE, "--alert", "http://hooks.example/x", "--alert-secret", "env:HOOK_SECRET"), "--alert http://hooks.example would be told of open doors without TLS", id="no-tls"),
        pytest.param((*HERE, "--alert", "https://hooks.example/x"), "--alert https://hooks.example has no secret to sign with", id="unsigned"),
        pytest.param((*HERE, *("--alert", "https://hooks.example/x") * 2, "--alert-secret", "env:HOOK_SECRET"), "--alert https://hooks.example is given twice", id="twice"),
        pytest.param((*HERE, "--alert-secret", "s3cret"), "--alert-secret: the source is none of", id="secret-on-the-line"),
        pytest.param((*HERE, "--ping", "nowhere"), "--ping is no URL", id="ping"),
        pytest.param((*HERE, "--history", "mysql://u:s3cret@h/d"), "--history 'mysql://' is no database", id="history"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = ask(tmp_path, "watch", "--once", *words)
    assert done.returncode == 64
    assert said in done.stderr
    assert "s3cret" not in done.stderr
    assert list(tmp_path.glob("*.db")) == []


def test_a_deployment_that_may_not_be_is_a_leak_before_the_first_run(tmp_path: Path) -> None:
    done = ask(tmp_path, "watch", "--once", "--profile", "dev-shim", "--base-url", "https://brain.example")
    assert (done.returncode, done.stdout.partition(":")[0]) == (1, "LEAK")


def test_depth_is_quick_unless_it_is_said(tmp_path: Path) -> None:
    with deployed() as (_, words):
        (tmp_path / "prober.yaml").write_text("depth: deep\n")
        ask(tmp_path, "watch", "--once", *words)
        ask(tmp_path, "watch", "--once", *words, "--depth", "standard")
    with closing(sqlite3.connect(tmp_path / "prober-history.db")) as database:
        assert [row[0] for row in database.execute("SELECT depth FROM runs ORDER BY number")] == ["quick", "standard"]


def test_urls_with_keys_are_kept_out_of_the_list_of_processes(tmp_path: Path) -> None:
    with deployed() as (here, words), receiving() as receiver:
        here.app = here.opened
        kept = ("--alert", "env:HOOK", "--alert-secret", "env:HOOK_SECRET", "--ping", "file:ping")
        (tmp_path / "ping").write_text(receiver.url + "/k3y\n")
        ask(tmp_path, "watch", "--once", *words, *kept, HOOK=receiver.url + "/k3y")
    assert (receiver.told, receiver.pings) == (["1 door opened"], 1)
    assert b"k3y" not in b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))


# --- the page, the block, the reports ---------------------------------------------------------------------------------


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def get(port: int, path: str, *headers: str) -> tuple[int, str]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
        asking.sendall("\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode())
        answer = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
    return int(answer.split(" ")[1]), answer.partition("\r\n\r\n")[2]


def there(port: int) -> bool:
    try:
        return get(port, "/alive")[0] == 200
    except OSError:
        return False


def measured(port: int, sample: str) -> float | None:
    lines = [line for line in get(port, "/metrics")[1].splitlines() if line.startswith(sample + " ")]
    return float(lines[0].rsplit(" ", 1)[1]) if lines else None


EXPOSED = 'lockdown_canary_exposure_seconds{surface="members"}'


def test_a_door_that_opens_is_in_the_metrics_on_the_page_and_in_the_report(tmp_path: Path) -> None:
    port = free_port()
    with deployed() as (here, words):
        process = start(tmp_path, *words, "--listen", f"127.0.0.1:{port}", "--report", "json=last.json")
        try:
            assert wait_until(lambda: there(port) and measured(port, EXPOSED) == 0)
            assert json.loads((tmp_path / "last.json").read_text())["verdict"] == "locked"
            here.app = here.opened
            assert wait_until(lambda: (measured(port, EXPOSED) or 0) > 0.5)
            assert measured(port, "lockdown_exit_status") == 1
            assert "members: GET /api/org/members" in get(port, "/")[1]
            assert wait_until(lambda: json.loads((tmp_path / "last.json").read_text())["verdict"] == "leak")
            here.app = here.locked
            assert wait_until(lambda: measured(port, EXPOSED) == 0)
            assert (measured(port, "lockdown_canary_last_success_timestamp_seconds") or 0) > time.time() - 10
        finally:
            status, said, _ = ended(process)
    assert status == 130
    assert f"the page is at http://127.0.0.1:{port}/" in said
    assert list(tmp_path.glob(".last.json*")) == []


def test_a_signal_ends_it_within_two_seconds_whoever_hangs_on_the_page(tmp_path: Path) -> None:
    port = free_port()
    with deployed() as (_, words):
        process = start(tmp_path, *words, "--listen", f"127.0.0.1:{port}")
        hanging: list[socket.socket] = []
        try:
            assert wait_until(lambda: there(port))
            hanging += [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
            hanging[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        finally:
            status, said, took = ended(process)
            for one in hanging:
                one.close()
    assert (status, took < 2) == (130, True)
    assert "Traceback" not in said
    assert "exception" not in said


def test_prober_yaml_says_how_it_is_watched_and_a_flag_wins(tmp_path: Path) -> None:
    port = free_port()
    with deployed() as (here, words), receiving() as receiver:
        block = (
            f"canary: {{every: 1s, listen: '127.0.0.1:{port}', page-token: 'env:PAGE_TOKEN', alerts: ['env:HOOK'],"
            " alert-secret: 'env:HOOK_SECRET', ping: 'env:PING'}\n"
        )
        (tmp_path / "prober.yaml").write_text(block)
        here.app = here.opened
        outside = environment(PAGE_TOKEN="0123456789abcdef", HOOK=receiver.url + "/hook", PING=receiver.url + "/ping")
        with subprocess.Popen([PROBER, "watch", *words], cwd=tmp_path, env=outside, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
            assert wait_until(lambda: receiver.pings >= 2 and receiver.posts)
            assert get(port, "/metrics")[0] == 401
            assert get(port, "/metrics", "Authorization: Bearer 0123456789abcdef")[0] == 200
            ended(process)
        pings = receiver.pings
        once = subprocess.run(
            [PROBER, "watch", "--once", "--ping", receiver.url + "/other", *words], cwd=tmp_path, env=outside,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (once.returncode, once.stderr) == (1, "")
    assert receiver.pings == pings + 1


def test_a_report_that_cannot_be_written_costs_no_run(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    with deployed() as (_, words):
        process = start(tmp_path, *words, "--verbose", "--report", "json=reports/last.json")
        assert wait_until((tmp_path / "reports" / "last.json").exists)
        for path in (tmp_path / "reports").iterdir():
            path.unlink()
        (tmp_path / "reports").rmdir()
        time.sleep(2 * INTERVAL)
        _, said, _ = ended(process)
    assert "a report could not be written: no such file or directory" in said
    assert account(tmp_path)["last_run"]["verdict"] == "locked"
    assert "crashed" not in said


def test_a_report_of_a_watch_before_is_not_taken_for_this_one_s(tmp_path: Path) -> None:
    (tmp_path / "last.json").write_text("old")
    done = ask(tmp_path, "watch", "--once", *HERE, "--attempts", "1", "--surface", "me", "--report", "json=last.json")
    assert done.returncode == 2
    assert json.loads((tmp_path / "last.json").read_text())["verdict"] == "unreachable"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--listen", "0.0.0.0:0"), "--listen 0.0.0.0 would show everybody which doors stand open", id="everybody"),
        pytest.param(("--listen", "[::]:0"), "--listen :: would show everybody which doors stand open", id="everybody-by-ipv6"),
        pytest.param(("--listen", "9420"), "--listen '9420' is no address and port", id="no-address"),
        pytest.param(("--listen", "canary.example.com:9420"), "--listen 'canary.example.com:9420' is no address and port", id="a-name"),
        pytest.param(("--page-token", "env:HOOK_SECRET"), "--page-token has no page to lock", id="no-page"),
        pytest.param(("--listen", "127.0.0.1:0", "--page-token", "s3cret"), "--page-token is none of env:NAME and file:PATH", id="token-on-the-line"),
        pytest.param(("--listen", "127.0.0.1:0", "--page-token", "env:SHORT"), "--page-token: 'env:SHORT' is shorter than 16 letters", id="short-token"),
        pytest.param(("--listen", "127.0.0.1:0", "--behind-proxy", "https://x/"), "--behind-proxy 'https://x/' is no host's name", id="proxy"),
        pytest.param(("--listen", "127.0.0.1:0", "--once"), "--listen has nothing to show with --once", id="once"),
        pytest.param(("--report", "html=/nowhere/r.html"), "--report cannot write '/nowhere/r.html'", id="report"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_refused_before_the_watch(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = ask(tmp_path, "watch", *HERE, *words, SHORT="tooshort")
    assert (done.returncode, said in done.stderr) == (64, True), done.stderr
    assert list(tmp_path.glob("*.db")) == []


def test_a_port_that_is_taken_is_said_before_the_watch(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = ask(tmp_path, "watch", *HERE, "--listen", place)
    assert done.returncode == 64
    assert done.stderr == f"error: --listen cannot have {place}: address already in use\n  fix: choose another port, or end what has it\n"  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--behind-proxy", "canary.example.com"), "WARNING: the page has no lock of its own (--behind-proxy)", id="proxy"),
        pytest.param(("--page-token", "env:PAGE_TOKEN"), "WARNING: the page is served without TLS", id="token"),
    ],
)  # fmt: skip
def test_what_stands_open_beyond_this_machine_is_said_loudly(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    command = [PROBER, "watch", *HERE, "--listen", "0.0.0.0:0", *words]
    outside = environment(PAGE_TOKEN="0123456789abcdef")
    with subprocess.Popen(command, cwd=tmp_path, env=outside, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        heard = [next(iter(process.stderr)) for _ in range(3)]
        ended(process)
    assert said in heard[2]
