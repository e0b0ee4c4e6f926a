"""The cases of the selftest: every mode in health, every door, every wall and dead stack, and the prober's own page."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.load import load_from
from prober.app.options import ProbeOptions, SendOptions
from prober.app.prepare import prepare
from prober.app.selftest_places import place_cases
from prober.definitions.deployment import (
    DeploymentFile,
)
from prober.model import Answer, Answered, Depth, ExitStatus, Limit, Reason, ReleaseSource, Source, Verdict
from prober.plan.globs import matches
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prober.demo.door import Door
    from prober.demo.stack import Stack
    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Probe, Report

    Judge = Callable[[Probe, Outcome, Controls], Finding]

HELD_NAMES = ("session-secret", "member-session", "machine-key", "mcp-token", "mcp-token-2", "witness", "known-email")
_PATIENCE = 2.0  # seconds for one answer: a demo on this machine needs milliseconds, a black hole all of it
_DEADLINE = 60.0
_IN_MODE = " in "  # between the name of a door and the mode of its deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that the prober must see."""

    section: str
    name: str
    about: str
    depth: Depth = Depth.STANDARD
    missed: Callable[[], str | None]  # runs it, and says why it was missed: None when it was caught


def case_names() -> tuple[str, ...]:
    """Name the cases, and run none."""
    from prober.judge.verdicts import judge  # noqa: PLC0415

    return tuple(case.name for case in cases_of(judge))


def cases_of(judge: Judge) -> Iterator[Case]:
    """Give every case, to be judged by this judge."""
    from prober.demo.doors import DOORS  # noqa: PLC0415 - the demo's own libraries are an extra
    from prober.demo.stacks import STACKS  # noqa: PLC0415
    from prober.demo.state import Mode  # noqa: PLC0415

    for mode in Mode:
        for depth in Depth:
            yield Case(
                section="a healthy deployment, in each mode",
                name=f"{mode} {depth}",
                about="nothing is wrong with it, and no finding may be reported",
                depth=depth,
                missed=partial(_not_locked, mode, depth, judge),
            )
    for door in DOORS.values():
        for mode in door.modes:
            yield Case(
                section="doors",
                name=f"{door.name}{_IN_MODE}{mode}",
                about=door.about,
                depth=door.depth,
                missed=partial(_not_caught, door, mode, judge),
            )
    yield Case(
        section="the report",
        name="held-secret-told-backwards",
        about="A deployment repeats a held secret backwards, and no report may show it.",
        missed=partial(_not_kept, judge),
    )
    yield Case(
        section="ports",
        name="port-past-the-proxy",
        about="A port that is declared closed takes connections.",
        missed=partial(_not_shut, judge),
    )
    for place in place_cases(judge):
        yield Case(section="places", name=place.name, about=place.about, depth=place.depth, missed=place.missed)
    if find_spec("prometheus_client") is not None:  # without that extra there is no page, and no lock
        from prober.app.selftest_page import page_cases  # noqa: PLC0415 - an extra

        for name, about, missed in page_cases():
            yield Case(section="the page of the canary", name=name, about=about, missed=missed)
    for stack in STACKS.values():
        yield Case(
            section="walls and dead stacks",
            name=stack.name,
            about=stack.about,
            depth=stack.depth,
            missed=partial(_not_told, stack, judge),
        )


def _not_locked(mode: str, depth: Depth, judge: Judge) -> str | None:
    report = _probe(judge, mode, depth=depth, hold=HELD_NAMES if depth is not Depth.QUICK else ())
    bad = [f for f in report.findings if f.verdict not in {Verdict.LOCKED, Verdict.SKIPPED}]
    if bad:
        return f"{bad[0].verdict} ({bad[0].reason}) at {bad[0].probe.id}: {bad[0].detail}"
    return None if report.exit_status is ExitStatus.LOCKED else f"exit {report.exit_status:d}"


def _not_caught(door: Door, mode: str, judge: Judge) -> str | None:
    report = _probe(
        judge, mode, doors=(door,), surface=door.surfaces, depth=door.depth, allow=door.allow_effects, hold=door.hold,
        limits=door.limits,
    )  # fmt: skip
    found = next((f for f in report.findings if f.probe.id == door.caught_by), None)
    if found is None:
        return f"no probe {door.caught_by}"
    if (found.verdict, found.reason) != (door.verdict, door.reason):
        return f"{door.caught_by} is {found.verdict} ({found.reason}): {found.detail}"
    wanted = ExitStatus.NO_VERDICT if door.verdict is Verdict.UNPROVEN else ExitStatus.LEAK
    return None if report.exit_status is wanted else f"exit {report.exit_status:d}"


