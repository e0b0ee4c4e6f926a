"""The public API as a stranger uses it: the page's own code, in a loop and out of one, typed, and cheap to import."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import prober
from prober.demo.doors import door_named
from prober.demo.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SURFACES = ["health", "me"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running("oauth") as demo:
        yield demo.web_url


def test_the_first_block_of_the_page_reports_a_locked_deployment(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"profile: oauth\nservices: {{web: '{url}'}}\nsurfaces: [health, me]\n"
    (tmp_path / "prober.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(BLOCKS[0], {})
    assert capsys.readouterr().out == "locked 0\n"


def test_the_second_block_of_the_page_runs(url: str) -> None:
    names: dict[str, object] = {"prober": prober, "URL": url}
    exec(BLOCKS[1], names)
    assert isinstance(names["report"], prober.Report)


def test_the_third_block_of_the_page_runs_in_a_loop(url: str) -> None:
    names: dict[str, object] = {"prober": prober, "URL": url}
    exec(BLOCKS[2] + "\nimport asyncio\nlocked = asyncio.run(gate())", names)
    assert names["locked"] is True


def test_an_open_route_is_a_leak_and_each_finding_is_heard_of() -> None:
    heard: list[prober.Finding] = []
    door = door_named("members-with-invite-tokens")
    with running("oauth", doors=(door,)) as demo:
        loaded = prober.load(profile="oauth", services={"web": demo.web_url}, surfaces=["members"])
        report = prober.run(loaded, prober.SendOptions(deadline=60), on_finding=heard.append)
    assert report.exit_status is prober.ExitStatus.LEAK
    assert {finding.probe.route.surface for finding in heard} == {"members"}
    assert [finding for finding in report.findings if finding.verdict.fails]


def test_nobody_there_is_a_report_and_no_exception() -> None:
    loaded = prober.load(profile="oauth", services={"web": "http://127.0.0.1:9"}, surfaces=["me"], depth="quick")
    report = prober.run(loaded, prober.SendOptions(attempts=1, deadline=20))
    assert (report.verdict, report.exit_status) == (prober.Verdict.UNREACHABLE, 2)


def test_a_plan_sends_nothing(url: str) -> None:
    plan = prober.make_plan(prober.load(profile="oauth", services={"web": url}, surfaces=SURFACES))
    assert {probe.route.surface for probe in plan.probes} == set(SURFACES)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        pytest.param({"profile": "oath"}, prober.UsageError, "oath", id="profile"),
        pytest.param({"surfaces": ["mee"]}, prober.UsageError, "mee", id="surface"),
        pytest.param({"hold": {"session-secret": "short"}}, prober.UsageError, "shorter than 8 letters", id="secret"),
        pytest.param({"path": "no-such.yaml"}, prober.ProberError, "no-such.yaml", id="file"),
    ],
)
def test_what_is_wrong_is_raised_before_anything_is_sent(
    given: dict[str, object], error: type[prober.ProberError], words: str
) -> None:
    usual: dict[str, object] = {"profile": "oauth", "services": {"web": "http://127.0.0.1:9"}}
    with pytest.raises(error, match=words):
        prober.load(**{**usual, **given})  # type: ignore[arg-type]


def test_a_mode_that_lets_everybody_in_is_refused_outside_this_machine() -> None:
    loaded = prober.load(profile="dev-shim", services={"web": "https://brain.example"}, surfaces=["health"])
    with pytest.raises(prober.RefusedError, match="lets everybody in"):
        prober.run(loaded)


def test_a_run_in_a_running_loop_says_what_to_await(url: str) -> None:
    async def wrong() -> None:
        prober.run(prober.load(profile="oauth", services={"web": url}, surfaces=SURFACES))

    with pytest.raises(RuntimeError, match=r"await prober\.run_async"):
        asyncio.run(wrong())


def test_a_held_secret_is_in_no_repr(url: str) -> None:
    secret = "held-0123456789-abcdef"
    loaded = prober.load(
        profile="oauth", services={"web": url}, surfaces=["migrate"], hold={"session-secret": secret}
    )  # fmt: skip
    assert secret not in repr(loaded)


def test_importing_it_costs_neither_httpx_nor_asyncio() -> None:
    code = "import sys, prober; prober.__version__; print({'httpx', 'asyncio', 'click'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_every_name_of_the_api_is_there_and_no_other() -> None:
    assert all(getattr(prober, name) is not None for name in prober.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = prober.nothing


@pytest.mark.slow
def test_a_client_s_types_are_checked(tmp_path: Path) -> None:
    client = tmp_path / "client.py"
    client.write_text(
        "import prober\n"
        "loaded = prober.load('prober.yaml', depth='quick')\n"
        "report: prober.Report = prober.run(loaded, prober.SendOptions(deadline=60.0))\n"
        "status: int = report.exit_status\n"
        "wrong: str = prober.make_plan(loaded)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(client)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert [line.split(": ", 1)[1] for line in done.stdout.splitlines()] == [
        'error: Incompatible types in assignment (expression has type "Plan", variable has type "str")  [assignment]'
    ]


def test_nothing_spells_the_whole_report_out(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spelled: list[object] = []
    monkeypatch.setattr(prober.Report, "__repr__", lambda self: spelled.append(self) or "a report")
    loaded = prober.load(profile="oauth", services={"web": url}, surfaces=SURFACES, depth="quick")
    assert prober.run(loaded).exit_status is prober.ExitStatus.LOCKED
    assert spelled == []  # Python's own `repr` in a task ignores errors, so it is no use to raise one
