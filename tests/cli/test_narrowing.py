"""What `require` in prober.yaml names is probed and must be locked, whatever narrows the run; and the report says what did."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober
from prober.cli.verify_lockdown import command as verify_lockdown
from prober.demo.doors import door_named
from prober.demo.server import Demo, running
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

ME = "me: GET /api/me [anonymous]"
NARROWING = {
    "skip": {"PROBER_SKIP": "me"},
    "only": {"PROBER_ONLY": "health"},
    "surface": {"PROBER_SURFACE": "health"},
    "profile": {"PROBER_PROFILE": "dev-shim"},
    "bare-url": {"BASE_URL": "{locked}"},
    "tolerated": {"PROBER_TOLERATE": "drift"},
    "skip-by-id": {"PROBER_SKIP": ME},
    "all-at-once": {"PROBER_SKIP": "*/me*", "PROBER_SURFACE": "health", "PROBER_PROFILE": "dev-shim"},
}


@pytest.fixture(scope="module")
def opened() -> Iterator[Demo]:
    with running("oauth", doors=[door_named("dev-shim-behind-oauth")]) as demo:
        yield demo


@pytest.fixture(scope="module")
def locked() -> Iterator[Demo]:
    with running("oauth") as demo:
        yield demo


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("PROBER_", "BASE_URL", "MCP_URL")):
            monkeypatch.delenv(name)


def committed(demo: Demo, *, require: str | None = "me: *", surface: str = "me") -> None:
    text = f"profile: oauth\nservices: {{web: '{demo.web_url}'}}\nsurfaces: [{surface}, health]\n"
    Path("prober.yaml").write_text(text + (f"require: ['{require}']\n" if require else ""), encoding="utf-8")


def run(*options: str) -> int:
    arguments = ["run", "--attempts", "1", "--report", "json=report.json", *options]
    return exit_with(prober, arguments, name="prober")


def report() -> dict:
    return json.loads(Path("report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("environment", NARROWING.values(), ids=NARROWING)
def test_a_required_route_that_is_open_is_a_leak_whatever_narrows_the_run(
    environment: dict[str, str], opened: Demo, locked: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(opened)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("{locked}", locked.web_url))
    assert run() == ExitStatus.LEAK
    assert {finding["verdict"] for finding in report()["findings"] if finding["id"] == ME} == {"leak"}


@pytest.mark.parametrize("environment", [NARROWING[name] for name in ("skip", "only", "surface")])
def test_a_required_route_that_is_locked_stays_locked_and_the_rest_is_narrowed(
    environment: dict[str, str], locked: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(locked, require=ME)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run() == ExitStatus.LOCKED
    ((option, where),) = ((entry["option"], entry["given_by"]) for entry in report()["overrides"])
    assert (option, where) == (f"--{where.removeprefix('PROBER_').lower()}", next(iter(environment)))
    assert [f["id"] for f in report()["findings"] if f["surface"] == "me"] == [ME]


def test_without_require_a_run_is_narrowed_but_not_in_silence(
    opened: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed(opened, require=None)
    monkeypatch.setenv("PROBER_SKIP", "me")
    assert run("--depth", "quick") == ExitStatus.LOCKED
    assert report()["overrides"] == [
        {"option": "--skip", "value": "me", "given_by": "PROBER_SKIP"},
        {"option": "--depth", "value": "quick", "given_by": "the command line"},
    ]
    head = capsys.readouterr().out
    assert "note  changed for this run: --skip me (from PROBER_SKIP)" in head


def test_a_bare_url_is_not_used_and_the_report_says_so(
    opened: Demo, locked: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(opened, require=None)
    monkeypatch.setenv("BASE_URL", locked.web_url)
    assert run() == ExitStatus.LEAK
    assert [note for note in report()["notes"] if note.startswith("BASE_URL in the environment is not used")] != []
    assert report()["services"]["web"]["url"] == opened.web_url


@pytest.mark.parametrize("name", ["PROBER_BASE_URL", "--base-url"])
def test_a_url_that_is_meant_for_the_prober_retargets_the_run_in_sight(
    name: str, opened: Demo, locked: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(opened)
    if name.startswith("PROBER"):
        monkeypatch.setenv(name, locked.web_url)
    assert run(*(() if name.startswith("PROBER") else (name, locked.web_url))) == ExitStatus.LOCKED
    given_by = name if name.startswith("PROBER") else "the command line"
    assert report()["overrides"] == [{"option": "--base-url", "value": locked.web_url, "given_by": given_by}]


def test_a_bare_url_serves_where_no_file_names_a_service(locked: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", locked.web_url)
    assert run("--profile", "oauth", "--surface", "me") == ExitStatus.LOCKED
    assert report()["overrides"] == []


def test_verify_lockdown_takes_the_bare_url(opened: Demo, locked: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    committed(opened, require=None)
    monkeypatch.setenv("BASE_URL", locked.web_url)
    arguments = ["--profile", "oauth", "--surface", "me", "--report", "json=report.json"]
    assert exit_with(verify_lockdown, arguments, name="verify-lockdown") == ExitStatus.LOCKED
    assert {entry["given_by"] for entry in report()["overrides"]} >= {"BASE_URL"}


def test_a_public_route_that_is_required_stays_public_in_every_profile(locked: Demo) -> None:
    committed(locked, require="health: *")
    assert run("--only", "health") == ExitStatus.LOCKED


def test_a_required_drift_is_not_tolerated() -> None:
    with running("oauth", doors=[door_named("admin-page-403")]) as drifting:
        committed(drifting, require=None, surface="admin-pages")
        assert run("--tolerate", "drift") == ExitStatus.LOCKED
        committed(drifting, require="admin-pages: *", surface="admin-pages")
        assert run("--tolerate", "drift") == ExitStatus.LEAK


def test_a_quiet_run_says_too_what_a_variable_has_changed(
    locked: Demo, opened: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed(opened)
    monkeypatch.setenv("PROBER_BASE_URL", locked.web_url)
    monkeypatch.setenv("PROBER_QUIET", "1")
    assert run("--depth", "quick") == ExitStatus.LOCKED
    printed = capsys.readouterr()
    assert printed.out.startswith("LOCKED") and printed.out.count("\n") == 1  # noqa: PT018 - one line
    assert printed.err == f"note: changed for this run: --base-url {locked.web_url} (from PROBER_BASE_URL)\n"


@pytest.mark.parametrize("name", ["prober.yaml", "lockdown.lock.yaml"])
@pytest.mark.parametrize("kind", ["a-link-to-nowhere", "a-folder", "a-link-to-itself"])
def test_a_file_that_cannot_be_read_is_not_taken_for_an_absent_one(
    kind: str, name: str, locked: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else what it requires would be gone in silence, as where a checkout lacks the part that a link leads to."""
    committed(locked)
    Path(name).unlink(missing_ok=True)
    if kind == "a-folder":
        Path(name).mkdir()
    else:
        Path(name).symlink_to("nowhere" if kind == "a-link-to-nowhere" else name)
    assert run("--profile", "oauth", "--base-url", locked.web_url, "--surface", "health") == ExitStatus.USAGE
    assert f"cannot read {name}" in capsys.readouterr().err
