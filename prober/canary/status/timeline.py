"""The last ninety days as bars, a line for each surface that was not locked: inline SVG, which needs no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.canary.grouping import MOST_ALIKE
from prober.canary.status.recent_runs import DAYS
from prober.canary.times import lasted, seconds_of, time_text
from prober.model import Verdict
from prober.report.html.entries import BAD, mark
from prober.report.html.markup import Markup, element, lines, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.canary.snapshot import Snapshot
    from prober.canary.status.recent_runs import RecentRuns

    Spell = tuple[str, str, str | None]  # what it was, since when, until when

MOST_ROWS = 15
MOST_BARS = 400  # of one line
_DAY = 86_400.0
_NARROWEST = 0.6  # days: what was open for a minute is seen too
_UNSEEN = "unseen-time"
_HEIGHT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of time, in Unix seconds, and what it was."""

    begin: float
    end: float
    kind: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line: a surface, or several with the same bars."""

    name: str
    label: str
    spells: tuple[Spell, ...]

    @property
    def worst(self) -> str:
        """Give the worst that it was."""
        return min((kind for kind, *_ in self.spells), key=BAD.index)

    @property
    def is_open(self) -> bool:
        """Say whether it stands now."""
        return any(until is None for *_, until in self.spells)


def timeline(now: Snapshot, past: RecentRuns, *, every: float) -> Markup:
    """Draw a line for each surface; above them the gaps in monitoring and the releases."""
    rows = _rows(now, past)
    drawn = [_row(row, past) for row in rows[:MOST_ROWS]]
    more = len(rows) - MOST_ROWS
    parts: list[Markup | None] = [
        element("div", lines([_looked(past, every), _releases(past), *drawn]), class_="lines"),
        element("p", f"and {more} more lines, in the list below", class_="quiet") if more > 0 else None,
        element("p", f"Nothing stood open in {DAYS} days.", class_="quiet") if not rows else None,
        _axis(),
    ]
    return lines(part for part in parts if part)


def _rows(now: Snapshot, past: RecentRuns) -> list[Row]:
    """Put the stretches together by surface, the surfaces that are open now first, then by their worst."""
    spells: dict[str, dict[Spell, None]] = {}
    for state in now.open:
        spells.setdefault(_surface(state.id), {})[str(state.verdict), state.since.at, None] = None
    for entry in past.summarize["over"]:
        spells.setdefault(_surface(entry["id"]), {})[entry["was"], entry["since"], entry["until"]] = None
    alike: dict[tuple[Spell, ...], list[str]] = {}
    for surface, own in spells.items():  # the credentials that one door let in are one spell
        alike.setdefault(tuple(own), []).append(surface)
    rows = [
        Row(name=name, label=label, spells=own)
        for own, surfaces in alike.items()
        for name, label in _named(surfaces, is_leak=any(kind == Verdict.LEAK for kind, *_ in own))
    ]
    return sorted(rows, key=lambda row: (not row.is_open, BAD.index(row.worst)))


def _named(surfaces: Sequence[str], *, is_leak: bool) -> list[tuple[str, str]]:
    """Name the surfaces one by one, or all that had the same outage at once."""
    if is_leak or len(surfaces) <= MOST_ALIKE:
        return [(surface, surface) for surface in surfaces]
    return [(f"{len(surfaces)} surfaces", ", ".join(surfaces))]


def _surface(finding: str) -> str:
    return finding.partition(": ")[0]


def _bar(name: str, spell: Spell, past: RecentRuns) -> Bar:
    kind, since, until = spell
    begin, end = seconds_of(since), past.end if until is None else seconds_of(until)
    ended = "until now" if until is None else f"to {time_text(until)}"
    about = f"{name}: {kind} for {lasted(end - begin)}, {time_text(since)} {ended}"
    return Bar(begin=begin, end=end, kind=kind, about=about)


def _row(row: Row, past: RecentRuns) -> Markup:
    spells = f"{len(row.spells)} {'time' if len(row.spells) == 1 else 'times'} not locked in {DAYS} days"
    # The worst is drawn last, over all else.
    bars = sorted(
        (_bar(row.label, spell, past) for spell in row.spells[:MOST_BARS]), key=lambda bar: -BAD.index(bar.kind)
    )
    now = [kind for kind, _, until in row.spells if until is None]
    about = f"{row.label}: {spells}, at worst {row.worst}" + (", and not locked now" if now else "")
    name = together([mark(min(now, key=BAD.index)), " ", row.name]) if now else row.name
    return _line(name, about, bars, past)


def _looked(past: RecentRuns, every: float) -> Markup:
    bars = []
    first = past.end if past.first_run is None else seconds_of(past.first_run)
    if first - past.begin > every:
        bars.append(Bar(begin=past.begin, end=first, kind=_UNSEEN, about="before the first stored run"))
    for beat in past.summarize["missed"][:MOST_BARS]:
        end = seconds_of(beat["at"])
        about = f"{time_text(beat['at'])}: {beat['detail']}"
        bars.append(Bar(begin=end - beat["count"] * every, end=end, kind=_UNSEEN, about=about))
    return _line("not monitored", f"not monitored: {len(bars)} {'gap' if len(bars) == 1 else 'gaps'}", bars, past)


def _releases(past: RecentRuns) -> Markup | None:
    if not past.releases:
        return None
    ticks = [
        Bar(
            begin=seconds_of(at),
            end=seconds_of(at),
            kind="tick",
            about=f"release {release}, first seen {time_text(at)}",
        )
        for release, at in past.releases
    ]
    newest = past.releases[0][0]
    return _line("releases", f"{len(ticks)} releases, the newest {newest}", ticks, past)


def _line(name: Markup | str, about: str, bars: Iterable[Bar], past: RecentRuns) -> Markup:
    drawn = element(
        "svg", lines(_drawn(bar, past) for bar in bars),
        viewBox=f"0 0 {DAYS} {_HEIGHT}", preserveAspectRatio="none", role="img", aria_label=about,
    )  # fmt: skip
    return element("div", element("span", name, class_="name"), drawn, class_="line")


def _drawn(bar: Bar, past: RecentRuns) -> Markup:
    begin = max(bar.begin - past.begin, 0.0) / _DAY
    width = max((min(bar.end, past.end) - past.begin) / _DAY - begin, _NARROWEST)
    begin = min(begin, DAYS - width)
    place = {"x": f"{begin:.3f}", "width": f"{width:.3f}", "y": "0", "height": str(_HEIGHT)}
    return element("rect", element("title", bar.about), class_=f"bar {bar.kind}", **place)


def _axis() -> Markup:
    marks = [element("span", text) for text in (f"{DAYS} days ago", str(2 * DAYS // 3), str(DAYS // 3), "now")]
    signs = [element("span", element("i", class_=f"key {kind}"), kind) for kind in BAD]
    signs.append(element("span", element("i", class_=f"key {_UNSEEN}"), "not monitored"))
    return together([
        element("p", *marks, class_="axis", aria_hidden="true"),
        element("p", *signs, class_="keys"),
    ])  # fmt: skip
