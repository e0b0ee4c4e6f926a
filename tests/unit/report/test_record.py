"""The record: every key of the design, always there, and nothing of the deployment that acts or should not be told."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model import (
    Answered,
    Cause,
    Effect,
    Finding,
    Reason,
    Report,
    Service,
    ServiceReport,
    Unanswered,
    Unsent,
    Verdict,
)
from prober.report.json_format import render_json
from prober.report.record import record
from prober.report.summary import last_line
from prober.report.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]

TOP = [
    "schema", "tool", "run", "started_at", "elapsed_ms", "verdict", "exit_status", "interrupted", "profile",
    "observed_mode", "release", "depth", "requests", "notes", "overrides", "services", "not_served", "untried", "counts", "coverage",
    "waivers", "baseline", "questions", "findings",
]  # fmt: skip
OF_A_FINDING = [
    "id", "route", "surface", "service", "method", "path", "sent", "guard", "weight", "credential", "held", "variant", "promised", "verdict",
    "reason", "rule",
    "detail", "status", "location", "answered_by", "attempts", "elapsed_ms", "confirmed", "change", "since",
    "waiver", "waived", "source", "promise_source", "why", "fix", "curl",
]  # fmt: skip
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=15000)
SECRET = "held+secret/0123456789"
UNSENT = Unsent(reason=Reason.EFFECT, detail="an open door would act")


def answer(status: int = 200, *headers: tuple[str, str], body: bytes = b"") -> Answered:
    return Answered.of(status=status, headers=headers, body=body, whole=True, attempts=1, elapsed_ms=3)


def service(url: str = "http://127.0.0.1:3000") -> Service:
    return Service(name="web", url=url, scheme="http", host="127.0.0.1", port=3000, base_path="")


def told(said: str | None, url: str = "http://127.0.0.1:3000") -> ServiceReport:
    return ServiceReport(service=service(url), alive=True, blanket=False, intermediary=None, said=said)


@pytest.mark.parametrize(
    ("outcome", "facts"),
    [
        pytest.param(
            answer(307, ("location", "/app")),
            {"status": 307, "location": "/app", "answered_by": "application", "attempts": 1, "elapsed_ms": 3}, id="answered",
        ),
        pytest.param(
            SILENCE, {"status": None, "location": None, "answered_by": None, "attempts": 3, "elapsed_ms": 15000}, id="unanswered"
        ),
        pytest.param(
            UNSENT, {"status": None, "location": None, "answered_by": None, "attempts": 0, "elapsed_ms": None}, id="unsent"
        ),
    ],
)  # fmt: skip
def test_every_key_is_always_there_and_unknown_is_null(
    finding_of: Make, report_of: MakeReport, outcome: Answered | Unanswered | Unsent, facts: dict[str, object]
) -> None:
    whole = record(report_of(finding_of(outcome=outcome), observed_mode=None))
    (found,) = whole["findings"]
    assert list(whole) == TOP
    assert list(found) == OF_A_FINDING
    assert {key: found[key] for key in facts} == facts  # type: ignore[literal-required]
    assert found["variant"] is None
    assert whole["observed_mode"] is None


def test_a_finding_says_what_was_sent_promised_and_where_that_is_written(
    finding_of: Make, report_of: MakeReport
) -> None:
    headers = (("Authorization", "Bearer undefined"),)
    (found,) = record(report_of(finding_of(credential="bearer-undefined", variant="subrequest", headers=headers)))["findings"]  # fmt: skip
    assert found == {
        "id": "me: GET /api/me [bearer-undefined] subrequest", "route": "me: GET /api/me", "rule": None, "surface": "me", "service": "web", "method": "GET",
        "path": "/api/me", "sent": "/api/me", "guard": "session", "weight": "personal-data", "credential": "bearer-undefined", "held": False, "variant": "subrequest",
        "promised": "401", "verdict": "leak", "reason": "granted", "detail": "got 200, expected 401", "status": 200,
        "location": None, "answered_by": "application", "attempts": 1, "elapsed_ms": 3, "confirmed": None, "change": None,
        "since": None, "waiver": None, "waived": None, "source": "probes/me.yaml:4",
        "promise_source": "profiles/oauth.yaml:9", "why": "Strangers read who is signed in.",
        "fix": "Call requireSession() first.",
        "curl": "curl -qgsSi --path-as-is -m 15 -H 'Authorization: Bearer undefined' http://127.0.0.1:3000/api/me",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("again", "told"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(answer(200), "got 200 again", id="the-same"),
        pytest.param(answer(401), "got 401 again", id="another"),
        pytest.param(SILENCE, "second request: no answer in 5 s", id="no-answer"),
        pytest.param(
            Unsent(reason=Reason.CUT_SHORT, detail=f"\x1b[2J late {SECRET}"), "second request: \\x1b[2J late <redacted>", id="not-sent"
        ),
    ],
)  # fmt: skip
def test_a_second_look_at_a_leak_is_told_beside_the_first(
    finding_of: Make, report_of: MakeReport, again: Answered | Unanswered | Unsent | None, told: str | None
) -> None:
    whole = record(report_of(replace(finding_of(), confirmed=again)), secrets=[SECRET])
    assert whole["findings"][0]["confirmed"] == told
    assert (str(told) in render_table(whole, width=200)) is (told is not None)


def test_a_report_says_of_the_whole_run(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(report_of(finding_of(), not_served=("login",), notes=("a note",), interrupted=True))
    assert {key: whole[key] for key in TOP if key != "findings"} == {  # type: ignore[literal-required]
        "schema": 1, "tool": {"name": "lockdown-prober", "version": "1.2.3"}, "run": "0123abcd",
        "started_at": "2026-11-22T10:00:00Z", "elapsed_ms": 1234, "verdict": "leak", "exit_status": 1, "interrupted": True,
        "profile": "oauth", "observed_mode": "oauth", "depth": "standard", "requests": 1, "notes": ["a note"], "overrides": [],
        "services": {
            "web": {"url": "http://127.0.0.1:3000", "alive": True, "blanket": False, "intermediary": None, "said": None, "tls_expires": None}
        },
        "not_served": ["login"], "untried": [],
        "counts": {"locked": 0, "leak": 1, "drift": 0, "unproven": 0, "unreachable": 0, "skipped": 0},
        "release": None, "coverage": {"routes": 1, "probed": 1, "skipped": 0, "source": None}, "waivers": [], "baseline": None,
        "questions": [],
    }  # fmt: skip


def test_findings_keep_the_order_of_the_plan(finding_of: Make, report_of: MakeReport) -> None:
    paths = ["/z", "/a", "/m", "/b"]
    verdicts = [Verdict.LOCKED, Verdict.LEAK, Verdict.SKIPPED, Verdict.DRIFT]
    findings = [finding_of(verdict, path=path) for verdict, path in zip(verdicts, paths, strict=True)]
    assert [found["path"] for found in record(report_of(*findings))["findings"]] == paths


def test_routes_are_covered_when_any_of_their_probes_was_sent(finding_of: Make, report_of: MakeReport) -> None:
    findings = [
        finding_of(Verdict.LOCKED, path="/a"),
        finding_of(Verdict.SKIPPED, path="/a", credential="bogus", outcome=UNSENT),
        finding_of(Verdict.SKIPPED, path="/b", outcome=UNSENT),
        finding_of(Verdict.UNREACHABLE, path="/c", outcome=SILENCE),
    ]
    assert record(report_of(*findings))["coverage"] == {"routes": 3, "probed": 2, "skipped": 1, "source": None}


def test_the_words_of_a_definition_are_folded_into_one_line(finding_of: Make, report_of: MakeReport) -> None:
    (found,) = record(report_of(finding_of(why="one\n  two\n", fix="three\u202e")))["findings"]
    assert (found["why"], found["fix"]) == ("one two", "three\\u202e")


def test_a_bogus_token_stays_in_the_curl_line_but_a_held_value_does_not(
    finding_of: Make, report_of: MakeReport
) -> None:
    bogus = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJsb2NrZG93biJ9."
    headers = (("Authorization", bogus), ("X-Pass", "the-held-value"))
    (found,) = record(report_of(finding_of(headers=headers)), secrets=["the-held-value"])["findings"]
    assert bogus in found["curl"]
    assert "the-held-value" not in found["curl"]
    assert "X-Pass: <redacted>" in found["curl"]


# --- whatever a deployment says ---------------------------------------------------------------------------------------


def strings(value: object) -> Iterator[str]:
    """Every text of a record, at any depth, its keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield from (key, *strings(inner))
        case list():
            for inner in value:
                yield from strings(inner)


