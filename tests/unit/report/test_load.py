"""A report is read back as it was written, and whatever is no report is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.errors import UsageError
from prober.judge.baseline import differences
from prober.model import Finding, Reason, Source, Verdict, Waived, Waiver
from prober.report.diff import changes, render_changes
from prober.report.json_format import render_json
from prober.report.load import parse_report
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Report

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]

FIX = "\n  fix: name a file that --report json=FILE wrote"
ONE = {"id": "me: GET /api/me [anonymous]", "verdict": "leak", "reason": "granted"}
WHOLE = {
    "schema": 1, "run": "0123abcd", "started_at": "2026-11-22T10:00:00Z", "profile": "oauth", "depth": "quick",
    "interrupted": False, "services": {"web": {"url": "http://h"}}, "findings": [ONE],
}  # fmt: skip


def text_of(**facts: object) -> str:
    return json.dumps({key: value for key, value in {**WHOLE, **facts}.items() if value is not ...})


def finding(**facts: object) -> str:
    return text_of(findings=[{key: value for key, value in {**ONE, **facts}.items() if value is not ...}])


def test_what_was_written_is_read_back(finding_of: Make, report_of: MakeReport) -> None:
    waiver = Waiver(finding="x", reason="r", owner="o", expires=date(2026, 12, 31), source=Source(file="w", line=1))
    waived = Waived(waiver=waiver, verdict=Verdict.LEAK, reason=Reason.DISCLOSED)
    findings = [
        replace(finding_of(), since="2026-01-01T00:00:00Z"),
        finding_of(Verdict.LOCKED, Reason.AS_PROMISED, path="/b"),
        replace(finding_of(Verdict.SKIPPED, Reason.WAIVED, path="/c"), waived=waived),
    ]
    earlier = parse_report(render_json(record(report_of(*findings, interrupted=True))), file="a.json")
    assert (earlier.file, earlier.run, earlier.started_at) == ("a.json", "0123abcd", "2026-11-22T10:00:00Z")
    assert (earlier.profile, earlier.depth, earlier.interrupted) == ("oauth", "standard", True)
    assert earlier.services == {"web": "http://127.0.0.1:3000"}
    assert list(earlier.findings) == [found.probe.id for found in findings]
    assert [(one.verdict, one.held, one.reason, one.since) for one in earlier.findings.values()] == [
        (Verdict.LEAK, Verdict.LEAK, "granted", "2026-01-01T00:00:00Z"),
        (Verdict.LOCKED, Verdict.LOCKED, "as-promised", None),
        (Verdict.SKIPPED, Verdict.LEAK, "disclosed", None),
    ]


def test_a_report_of_before_there_were_waivers_is_read_too() -> None:
    [one] = parse_report(text_of(), file="a.json").findings.values()
    assert (one.verdict, one.held, one.since) == (Verdict.LEAK, Verdict.LEAK, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "a.json is not JSON" + FIX, id="empty"),
        pytest.param("waivers:\n", "a.json is not JSON" + FIX, id="yaml"),
        pytest.param("[" * 100_000, "a.json is not JSON" + FIX, id="nested-too-deep"),
        pytest.param("[]", "a.json is not a report of the prober: the report is not a mapping" + FIX, id="list"),
        pytest.param("{}", "a.json is not a report of the prober" + FIX, id="nothing"),
        pytest.param('{"schema": 1, "schema": 1}', "a.json has a key twice in one mapping" + FIX, id="key-twice"),
        pytest.param('{"schema": NaN}', "a.json contains NaN, which is not JSON" + FIX, id="nan"),
        pytest.param(
            text_of(schema=2), "a.json has schema 2, but this prober reads 1\n  fix: create it again with this prober", id="schema-2"
        ),
        pytest.param(
            text_of(schema="1"), 'a.json has schema "1", but this prober reads 1\n  fix: create it again with this prober', id="schema-text"
        ),
        pytest.param(
            text_of(schema=True), "a.json has schema true, but this prober reads 1\n  fix: create it again with this prober", id="schema-true"
        ),
        pytest.param(text_of(findings=...), "a.json is not a report of the prober" + FIX, id="no-findings"),
        pytest.param(text_of(findings=[]), "a.json has no findings" + FIX, id="empty-findings"),
        pytest.param(text_of(findings={}), "a.json has no findings" + FIX, id="findings-a-mapping"),
        pytest.param(text_of(findings=[1]), "a.json is not a report of the prober: a finding is not a mapping" + FIX, id="finding-a-number"),
        pytest.param(text_of(findings=[ONE, ONE]), f"a.json has finding '{ONE['id']}' twice" + FIX, id="finding-twice"),
        pytest.param(text_of(run=...), "a.json is not a report of the prober: it has no 'run'" + FIX, id="no-run"),
        pytest.param(text_of(profile=1), "a.json is not a report of the prober: it has no 'profile'" + FIX, id="profile-a-number"),
        pytest.param(text_of(started_at="now"), "a.json has a 'started_at' that is not a time" + FIX, id="no-time"),
        pytest.param(text_of(interrupted=0), "a.json is not a report of the prober: it has no 'interrupted'" + FIX, id="no-flag"),
        pytest.param(text_of(services=...), "a.json is not a report of the prober: 'services' is not a mapping" + FIX, id="no-services"),
        pytest.param(
            text_of(services={"web": "http://h"}), "a.json is not a report of the prober: a service is not a mapping" + FIX, id="service-a-word"
        ),
        pytest.param(finding(id=...), "a.json is not a report of the prober: it has no 'id'" + FIX, id="no-id"),
        pytest.param(finding(id="x" * 2001), "a.json is not a report of the prober: it has no 'id'" + FIX, id="id-too-long"),
        pytest.param(finding(verdict="open"), "a.json has an unknown verdict 'open'" + FIX, id="verdict"),
        pytest.param(finding(reason="no reason"), f"a.json has an invalid reason for '{ONE['id']}'" + FIX, id="reason"),
        pytest.param(finding(since="x"), "a.json has a 'since' that is not a time" + FIX, id="since"),
        pytest.param(
            finding(verdict="skipped", waived="leak"), f"a.json says that '{ONE['id']}' was waived, but not from which verdict" + FIX,
            id="waived-without-a-reason",
        ),
        pytest.param(
            finding(waived="leak: granted"), f"a.json says that '{ONE['id']}' was waived, but not from which verdict" + FIX,
            id="waived-and-not-skipped",
        ),
        pytest.param(finding(verdict="skipped", waived="open: granted"), "a.json has an unknown verdict 'open'" + FIX, id="waived-verdict"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_report(text, file="a.json")
    assert str(caught.value) == f"error: {message}"


HOSTILE = st.sampled_from(["\x1b[2J", "\x1b]0;x\x07", "\r\n::error::x", "\u202e", "##[error]", "\x9b", " ::add-mask::x", "\u2028"])  # fmt: skip


@given(said=HOSTILE)
def test_nothing_in_a_report_of_a_hostile_hand_acts(said: str) -> None:
    facts = {
        "run": f"r{said}", "profile": f"p{said}", "depth": f"d{said}", "services": {f"s{said}": {"url": f"u{said}"}},
        "findings": [{**ONE, "id": f"me: GET /{said} [x{said}]"}],
    }  # fmt: skip
    before, after = parse_report(text_of(), file="a"), parse_report(text_of(**facts), file=f"b{said}")
    whole = changes(before, after, differences(before.findings, after.findings), [])
    for text in (render_changes(whole), render_json(whole)):
        assert "u202e" in said or said not in text
        assert all(char == "\n" or char.isprintable() for char in text)
        assert not any(line.strip().startswith("::") or "##[" in line for line in text.splitlines())


@given(text=st.text(max_size=200) | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps))
def test_any_text_is_a_report_or_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_report(text, file="a.json")


@given(key=st.sampled_from(sorted(WHOLE)), value=st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.none()) | st.dictionaries(st.text(), st.none()))  # fmt: skip
def test_no_value_in_place_of_another_is_a_bug(key: str, value: object) -> None:
    read = ""
    try:
        read = parse_report(text_of(**{key: value}), file="a.json").run
    except UsageError as error:
        read = error.what
    assert read
