"""A 404 is a lock only where a held key has opened the very route, as the profile says it must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.hidden_routes import confirm_hidden
from prober.model import Answered, Cause, Credential, Finding, Kind, Reason, Unanswered, Verdict
from tests.support.reports import make_finding

KEY = "member-session"
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)


def answer(status: int) -> Answered:
    return Answered.of(status=status, headers=(), body=b"", elapsed_ms=1)


def hidden(path: str = "/api/notes") -> Finding:
    found = make_finding(
        Verdict.DRIFT, Reason.MISSING, "got 404, the same as for an unknown path", path=path, outcome=answer(404)
    )
    return admitting(replace(found, rule="route-may-be-gone"))


def admitting(finding: Finding, *names: str) -> Finding:
    route = replace(finding.probe.route, admits=names or (KEY,))
    return replace(finding, probe=replace(finding.probe, route=route))


def opened(path: str = "/api/notes", *, kind: Kind = Kind.HELD, name: str = KEY, **facts: object) -> Finding:
    found = admitting(
        make_finding(Verdict.LOCKED, Reason.AS_PROMISED, "got 200, as expected", path=path, outcome=answer(200))
    )
    key = Credential(name=name, kind=kind, family=None, headers=(), query="", catches="")
    return replace(found, probe=replace(found.probe, id=f"{path} [{name}]", credential=key), **facts)  # type: ignore[arg-type]


def test_a_route_that_a_key_opened_is_hidden_and_locked() -> None:
    confirmed, key = confirm_hidden([hidden(), opened()])
    assert (confirmed.verdict, confirmed.reason, confirmed.rule) == (
        Verdict.LOCKED,
        Reason.AS_PROMISED,
        "hidden-and-there",
    )
    assert confirmed.detail == f"got 404, the same as for an unknown path, and '{KEY}' shows that the route is there"
    assert key == opened()


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(opened("/api/keys"), id="another-route"),
        pytest.param(opened(kind=Kind.BOGUS), id="by-no-key"),
        pytest.param(opened(name="another-key"), id="by-a-key-that-it-does-not-admit"),
        pytest.param(opened(verdict=Verdict.DRIFT), id="not-as-expected"),
        pytest.param(opened(outcome=answer(404)), id="not-found-with-the-key-too"),
        pytest.param(opened(outcome=SILENCE), id="no-answer"),
    ],
)
def test_nothing_else_makes_a_lock_of_a_404(shown: Finding) -> None:
    assert confirm_hidden([hidden(), shown]) == (hidden(), shown)


def test_another_finding_of_the_route_stays_as_it_is() -> None:
    leak = admitting(make_finding(path="/api/notes"))
    assert confirm_hidden([leak, opened()]) == (leak, opened())
