"""The status page: what is open now and since when, the matrix, the last ninety days, the last runs. Text from values.

It names doors that stand open, and so never how to walk through one: curl lines are in a run's report, for those alone
who have signed in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.canary.grouping import crowded, doors, summary_of_many, worst_first
from prober.canary.messages import seen_first
from prober.canary.snapshot import name_of
from prober.canary.status.timeline import timeline
from prober.canary.times import lasted, seconds_of, stamp, time_text
from prober.model import Verdict
from prober.model.finding_ids import route_of_id
from prober.report.html.entries import entries_of, mark, surface_classes
from prober.report.html.filters import filter_rules, filters
from prober.report.html.head import head
from prober.report.html.markup import Markup, element, lines, link, together
from prober.report.html.matrix import matrix
from prober.report.html.shell import document, policy_of, style_sheet
from prober.report.summary import last_line
from prober.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.canary.finding_state import FindingState
    from prober.canary.snapshot import Snapshot
    from prober.canary.status.recent_runs import RecentRuns, RunLine
    from prober.canary.summary import OverRecord
    from prober.report.html.entries import Entry

SCRIPT = "live.js"
_LIVE = ("script-src 'self'", "connect-src 'self'", "img-src 'self'")
LONGEST_RUN = 300  # seconds, unless --deadline says otherwise
_NEVER = "never (since this process started)"
_ANONYMOUS = "anonymous"  # the credential that is none
_MOST_OPEN = 200
_MOST_OVER = 100


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


def run_path(run: str) -> str:
    """Give where a run's report is, as this page names it."""
    return f"runs/{quote(run, safe='')}"


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
    silent = element(
        "p", "The history does not respond: this page shows what the canary has in memory.", class_="alarm"
    )
    parts = [
        _stale(now, every),
        element(
            "section", lines(_open(now, {entry.finding["id"]: entry for entry in entries})), id="open", tabindex="-1"
        ),
    ]
    if past is None:
        parts.append(silent)
    else:
        parts += [element("h2", "The last 90 days"), timeline(now, past, every=every), _over(past)]
    if entries:
        parts += [
            element("h2", "Routes × credentials"),  # noqa: RUF001 - times
            filters(entries),
            matrix(entries, places),
            element("p", "Nothing of this kind on this surface.", class_="nothing"),
        ]
    if past is not None:
        parts += [element("h2", "Runs"), element("div", _runs(past.runs), class_="runs")]
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


def _open(now: Snapshot, known: Mapping[str, Entry]) -> list[Markup]:
    """List what is not locked, the worst first and of that the oldest: a route each, with what it is open to."""
    bad = worst_first(now.open)
    crowds = crowded((state.id, _fate(state)) for state in bad if state.verdict != Verdict.LEAK)
    groups: dict[tuple[str, ...], list[FindingState]] = {}
    for state in bad:
        fate = _fate(state)
        route = "" if fate in crowds else route_of_id(state.id)
        groups.setdefault((route, *fate), []).append(state)
    if not groups:
        return [element("p", mark("locked"), " Nothing is open.", class_="quiet")] if now.record else []
    title = element("h2", f"Not locked ({len(doors(state.id for state in bad))})")
    shown = [
        _door(route, group, known, now) if route else _crowd(group, now)
        for (route, *_), group in list(groups.items())[:_MOST_OPEN]
    ]
    more = len(groups) - _MOST_OPEN
    rest = [element("p", f"and {more} more: see 'prober history'")] if more > 0 else []
    return [title, element("ul", lines(shown), class_="doors"), *rest]


def _fate(state: FindingState) -> tuple[str, ...]:
    return (str(state.verdict), state.detail, state.since.at)


def _door(route: str, group: Sequence[FindingState], known: Mapping[str, Entry], now: Snapshot) -> Markup:
    first = group[0]
    entry = known.get(first.id)
    name: Markup | str = route if entry is None else link(entry.anchor, route, page=entry.page)
    ways = doors(state.id for state in group)[route]
    facts = [] if entry is None else [("why", entry.finding["why"]), ("fix", entry.finding["fix"])]
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in facts if text]
    way = element("p", _accessible(ways) if first.verdict == Verdict.LEAK else f"seen with {', '.join(ways)}")
    return _card(first, name, lines([way, element("dl", *rows, class_="facts") if rows else None]), now)


def _accessible(ways: Sequence[str]) -> str:
    """Say what opens a route: nothing at all, or which credentials."""
    if _ANONYMOUS not in ways:
        return f"accessible with {', '.join(ways)}"
    others = f" (and in {count(len(ways) - 1, 'other way')})" if ways[1:] else ""
    return f"accessible without credentials{others}"


def _crowd(group: Sequence[FindingState], now: Snapshot) -> Markup:
    """Show routes with the same verdict and detail as one: most of them share a cause."""
    ids = [state.id for state in group]
    routes = element("details", element("summary", "which"), element("p", ", ".join(doors(ids))))
    return _card(group[0], summary_of_many(ids), routes, now)


def _card(first: FindingState, name: Markup | str, whose: Markup, now: Snapshot) -> Markup:
    verdict = str(first.verdict)
    word = element("span", verdict, class_=f"word {verdict}")
    title = element("h3", mark(verdict), " ", word, " ", element("b", name))
    since = element("p", *_since(first, now), class_="quiet")
    return element("li", title, whose, element("p", first.detail), since, class_=verdict)


def _since(state: FindingState, now: Snapshot) -> list[Markup | str]:
    first = seen_first(state.since.at, state.since.release, state.since.before)
    return [
        element("time", first, datetime=state.since.at),
        f"; for {lasted(now.at - seconds_of(state.since.at))}",
    ]


def _over(past: RecentRuns) -> Markup | None:
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


def _runs(runs: Sequence[RunLine]) -> Markup:
    rows: list[list[Markup | str]] = []
    for run in runs:
        when: Markup | str = element("time", f"{run.ended_at[:10]} {run.ended_at[11:19]}", datetime=run.ended_at)
        when = element("a", when, href=run_path(run.id)) if run.has_report else when
        word = run.verdict or run.state
        sign = together([mark(word), f" {word}"]) if run.verdict else word
        rows.append([when, sign, run.release or "", run.sentence.partition(": ")[2]])
    return _table("The last runs (UTC)", ["ended", "verdict", "release", ""], rows)


def _canary(now: Snapshot, past: RecentRuns | None, *, every: float) -> Markup:
    queued = None if past is None else len(past.summarize["queued"])
    facts = {
        "interval": f"{lasted(every)}, since {time_text(stamp(now.started))}",
        "runs": f"{now.finished} finished, {now.crashed} crashed, {now.missed} missed",
        "last locked": "never (since this process started)"
        if now.last_locked is None
        else time_text(stamp(now.last_locked)),
        "pending alerts": "unknown" if queued is None else str(queued),
        "as of": time_text(stamp(now.at)),
    }
    return element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in facts.items()))


def _table(caption: str, names: Sequence[str], rows: Sequence[Sequence[Markup | str]]) -> Markup:
    head_ = element("tr", *(element("th", name, scope="col") for name in names))
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", text) for text in rest))
        for first, *rest in rows
    ]
    table = element("table", element("caption", caption), element("thead", head_), element("tbody", lines(body)))
    return element("div", table, class_="counts", tabindex="0", role="region", aria_label=caption)
