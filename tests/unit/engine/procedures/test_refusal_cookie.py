"""The cookies of a refusal are presented as a probe is sent: a limit that refuses one for a while is waited out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from prober.engine.procedures.refusal_cookie import present_cookies
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model import Plan, Profile, Reply, Request, Service, Surface, Unanswered

ROUTE = "surface: s\nabout: x.\nroutes:\n  - {route: GET /stock, guard: member, why: w, fix: f}\n"


class Limited:
    """A service that hands a session out with its refusal; what is sent once only meets its limit."""

    run = "0123abcd"
    service: Service

    def __init__(self, opened_by: str) -> None:
        self._opened_by = opened_by

    async def send(self, _: Request) -> Reply:
        return Answered.of(status=503, headers=(), body=b"busy", elapsed_ms=1)

    async def fetch(self, request: Request) -> Reply:
        cookie = dict(request.headers).get("Cookie", "")
        status = 200 if cookie == self._opened_by else 401
        return Answered.of(status=status, headers=(("set-cookie", "session=abc"),), body=b"{}", elapsed_ms=1)

    async def handed_out(self, _: Request) -> Mapping[str, str]:
        return {}

    async def connects(self, _: int) -> bool | Unanswered:
        raise AssertionError


@pytest.mark.parametrize(
    ("opened_by", "status"), [("session=abc", 200), ("session=true", 200), ("session=another", 401)]
)
def test_a_limit_hides_no_cookie_that_opens(
    opened_by: str, status: int, surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    plan = plan_of([surface_of(ROUTE)], profile_of("profile: p\nabout: x.\nguards: {member: 401}\n"), whole=True)
    [probe] = [probe for probe in plan.probes if probe.procedure == "refusal-cookie"]
    reply = asyncio.run(present_cookies(probe, Limited(opened_by)))
    assert isinstance(reply, Answered)
    assert reply.status == status


class Naming(Limited):
    """A service whose refusal sets no cookie, and names the header and the cookie that its guard looks for."""

    def __init__(self, header: str, opened_by: str) -> None:
        super().__init__(opened_by)
        self._header = header

    async def fetch(self, request: Request) -> Reply:
        status = 200 if dict(request.headers).get(self._header) == self._opened_by else 401
        told = (("access-control-allow-headers", "X-Till-Key"),)
        return Answered.of(status=status, headers=told, body=b"Cookie till_sid is missing", elapsed_ms=1)


@pytest.mark.parametrize(
    ("header", "opened_by", "status"),
    [
        pytest.param("X-Till-Key", "lockdown-probe", 200, id="any-key-in-a-header-that-is-named"),
        pytest.param("X-Till-Key", "undefined", 200, id="an-unset-key-in-it"),
        pytest.param("Cookie", "till_sid=lockdown-probe", 200, id="any-value-of-a-cookie-that-is-named"),
        pytest.param("X-Till-Key", "the right one", 401, id="a-guard-that-compares"),
    ],
)
def test_places_that_the_refusal_names_are_tried(
    header: str, opened_by: str, status: int, surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    plan = plan_of([surface_of(ROUTE)], profile_of("profile: p\nabout: x.\nguards: {member: 401}\n"), whole=True)
    [probe] = [probe for probe in plan.probes if probe.procedure == "refusal-cookie"]
    reply = asyncio.run(present_cookies(probe, Naming(header, opened_by)))
    assert isinstance(reply, Answered)
    assert reply.status == status


class Silent(Limited):
    """A service whose refusal sets no cookie and names nothing; it counts what it is asked."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: list[Request] = []

    async def fetch(self, request: Request) -> Reply:
        self.asked.append(request)
        return Answered.of(status=401, headers=(), body=b'{"error": "unauthorized"}', elapsed_ms=1)


def test_where_a_refusal_names_nothing_it_is_asked_once_and_no_cookie_is_invented(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    plan = plan_of([surface_of(ROUTE)], profile_of("profile: p\nabout: x.\nguards: {member: 401}\n"), whole=True)
    [probe] = [probe for probe in plan.probes if probe.procedure == "refusal-cookie"]
    silent = Silent()
    reply = asyncio.run(present_cookies(probe, silent))
    assert isinstance(reply, Answered)
    assert [dict(request.headers).get("Cookie") for request in silent.asked] == [None]


class Gate(Limited):
    """A service that sends strangers to a gate, which sends them back with something, and what it is they get in by."""

    def __init__(self, service: Service, gate: Mapping[str, str], opened_by: str) -> None:
        super().__init__(opened_by)
        self.service, self._gate, self.asked = service, gate, list[str]()

    async def fetch(self, request: Request) -> Reply:
        self.asked.append(request.target)
        path = request.target.partition("?")[0]
        sent = f"{request.target} {dict(request.headers).get('Cookie', '')}"
        status, headers = 302, {"location": "/gate?next=/stock"}
        if path == "/gate":
            headers = dict(self._gate)
        elif path != "/stock" or self._opened_by in sent:
            status, headers = 200, {}
        return Answered.of(status=status, headers=tuple(headers.items()), body=b"stock: 3 crates", elapsed_ms=1)


class Handing(Gate):
    """A gate of a service that hands a session out as well."""

    async def handed_out(self, _: Request) -> Mapping[str, str]:
        return {"session": "abc"}


@pytest.mark.parametrize(
    ("gate", "opened_by", "status", "asked"),
    [
        pytest.param({"location": "/stock?ticket=7"}, "ticket=7", 200, 3, id="a-ticket"),
        pytest.param({"location": "/stock", "set-cookie": "guest=1"}, "guest=1", 200, 3, id="a-cookie"),
        pytest.param({"location": "/login"}, "ticket=7", 302, 3, id="a-page-to-sign-in"),
        pytest.param({"location": "https://idp.test/stock"}, "ticket=7", 302, 2, id="another-origin"),
        pytest.param({"location": "/cron/stock"}, "ticket=7", 302, 2, id="a-path-of-a-job"),
        pytest.param({"location": "/gate?next=/stock"}, "ticket=7", 302, 2, id="itself"),
        pytest.param({"location": "/gate?again=1"}, "ticket=7", 302, 3, id="round-and-round"),
        pytest.param({"location": "/stock?ticket=7"}, "ticket=8", 302, 3, id="a-ticket-that-opens-nothing"),
    ],
)
def test_a_browser_that_goes_where_it_is_sent_gets_in(
    gate: Mapping[str, str], opened_by: str, status: int, asked: int, surface_of: Callable[[str], Surface],
    profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    guards = "profile: p\nabout: x.\nguards: {member: {status: 302, location: /gate}}\n"
    plan = plan_of([surface_of(ROUTE)], profile_of(guards), whole=True)
    [probe] = [probe for probe in plan.probes if probe.procedure == "refusal-cookie"]
    service = Gate(plan.services[0], gate, opened_by)
    reply = asyncio.run(present_cookies(probe, service))
    assert isinstance(reply, Answered)
    assert (reply.status, len(service.asked)) == (status, asked)
    assert probe.cost == 5


def test_no_more_is_sent_than_was_planned(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    guards = "profile: p\nabout: x.\nguards: {member: {status: 302, location: /gate}}\n"
    plan = plan_of([surface_of(ROUTE)], profile_of(guards), whole=True)
    [probe] = [probe for probe in plan.probes if probe.procedure == "refusal-cookie"]
    service = Handing(plan.services[0], {"location": "/stock?ticket=7"}, "nothing")
    asyncio.run(present_cookies(probe, service))
    assert len(service.asked) == probe.cost
