"""Held secrets with names of one's own, at applications that take them where they please: right, broken, and expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import prober
from prober.errors import DefinitionError
from prober.report.held_secret_answers import detail_of
from tests.support.in_process import run_here
from tests.support.payroll import Asked, Says, answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLERK, BOSS = "the-session-of-a-clerk", "the-session-of-the-boss"
SURFACE = """\
surface: reports
about: x.
routes:
  - {{route: GET /healthz, guard: open, control: alive, why: w, fix: f}}
  - {{route: GET /desk, guard: staff, admits: [{clerk}], why: w, fix: f}}
  - {{route: GET /reports, guard: staff, refuse: [{clerk}], why: w, fix: f}}
"""
PROFILE = """\
profile: own
about: x.
presents: {{open: nothing{presents}}}
guards: {{open: 200, staff: {{anonymous: 401, bogus: 401, held: 403}}}}
"""
ROWS = Says(status=200, body=b'[{"report": 1, "total": 20}]')


def cookie(asked: Asked) -> str:
    pairs = dict(pair.strip().partition("=")[::2] for pair in asked.headers.get("cookie", "").split(";"))
    return pairs.get("staff_sid", "")


def header(asked: Asked) -> str:
    return asked.headers.get("x-staff-key", "")


def bearer(asked: Asked) -> str:
    return asked.headers.get("authorization", "").removeprefix("Bearer ")


def application(found: Callable[[Asked], str], *, broken: bool, alive: bool = True) -> Callable[[Asked], Says | None]:
    """Let the boss read reports, and the clerk their desk; a broken one checks no role."""

    def answer(asked: Asked) -> Says | None:
        if asked.path == "/healthz":
            return Says(status=200, body=b'{"ok": true}')
        if asked.path not in {"/desk", "/reports"}:
            return Says(status=404, body=b'{"error": "not found"}')
        who = found(asked)
        known = {BOSS, CLERK} if alive else {BOSS}
        if who not in known:
            return Says(status=401, body=b'{"error": "who are you?"}')
        is_allowed = asked.path == "/desk" or who == BOSS or broken
        return ROWS if is_allowed else Says(status=403, body=b'{"error": "not yours"}')

    return answer


CASES = [
    pytest.param(cookie, "clerk", f"staff_sid={CLERK}", "", id="pair"),
    pytest.param(cookie, "clerk-session", f"staff_sid={CLERK}", "", id="session-pair"),
    pytest.param(cookie, "clerk-session", CLERK, ", staff: {cookie: staff_sid}", id="declared-cookie"),
    pytest.param(header, "clerk", CLERK, ", staff: {header: X-Staff-Key}", id="declared-header"),
    pytest.param(bearer, "clerk", CLERK, ", staff: bearer", id="declared-bearer"),
    pytest.param(cookie, "clerk", CLERK, ", staff: [{cookie: staff_sid}, bearer]", id="cookie-first"),
    pytest.param(header, "clerk-key", CLERK, ", staff: [{header: X-Staff-Key}, bearer]", id="header-first"),
    pytest.param(bearer, "clerk-token", f"Bearer {CLERK}", "", id="with-its-scheme"),
]


@pytest.mark.integration
@pytest.mark.parametrize("broken", [pytest.param(True, id="broken"), pytest.param(False, id="healthy")])
@pytest.mark.parametrize(("found", "name", "value", "presents"), CASES)
def test_a_role_that_is_not_checked_is_found_wherever_the_secret_is_carried(
    found: Callable[[Asked], str],
    name: str,
    value: str,
    presents: str,
    tmp_path: Path,
    *,
    broken: bool,
) -> None:
    with answering(application(found, broken=broken)) as url:
        status, worst = run_here(
            tmp_path, url, surface=SURFACE.format(clerk=name), profile=PROFILE.format(presents=presents),
            hold={name: value},
        )  # fmt: skip
    assert (status, worst["/reports"]) == ((1, ("leak", "granted")) if broken else (0, ("locked", "as-promised")))
    assert worst["/desk"] == ("locked", "as-promised")


@pytest.mark.integration
@pytest.mark.parametrize(("named", "expected"), [("cookies: [staff_sid]", 1), ("", DefinitionError)])
def test_a_session_is_sent_only_if_its_cookie_is_known(named: str, expected: object, tmp_path: Path) -> None:
    with answering(application(cookie, broken=True)) as url:
        files = {
            "prober.yaml": f"profile: ./p.yaml\nservices: {{web: '{url}'}}\nprobes: [./probes]\n{named}\n",
            "p.yaml": PROFILE.format(presents=""),
            "probes/r.yaml": SURFACE.format(clerk="clerk-session"),
        }
        (tmp_path / "probes").mkdir()
        for path, text in files.items():
            (tmp_path / path).write_text(text, encoding="utf-8")
        if expected is DefinitionError:
            with pytest.raises(DefinitionError, match="where guard 'staff' looks for held secret 'clerk-session'"):
                prober.run(prober.load(tmp_path / "prober.yaml", hold={"clerk-session": CLERK}))
            return
        assert prober.run(prober.load(tmp_path / "prober.yaml", hold={"clerk-session": CLERK})).exit_status == expected


@pytest.mark.integration
@pytest.mark.parametrize("broken", [True, False])
def test_a_secret_that_has_expired_locks_nothing(tmp_path: Path, *, broken: bool) -> None:
    with answering(application(bearer, broken=broken, alive=False)) as url:
        profile = PROFILE.format(presents=", staff: bearer").replace("held: 403", "held: [401, 403]")
        status, worst = run_here(
            tmp_path, url, surface=SURFACE.format(clerk="clerk-token"), profile=profile, hold={"clerk-token": CLERK}
        )
    assert (status, worst["/reports"], worst["/desk"]) == (2, *[("unproven", "key-refused")] * 2)


def noted(tmp_path: Path, url: str, *, routes: str, held: dict[str, str]) -> list[str]:
    """Give what a run of these routes notes of held secrets, and shows of those that are dead."""
    (tmp_path / "probes").mkdir()
    alive = "  - {route: GET /healthz, guard: open, control: alive, why: w, fix: f}\n"
    surface = f"surface: reports\nabout: x.\nroutes:\n{alive}{routes}"
    (tmp_path / "probes" / "r.yaml").write_text(surface, encoding="utf-8")
    profile = PROFILE.format(presents=", staff: bearer").replace("held: 403", "held: [401, 403]")
    (tmp_path / "p.yaml").write_text(profile, encoding="utf-8")
    where = f"profile: ./p.yaml\nservices: {{web: '{url}'}}\nprobes: [./probes]\n"
    (tmp_path / "prober.yaml").write_text(where, encoding="utf-8")
    report = prober.run(prober.load(tmp_path / "prober.yaml", hold=held))
    shown = [detail_of(f) for f in report.findings if f.rule == "held-secret-opens-nothing"]
    return [*(note for note in report.notes if "held '" in note), *shown]


@pytest.mark.integration
@pytest.mark.parametrize(
    ("name", "admits", "alive", "note"),
    [
        pytest.param("clerk-token", True, True, [], id="shown"),
        pytest.param("clerk-token", False, True, ["no route admits held 'clerk-token'"], id="not-shown"),
        pytest.param("expired-token", False, True, [], id="dead-on-purpose"),
        pytest.param("old-token", False, True, [], id="an-old-one"),
        pytest.param("holder-token", False, True, ["no route admits held 'holder-token'"], id="of-a-holder"),
        pytest.param(
            "clerk-token",
            True,
            False,
            ["held 'clerk-token' was refused everywhere", "got 401, as expected, but the secret opens nothing"],
            id="dead",
        ),
    ],
)
def test_whether_a_secret_was_seen_to_be_valid_is_told(
    name: str, note: list[str], tmp_path: Path, *, admits: bool, alive: bool
) -> None:
    opens = f"  - {{route: GET /desk, guard: staff, admits: [{name}], why: w, fix: f}}\n" if admits else ""
    routes = f"{opens}  - {{route: GET /reports, guard: staff, refuse: [{name}], why: w, fix: f}}\n"
    with answering(application(bearer, broken=False, alive=alive)) as url:
        notes = noted(tmp_path, url, routes=routes, held={name: CLERK})
    assert [said[: len(wanted)] for said, wanted in zip(notes, note, strict=True)] == note
