"""Fixtures of the tests of the whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from prober.model import Answered, Reason, Unsent, Verdict
from tests.support.fleet import serving
from tests.support.measured_run import DEADLINE, GRACE, LAUNCH, WITNESS, Ran, Runs, holds_of_every
from tests.support.report_pages import WIDE, answered, page_of
from tests.support.status_browser import found, url, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from prober.model import Finding, Outcome, Plan, Report, Request
    from tests.support.fleet import Behind
    from tests.support.hostile_deployment import Deployment

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]
    Open = Callable[..., Page]
    Judged = Callable[[Plan, Callable[[Request], Outcome]], tuple[tuple[Finding, ...], object]]

__all__ = ["found", "url", "visit"]


@pytest.fixture
def measured_run(tmp_path: Path, record_property: Callable[[str, object], None]) -> Runs:
    """Run the prober against a deployment, and check what holds of every run whatever it meets."""

    def start(here: Deployment, *more: str, url: str | None = None, form: str = "json") -> Ran:
        (tmp_path / "sitecustomize.py").write_text(WITNESS)
        measured, witness = tmp_path / "measured", tmp_path / "witness"
        command = [
            sys.executable, "-m", "prober", "run", "--profile", "oauth", "--surface", "knowledge", "--surface", "health", "--timeout", "1",
            "--deadline", f"{DEADLINE:g}", "--attempts", "2", "--format", form, "--base-url", url or here.url, *more,
        ]  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LAUNCH, str(measured), *command], text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
            env={**clean, "PYTHONPATH": str(tmp_path), "WITNESS": str(witness)},
        )  # fmt: skip
        try:
            out, err = process.communicate(timeout=DEADLINE + GRACE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        status, peak = map(int, measured.read_text().split())
        ran = Ran(
            status=status, out=out, err=err, seconds=time.monotonic() - started, peak=peak / 1024,
            reached=frozenset(witness.read_text().split("\n")) - {""},
        )  # fmt: skip
        record_property("peak_mib", round(ran.peak, 1))
        record_property("seconds", round(ran.seconds, 2))
        holds_of_every(ran, here)
        return ran

    return start


QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Drive the Chromium of this machine; in CI it must be there."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the other tests need not pay for it

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        lacks = "no Chromium here to look at a page with (apt-get install chromium)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lacks)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page from its file, and hold it to saying, asking and loading nothing until the test is over."""
    contexts, heard = [], []

    def open_(page: str, *, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        path = tmp_path / "report.html"
        path.write_text(page, encoding="utf-8")
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda message: heard.append(f"console: {message.text}"))
        shown.on("pageerror", lambda error: heard.append(f"error: {error}"))
        shown.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        shown.on("dialog", lambda dialog: dialog.dismiss())
        shown.on("request", lambda asked: heard.append(f"request: {asked.url}"))
        shown.goto(path.as_uri())
        heard.remove(f"request: {path.as_uri()}")
        return shown

    yield open_
    for context in contexts:
        context.close()
    assert heard == []


@pytest.fixture(scope="module")
def leaking_page(plan_of: Callable[..., Plan], judged_of: Judged, report_of: MakeReport) -> str:
    """The shipped plan against a deployment that refuses all but a bearer at the MCP server's door."""

    def reply(request: Request) -> Answered:
        bearer = any(name == "Authorization" and value.startswith("Bearer ") for name, value in request.headers)
        if request.service == "mcp" and bearer and request.method == "POST":
            return answered(200, '{"result": {"tools": []}}')
        return answered(401)

    findings, _ = judged_of(plan_of(), reply)
    return page_of(report_of(*findings))


@pytest.fixture(scope="module")
def mixed_page(finding_of: Make, report_of: MakeReport) -> str:
    """A small page that has a route of each verdict, and many that are locked."""
    unsent = Unsent(reason=Reason.EFFECT, detail="an open door would act")
    locked = [
        finding_of(Verdict.LOCKED, path=f"/api/notes/{n}", surface="notes", outcome=answered(401)) for n in range(8)
    ]
    return page_of(
        report_of(
            finding_of(path="/api/keys", surface="keys", outcome=answered(200)),
            finding_of(Verdict.LOCKED, path="/api/keys/1", surface="keys", outcome=answered(401)),
            finding_of(Verdict.DRIFT, path="/api/me", surface="me", outcome=answered(500)),
            finding_of(Verdict.SKIPPED, path="/api/mail", surface="mail", outcome=unsent),
            *locked,
        )
    )


@pytest.fixture(scope="module")
def fleet_server() -> Iterator[Behind]:
    """One server behind all addresses of a fleet."""
    with serving() as behind:
        yield behind


@pytest.fixture
def behind(fleet_server: Behind) -> Behind:
    """Give that server, which has heard nothing and knows of no leak."""
    fleet_server.forget()
    return fleet_server
