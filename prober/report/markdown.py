"""The report as Markdown for a step's summary or a comment: short enough for both, and with no markup but ours.

What a deployment said, and every name, stands in spans of code, where no mention, link, tag or reference is read; in
sentences all that could be one is escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.model import Reason, Verdict
from prober.report.grouping import WORST_FIRST, bad_routes, since_of, told, ways
from prober.report.redact import harmless
from prober.report.summary import headline, last_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.report.shape import FindingRecord, Record

MOST = 60_000  # bytes: a comment takes 65,536 characters, a step's summary 1 MiB
_KEPT = 500  # of them for what is said last: how much was left out
_OPEN = 5  # routes of a verdict that are shown without being asked for; every leak is
_LONGEST_CURL = 1500  # a command that is cut is another command
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>#|~&!@$^])")  # in the middle of a line, where sentences stand here
_ACTS = re.compile(r"[@#]|(?<=\bwww)(?=\.)|:(?=//)|(?<=\bGH)-", re.IGNORECASE)  # linked even where they are escaped
_COLUMNS = (*WORST_FIRST, Verdict.SKIPPED, Verdict.LOCKED)


class _Page:
    """Blocks, as long as there is room; what finds none is counted by its kind, and said."""

    def __init__(self) -> None:
        """Begin an empty page."""
        self._blocks: list[str] = []
        self._room = MOST - _KEPT
        self._left: dict[str, int] = {}

    def add(self, block: str, *, kind: str, stands_for: int = 1) -> bool:
        """Add a block if it fits; say whether it did."""
        size = len(block.encode()) + 2
        if size > self._room:
            self._left[kind] = self._left.get(kind, 0) + stands_for
            return False
        self._room -= size
        self._blocks.append(block)
        return True

    def fold(self, title: str, head: str, rows: Iterable[str], *, kind: str) -> None:
        """Add what unfolds when it is asked for, with as many of its rows as fit."""
        before, after = f"<details><summary>{title}</summary>\n\n{head}", "\n\n</details>"
        spare = self._room - len(f"{before}{after}".encode()) - 2
        kept: list[str] = []
        for row in rows:
            spare -= len(row.encode()) + 1
            if spare >= 0:
                kept.append(row)
            else:
                self._left[kind] = self._left.get(kind, 0) + 1
        if kept:
            self.add("\n".join([before, *kept]) + after, kind=kind)

    def __str__(self) -> str:
        said = ", ".join(f"{kind} ({number})" for kind, number in self._left.items())
        left = [f"**Left out, for want of room: {said}.** The JSON report holds all of it."] if said else []
        return "\n\n".join([*self._blocks, *left]) + "\n"


def render_markdown(record: Record) -> str:
    """Write the sentence, then leaks, drift, unproven, unreachable, what was not looked at, and counts."""
    page = _Page()
    page.add(f"### {words(last_line(record))}", kind="sentence")
    first = headline(record)
    if first:
        page.add(f"**{words(first)}**", kind="sentence")
    page.add(_heading(record), kind="heading")
    page.add(_counts(record), kind="table of counts")
    for note in record["notes"]:
        page.add(f"> {code(note)}", kind="note")
    for name, said in told(record).items():
        page.add(f"> {code(name)}: {code(said)}", kind="note")
    for verdict in WORST_FIRST:
        routes = bad_routes(record, verdict)
        if verdict is Verdict.LEAK or len(routes) <= _OPEN:
            for route, group in routes.items():
                page.add(_route(verdict, route, group), kind=f"{verdict} route")
        else:
            rows = [_row(route, group) for route, group in routes.items()]
            head = "| route | what happened |\n| --- | --- |"
            page.fold(f"{len(routes)} routes: {verdict}", head, rows, kind=f"{verdict} route")
    _unseen(page, record)
    return str(page)


def code(text: str) -> str:
    """Put a text in a span of code, whatever it holds; in a table too, where a bar would end the cell even so."""
    shown = harmless(text)
    fence = "`" * (_longest_run(shown) + 1)
    edges = ("`", " ")  # one space at both ends is taken away again, unless there are only spaces
    space = " " if not shown or (shown.strip() and (shown.startswith(edges) or shown.endswith(edges))) else ""
    return f"{fence}{space}{shown}{space}{fence}"


def block(line: str) -> str:
    """Put a command in a block of code of its own."""
    fence = "`" * max(3, _longest_run(line) + 1)
    return f"{fence}sh\n{line}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _cell(text: str) -> str:
    return code(text.replace("|", "\\|"))


def words(text: str) -> str:
    """Write a sentence so that it is read as it is: each sign that may be markup is escaped, what links is broken."""
    escaped = _PUNCTUATION.sub(r"\\\1", harmless(text))
    return _ACTS.sub(lambda found: f"{found.group()}&#8203;", escaped)


def _heading(record: Record) -> str:
    where = [f"{code(name)} {code(entry['url'])}" for name, entry in record["services"].items()]
    observed = code(record["observed_mode"] or "unknown")
    how = (
        f"profile {code(record['profile'])} (observed: {observed}), depth {record['depth']}, run {code(record['run'])}"
    )
    release = [f"release {code(record['release'])}"] if record["release"] else []
    return " · ".join([*where, how, *release])


def _route(verdict: Verdict, route: str, group: list[FindingRecord]) -> str:
    first, since = group[0], since_of(group)
    head = f"**{verdict.upper()}** {code(route)}" + (f", since {code(since)}" if since else "")
    happened = [f"- {way.reason}: {code(way.told)} with {code(', '.join(way.credentials))}" for way in ways(group)]
    why = [f"- why: {words(first['why'])}"] if first["why"] else []
    fix = [f"- **fix: {words(first['fix'])}**"] if first["fix"] else []
    said = [f"- promised in {code(first['promise_source'])}, route in {code(first['source'])}"]
    return "\n".join([head, "", *happened, *why, *fix, *said]) + f"\n\n{_curl(first)}"


def _curl(finding: FindingRecord) -> str:
    line = finding["curl"]
    if len(line) > _LONGEST_CURL:
        return f"The command is too long for here: ask {code('prober explain')} for {code(finding['id'])}."
    return block(line)


def _row(route: str, group: list[FindingRecord]) -> str:
    since = since_of(group)
    told = "<br>".join(f"{way.reason}: {_cell(way.told)}" for way in ways(group))
    return f"| {_cell(route)} | {told}{f', since {_cell(since)}' if since else ''} |"


def _unseen(page: _Page, record: Record) -> None:
    """What was not looked at, or set aside; a surface that is not served has one line for all its routes."""
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
        page.fold(
            f"{skipped} probes skipped", "| probes | why | first |\n| ---: | --- | --- |", rows, kind="reason to skip"
        )
    for word, names in (("Not served here", record["not_served"]), ("Not tried", record["untried"])):
        if names:
            page.add(f"{word}: {', '.join(map(code, names))}", kind="list of surfaces")


def _counts(record: Record) -> str:
    counts = record["counts"]
    shown = [verdict for verdict in _COLUMNS if counts[verdict]]
    head = "| " + " | ".join(shown) + " |\n|" + " ---: |" * len(shown)
    return f"{head}\n| " + " | ".join(str(counts[verdict]) for verdict in shown) + " |"
