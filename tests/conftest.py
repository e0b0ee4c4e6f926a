"""What several tests build from text: surfaces, profiles, and plans of them. No network."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
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
from prober.judge.controls_reader import read_controls
from prober.judge.exit_status import exit_status, verdict_of_run
from prober.judge.verdicts import judge
from prober.model import (
    Answer,
    Answered,
    Cause,
    Credential,
    Deployment,
    Depth,
    Effect,
    Finding,
    Kind,
    Outcome,
    Payload,
    Plan,
    Probe,
    Profile,
    Promise,
    Reason,
    Report,
    Request,
    Route,
    Service,
    ServiceReport,
    Source,
    Surface,
    Unanswered,
    Unsent,
    Variant,
    Verdict,
)
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credentials import (
    credential_names,
)
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from tests.support.plans import without_besides

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from playwright.sync_api import Browser

    from prober.judge.controls import Controls

SLOWEST = ("test_selftest.py", "test_hostile.py", "test_removal.py")  # first, so that no worker ends last with one
OUTSIDE = frozenset({"socket.bind", "socket.connect", "subprocess.Popen"})

# A machine that is busy must not fail a property; a test that is about time has a bound of its own.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the quick lane quick: a test of it that starts a server or a process fails, and its message says how to fix it."""
    if "not integration" not in config.option.markexpr:
        return

    def refuse(event: str, _: tuple[object, ...]) -> None:
        if event in OUTSIDE and "PYTEST_CURRENT_TEST" in os.environ:
            raise AssertionError(f"{event} in a quick test: mark it '@pytest.mark.integration'")

    sys.addaudithook(refuse)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest files first, and all else in its own order."""
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))


URLS = {"web": "http://127.0.0.1:3000", "mcp": "http://127.0.0.1:3100"}


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
        said = [f"  - {{route: '{r}', guard: {guard}, effect: none, why: w, fix: f{more}}}\n" for r in routes]
        return surface_of(head + "".join(said))

    return make


@pytest.fixture(scope="session")
def profile_of() -> Callable[[str], Profile]:
    """Parse a profile; its messages call the file profiles/p.yaml."""
    names = credential_names()

    def parse(text: str) -> Profile:
        node = parse_document(dedent(text), file="profiles/p.yaml")
        return parse_profile(
            node,
            base=lambda said: load_profile(said.word(of="'extends'"), credentials=names),
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


# --- reports, built by hand -------------------------------------------------------------------------------------------

GOLDEN = Path(__file__).parent / "data" / "golden"


@pytest.fixture(scope="session")
def golden() -> Callable[[str], str]:
    """Read a golden file: a report exactly as it must look."""
    return lambda name: (GOLDEN / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def finding_of() -> Callable[..., Finding]:
    """Make a finding; what is not said is that of an open door."""

    def make(
        verdict: Verdict = Verdict.LEAK,
        reason: Reason = Reason.GRANTED,
        detail: str = "got 200, expected 401",
        *,
        path: str = "/api/me",
        method: str = "GET",
        surface: str = "me",
        service: str = "web",
        credential: str = "anonymous",
        variant: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        content: bytes | None = None,
        effect: Effect = Effect.NONE,
        inert: bool = False,
        outcome: Answered | Unanswered | Unsent | None = None,
        why: str = "Strangers read who is signed in.",
        fix: str = "Call requireSession() first.",
        by: str | None = "application",
    ) -> Finding:
        route = Route(
            surface=surface, service=service, id=None, method=method, path=path, guard="session", effect=effect,
            payload=Payload(content=content), inert=inert, absent_is_locked=False, refuse=(), never=(), quick=True,
            csrf=None, control=None, why=why, fix=fix, source=Source(file=f"probes/{surface}.yaml", line=4),
        )  # fmt: skip
        presented = Credential(
            name=credential, kind=Kind.BOGUS, family=None, headers=headers, query="", catches=""
        )  # fmt: skip
        dressed = Variant(name=variant, headers=(), catches="") if variant else None
        source = Source(file="profiles/oauth.yaml", line=9)
        promise = Promise(answers=(Answer(statuses=(range(401, 402),), source=source),), skip=None, source=source)
        request = Request(service=service, method=method, target=path, headers=headers, content=content)
        probe = Probe(
            id=f"{route.name} [{credential}]" + (f" {variant}" if variant else ""), route=route, credential=presented,
            variant=dressed, families=(), promise=promise, never=(), request=request,
        )  # fmt: skip
        said = outcome or Answered.of(status=200, headers=(), body=b"", whole=True, attempts=1, elapsed_ms=3)
        by = by if isinstance(said, Answered) else None
        return Finding(probe=probe, outcome=said, verdict=verdict, reason=reason, detail=detail, answered_by=by)

    return make


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    """Make the report of these findings, at one moment of one run."""

    def make(*findings: Finding, services: Iterable[ServiceReport] = (), **facts: Any) -> Report:
        verdicts = [finding.verdict for finding in findings]
        tolerate = facts.pop("tolerate_drift", False)
        names = dict.fromkeys(finding.probe.request.service for finding in findings)
        told = tuple(services) or tuple(
            ServiceReport(
                service=parse_service(name, URLS[name]), alive=True, blanket=False, intermediary=None, said=None
            )
            for name in names
        )
        whole = Report(
            version="1.2.3", run="0123abcd", started_at="2026-11-22T10:00:00Z", elapsed_ms=1234,
            verdict=verdict_of_run(verdicts, tolerate_drift=tolerate),
            exit_status=exit_status(verdicts, tolerate_drift=tolerate), profile="oauth", observed_mode="oauth",
            depth=Depth.STANDARD, services=told, findings=findings, not_served=(), untried=(), notes=(), requests=len(findings),
        )  # fmt: skip
        return replace(whole, **facts)

    return make


@pytest.fixture(scope="session")
def mixed_report(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> Report:
    """Make a report with a finding of each verdict: an open door in two ways, and one of all else."""

    def answered(status: int, *headers: tuple[str, str], body: bytes = b"") -> Answered:
        return Answered.of(status=status, headers=headers, body=body, elapsed_ms=3)

    silence = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=15000)
    unsent = Unsent(reason=Reason.EFFECT, detail="an open door would act")
    migrate = {"surface": "migrate", "path": "/api/migrate", "method": "POST", "fix": "Set MIGRATION_SECRET."}
    kept = (("content-type", "application/json"), ("location", "/app"))
    return report_of(
        finding_of(Verdict.LOCKED, Reason.AS_PROMISED, "got 401, as expected", outcome=answered(401, body=b"no")),
        finding_of(outcome=answered(200, *kept, body=b'{"version": 7}'), **migrate),
        finding_of(credential="bogus-bearer", headers=(("Authorization", "Bearer x"),), outcome=answered(200), **migrate),
        finding_of(Verdict.DRIFT, Reason.BROKEN, "got 500, expected 401", path="/api/b", outcome=answered(500)),
        finding_of(
            Verdict.UNPROVEN, Reason.INTERMEDIARY, "answered 403 by a wall", path="/api/c", by="a wall", outcome=answered(403)
        ),
        finding_of(Verdict.UNREACHABLE, Reason.TIMEOUT, silence.detail, path="/api/d", outcome=silence),
        finding_of(Verdict.SKIPPED, Reason.EFFECT, unsent.detail, path="/api/e", method="POST", outcome=unsent),
        not_served=("login",), untried=("mcp",), notes=("a note",), observed_mode=None,
    )  # fmt: skip


# --- a browser --------------------------------------------------------------------------------------------------------

QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
# What stands behind a text is the nearest background that is not see-through; all of ours are opaque.
UNREADABLE = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const behind = node => { for (; node; node = node.parentElement) {
    const colour = parts(getComputedStyle(node).backgroundColor); if (colour.length < 4 || colour[3] > 0) return colour; }
    return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), poor = new Set(); let texts = 0;
  for (let text; text = walker.nextNode();) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility()) continue;
    texts++;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.add(node.outerHTML.slice(0, 120) + ' ' + ((a + .05) / (b + .05)).toFixed(2));
  }
  return {texts, poor: [...poor]};
}"""


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


@pytest.fixture(scope="session")
def unreadable() -> str:
    """Give what finds, in a page, texts that do not stand out from what is behind them."""
    return UNREADABLE
