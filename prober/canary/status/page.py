"""The status page: what is open now and since when, the matrix, the last ninety days, the last runs. Text from values.

It names doors that stand open, and so never how to walk through one: curl lines are in a run's report, for those alone
who have signed in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prober.canary.grouping import doors
from prober.canary.snapshot import name_of
from prober.canary.status.open_routes import open_routes
from prober.canary.status.past_tables import closed_findings, last_runs
from prober.canary.status.recent_runs import run_path
from prober.canary.status.timeline import timeline
from prober.canary.times import lasted, stamp, time_text
from prober.model import Verdict
from prober.report.html.entries import entries_of, surface_classes
from prober.report.html.filters import filter_rules, filters
from prober.report.html.head import head
from prober.report.html.markup import Markup, element, lines, link
from prober.report.html.matrix import matrix
from prober.report.html.shell import document, policy_of, style_sheet
from prober.report.summary import last_line
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.canary.snapshot import Snapshot
    from prober.canary.status.recent_runs import RecentRuns
    from prober.report.html.entries import Entry

SCRIPT = "live.js"
_LIVE = ("script-src 'self'", "connect-src 'self'", "img-src 'self'")
LONGEST_RUN = 300  # seconds, unless --deadline says otherwise
_NEVER = "never (since this process started)"


def render_status(now: Snapshot, past: RecentRuns | None, *, every: float, version: str) -> str:
    """Write the page; `past` is None where the history does not answer."""
    entries = () if now.record is None else entries_of(now.record, (), page=run_path(name_of(now.record)))
    places = surface_classes(entries)
    here = Path(__file__)
    style = style_sheet() + here.with_name("status.css").read_text(encoding="utf-8") + filter_rules(places)
    body = [
        link("open", "skip to what is open", class_="skip"),
        element("p", id="live", class_="live", role="status"),
        _head(now, entries),
        element("main", lines(_main(now, past, entries, places, every=every))),
    ]
    script = element("script", src=SCRIPT, defer=True)
    policy = policy_of(style, *_LIVE)
    return document(_title(now), style, body, policy=policy, more=[script], version=version)


def live_script() -> bytes:
    """Read what keeps the page up to date where scripts may run."""
    return Path(__file__).with_name(SCRIPT).read_bytes()


def _title(now: Snapshot) -> str:
    if now.record is None:
        return "The canary"
    if leaks := doors(state.id for state in now.open if state.verdict == Verdict.LEAK):
        return count(len(leaks), "open route")
    number = len(doors(state.id for state in now.open))
    return f"{count(number, 'route')} not locked" if number else last_line(now.record)


def _head(now: Snapshot, entries: Sequence[Entry]) -> Markup:
    if now.record is not None:
        return head(now.record, entries)
    sentence = f"No run has finished since the canary began at {time_text(stamp(now.started))}"
    return element("header", element("h1", sentence), class_="unproven")


def _main(
    now: Snapshot, past: RecentRuns | None, entries: Sequence[Entry], places: Mapping[str, str], *, every: float
) -> list[Markup]:
    known = {entry.finding["id"]: entry for entry in entries}
    silent = element(
        "p", "The history does not respond: this page shows what the canary has in memory.", class_="alarm"
    )
    parts = [
        _stale(now, every),
        element("section", lines(open_routes(now, known)), id="open", tabindex="-1"),
    ]
    if past is None:
        parts.append(silent)
    else:
        parts += [element("h2", "The last 90 days"), timeline(now, past, every=every), closed_findings(past)]
    if entries:
        parts += [
            element("h2", "Routes × credentials"),  # noqa: RUF001 - times
            filters(entries),
            matrix(entries, places),
            element("p", "Nothing of this kind on this surface.", class_="nothing"),
        ]
    if past is not None:
        parts += [element("h2", "Runs"), element("div", last_runs(past.runs), class_="runs")]
    parts += [element("h2", "The canary"), _canary(now, past, every=every)]
    return [part for part in parts if part]


def is_stale(now: Snapshot, every: float) -> bool:
    """Say whether a run is long overdue: then nobody knows how it is now."""
    return now.at - (now.last_finished or now.started) > 3 * every + LONGEST_RUN


def _stale(now: Snapshot, every: float) -> Markup | None:
    if not is_stale(now, every):
        return None
    since = now.last_finished or now.started
    return element(
        "p", f"No run has finished since {time_text(stamp(since))}: this page is out of date.", class_="alarm"
    )


def _canary(now: Snapshot, past: RecentRuns | None, *, every: float) -> Markup:
    queued = None if past is None else len(past.summarize["queued"])
    facts = {
        "interval": f"{lasted(every)}, since {time_text(stamp(now.started))}",
        "runs": f"{now.finished} finished, {now.crashed} crashed, {now.missed} missed",
        "last locked": _NEVER if now.last_locked is None else time_text(stamp(now.last_locked)),
        "pending alerts": "unknown" if queued is None else str(queued),
        "as of": time_text(stamp(now.at)),
    }
    return element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in facts.items()))