def acts(text: str, *, allowed: str = " ") -> bool:
    return any(char not in allowed and unicodedata.category(char)[0] in "CZ" for char in text)


def commands(text: str) -> list[str]:
    """The lines that the runner of a build would obey."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if (line.startswith("::") and line[2:3].isalpha()) or "##[" in line or "##vso[" in line]  # fmt: skip


PARTS = st.sampled_from([
    "\x1b[2J", "\x1b]0;x\x07", "\x9b", "\r", "\n", "\x00", "\x7f", "\u202e", "\u2066", "\u2028", "\u2029", "\x85", "\xa0",
    "::error::", "::add-mask::", "##[error]", "##vso[", "%0A", " ", "/signin", "x" * 70, "?token=", "bp_0123456789", "é",
])  # fmt: skip
HOSTILE = st.one_of(st.lists(PARTS, max_size=8).map("".join), st.text(max_size=30))


@given(location=HOSTILE, detail=HOSTILE, said=HOSTILE, note=HOSTILE, url=HOSTILE)
def test_nothing_that_a_deployment_says_acts_in_any_format(
    finding_of: Make, report_of: MakeReport, location: str, detail: str, said: str, note: str, url: str
) -> None:
    findings = [
        finding_of(detail=detail, outcome=answer(307, ("location", location), ("set-cookie", location), body=location.encode("utf-8", "replace"))),
        finding_of(Verdict.LOCKED, Reason.AS_PROMISED, detail, path="/b"),
        finding_of(Verdict.SKIPPED, Reason.UNKNOWN_COOKIE, detail, path="/c"),
    ]  # fmt: skip
    other = ServiceReport(service=service(url), alive=False, blanket=False, intermediary=None, said=said or None)
    whole = record(report_of(*findings, services=[other], notes=(note,)))
    table = render_table(whole, verbose=True)
    as_json = render_json(whole)
    assert not [text for text in strings(whole) if acts(text)]
    assert not acts(table, allowed=" \n")
    assert as_json.isascii()
    assert not acts(as_json, allowed=" \n")
    assert commands(table) + commands(as_json) + commands(last_line(whole)) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SECRET, id="as-it-is"),
        pytest.param(f"/signin?x={SECRET}&y=1", id="in-a-location"),
        pytest.param("/signin?x=held%2Bsecret%2F0123456789", id="encoded"),
        pytest.param("/cb?token=another-secret-of-theirs", id="a-token-of-a-query"),
        pytest.param("bp_another-secret-of-theirs", id="an-mcp-token"),
        pytest.param("eyJhbGciOiJIUzI1NiJ9.another-secret-of-theirs.c2ln", id="a-jwt"),
    ],
)
def test_no_secret_is_repeated_in_any_format(finding_of: Make, report_of: MakeReport, text: str) -> None:
    finding = finding_of(
        detail=f"got 307 to {text}", headers=(("X-Pass", SECRET),),
        outcome=answer(307, ("location", text), ("set-cookie", text), body=text.encode()),
    )  # fmt: skip
    whole = record(report_of(finding, services=[told(f"says {text}")], notes=(text,)), secrets=[SECRET])
    everything = render_table(whole, verbose=True) + render_json(whole)
    assert "<redacted>" in everything
    assert "0123456789" not in everything
    assert "of-theirs" not in everything


def test_a_body_is_in_no_report(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(report_of(finding_of(outcome=answer(200, ("x-data", "of-other-people"), body=b"of-other-people"))))
    assert whole["findings"][0]["status"] == 200
    assert "of-other-people" not in render_json(whole) + render_table(whole, verbose=True)


def test_an_effect_that_acts_makes_a_comment_of_the_curl_line(finding_of: Make, report_of: MakeReport) -> None:
    (found,) = record(report_of(finding_of(method="POST", effect=Effect.ACTS)))["findings"]
    assert found["curl"].startswith("# curl ")


def test_a_record_is_read_back_as_it_was_written(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(report_of(finding_of(), finding_of(Verdict.SKIPPED, outcome=UNSENT, path="/b")))
    assert json.loads(render_json(whole)) == whole
