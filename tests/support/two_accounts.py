"""A sign-in that answers for an account that exists and for one that does not."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.engine.procedures.request_comparison import Compared, compare
from prober.model import Answered, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome

    Door = Callable[[str, int], Outcome]

STRANGER, MEMBER = "nobody-17@probe.invalid", "fixture.user@example.org"

JSON = ("content-type", "application/json")


def sign_in(email: str) -> Request:
    content = json.dumps({"email": email, "password": "wrong"}).encode()
    return Request(service="web", method="POST", target="/api/login", headers=(("User-Agent", "x"),), content=content)


def answer(body: str = '{"error":"invalid"}', *headers: tuple[str, str], status: int = 401, ms: int = 1) -> Answered:
    return Answered.of(status=status, headers=(JSON, *headers), body=body.encode(), elapsed_ms=ms)


class World:
    """A deployment on a clock of its own: what it answers to whom, and how long that takes it."""

    def __init__(self, door: Door, latency: Callable[[str, float], float] = lambda *_: 0.0) -> None:
        self.now = 1000.0
        self.sent: list[str] = []
        self._door, self._latency = door, latency

    async def send(self, request: Request) -> Outcome:
        who = STRANGER if STRANGER.encode() in (request.content or b"") else MEMBER
        before = self.sent.count(who)
        self.sent.append(who)
        took = self._latency(who, self.now)
        self.now += took
        outcome = self._door(who, before)
        return replace(outcome, elapsed_ms=int(took * 1000)) if isinstance(outcome, Answered) else outcome

    async def compare(self, pairs: int, seed: int = 1) -> Compared:
        chance = random.Random(10**6 + seed)  # not the numbers that the latencies are made of
        return await compare(
            sign_in(STRANGER), sign_in(MEMBER), self.send, pairs=pairs, shuffle=chance, clock=lambda: self.now
        )  # fmt: skip
