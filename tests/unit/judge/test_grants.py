"""What the judge calls a grant ends a chain of requests to a route that may act: one decision, asked twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.judge.controls import Controls, ServiceControls
from prober.judge.verdicts import ends_chain, judge
from prober.model import Answered, Depth, Reason, Verdict
from tests.support.judging import read_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

WORDS = ("/api/migrate", "/signin", "/done", "/", "https://elsewhere.example/x", "https://idp.example/authorize?client_id=a",
         "//other.example/api/migrate", "http://127.0.0.1:3000/in", "https://[bad", "")  # fmt: skip
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("location"), st.sampled_from(WORDS)),
        st.tuples(st.just("content-type"), st.sampled_from(["application/json", "text/html", "text/event-stream"])),
        st.tuples(st.just("mcp-session-id"), st.just("s1")),
        st.tuples(st.just("server"), st.sampled_from(["cloudflare", "nginx", "uvicorn"])),
    ),
    max_size=3,
    unique_by=lambda pair: pair[0],
)
BODIES = st.sampled_from(
    [b"", b"null", b"[]", b'{"ok":true}', b'{"error":"no"}', b'{"error":null,"data":[1]}', b"<html><title>Sign in</title>",
     b'{"jsonrpc":"2.0","id":1,"result":{}}', b"NEXT_REDIRECT;replace;/signin", b"%PDF-1.4"]
)  # fmt: skip
ANSWERS = st.builds(
    lambda status, headers, body: Answered.of(status=status, headers=tuple(headers), body=body, elapsed_ms=1),
    st.integers(200, 599), HEADERS, BODIES,
)  # fmt: skip


@pytest.fixture(scope="module")
def acting(
    plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...], shipped_profile: Callable[[str], Profile]
) -> Plan:
    """Plan every credential and variant at the routes that may act."""
    names = {"migrate", "pairing", "reminders", "mcp"}
    chosen = [surface for surface in shipped_surfaces if surface.name in names]
    return plan_of(chosen, shipped_profile("oauth"), depth=Depth.DEEP)


@given(data=st.data(), answered=ANSWERS, lost=ANSWERS)
def test_whatever_the_judge_calls_granted_stops_the_chain(
    data: st.DataObject, answered: Answered, lost: Answered, acting: Plan
) -> None:
    probe: Probe = data.draw(st.sampled_from([p for p in acting.probes if p.procedure is None]))
    known = read_controls(acting, [(path, lost) for path in acting.not_found_controls], [])
    finding = judge(probe, answered, known)
    if (finding.verdict, finding.reason) == (Verdict.LEAK, Reason.GRANTED):
        service = known.services[probe.request.service]
        assert ends_chain(probe, answered, service)
        assert ends_chain(probe, answered, ServiceControls(service=service.service))  # also before the controls are in


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        pytest.param(302, (("location", "https://elsewhere.example/done"),), id="to-another-origin"),
        pytest.param(307, (("location", "/signin"), ("mcp-session-id", "s1")), id="to-sign-in-with-an-mcp-session"),
        pytest.param(302, (("location", "/done"),), id="inside"),
    ],
)
def test_a_redirect_that_the_judge_calls_a_grant_ends_the_chain(
    status: int, headers: tuple[tuple[str, str], ...], acting: Plan
) -> None:
    answered = Answered.of(status=status, headers=headers, body=b"", elapsed_ms=1)
    nothing = Answered.of(status=404, headers=(), body=b"nothing here", elapsed_ms=1)
    probe = next(p for p in acting.probes if p.route.path == "/api/migrate" and p.variant is None)
    controls = read_controls(acting, [(path, nothing) for path in acting.not_found_controls], [])
    services = {name: replace(known, blanket_is_application=True) for name, known in controls.services.items()}
    assert judge(probe, answered, Controls(services=services)).reason is Reason.GRANTED
    assert ends_chain(probe, answered, services[probe.request.service])
