"""What the tests against other people's servers share: the servers of a file, the prober, and the table at the end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.real import table
from tests.real.members import KEYS
from tests.real.next_apps import SECRET, SURFACES, App, url_of
from tests.real.probing import Prober, Run
from tests.real.running import Served, Servers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterator, Mapping

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    started = Servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.end_all()


@pytest.fixture
def prober(tmp_path: Path, request: pytest.FixtureRequest) -> Prober:
    return Prober(tmp_path, request.node.user_properties)


@pytest.fixture(scope="module")
def once() -> Callable[[Hashable, Callable[[], Run]], Run]:
    """Give the run that was made before where the same is asked again: runs are read, and never changed."""
    made: dict[Hashable, Run] = {}

    def give(asked: Hashable, run: Callable[[], Run]) -> Run:
        if asked not in made:
            made[asked] = run()
        return made[asked]

    return give


@pytest.fixture
def probe_mcp(prober: Prober, once: Any) -> Any:
    """Probe an MCP server, with the keys of two members at hand."""

    def run(served: Served, *arguments: str, depth: str = "standard", declared: bool = True) -> Run:
        surface = ("--surface", "mcp") if declared else ()
        mode = ("--profile", "oauth", "--mcp-url", served.url, "--depth", depth)
        asked = (*mode, *surface, *arguments)
        return once(asked, lambda: prober(served, *asked, env=KEYS))

    return run


@pytest.fixture
def probe_next(prober: Prober, servers: Servers) -> Any:
    """Probe an application in this environment with our own surfaces beside the shipped ones."""

    def run(
        app: App, environment: Mapping[str, str], *arguments: str, profile: str = "oauth", depth: str = "standard",
        surfaces: tuple[str, ...] = SURFACES,
    ) -> Run:  # fmt: skip
        served = Served(url_of(app, environment, servers), app.server, app.version, app.form(environment))
        own = prober.folder / "probes"
        own.mkdir(exist_ok=True)
        for surface in ("places.yaml", "prerendered.yaml"):
            shutil.copy(HERE / "next" / surface, own / surface)
        (prober.folder / "prober.yaml").write_text(
            f"profile: {profile}\nprobes: [probes]\nservices: {{web: '{served.url}'}}\n"
        )
        named = [word for surface in surfaces for word in ("--surface", surface)]
        held = {"SESSION_SECRET": SECRET["AUTH_SECRET"]}
        return prober(served, "--depth", depth, *named, *arguments, env=held)

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what would be skipped where the check of a change runs: nobody reads its skips."""
    report = yield
    if report.skipped and os.environ.get("CI") and "real" in item.keywords:
        report.outcome = "failed"
        report.longrepr = f"skipped, and CI is set: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table of what ran; REAL_TABLE=write writes it into the docs too, where nothing failed."""
    reports = terminalreporter.stats.get("passed", [])
    told = [table.Told(*said) for report in reports for name, said in report.user_properties if name == "real"]
    if not told:
        return
    rows = table.rows(told)
    terminalreporter.section("what the prober said of real servers")
    for line in table.plain(rows):
        terminalreporter.write_line(line)
    if os.environ.get("REAL_TABLE") == "write" and not {"failed", "error", "skipped"} & set(terminalreporter.stats):
        table.PAGE.write_text(table.written(table.PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
        terminalreporter.write_line(f"written to {table.PAGE.name}")
