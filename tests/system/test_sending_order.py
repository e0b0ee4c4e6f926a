"""The order of a whole run, as a deployment hears it: writes beside the reads, but never before an answer can be read."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from prober.engine.acting_budget import MOST_GRANTS, REFUSALS_TO_TRUST
from tests.support.payroll import REFUSED, Asked, Says, answering, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READS, WRITES = 60, 9
SLOW = 0.02  # seconds before a refusal
PATIENCE = 3.0  # seconds that an answer is held back at most
ROUTES = [
    "  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}",
    "  - {route: GET /open, guard: public, why: w, fix: f}",
    *(f"  - {{route: GET /read/{n}, guard: rows, why: w, fix: f}}" for n in range(READS)),
    *(f"  - {{route: POST /write/{n}, guard: rows, effect: none, send: {{json: {{}}}}, why: w, fix: f}}" for n in range(WRITES)),
]  # fmt: skip
SURFACES = "surface: payroll\nabout: A.\nroutes:\n" + "\n".join(ROUTES) + "\n"
PROFILE = "profile: own\nabout: A.\npresents: {rows: [bearer]}\nguards: {public: 200, rows: 401}\n"


class Listener:
    """A deployment that refuses slowly, and keeps what it heard, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.most_writes = 0  # under way at once, before so many were refused that the service is trusted
        self._writes, self._refused = 0, 0
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Says | None:
        path = asked.path.partition("?")[0]
        is_write = asked.method == "POST"
        with self._lock:
            self.heard.append(f"{asked.method} {path}")
            self._writes += is_write
            if self._refused < REFUSALS_TO_TRUST:
                self.most_writes = max(self.most_writes, self._writes)
        if path == "/open":
            time.sleep(SLOW)
            return Says(status=200, body=b'{"open":true}')
        time.sleep(SLOW)
        with self._lock:
            self._writes -= is_write
            self._refused += is_write
        known = path.startswith(("/read/", "/write/")) and "lockdown-probe" not in path
        return REFUSED if known else None


def test_writes_go_out_beside_the_reads_once_unknown_paths_and_open_routes_were_answered(tmp_path: Path) -> None:
    listener = Listener()
    with answering(listener.answer) as url:
        status, worst = run(tmp_path, url, surfaces=SURFACES, profile=PROFILE)
    assert status == 0, worst
    writes = [f"POST /write/{number}" for number in range(WRITES)]
    first = min(listener.heard.index(write) for write in writes)
    before, after = listener.heard[:first], listener.heard[first:]
    assert sum("/open" in heard for heard in before) >= 1
    assert sum("lockdown-probe" in heard for heard in before) >= 2
    assert sum(heard.startswith("GET /read/") for heard in after) >= READS // 2
    assert listener.most_writes <= MOST_GRANTS


class Waiter:
    """A deployment that answers one request only once it has heard another one, or after a while."""

    def __init__(self, *, holds: Callable[[Asked], bool], until: Callable[[Asked], bool]) -> None:
        self._holds, self._until = holds, until
        self._heard = threading.Event()
        self.was_heard: list[bool] = []  # of each request that was held, whether the other one came meanwhile

    def answer(self, asked: Asked) -> Says | None:
        if self._until(asked):
            self._heard.set()
        if self._holds(asked):
            self.was_heard.append(self._heard.wait(PATIENCE))
        if asked.path == "/open":
            return Says(status=200, body=b'{"open":true}')
        known = asked.path.startswith(("/read/", "/write/")) and "lockdown-probe" not in asked.path
        return REFUSED if known else None


def test_an_unknown_path_with_a_bogus_credential_holds_up_no_write(tmp_path: Path) -> None:
    waiter = Waiter(
        holds=lambda asked: "lockdown-probe" in asked.path.rpartition("/")[2] and "authorization" in asked.headers,
        until=lambda asked: asked.method == "POST" and asked.path == "/write/0",
    )
    with answering(waiter.answer) as url:
        status, worst = run(tmp_path, url, surfaces=SURFACES, profile=PROFILE)
    assert status == 0, worst
    assert waiter.was_heard
    assert waiter.was_heard[0]


def test_a_read_in_the_chain_of_a_write_goes_out_beside_the_next_write(tmp_path: Path) -> None:
    plain: list[str] = []

    def is_second(asked: Asked) -> bool:
        if asked.method == "POST" and asked.path == "/write/0":
            plain.append(asked.path)
        return len(plain) > 1

    waiter = Waiter(holds=lambda asked: asked.method == "GET" and asked.path == "/write/0", until=is_second)
    with answering(waiter.answer) as url:
        status, worst = run(tmp_path, url, surfaces=SURFACES, profile=PROFILE)
    assert status == 0, worst
    assert waiter.was_heard
    assert waiter.was_heard[0]


def test_what_may_act_waits_for_the_options_of_its_route(tmp_path: Path) -> None:
    route = "  - {route: POST /write/0, guard: rows, effect: acts, inert: {json: []}, why: w, fix: f}\n"
    surfaces = "surface: payroll\nabout: A.\nroutes:\n" + ROUTES[0] + "\n" + route
    options: list[str] = []

    def is_held(asked: Asked) -> bool:
        if asked.method == "OPTIONS" and asked.path == "/write/0":
            options.append(asked.path)
            return True
        return False

    waiter = Waiter(
        holds=is_held, until=lambda asked: bool(options) and asked.method == "POST" and asked.path == "/write/0"
    )
    with answering(waiter.answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=surfaces, profile=PROFILE)
    assert status == 0, worst
    assert waiter.was_heard
    assert not waiter.was_heard[0]


GUARDS = 4  # each with a route that shows whether a cookie that is handed out opens it
COOKIES = SURFACES.partition("  - ")[0] + "".join(
    f"  - {{route: GET /room/{n}, guard: g{n}, why: w, fix: f}}\n" for n in range(GUARDS)
)
OF_GUARDS = "profile: own\nabout: A.\nguards: {" + ", ".join(f"g{n}: 401" for n in range(GUARDS)) + "}\n"


def test_cookies_that_are_handed_out_are_presented_at_all_guards_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(GUARDS)
    heard: list[str] = []
    presented: list[str] = []

    def answer(asked: Asked) -> Says | None:
        heard.append(asked.path)
        if "shop_sid=lockdown-probe" in asked.headers.get("cookie", ""):
            presented.append(asked.path)
            together.wait(PATIENCE)
        if asked.path.startswith("/room/") and "lockdown" not in asked.path:
            return Says(status=401, body=REFUSED.body, headers=(("Set-Cookie", "shop_sid=abcdefgh12345678"),))
        return None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=COOKIES, profile=OF_GUARDS)
    assert (status, together.broken) == (0, False), worst
    assert (heard.count("/"), len(presented)) == (1, GUARDS)
