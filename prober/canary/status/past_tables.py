"""The tables of the status page about the past: what is locked again, and the last runs. Text from values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.canary.grouping import crowded, summary_of_many
from prober.canary.status.recent_runs import run_path
from prober.canary.times import lasted, time_text
from prober.model import Verdict
from prober.report.html.entries import mark
from prober.report.html.markup import Markup, element, lines, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.canary.status.recent_runs import RecentRuns, RunLine
    from prober.canary.summary import OverRecord

_MOST_OVER = 100


def closed_findings(past: RecentRuns) -> Markup | None:
    """List what was not locked, and is over; None where there is nothing."""
    entries = past.summarize["over"]
    if not entries:
        return None
    crowds = crowded((entry["id"], _ended(entry)) for entry in entries if entry["was"] != Verdict.LEAK)
    groups: dict[tuple[str, ...], list[str]] = {}
    for entry in entries:
        ended = _ended(entry)
        groups.setdefault(("" if ended in crowds else entry["id"], *ended), []).append(entry["id"])
    rows = [[name or summary_of_many(ids), *ended] for (name, *ended), ids in groups.items()]
    number = f"{_MOST_OVER} of {len(rows)}" if len(rows) > _MOST_OVER else str(len(rows))
    columns = ["", "was", "since", "for", "at release", "then"]
    table = _table("What was not locked, and is over", columns, rows[:_MOST_OVER])
    return element("details", element("summary", f"what was not locked, and is over ({number})"), table)


def _ended(entry: OverRecord) -> tuple[str, ...]:
    then = "" if entry["now"] == "locked" else entry["now"] or "no longer probed"
    return (entry["was"], time_text(entry["since"]), lasted(entry["seconds"]), entry["opened_at_release"] or "", then)


def last_runs(runs: Sequence[RunLine]) -> Markup:
    """List the last runs, each with its verdict and a link to its report."""
    rows: list[list[Markup | str]] = []
    for run in runs:
        when: Markup | str = element("time", f"{run.ended_at[:10]} {run.ended_at[11:19]}", datetime=run.ended_at)
        when = element("a", when, href=run_path(run.id)) if run.has_report else when
        word = run.verdict or run.state
        sign = together([mark(word), f" {word}"]) if run.verdict else word
        rows.append([when, sign, run.release or "", run.sentence.partition(": ")[2]])
    return _table("The last runs (UTC)", ["ended", "verdict", "release", ""], rows)


def _table(caption: str, names: Sequence[str], rows: Sequence[Sequence[Markup | str]]) -> Markup:
    head_ = element("tr", *(element("th", name, scope="col") for name in names))
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", text) for text in rest))
        for first, *rest in rows
    ]
    table = element("table", element("caption", caption), element("thead", head_), element("tbody", lines(body)))
    return element("div", table, class_="counts", tabindex="0", role="region", aria_label=caption)
