"""A status page on loopback, and a visitor of it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from prober.canary.alert_state import step
from prober.canary.finding_state import Moment, RunFinding, StateUpdate
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.history_thread import HistoryThread
from prober.canary.metrics import Metrics
from prober.canary.snapshot import Snapshot, name_of
from prober.canary.status.access import Access
from prober.canary.status.http_server import HttpRequest, listening
from prober.canary.status.site import serve
from prober.canary.times import stamp
from prober.model import Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from prober.canary.finding_state import FindingState
    from prober.model import Report
    from prober.report.shape import Record

TOKEN = "0123456789abcdef-page"

AT = 1_795_341_600.0  # 2026-11-22 10:00 UTC


# --- the scene --------------------------------------------------------------------------------------------------------


@pytest.fixture
def leaking(mixed_report: Report) -> Record:
    return record(mixed_report)


def known(found: Record, at: float = AT) -> dict[str, FindingState]:
    """What stands after this one run, at a release."""
    moment = Moment(run=name_of(found), at=stamp(at), release="1.0.397", before="1.0.396")
    seen = [
        RunFinding(id=f["id"], verdict=Verdict(f["verdict"]), reason=f["reason"], detail=f["detail"])
        for f in found["findings"]
    ]
    return {s.id: s for s in step({}, seen, moment, confirm=1).states}


def now_of(found: Record | None, at: float = AT, **more: Any) -> Snapshot:
    facts: dict[str, Any] = {
        "at": at, "started": AT - 60, "next_run": None, "record": found, "states": known(found) if found else {},
        "last_finished": at, "last_locked": None, "finished": 1, "crashed": 0, "missed": 0,
    }  # fmt: skip
    return Snapshot(**{**facts, **more})


def kept(tmp_path: Path, found: Record | None) -> History:
    """A history that holds this run."""
    history = History.to_write(str(tmp_path / "history.db"))
    if found is not None:
        ran = CompletedRun(id=name_of(found), started_at=stamp(AT), ended_at=stamp(AT), state="finished", sentence="LEAK: x", record=found)  # fmt: skip
        history.add(ran, StateUpdate(states=tuple(known(found).values()), gone=(), transitions=()), {}, due=AT)
    return history


class Visitor:
    """Sends bytes to a port, and reads what comes back."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def raw(self, sent: bytes) -> tuple[int, str, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]) if head else 0, head.decode("latin-1"), body

    async def get(self, path: str, *headers: str, host: str = "127.0.0.1", method: str = "GET") -> tuple[int, str, str]:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]
        status, head, body = await self.raw("\r\n".join(lines).encode())
        return status, head, body.decode()


@asynccontextmanager
async def served(
    now: Snapshot, history: History, *, token: str | None = None, store: HistoryThread | None = None
) -> AsyncIterator[Visitor]:
    at = store or HistoryThread(history)
    place = listening("127.0.0.1", 0)
    said: list[str] = []
    access = Access(token=token, names=("localhost",), now=time.monotonic)
    task = asyncio.ensure_future(
        serve(lambda: now, store=at, access=access, metrics=Metrics, every=60.0, place=place, log=said.append)
    )
    try:
        yield Visitor(place.getsockname()[1])
    finally:
        task.cancel()
        await asyncio.wait({task})
        await at.close(within=2)
        assert said == []


def visit(now: Snapshot, history: History, look: Callable[[Visitor], Coroutine[None, None, Any]], **how: Any) -> Any:
    async def main() -> Any:
        async with served(now, history, **how) as visitor:
            return await look(visitor)

    return asyncio.run(main())


def get(now: Snapshot, history: History, path: str, *headers: str, **how: Any) -> tuple[int, str, str]:
    found: tuple[int, str, str] = visit(now, history, lambda v: v.get(path, *headers), **how)
    return found


# --- who may look -----------------------------------------------------------------------------------------------------


def asked(authorization: str | None = None, *, client: str = "192.0.2.1", host: str = "h") -> HttpRequest:
    sent = [("host", host)] + ([("authorization", authorization)] if authorization else [])
    return HttpRequest(target="/", headers=tuple(sent), client=client)