def _not_kept(judge: Judge) -> str | None:
    from prober.demo.doors_second_front import TOLD_BACKWARDS as DOOR  # noqa: PLC0415 - the demo's own libraries

    report = _probe(judge, "oauth", doors=(DOOR,), surface=DOOR.surfaces, hold=DOOR.hold)
    found = next((f for f in report.findings if f.probe.id == DOOR.caught_by), None)
    secret = found.probe.credential.secret if found is not None else None
    if found is None or not secret or not isinstance(found.outcome, Answered):
        return f"no answer to {DOOR.caught_by}"
    if secret[::-1] not in found.outcome.text:
        return "the demo did not repeat it"
    return "the report shows it" if secret[::-1] in json.dumps(record(report, secrets=(secret,))) else None


def _not_shut(judge: Judge) -> str | None:
    report = _probe(judge, "oauth", surface=("health",), closed=("mcp",))
    found = next((f for f in report.findings if f.probe.request.method == "CONNECT"), None)
    if found is None:
        return "no probe of the port"
    return None if found.reason is Reason.PORT_OPEN and report.exit_status is ExitStatus.LEAK else found.detail


def _not_told(stack: Stack, judge: Judge) -> str | None:
    report = _probe(judge, stack.mode, stack=stack, surface=stack.surfaces, depth=stack.depth)
    if report.exit_status is not stack.exit_status:
        worst = next((f for f in report.findings if f.verdict is report.verdict), None)
        return f"exit {report.exit_status:d}, and {stack.exit_status:d} is right" + (
            f" ({worst.detail})" if worst else ""
        )
    reasons = {finding.reason for finding in report.findings}
    return None if stack.reason is None or stack.reason in reasons else f"reasons {', '.join(sorted(reasons))}"


def _probe(
    judge: Judge, mode: str, *, depth: Depth = Depth.STANDARD, doors: Iterable[Door] = (), stack: Stack | None = None,
    surface: tuple[str, ...] = (), allow: tuple[str, ...] = (), hold: Iterable[str] = (),
    limits: Iterable[tuple[str, int]] = (), closed: Iterable[str] = (),
) -> Report:  # fmt: skip
    """Run a demo deployment and probe it."""
    from prober.app.run import network_of, run_of  # noqa: PLC0415 - httpx and asyncio cost 150 ms
    from prober.demo.server import running  # noqa: PLC0415

    source = Source(file="the selftest", line=0)
    with running(mode, doors=doors, stack=stack) as demo:
        urls = {"web": demo.web_url, "mcp": demo.mcp_url}
        ports = tuple((int(urls.pop(name).rpartition(":")[2]), source) for name in closed)
        options = ProbeOptions(
            profile=mode, base_url=urls.get("web"), mcp_url=urls.get("mcp"), surface=surface, depth=depth,
            allow_effects=allow,
        )  # fmt: skip
        # Whatever prober.yaml stands in this folder, and whatever is in the environment.
        refusal = Answer(statuses=(range(429, 430),), source=source)
        declared = tuple((route, Limit(most=most, seconds=3600.0, signal=refusal), source) for route, most in limits)
        held = {name: demo.held[name] for name in hold}
        named = stack.release if stack is not None else None
        source_of_release = ReleaseSource(path=("version",), service="web") if named else None
        behind = (("web", stack.behind),) if stack is not None and stack.behind else ()
        file = DeploymentFile(limits=declared, closed_ports=ports, behind=behind, release=source_of_release)
        prepared = prepare(load_from(options, file, Path(), held=held))
        sending = SendOptions(release=named, deadline=_DEADLINE, attempts=2, timeout=_PATIENCE)
        run = run_of(sending, prepared, network_of(sending, prepared), judge=judge)
        asyncio.run(run.send_all())
        return run.report()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """A case that was tried, and why it was missed (None: it was caught)."""

    case: Case
    missed: str | None


def try_cases(judge: Judge, *, depth: Depth, only: tuple[str, ...] = ()) -> Iterator[CaseResult]:
    """Try every case up to this depth, one after the other, with this judge; a door's name means it in every mode."""
    order = tuple(Depth)
    for case in cases_of(judge):
        names = (case.name, case.name.partition(_IN_MODE)[0])
        if order.index(case.depth) > order.index(depth) or (only and not any(matches(g, names) for g in only)):
            continue
        yield CaseResult(case=case, missed=case.missed())
