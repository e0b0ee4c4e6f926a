"""A respelled read that gets the page of every path so spelled has opened nothing; all else that opened is a leak."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.page_of_every_path import excuse_pages_of_every_path, may_be_of_every_path
from prober.model import Answered, Cause, Finding, Outcome, Reason, Request, Unanswered, Verdict
from tests.support.reports import make_finding

HTML, JSON = ("content-type", "text/html"), ("content-type", "application/json")
SHELL = "<html><title>App</title><div id=root></div></html>"
SECRETS = "<html><title>Keys</title><table><tr><td>k1</td></tr><tr><td>k2</td></tr></table></html>"
UNKNOWN = Request(service="web", method="GET", target="//lockdown-probe-1", headers=())
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)


def page(body: str = SHELL, *, status: int = 200, kind: tuple[str, str] = HTML) -> Answered:
    return Answered.of(status=status, headers=(kind,), body=body.encode(), elapsed_ms=1)


def opened(outcome: Outcome, *, method: str = "GET", rule: str = "variant-opened") -> Finding:
    found = make_finding(path="/api/me", method=method, variant="double-slash")
    return replace(found, probe=replace(found.probe, counterpart=UNKNOWN), outcome=outcome, rule=rule)


def excused(finding: Finding, counterpart: Outcome | None) -> Finding:
    counterparts = {} if counterpart is None else {finding.probe.id: counterpart}
    [found] = excuse_pages_of_every_path((finding,), counterparts, {})
    return found


def test_the_page_of_every_path_opens_nothing() -> None:
    found = excused(opened(page()), page())
    assert (found.verdict, found.reason, found.rule) == (
        Verdict.LOCKED, Reason.OPENS_NOTHING, "variant-page-of-every-path",
    )  # fmt: skip
    assert found.detail == "got 200, with the page that an unknown path gets in the same spelling"


def test_a_page_that_repeats_each_path_is_the_page_of_every_path() -> None:
    finding = opened(page(f"<html><title>App</title><a href='/api/me?next=1'>{'/api/me'}</a></html>"))
    shown = page(f"<html><title>App</title><a href='{UNKNOWN.target}?next=1'>{UNKNOWN.target}</a></html>")
    assert excused(finding, shown).rule == "variant-page-of-every-path"


@pytest.mark.parametrize(
    ("finding", "counterpart"),
    [
        pytest.param(opened(page(SECRETS)), page(), id="another-page"),
        pytest.param(opened(page()), page(status=404), id="the-same-page-with-another-status"),
        pytest.param(opened(page("")), page(""), id="nothing-is-like-nothing"),
        pytest.param(opened(page(" \n")), page(" \n"), id="nor-is-blank-space"),
        pytest.param(opened(page()), SILENCE, id="silence-for-the-unknown-path"),
        pytest.param(opened(page()), None, id="the-unknown-path-was-not-asked"),
        pytest.param(opened(page('{"a":1}', kind=JSON)), page('{"a":1}', kind=JSON), id="data"),
        pytest.param(opened(page(), method="POST"), page(), id="what-may-act"),
        pytest.param(opened(page(), rule="opened"), page(), id="opened-by-no-variant"),
    ],
)
def test_all_else_stays_a_leak(finding: Finding, counterpart: Outcome | None) -> None:
    assert excused(finding, counterpart) == finding
    assert finding.verdict is Verdict.LEAK


def test_an_unknown_path_is_asked_only_for_a_page_that_opened() -> None:
    variant = opened(page()).probe
    assert may_be_of_every_path(variant, page())
    assert not may_be_of_every_path(replace(variant, variant=None), page())
    assert not may_be_of_every_path(replace(variant, counterpart=None), page())
    assert not may_be_of_every_path(variant, page(status=401))
    assert not may_be_of_every_path(variant, SILENCE)
    assert not may_be_of_every_path(variant, Answered.of(status=200, headers=(), body=b"x", elapsed_ms=1))
