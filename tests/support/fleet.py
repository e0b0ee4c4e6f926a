"""A fleet on this machine: one server behind many loopback addresses, which knows whose run asked it what."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_RUN = re.compile(rb"\(run ([0-9a-f]+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Behind:
    """What the server does at each address, and what it has seen there."""

    port: int = 0
    leaky: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    limited: set[str] = field(default_factory=set)
    echoes: str = ""  # said by every leak
    targets: str = "[]"  # what it answers at /targets, as http_sd does
    delay: float = 0.0
    runs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    in_flight: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    times: list[tuple[float, str]] = field(default_factory=list)  # when each request came, and to which address
    on_request: Callable[[str, int], None] | None = None  # told of each before it is answered, with its number there

    @property
    def requests(self) -> int:
        return len(self.times)

    def asked(self, address: str) -> int:
        return sum(one == address for _, one in self.times)

    def forget(self) -> None:
        """Be as at the beginning."""
        for group in (self.leaky, self.hanging, self.limited, self.runs, self.times):
            group.clear()
        self.delay, self.echoes, self.on_request = 0.0, "", None

    def url(self, number: int) -> str:
        return f"http://127.0.{number >> 8}.{number & 255}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                self.times.append((time.monotonic(), address))
                if run := _RUN.search(head):
                    self.runs[address].add(run[1].decode())
                if self.on_request is not None:
                    self.on_request(address, self.asked(address))
                await asyncio.sleep(3600 if address in self.hanging else self.delay)
                method, target = head.split(b" ", 2)[:2]
                status, body = self.answer(address, target.decode())
                said = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                writer.write(said.encode() + (b"" if method == b"HEAD" else body.encode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def answer(self, address: str, target: str) -> tuple[str, str]:
        if address in self.limited:
            return "429 Too Many Requests", json.dumps({"error": "slow down"})
        if target == "/targets":
            return "200 OK", self.targets
        if target == "/api/health":
            return "200 OK", json.dumps({"status": "ok"})
        if re.fullmatch(r"/api/things/\d+", target):
            is_open = address in self.leaky
            return ("200 OK", json.dumps({"items": [{"id": 1, "note": self.echoes}]})) if is_open else ("401 Unauthorized", json.dumps({"error": "not_signed_in"}))  # fmt: skip
        return "404 Not Found", json.dumps({"error": "not_found"})


@contextmanager
def serving() -> Iterator[Behind]:
    """Serve on every loopback address until the block ends."""
    behind, ready, loop = Behind(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        server = await asyncio.start_server(behind.serve, "0.0.0.0", 0, backlog=512)
        behind.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield behind
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()


def until(what: Callable[[], bool], patience: float = 15.0) -> None:
    """Wait for something to be true."""
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def write_fleet(folder: Path, behind: Behind, numbers: range, *, routes: int = 3, **more: object) -> Path:
    """Write a fleet of one deployment for each address, with a small surface of its own."""
    (folder / "probes").mkdir(exist_ok=True)
    health = {"route": "GET /api/health", "guard": "public", "control": "alive", "why": "w", "fix": "f"}
    things = [{"route": f"GET /api/things/{n}", "guard": "session", "why": "w", "fix": "f"} for n in range(routes)]
    surface = {"surface": "things", "about": "What a shop has.", "routes": [health, *things]}
    (folder / "probes" / "things.yaml").write_text(yaml.safe_dump(surface), encoding="utf-8")
    (folder / "base.yaml").write_text("profile: oauth\nprobes: [probes]\nsurfaces: [things]\n", encoding="utf-8")
    deployments = [
        {"name": f"shop-{n}", "services": {"web": behind.url(n)}, "labels": {"env": "prod" if n % 2 else "preview"}}
        for n in numbers
    ]
    fleet = {"fleet": "acme", "defaults": {"deployment": "./base.yaml"}, "deployments": deployments, **more}
    (folder / "fleet.yaml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    return folder / "fleet.yaml"
