"""The report as Markdown for a step's summary or a comment: short enough for both, and free of foreign markup.

Text of the deployment and every name stand in code spans, where no mention, link, tag or reference is interpreted; in
sentences everything that could be one is escaped.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from prober.model import Reason, Verdict
from prober.report.causes import MOST_FIXES, causes
from prober.report.grouping import WORST_FIRST, by_route, notes_of, route_verdict, service_sentences, since_of
from prober.report.questions import NOT_ASKED, PUBLIC
from prober.report.redact import harmless
from prober.report.summary import headline, last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.report.causes import BadRoute, Cause
    from prober.report.shape import FindingRecord, Record

MOST = 60_000  # bytes: a comment takes 65,536 characters, a step's summary 1 MiB
_RESERVED = 500  # of them for the last line: how much was left out
_MOST_UNFOLDED = 5  # causes that are shown unfolded; leaks always are
_LONGEST_CURL = 1500  # a command cut short would be a different command
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>#|~&!@$^])")  # what is markup in the middle of a line
_AUTOLINKS = re.compile(
    r"[@#]|(?<=\bwww)(?=\.)|:(?=//)|(?<=\bGH)-", re.IGNORECASE
)  # linked even where they are escaped
_COLUMNS = (*WORST_FIRST, Verdict.SKIPPED, Verdict.LOCKED)


class _MarkdownPage:
    """Blocks of text up to a size limit; blocks that do not fit are counted by kind, and the last line says so."""

    def __init__(self) -> None:
        """Start with no blocks."""
        self._blocks: list[str] = []
        self._room = MOST - _RESERVED
        self._omitted: dict[str, int] = {}

    def add(self, block: str, *, kind: str, stands_for: int = 1) -> bool:
        """Add a block if it fits; return whether it did."""
        size = len(block.encode()) + 2
        if size > self._room:
            self._omitted[kind] = self._omitted.get(kind, 0) + stands_for
            return False
        self._room -= size
        self._blocks.append(block)
        return True

    def add_as_fits(self, head: str, rows: Mapping[str, int], end: str, *, kind: str) -> None:
        """Add a block with as many of its rows as fit; the number beside a row is what is left out without it."""
        spare = self._room - len(f"{head}{end}".encode()) - 4
        fitting_rows: list[str] = []
        for row, stands_for in rows.items():
            spare -= len(row.encode()) + 1
            if spare >= 0:
                fitting_rows.append(row)
            else:
                self._omitted[kind] = self._omitted.get(kind, 0) + stands_for
        if fitting_rows:
            self.add("\n".join([head, "", *fitting_rows, end]), kind=kind)

    def add_folded(self, title: str, head: str, rows: Iterable[str], *, kind: str) -> None:
        """Add a folded table with as many of its rows as fit."""
        before, after = f"<details><summary>{title}</summary>\n\n{head}", "\n\n</details>"
        spare = self._room - len(f"{before}{after}".encode()) - 2
        fitting_rows: list[str] = []
        for row in rows:
            spare -= len(row.encode()) + 1
            if spare >= 0:
                fitting_rows.append(row)
            else:
                self._omitted[kind] = self._omitted.get(kind, 0) + 1
        if fitting_rows:
            self.add("\n".join([before, *fitting_rows]) + after, kind=kind)

    def __str__(self) -> str:
        omitted = ", ".join(f"{kind} ({number})" for kind, number in self._omitted.items())
        notice = [f"**Left out to save space: {omitted}.** The JSON report has everything."] if omitted else []
        return "\n\n".join([*self._blocks, *notice]) + "\n"


def render_markdown(record: Record) -> str:
    """Write the verdict, counts, leaks, drift, unproven, unreachable and what was skipped."""
    page = _MarkdownPage()
    page.add(f"### {escaped_sentence(last_line(record))}", kind="sentence")
    first = headline(record)
    if first:
        page.add(f"**{escaped_sentence(first)}**", kind="sentence")
    page.add(_heading(record), kind="heading")
    if record["findings"]:
        page.add(_counts(record), kind="table of counts")
    for note in notes_of(record):
        page.add(f"> {code(note)}", kind="note")
    for name, sentence in service_sentences(record).items():
        page.add(f"> {code(name)}: {code(sentence)}", kind="note")
    grouped = causes(record)
    shown = [cause for cause in grouped if cause.verdict is Verdict.LEAK or len(grouped) <= _MOST_UNFOLDED]
    for cause in shown:
        _add_cause(page, cause)
    for verdict in WORST_FIRST:
        routes = [
            route for cause in grouped if cause.verdict is verdict and cause not in shown for route in cause.routes
        ]
        if routes:
            rows = [_row(route) for route in routes]
            head = "| route | what happened |\n| --- | --- |"
            number = "1 route" if len(routes) == 1 else f"{len(routes)} routes"
            page.add_folded(f"{number}: {verdict}", head, rows, kind=f"{verdict} route")
    _unchecked(page, record)
    return str(page)


def code(text: str) -> str:
    """Put any text in a code span."""
    text_line = harmless(text)
    fence = "`" * (_longest_run(text_line) + 1)
    edges = ("`", " ")  # one space at both ends is taken away again, unless there are only spaces
    space = (
        " "
        if not text_line or (text_line.strip() and (text_line.startswith(edges) or text_line.endswith(edges)))
        else ""
    )
    return f"{fence}{space}{text_line}{space}{fence}"


def block(line: str) -> str:
    """Put a command in a fenced code block."""
    fence = "`" * max(3, _longest_run(line) + 1)
    return f"{fence}sh\n{line}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _cell(text: str) -> str:
    """Put any text in a code span of a table cell, which a bar would end even within the span."""
    return code(text.replace("|", "\\|"))


def escaped_sentence(text: str) -> str:
    """Escape every character of a sentence that may be markup, and break what would become a link."""
    escaped = _PUNCTUATION.sub(r"\\\1", harmless(text))
    return _AUTOLINKS.sub(lambda match: f"{match.group()}&#8203;", escaped)


def _heading(record: Record) -> str:
    where = [f"{code(name)} {code(entry['url'])}" for name, entry in record["services"].items()]
    observed = code(record["observed_mode"] or "unknown")
    how = (
        f"profile {code(record['profile'])} (observed: {observed}), depth {record['depth']}, run {code(record['run'])}"
    )
    release = [f"release {code(record['release'])}"] if record["release"] else []
    return " · ".join([*where, how, *release])


def _add_cause(page: _MarkdownPage, cause: Cause) -> None:
    """Show what shares a cause; of many routes, each result names those that got it."""
    first, since = cause.worst, since_of([finding for route in cause.routes for finding in route.bad])
    head = f"**{cause.verdict.upper()}** {code(cause.title())}" + (f", since {code(since)}" if since else "")
    routes_by_results: dict[tuple[str, ...], list[str]] = {}
    for route in cause.routes:
        results = tuple(
            f"{result.reason}: {code(result.detail)} with {code(result.presented)}" for result in route.results()
        )
        routes_by_results.setdefault(results, []).append(route.name)
    if len(cause.routes) == 1:
        rows = {"\n".join(f"- {text}" for text in results): 1 for results in routes_by_results}
    else:
        rows = {
            f"- {', '.join(map(code, names))}: {'; '.join(results)}": len(names)
            for results, names in routes_by_results.items()
        }
    why = [f"- why: {escaped_sentence(first['why'])}"] if first["why"] else []
    fixes = [f"- **fix: {escaped_sentence(fix)}**" for fix in cause.fixes[:MOST_FIXES] if fix]
    sources = [f"- defined in {code(first['promise_source'])} (answer) and {code(first['source'])} (route)"]
    end = "\n".join([*why, *fixes, *sources]) + f"\n\n{_curl(first)}"
    page.add_as_fits(head, rows, end, kind=f"{cause.verdict} route")


def _curl(finding: FindingRecord) -> str:
    line = finding["curl"]
    if len(line) > _LONGEST_CURL:
        return f"The command is too long to show: run {code('prober explain')} for {code(finding['id'])}."
    return block(line)


def _row(route: BadRoute) -> str:
    since = since_of(route.bad)
    results = "<br>".join(f"{result.reason}: {_cell(result.detail)}" for result in route.results())
    return f"| {_cell(route.name)} | {results}{f', since {_cell(since)}' if since else ''} |"


def _unchecked(page: _MarkdownPage, record: Record) -> None:
    """List what was skipped or waived by reason; the surfaces that are not served share one line."""
    reasons: dict[str, list[str]] = {}
    for finding in record["findings"]:
        if finding["verdict"] == Verdict.SKIPPED and finding["reason"] != Reason.NOT_SERVED:
            waived = f"waived ({finding['waived']}), {finding['waiver']}: " if finding["waived"] else ""
            reasons.setdefault(f"{waived}{finding['detail']}", []).append(finding["id"])
    rows = [
        f"| {len(ids)} | {_cell(why)} | {_cell(ids[0])}{' …' if len(ids) > 1 else ''} |" for why, ids in reasons.items()
    ]
    skipped = sum(map(len, reasons.values()))
    if rows:
        page.add_folded(
            "1 probe skipped" if skipped == 1 else f"{skipped} probes skipped",
            "| probes | why | first |\n| ---: | --- | --- |",
            rows,
            kind="reason to skip",
        )
    asked = [f"| {_cell(one['route'])} | {_cell(one['answers'] or NOT_ASKED)} |" for one in record["questions"]]
    if asked:
        page.add_folded(
            f"{PUBLIC} ({len(asked)})", "| route | what it answers |\n| --- | --- |", asked, kind="question"
        )
    for label, names in (("Not served here", record["not_served"]), ("Not tried", record["untried"])):
        if names:
            page.add(f"{label}: {', '.join(map(code, names))}", kind="list of surfaces")


def _counts(record: Record) -> str:
    """Count the routes by their worst verdict, as the sentence above does."""
    served = [finding for finding in record["findings"] if finding["reason"] != Reason.NOT_SERVED]
    counts = Counter(route_verdict(findings) for findings in by_route(served).values())
    verdicts = [verdict for verdict in _COLUMNS if counts[verdict]]
    names = ["not probed" if verdict is Verdict.SKIPPED else verdict for verdict in verdicts]
    head = "| routes | " + " | ".join(names) + " |\n| --- |" + " ---: |" * len(verdicts)
    return f"{head}\n| {sum(counts.values())} | " + " | ".join(str(counts[verdict]) for verdict in verdicts) + " |"
