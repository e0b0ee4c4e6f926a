"""Samples of the replicas behind one address: where they are sent, over which connections, and which answer counts."""

from __future__ import annotations

import asyncio
import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

import prober
from prober.engine.procedures.replica_samples import send_samples
from prober.model import Answered, Cause, Depth, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from prober.model import Plan, Probe, Profile, Reply, Request, Surface

REPLICAS = 30
PROFILE = "profile: p\nabout: x.\nguards: {member: 401, public: 200}\n"
SURFACE = """\
surface: stock
about: Made for a test.
routes:
  - {route: GET /up, guard: public, control: alive, why: w, fix: f}
  - {route: GET /stock, guard: member, why: w, fix: f}
  - {route: POST /stock, guard: member, effect: none, why: w, fix: f}
  - {route: GET /export, guard: member, effect: acts, why: w, fix: f}
"""
GONE = Unanswered(cause=Cause.TIMEOUT, detail="no answer", arrived=True, attempts=1, elapsed_ms=1)


def answer(status: int, location: str = "") -> Answered:
    headers = (("location", location),) if location else ()
    return Answered.of(status=status, headers=headers, body=b"{}", elapsed_ms=1)


@pytest.fixture
def samples_of(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., list[Probe]]:
    def planned(**options: object) -> list[Probe]:
        plan = plan_of([surface_of(SURFACE)], profile_of(PROFILE), **options)
        return [probe for probe in plan.probes if probe.procedure == "samples"]

    return planned


@pytest.mark.parametrize("depth", list(Depth))
def test_samples_are_taken_at_guarded_routes_that_only_read(
    samples_of: Callable[..., list[Probe]], depth: Depth
) -> None:
    [probe] = samples_of(depth=depth, samples=7)
    assert (probe.id, probe.cost, probe.requests) == ("stock: GET /stock [samples]", 7, 7)
    assert probe.request.own_connection


@pytest.mark.parametrize("depth", list(Depth))
def test_without_the_option_there_are_none(samples_of: Callable[..., list[Probe]], depth: Depth) -> None:
    assert samples_of(depth=depth) == []


class Replicas:
    """Answers in turn as these do."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.asked = itertools.cycle(replies), 0

    async def send(self, _: Request) -> Reply:
        self.asked += 1
        return next(self.replies)


REFUSED, OLD, GRANTED = answer(401), answer(404), answer(200)
TO_SIGN_IN, TO_START = answer(302, "/in?back=1"), answer(302, "/home")


@pytest.mark.parametrize(
    ("replies", "counts", "asked"),
    [
        pytest.param((REFUSED, REFUSED), REFUSED, 6, id="alike"),
        pytest.param((REFUSED, REFUSED, GRANTED), GRANTED, 3, id="granted-ends-it"),
        pytest.param((OLD, REFUSED, GRANTED), GRANTED, 3, id="granted-before-odd"),
        pytest.param((REFUSED, OLD, REFUSED), OLD, 6, id="the-rarest"),
        pytest.param((OLD, REFUSED, OLD), REFUSED, 6, id="also-where-it-is-right"),
        pytest.param((TO_SIGN_IN, answer(302, "/in?back=2"), TO_START), TO_START, 6, id="another-place"),
        pytest.param((REFUSED, GONE), GONE, 2, id="nobody"),
    ],
)
def test_which_answer_counts(
    samples_of: Callable[..., list[Probe]], replies: tuple[Reply, ...], counts: Reply, asked: int
) -> None:
    [probe] = samples_of(samples=6)
    replicas = Replicas(*replies)
    assert asyncio.run(send_samples(probe, replicas)) == counts  # type: ignore[arg-type]  # it needs no more of a session
    assert replicas.asked == asked


class OneOpenReplica(BaseHTTPRequestHandler):
    """Gives each connection to the next replica; one of them has no guard."""

    protocol_version = "HTTP/1.1"
    connections = itertools.count()

    def setup(self) -> None:
        super().setup()
        self.is_open = next(type(self).connections) % REPLICAS == REPLICAS - 1

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        guarded = 200 if self.is_open else 401
        status = {"/up": 200, "/stock": guarded}.get(path, 404)
        body = b'{"stock": [1]}' if status == 200 else b'{"error": "no"}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def balanced() -> Iterator[str]:
    OneOpenReplica.connections = itertools.count()
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneOpenReplica)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def exit_status(folder: Path, url: str, samples: int) -> int:
    reads = "".join(line for line in SURFACE.splitlines(keepends=True) if "POST" not in line)
    (folder / "probes").mkdir(exist_ok=True)
    (folder / "probes" / "stock.yaml").write_text(reads, encoding="utf-8")
    (folder / "p.yaml").write_text(PROFILE, encoding="utf-8")
    where = f"profile: ./p.yaml\nservices: {{web: '{url}'}}\nsurfaces: [stock]\nprobes: [./probes]\n"
    (folder / "prober.yaml").write_text(where, encoding="utf-8")
    return prober.run(prober.load(folder / "prober.yaml", depth="quick", samples=samples)).exit_status


@pytest.mark.integration
def test_one_open_replica_of_many_is_met_by_new_connections_only(balanced: str, tmp_path: Path) -> None:
    assert exit_status(tmp_path, balanced, samples=1) == 0
    assert exit_status(tmp_path, balanced, samples=REPLICAS) == 1
