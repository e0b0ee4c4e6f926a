"""A ban, a wall, a failover or a release that comes and goes within a run: what was locked meanwhile proves nothing."""

from __future__ import annotations

import itertools
import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from prober.engine.control_checks import EVERY
from tests.support.payroll import PROBER, REFUSED, Asked, Says, answering, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Answer = Callable[[Asked], Says | None]

PATHS = tuple(f"/api/room{number:02d}" for number in range(16))
LAST = PATHS[-1]
SHORT = 12  # answers: so many lie between two looks at the controls
UP = "/api/healthz"
FORBIDDEN = Says(status=403, body=b'{"error":"forbidden"}')
ROWS = Says(status=200, body=b'[{"order":18,"to":"Ann"}]')
GONE = Says(status=404, body=b'{"error":"no such thing"}')
NO_ROOM = Says(status=404, body=b'{"error":"no such room"}')
HEALTH = "  - {{route: GET /api/healthz, guard: public{}, why: w, fix: f}}\n"
ALIVE, OPEN = HEALTH.format(", control: alive"), HEALTH.format("")
ROUTES = "".join(f"  - {{route: GET {path}, guard: rows, why: w, fix: f}}\n" for path in PATHS)
SURFACE = "surface: payroll\nabout: A.\nroutes:\n"
PROFILE = "profile: own\nabout: A.\npresents: {{rows: [bearer]}}\nguards: {{public: 200, rows: {}}}\n"
EITHER, HIDDEN = PROFILE.format("[401, 403]"), PROFILE.format("404")


def rooms(asked: Asked, *, refused: Says = REFUSED, opened: str | None = None) -> Says | None:
    """Answer as the application does; one room may stand open."""
    if asked.path not in PATHS:
        return None if asked.path == UP else GONE
    return ROWS if asked.path == opened else refused


def after(
    turn: int, later: Answer, *, until: int = 100_000, opened: str | None = None, refused: Says = REFUSED
) -> Answer:
    """Answer as the application, but from the given request on until another as `later` says, where it says something."""
    turns = itertools.count()

    def answer(asked: Asked) -> Says | None:
        changed = later(asked) if turn <= next(turns) < until else None
        return changed or rooms(asked, refused=refused, opened=opened)

    return answer


def every_other(says: Says) -> Answer:
    turns = itertools.count()
    return lambda _: says if next(turns) % 2 else None


def to_bearers(says: Says) -> Answer:
    return lambda asked: says if "authorization" in asked.headers else None


def probed(
    answer: Answer, tmp_path: Path, *, health: str = ALIVE, profile: str = EITHER
) -> tuple[int, set[tuple[str, str]]]:
    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--concurrency", "1", surfaces=SURFACE + health + ROUTES, profile=profile)
    return status, {worst[path] for path in PATHS}


