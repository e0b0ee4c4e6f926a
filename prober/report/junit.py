"""The report as JUnit XML, as GitLab and Jenkins read it: a suite for each surface, a case for each route.

Suites and cases come worst first, as in every format.
"""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from prober.report.cases import Case, CaseOutcome, cases_of
from prober.report.grouping import notes_of, service_sentences
from prober.report.questions import NOT_ASKED, PUBLIC
from prober.report.redact import harmless
from prober.report.summary import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.report.shape import Record

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render_junit(record: Record) -> str:
    """Write the suites; the first is for the run itself: its one case fails if there is no verdict."""
    run, *routes = cases_of(record)
    surfaces: dict[str, list[Case]] = {}
    for case in routes:
        surfaces.setdefault(case.surface, []).append(case)
    suites = [_run(record, run)]
    for surface, cases in surfaces.items():
        facts = {**_totals(cases), "time": _seconds(sum(case.elapsed_ms for case in cases))}
        suites.append(_suite(surface, facts, record, *map(_case, cases)))
    totals = _totals([run, *routes])
    del totals["skipped"]  # the schema of Jenkins' xunit plugin does not allow it here
    whole = {"name": "lockdown-prober", **totals, "time": _seconds(record["elapsed_ms"])}
    return DECLARATION + xml_element("testsuites", whole, "\n", *suites)


def _run(record: Record, run: Case) -> str:
    properties = [xml_element("property", {"name": key, "value": value}) for key, value in _properties(record).items()]
    return _suite(
        run.surface, {**_totals([run]), "time": _seconds(run.elapsed_ms)}, record,
        xml_element("properties", {}, *properties),
        _case(run),
        xml_element("system-out", {}, xml_text(_run_summary(record))),
    )  # fmt: skip


def _suite(name: str, facts: Mapping[str, str], record: Record, *inner: str) -> str:
    return xml_element("testsuite", {"name": name, **facts, "timestamp": record["started_at"]}, "\n", *inner)


def _totals(cases: Iterable[Case]) -> dict[str, str]:
    count = Counter(case.outcome for case in cases)
    totals = {
        "failures": count[CaseOutcome.FAILED],
        "errors": count[CaseOutcome.ERROR],
        "skipped": count[CaseOutcome.SKIPPED],
    }
    return {"tests": str(count.total()), **{name: str(number) for name, number in totals.items()}}


def _case(case: Case) -> str:
    facts = {
        "classname": f"lockdown.{case.surface}",
        "name": case.name.removeprefix(f"{case.surface}: "),
        "time": _seconds(case.elapsed_ms),
        **({"file": case.file} if case.file else {}),
    }
    if case.outcome is CaseOutcome.PASSED:
        return xml_element("testcase", facts)
    said = xml_element(case.outcome, {"type": case.reason, "message": case.message}, xml_text(case.text))
    return xml_element("testcase", facts, said)


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


def _run_summary(record: Record) -> str:
    """Give the verdict, the notes and what was not probed, a line each."""
    lines = [last_line(record), *notes_of(record)]
    lines += [f"{name}: {sentence}" for name, sentence in service_sentences(record).items()]
    lines += [f"{PUBLIC} {one['route']} {one['answers'] or NOT_ASKED}" for one in record["questions"]]
    lines += [f"not served here: {', '.join(record['not_served'])}"] if record["not_served"] else []
    lines += [f"not tried: {', '.join(record['untried'])}"] if record["untried"] else []
    return "\n".join(lines)


def xml_element(name: str, attributes: Mapping[str, str], *inner: str) -> str:
    """Write an element and a line end; its content is XML already."""
    attribute_text = "".join(f' {key}="{html.escape(_readable(value))}"' for key, value in attributes.items())
    return f"<{name}{attribute_text}>{''.join(inner)}</{name}>\n" if inner else f"<{name}{attribute_text}/>\n"


def xml_text(text: str) -> str:
    """Escape text for XML; ElementTree takes 4 ms to import and writes control characters that parsers refuse."""
    return "\n".join(html.escape(_readable(line), quote=False) for line in text.split("\n"))


def _readable(line: str) -> str:
    return line if line.isprintable() else harmless(line)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
