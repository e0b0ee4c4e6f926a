"""Controls are asked again, and the named release must answer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import Asked, Says, answering, run
from tests.support.second_front import API, EITHER, ROWS_GUARD, SURFACE, ok

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        pytest.param(Says(status=403, body=b'{"error":"forbidden"}'), 2, id="a-ban"),
        pytest.param(Says(status=401, body=b'{"error":"unauthorized"}'), 2, id="a-wall-in-the-words-of-the-guard"),
        pytest.param(None, 0, id="nothing-changes"),
    ],
)
def test_what_was_locked_since_the_controls_changed_proves_nothing(
    later: Says | None, outcome: int, tmp_path: Path
) -> None:
    turns = itertools.count()
    with answering(lambda _: later if next(turns) > 30 else None) as url:
        status, worst = run(tmp_path, url, "--concurrency", "1", surfaces=ROWS_GUARD, profile=EITHER)
    assert status == outcome
    assert (worst[API] == ("unproven", "changed-midway")) is (outcome == 2)


@pytest.mark.parametrize("which", ["the-first-control", "the-second-control"])
def test_every_control_must_be_answered_as_at_first(which: str, tmp_path: Path) -> None:
    asked_for: list[str] = []

    def answer(asked: Asked) -> Says | None:
        asked_for.append(asked.path)
        is_first = asked.path == "/api/healthz"
        if asked.path == API or is_first is not (which == "the-first-control") or API not in asked_for:
            return None
        return Says(status=503 if is_first else 403, body=b'{"error":"the shop is closed"}')

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--concurrency", "1", surfaces=ROWS_GUARD, profile=EITHER)
    assert (status, worst[API]) == (2, ("unproven", "changed-midway"))


@pytest.mark.parametrize(("bans", "outcome"), [(True, 2), (False, 0)])
def test_a_ban_of_the_guarded_routes_alone_is_seen(tmp_path: Path, *, bans: bool, outcome: int) -> None:
    turns = itertools.count()
    banned = Says(status=401, body=b'{"error":"your address is blocked until tomorrow"}')
    refused = Says(status=401, body=b'{"error":"unauthorized"}')
    paths = [f"/api/slips/{month}" for month in ("may", "june", "july")]
    routes = "".join(f"  - {{route: GET {path}, guard: rows, why: w, fix: f}}\n" for path in paths)

    def answer(asked: Asked) -> Says | None:
        if asked.path in paths:
            return banned if next(turns) >= 4 and bans else refused
        return None

    with answering(answer) as url:
        status, worst = run(
            tmp_path, url, "--depth", "quick", "--concurrency", "1", surfaces=SURFACE + routes, profile=EITHER
        )
    assert status == outcome
    assert (("unproven", "changed-midway") in worst.values()) is (outcome == 2)


@pytest.mark.parametrize("depth", ["quick", "standard"])
def test_a_control_that_is_sent_to_its_language_first_has_not_changed(depth: str, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path == "/api/healthz":
            return None
        if not asked.path.startswith("/de/"):
            return Says(status=307, headers=(("Location", f"/de{asked.path}"), ("Set-Cookie", "LOCALE=de; Path=/")))
        return Says(status=401, body=b'{"error":"unauthorized"}') if asked.path == f"/de{API}" else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", depth, surfaces=ROWS_GUARD, profile=EITHER)
    assert (status, worst[API][0]) == (0, "locked")


@pytest.mark.parametrize(("answers", "outcome"), [("1.5.0", 0), ("1.4.2", 2)])
def test_the_named_release_must_be_the_one_that_answers(answers: str, outcome: int, tmp_path: Path) -> None:
    health = ok({"status": "ok", "version": answers})
    with answering(lambda asked: health if asked.path == "/api/healthz" else None) as url:
        status, worst = run(
            tmp_path, url, "--release", "1.5.0", surfaces=ROWS_GUARD, profile=EITHER, more="release: {json: version}\n"
        )
    assert status == outcome
    assert (worst[API] == ("unproven", "wrong-release")) is (outcome == 2)


def test_the_named_release_is_waited_for(tmp_path: Path) -> None:
    looks = itertools.count()

    def answer(asked: Asked) -> Says | None:
        if asked.path != "/api/healthz":
            return None
        return ok({"status": "ok", "version": "1.4.2" if next(looks) < 3 else "1.5.0"})

    named = ("--release", "1.5.0", "--wait", "20")
    with answering(answer) as url:
        status, _ = run(tmp_path, url, *named, surfaces=ROWS_GUARD, profile=EITHER, more="release: {json: version}\n")
    assert status == 0
    assert next(looks) >= 6  # three good answers in a row, after the three of the old one
