"""What an open deployment feels: a store that takes whatever is sent to it counts what has taken effect."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.app.load import load_from
from prober.app.options import ProbeOptions, SendOptions
from prober.app.prepare import prepare
from prober.app.run import network_of, run_of
from prober.definitions.deployment import (
    DeploymentFile,
)
from prober.engine.acting_budget import MOST_GRANTS, ActingBudget
from prober.model import Depth, ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prober.model import Report

    Takes = Callable[[str, str], bool]  # a method and a path: whether it has an effect


def takes_everything(_method: str, _path: str) -> bool:
    return True


def takes_what_exists(_method: str, path: str) -> bool:
    return "lockdown-probe" not in path


@contextmanager
def store(takes: Takes, *, reads: str, answers: int = 201) -> Iterator[tuple[str, Counter[str]]]:
    """Serve a store on loopback; `reads` says how it answers a GET: with its data, or with one page for every path.

    `answers` is the status of what has taken effect.
    """
    effects: Counter[str] = Counter()
    lock = threading.Lock()

    class Store(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        def handle_any(self) -> None:
            path = self.path.partition("?")[0]
            self.rfile.read(int(self.headers.get("content-length") or 0))
            if path in {"/api/healthz", "/api/readyz"}:
                return self.answer(200, b'{"ok":true}')
            if self.command in {"GET", "HEAD"}:
                if reads == "one-page":
                    return self.answer(200, b"<title>App</title><div id=app></div>", "text/html")
                found = "lockdown-probe" not in path
                return self.answer(200 if found else 404, b'[{"id":1,"owner":"x"}]' if found else b'{"error":"none"}')
            if self.command == "OPTIONS":
                return self.answer(204, b"")
            if not takes(self.command, path):
                return self.answer(404, b'{"error":"none"}')
            with lock:
                effects[f"{self.command} {path}"] += 1
            return self.answer(answers, b'{"id":7}')

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", effects
    finally:
        server.shutdown()
        server.server_close()


def probe(url: str, depth: Depth, *surfaces: str, mcp: str | None = None) -> Report:
    options = ProbeOptions(profile="oauth", base_url=url, mcp_url=mcp, depth=depth, surface=surfaces)
    prepared = prepare(load_from(options, DeploymentFile(), Path(), held={}))
    sending = SendOptions(deadline=60)
    run = run_of(sending, prepared, network_of(sending, prepared))
    asyncio.run(run.send_all())
    return run.report()


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("takes", [takes_everything, takes_what_exists])
def test_what_is_inert_by_its_definition_counts_as_a_write_too(takes: Takes, depth: Depth) -> None:
    """Two services at one origin, of which one is asked by POST for what only reads: a store makes a record of each."""
    with store(takes, reads="data") as (url, effects):
        report = probe(url, depth, "all", mcp=url)
    assert report.exit_status is ExitStatus.LEAK
    assert effects.total() <= MOST_GRANTS, effects


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.STANDARD])
@pytest.mark.parametrize("takes", [takes_everything, takes_what_exists])
@pytest.mark.parametrize("reads", ["data", "one-page"])
def test_an_open_store_feels_three_writes_at_most_and_none_twice(takes: Takes, reads: str, depth: Depth) -> None:
    with store(takes, reads=reads) as (url, effects):
        report = probe(url, depth)
    assert report.exit_status is not ExitStatus.LOCKED
    assert effects.total() <= MOST_GRANTS, effects
    assert set(effects.values()) <= {1}


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("answers", [502, 504])
def test_a_write_is_not_sent_again_after_a_gateway_s_answer(answers: int, depth: Depth) -> None:
    """The gateway lost the answer, not the request: the row is there."""
    with store(takes_everything, reads="data", answers=answers) as (url, effects):
        report = probe(url, depth, "all", mcp=url)
    assert report.exit_status is ExitStatus.LEAK
    assert effects.total() <= MOST_GRANTS, effects
    assert set(effects.values()) <= {1}, effects


@pytest.mark.parametrize("answers", [500, 300, 302])
def test_a_store_that_answers_oddly_once_it_has_written_feels_no_more(answers: int) -> None:
    """The row is there although the mail could not be sent."""
    with store(takes_everything, reads="data", answers=answers) as (url, effects):
        report = probe(url, Depth.STANDARD)
    assert report.exit_status is ExitStatus.LEAK
    assert effects.total() <= MOST_GRANTS, effects
    assert set(effects.values()) <= {1}


def test_a_surface_that_is_declared_is_probed_all_the_same() -> None:
    """Of a declared route that may act the first answer is a grant, and the last."""
    with store(takes_everything, reads="one-page") as (url, effects):
        report = probe(url, Depth.STANDARD, "migrate")
    assert report.exit_status is ExitStatus.LEAK
    assert effects["POST /api/migrate"] == 1


def test_of_many_requests_at_once_only_as_many_are_under_way_as_may_be_granted() -> None:
    async def spend() -> tuple[int, list[bool]]:
        budget, under_way, most = ActingBudget(concurrency=16), 0, 0

        async def request() -> bool:
            nonlocal under_way, most
            if not await budget.acquire("web"):
                return False
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            await budget.release("web", granted=True)
            return True

        went_out = await asyncio.gather(*(request() for _ in range(40)))
        return most, went_out

    most, went_out = asyncio.run(spend())
    assert most <= MOST_GRANTS
    assert sum(went_out) == MOST_GRANTS


def test_a_service_that_refuses_is_soon_asked_at_full_speed() -> None:
    async def ask() -> int:
        budget, under_way, most = ActingBudget(concurrency=8), 0, 0

        async def request() -> None:
            nonlocal under_way, most
            assert await budget.acquire("web")
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.001)
            under_way -= 1
            await budget.release("web", granted=False)

        await asyncio.gather(*(request() for _ in range(60)))
        return most

    assert asyncio.run(ask()) == 8


async def most_under_way(budget: ActingBudget) -> int:
    """Ask twenty times at once, each of which is granted; give how many were under way together."""
    under_way = most = 0

    async def request() -> None:
        nonlocal under_way, most
        if await budget.acquire("web"):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            await budget.release("web", granted=True)

    await asyncio.gather(*(request() for _ in range(20)))
    return most


def test_the_first_grant_ends_the_trust_in_a_service_that_had_refused() -> None:
    async def ask() -> int:
        budget = ActingBudget(concurrency=8)
        for granted in [False] * 20 + [True]:
            assert await budget.acquire("web")
            await budget.release("web", granted=granted)

        return await most_under_way(budget)

    assert asyncio.run(ask()) <= MOST_GRANTS - 1


def test_variants_of_one_route_that_are_refused_are_no_reason_to_trust() -> None:
    async def ask() -> int:
        budget = ActingBudget(concurrency=8)
        for _ in range(60):
            assert await budget.acquire("web")
            await budget.release("web", granted=False, is_plain=False)

        return await most_under_way(budget)

    assert asyncio.run(ask()) <= MOST_GRANTS


def test_one_service_that_is_open_stops_no_other() -> None:
    async def ask() -> list[bool]:
        budget = ActingBudget(concurrency=2)
        for _ in range(MOST_GRANTS):
            assert await budget.acquire("open")
            await budget.release("open", granted=True)
        return [await budget.acquire("open"), await budget.acquire("other")]

    assert asyncio.run(ask()) == [False, True]
