"""The report as JUnit XML, as GitLab and Jenkins open it: a suite for each surface, a case for each finding."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict
from prober.report.grouping import fails, place_of, told
from prober.report.redact import harmless
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.report.shape import FindingRecord, Record

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PASSED = ""  # the word of a case that needs none; the others are elements: failure, error, skipped


def render_junit(record: Record) -> str:
    """Write the suites; the first is the run's own, whose one case fails where there is no verdict."""
    surfaces: dict[str, list[FindingRecord]] = {}
    for finding in record["findings"]:
        surfaces.setdefault(finding["surface"], []).append(finding)
    words = {finding["id"]: _word(finding, record) for finding in record["findings"]}
    unknown = record["interrupted"] or record["exit_status"] == ExitStatus.NO_VERDICT
    of_run = "error" if unknown else _PASSED
    suites = [_run(record, of_run)]
    for surface, findings in surfaces.items():
        cases = [_case(finding, words[finding["id"]]) for finding in findings]
        spent = sum(finding["elapsed_ms"] or 0 for finding in findings)
        facts = {**_totals(words[finding["id"]] for finding in findings), "time": _seconds(spent)}
        suites.append(_suite(surface, facts, record, *cases))
    totals = _totals([of_run, *words.values()])
    del totals["skipped"]  # the schema of Jenkins' xunit plugin has no place for it here
    whole = {"name": "lockdown-prober", **totals, "time": _seconds(record["elapsed_ms"])}
    return _DECLARATION + _element("testsuites", whole, "\n", *suites)


def _run(record: Record, word: str) -> str:
    case = {"classname": "lockdown.run", "name": "the run comes to a verdict", "time": _seconds(0)}
    said = [_element(word, {"type": record["verdict"], "message": last_line(record)}, _text(last_line(record)))]
    properties = [_element("property", {"name": key, "value": value}) for key, value in _properties(record).items()]
    return _suite(
        "run", {**_totals([word]), "time": _seconds(0)}, record,
        _element("properties", {}, *properties),
        _element("testcase", case, *(said if word else [])),
        _element("system-out", {}, _text(_told(record))),
    )  # fmt: skip


def _suite(name: str, facts: Mapping[str, str], record: Record, *inner: str) -> str:
    return _element("testsuite", {"name": name, **facts, "timestamp": record["started_at"]}, "\n", *inner)


def _totals(words: Iterable[str]) -> dict[str, str]:
    count = Counter(words)
    named = {"failures": count["failure"], "errors": count["error"], "skipped": count["skipped"]}
    return {"tests": str(count.total()), **{name: str(number) for name, number in named.items()}}


def _word(finding: FindingRecord, record: Record) -> str:
    """A leak or a drift that the run does not fail by is skipped, in sight: a red case would say otherwise."""
    match finding["verdict"]:
        case Verdict.LEAK | Verdict.DRIFT:
            return "failure" if fails(finding, record) else "skipped"
        case Verdict.UNPROVEN | Verdict.UNREACHABLE:
            return "error"
        case Verdict.LOCKED:
            return _PASSED
    return "skipped"


def _case(finding: FindingRecord, word: str) -> str:
    facts = {
        "classname": f"lockdown.{finding['surface']}",
        "name": finding["id"].removeprefix(f"{finding['surface']}: "),
        "time": _seconds(finding["elapsed_ms"] or 0),
        "file": place_of(finding["source"])[0],
    }
    if word == _PASSED:
        return _element("testcase", facts)
    tolerated = word == "skipped" and finding["verdict"] != Verdict.SKIPPED
    message = f"tolerated: {finding['detail']}" if tolerated else finding["detail"]
    return _element(
        "testcase", facts, _element(word, {"type": finding["reason"], "message": message}, _evidence(finding))
    )


def _evidence(finding: FindingRecord) -> str:
    """Say it all in the element's text: GitLab shows that, and not the message."""
    if finding["verdict"] == Verdict.SKIPPED:
        waived = [f"waived: {finding['waiver']} ({finding['waived']})"] if finding["waiver"] else []
        return _text("\n".join([f"skipped: {finding['reason']}: {finding['detail']}", *waived]))
    since = f" since {finding['since']}" if finding["since"] else ""
    again = f"; {finding['confirmed']}" if finding["confirmed"] else ""
    lines = [
        f"{finding['verdict'].upper()}{since}: {finding['reason']}: {finding['detail']}{again}",
        f"why:  {finding['why']}",
        f"fix:  {finding['fix']}",
        f"said: {finding['promise_source']} · {finding['source']}",
        f"see:  {finding['curl']}",
    ]
    return _text("\n".join(lines))


def _properties(record: Record) -> dict[str, str]:
    return {
        "run": record["run"],
        "version": record["tool"]["version"],
        "profile": record["profile"],
        "observed_mode": record["observed_mode"] or "unknown",
        "depth": record["depth"],
        **({"release": record["release"]} if record["release"] else {}),
        "requests": str(record["requests"]),
        "verdict": record["verdict"],
        "exit_status": str(record["exit_status"]),
        **{f"service.{name}": entry["url"] for name, entry in record["services"].items()},
    }


def _told(record: Record) -> str:
    """All that is said of the whole run."""
    lines = [last_line(record), *record["notes"]]
    lines += [f"{name}: {said}" for name, said in told(record).items()]
    lines += [f"not served here: {', '.join(record['not_served'])}"] if record["not_served"] else []
    lines += [f"not tried: {', '.join(record['untried'])}"] if record["untried"] else []
    return "\n".join(lines)


def _element(name: str, attributes: Mapping[str, str], *inner: str) -> str:
    """Write an element and its line's end; what is in it is XML already."""
    said = "".join(f' {key}="{html.escape(_readable(value))}"' for key, value in attributes.items())
    return f"<{name}{said}>{''.join(inner)}</{name}>\n" if inner else f"<{name}{said}/>\n"


def _text(text: str) -> str:
    """Escape by hand: ElementTree costs 4 ms to import, and writes control characters that no parser reads back."""
    return "\n".join(html.escape(_readable(line), quote=False) for line in text.split("\n"))


def _readable(line: str) -> str:
    return line if line.isprintable() else harmless(line)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