def planned(folder: Path) -> int:
    """Count the requests that the plan of the last run in this folder needs."""
    done = subprocess.run(
        [PROBER, "plan", "--format", "json"], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return int(json.loads(done.stdout)["requests"])


CHANGED = ("unproven", "changed-midway")


@pytest.mark.parametrize(
    ("later", "profile", "refused"),
    [
        pytest.param(lambda _: FORBIDDEN, EITHER, REFUSED, id="a-ban"),
        pytest.param(to_bearers(FORBIDDEN), EITHER, REFUSED, id="a-wall-that-bans-bogus-tokens-alone"),
        pytest.param(every_other(FORBIDDEN), EITHER, REFUSED, id="one-replica-of-two"),
        pytest.param(lambda _: NO_ROOM, HIDDEN, NO_ROOM, id="a-ban-that-says-404-as-the-guard-does"),
        pytest.param(lambda asked: Says(status=200, body=b'{"version":"1.5.0"}') if asked.path == UP else None, EITHER, REFUSED, id="a-release"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("health", [ALIVE, OPEN], ids=["a-sign-of-life", "an-open-route"])
def test_what_lasts_until_the_end_leaves_no_verdict(
    later: Answer, profile: str, refused: Says, health: str, tmp_path: Path
) -> None:
    old = Says(status=200, body=b'{"version":"1.4.2"}')
    changing = after(60, later, refused=refused)

    def answer(asked: Asked) -> Says | None:
        said = changing(asked)
        return old if said is None and asked.path == UP else said

    status, verdicts = probed(answer, tmp_path, health=health, profile=profile)
    assert status == 2
    assert CHANGED in verdicts


@pytest.mark.parametrize(
    ("opened", "outcome"),
    [(None, (0, {("locked", "as-promised")})), (PATHS[6], (1, {("leak", "granted"), ("locked", "as-promised")}))],
)
def test_what_was_locked_during_a_ban_is_asked_once_more_when_it_is_over(
    opened: str | None, outcome: tuple[int, set[tuple[str, str]]], tmp_path: Path
) -> None:
    """The ban lasts as long as the open room is asked: only when they are asked once more does it show."""
    assert probed(after(100, lambda _: FORBIDDEN, until=100 + EVERY, opened=opened), tmp_path) == outcome


@pytest.mark.parametrize(
    ("opened", "outcome"),
    [
        pytest.param(PATHS[6], (1, {("leak", "granted"), ("locked", "as-promised")}), id="it-hid-an-open-room"),
        pytest.param(None, (0, {("locked", "as-promised")}), id="it-hid-nothing"),
    ],
)
def test_a_ban_between_two_looks_at_the_controls_is_known_by_its_words(
    opened: str | None, outcome: tuple[int, set[tuple[str, str]]], tmp_path: Path
) -> None:
    """It lasts from the first question about a room until some rooms further on, and no control is asked meanwhile."""
    banned: list[str] = []

    def answer(asked: Asked) -> Says | None:
        begins = asked.path == PATHS[6] or (banned and asked.path in PATHS)
        if begins and len(banned) < SHORT:
            banned.append(asked.path)
            return FORBIDDEN
        return rooms(asked, opened=opened)

    assert probed(answer, tmp_path) == outcome
    assert len(set(banned)) > 1


def test_a_ban_that_comes_and_goes_is_not_asked_after(tmp_path: Path) -> None:
    def now_and_then(_: Asked) -> Says | None:
        return FORBIDDEN if next(turns) % 60 < 30 else None

    turns = itertools.count(28)
    status, verdicts = probed(after(0, now_and_then), tmp_path)
    assert status in {1, 2}
    assert verdicts != {("locked", "as-promised")}


def test_where_nothing_changes_the_controls_cost_little(tmp_path: Path) -> None:
    asked_for: list[str] = []

    def answer(asked: Asked) -> Says | None:
        asked_for.append(asked.path)
        return rooms(asked)

    status, verdicts = probed(answer, tmp_path)
    assert (status, verdicts) == (0, {("locked", "as-promised")})
    at_first = 1  # the unknown path with a bogus credential
    of_the_end = 3 + 1 + 1  # the open control over three connections, the unknown path, and that path dressed
    again = len(asked_for) - planned(tmp_path) - at_first - of_the_end
    assert len(asked_for) > 3 * EVERY
    assert again <= 0.03 * len(asked_for)


@pytest.mark.parametrize(("times", "outcome"), [(10, 2), (10_000, 0)], ids=["a-ban", "nothing-changes"])
def test_a_quick_run_asks_two_controls_once_more_at_its_end(times: int, outcome: int, tmp_path: Path) -> None:
    asked_for: list[str] = []
    answer = after(times, lambda _: FORBIDDEN)

    def noted(asked: Asked) -> Says | None:
        asked_for.append(asked.path)
        return answer(asked)

    with answering(noted) as url:
        status, _ = run(
            tmp_path, url, "--concurrency", "1", "--depth", "quick", surfaces=SURFACE + ALIVE + ROUTES, profile=EITHER
        )
    assert status == outcome
    assert [path.partition("-")[0] for path in asked_for[-2:]] == [UP, "/api/lockdown"]
