"""What several tests build from text: surfaces, profiles, and plans of them. No network."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from prober.definitions.builtin import load_profile, load_starter, load_surfaces
from prober.definitions.document import parse_document
from prober.definitions.profile import parse_profile
from prober.definitions.service import (
    parse_service,
)
from prober.definitions.surface import parse_surface
from prober.engine.procedures.registry import PROCEDURES
from prober.judge.verdicts import judge
from prober.model import (
    Deployment,
    Finding,
    Outcome,
    Plan,
    Profile,
    Request,
    Service,
    Surface,
)
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_names import credential_names
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from tests.support.judging import read_controls
from tests.support.plans import without_besides
from tests.support.reports import URLS, make_finding, make_mixed_report, make_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.judge.controls import Controls
    from prober.model import Finding, Report

SLOWEST = (
    "test_selftest.py",
    "test_hostile_silence.py",
    "test_hostile_everywhere.py",
    "test_hostile.py",
    "test_removal.py",
)  # first, so that no worker ends last with one
OUTSIDE = frozenset({"socket.bind", "socket.connect", "subprocess.Popen"})

# A machine that is busy must not fail a property; a test that is about time has a bound of its own.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the quick lane quick: a test of it that starts a server or a process fails, and its message says how to fix it."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, by whatever a test starts too
    if "not integration" not in config.option.markexpr:
        return

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if getattr(arguments[0] if arguments else None, "family", None) is socket.AF_UNIX:
            return  # the name by which a history is claimed: no server, and nobody connects to it
        if event in OUTSIDE and "PYTEST_CURRENT_TEST" in os.environ:
            raise AssertionError(f"{event} in a quick test: mark it '@pytest.mark.integration'")

    sys.addaudithook(refuse)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest files first, and all else in its own order."""
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))


@pytest.fixture(scope="session")
def shipped_surfaces() -> tuple[Surface, ...]:
    return load_surfaces()


@pytest.fixture(scope="session")
def shipped_profile() -> Callable[[str], Profile]:
    return lambda name: load_profile(name, credentials=credential_names())


@pytest.fixture(scope="session")
def surface_of() -> Callable[[str], Surface]:
    """Parse a surface; its messages call the file probes/x.yaml."""
    return lambda text: parse_surface(parse_document(dedent(text), file="probes/x.yaml"))


@pytest.fixture(scope="session")
def routes_of(surface_of: Callable[[str], Surface]) -> Callable[..., Surface]:
    """Make a surface of routes that are given as METHOD path, all behind one guard."""

    def make(*routes: str, guard: str = "session", more: str = "") -> Surface:
        head = "surface: made\nabout: Made for a test.\nroutes:\n"
        entries = [f"  - {{route: '{r}', guard: {guard}, effect: none, why: w, fix: f{more}}}\n" for r in routes]
        return surface_of(head + "".join(entries))

    return make


@pytest.fixture(scope="session")
def profile_of() -> Callable[[str], Profile]:
    """Parse a profile; its messages call the file profiles/p.yaml."""
    names = credential_names()

    def parse(text: str) -> Profile:
        node = parse_document(dedent(text), file="profiles/p.yaml")
        return parse_profile(
            node,
            base=lambda name: load_profile(name.word(of="'extends'"), credentials=names),
            starter=lambda: load_starter(credentials=names),
            credentials=names,
        )

    return parse


@pytest.fixture(scope="session")
def service_of() -> Callable[..., Service]:
    return lambda name="web", url=URLS["web"]: parse_service(name, url)


@pytest.fixture(scope="session")
def plan_of(shipped_surfaces: tuple[Surface, ...], shipped_profile: Callable[[str], Profile]) -> Callable[..., Plan]:
    """Plan surfaces (the shipped ones) in a profile (oauth, by name or by value), with the choices that are given."""

    def planned(
        surfaces: Iterable[Surface] | None = None,
        profile: str | Profile = "oauth",
        *,
        urls: dict[str, str] | None = None,
        whole: bool = False,
        **options: Any,
    ) -> Plan:
        """Leave out what every guarded page gets besides, unless the `whole` plan is asked for."""
        deployment = Deployment(
            services=tuple(parse_service(name, url) for name, url in (urls or URLS).items()),
            surfaces=shipped_surfaces if surfaces is None else tuple(surfaces),
            declared=frozenset(),
            cookies=SESSION_COOKIES,
        )
        chosen = profile if isinstance(profile, Profile) else shipped_profile(profile)
        wanted = PlanOptions(**{"run": "0123abcd", "user_agent": "test", **options})
        plan = make_plan(deployment, chosen, wanted, procedures=PROCEDURES)
        return plan if whole else without_besides(plan)

    return planned


# --- what a whole deployment answers, without a network ---------------------------------------------------------------


@pytest.fixture(scope="session")
def judged_of() -> Callable[..., tuple[tuple[Finding, ...], Controls]]:
    """Let a deployment answer every request of a plan, read the controls, and judge, as a run does."""

    def judged(plan: Plan, reply: Callable[[Request], Outcome]) -> tuple[tuple[Finding, ...], Controls]:
        outcomes = [(probe, reply(probe.request)) for probe in plan.probes]
        controls = read_controls(plan, [(path, reply(path.request)) for path in plan.not_found_controls], outcomes)
        return tuple(judge(probe, outcome, controls) for probe, outcome in outcomes), controls

    return judged


GOLDEN = Path(__file__).parent / "data" / "golden"


@pytest.fixture(scope="session")
def finding_of() -> Callable[..., Finding]:
    return make_finding


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    return make_report


@pytest.fixture(scope="session")
def mixed_report() -> Report:
    return make_mixed_report()


@pytest.fixture(scope="session")
def golden() -> Callable[[str], str]:
    """Read a golden file: a report exactly as it must look."""
    return lambda name: (GOLDEN / name).read_text(encoding="utf-8")
