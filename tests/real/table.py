"""The table of a run: which server, in which version and form, what the prober said of it, and how long that took."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = Path(__file__).parents[2] / "docs" / "real-servers.md"
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"
HEAD = ("server", "version", "form", "profile", "depth", "verdict (exit)", "found", "time")
DEPTHS = ("quick", "standard", "deep")


class Told(NamedTuple):
    """What the prober said of one server in one run."""

    server: str
    version: str
    form: str
    depth: str
    profile: str
    verdict: str
    found: str
    elapsed_ms: int


def rows(told: Iterable[Told]) -> list[tuple[str, ...]]:
    """Give a row for each form of a server, of those versions and at those depths that were told the same."""
    together: dict[tuple[str, ...], list[Told]] = {}
    for one in told:
        # The first route that is found differs by depth; what is wrong with it does not.
        kinds = sorted(finding.partition(":")[0] for finding in one.found.split("; "))
        together.setdefault((one.server, one.form, one.profile, one.verdict, *kinds), []).append(one)
    return sorted(_row(same) for same in together.values())


def _row(same: Sequence[Told]) -> tuple[str, ...]:
    first = same[0]
    versions = ", ".join(sorted({one.version for one in same}))
    depths = ", ".join(sorted({one.depth for one in same}, key=DEPTHS.index))
    slowest = max(one.elapsed_ms for one in same) / 1000
    return (
        first.server, versions, first.form, first.profile, depths, first.verdict,
        min((one.found for one in same), key=lambda found: (len(found), found)) or "nothing", f"{max(round(slowest), 1)} s",
    )  # fmt: skip


def plain(table: Iterable[Sequence[str]]) -> list[str]:
    """Give the lines of a table for a terminal."""
    lines = [HEAD, *table]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    return ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def written(page: str, table: Iterable[Sequence[str]]) -> str:
    """Give the page with this table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [HEAD, ("---",) * (len(HEAD) - 1) + ("---:",), *(_escaped(row) for row in table)]
    between = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{before}{BEGIN}\n{between}\n{END}{after}"


def _escaped(row: Sequence[str]) -> list[str]:
    return [word.replace("|", "\\|").replace("*", "\\*") for word in row]
