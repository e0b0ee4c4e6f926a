"""A run against a deployment, in any mode and with any door, has no effect beyond those that are allowed."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.app.load import load_from
from prober.app.options import ProbeOptions, SendOptions
from prober.app.prepare import prepare
from prober.app.run import network_of, run_of
from prober.definitions.deployment import (
    DeploymentFile,
)
from prober.demo.doors import DOORS
from prober.demo.server import running
from prober.demo.state import Mode
from prober.model import Answer, Depth, ExitStatus, Limit, Source, Verdict
from prober.plan.body_keys import body_key_names

if TYPE_CHECKING:
    from prober.demo.door import Door
    from prober.demo.effects import Effects
    from prober.model import Report

# What docs/effects.md allows through an open door: the migration that runs at every cold start anyway, once; and the
# traces of an MCP session or of a failed sign-in.
ALLOWED_MIGRATIONS = 1


def probe(mode: str, *doors: Door, depth: Depth = Depth.STANDARD) -> tuple[Report, Effects]:
    """Probe all there is, with every key that is to be had; of a door that only depth deep finds, what it stands in."""
    source = Source(file="a test", line=1)
    refused = Answer(statuses=(range(429, 430),), source=source)
    limits = tuple(
        (route, Limit(most=most, seconds=3600.0, signal=refused), source) for d in doors for route, most in d.limits
    )
    deep = [door for door in doors if door.depth is Depth.DEEP]
    surfaces = deep[0].surfaces if deep else ("all", *(door.surfaces[0] for door in doors))  # some are in 'all' not
    with running(mode, doors=doors) as demo:
        options = ProbeOptions(
            profile=mode, base_url=demo.web_url, mcp_url=demo.mcp_url, surface=surfaces,
            depth=deep[0].depth if deep else depth,
        )  # fmt: skip
        held = {name: demo.held[name] for name in dict.fromkeys(name for door in doors for name in door.hold)}
        prepared = prepare(load_from(options, DeploymentFile(limits=limits), Path(), held=held))
        sending = SendOptions(deadline=60)
        run = run_of(sending, prepared, network_of(sending, prepared))
        asyncio.run(run.send_all())
        return run.report(), demo.effects


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("mode", list(Mode))
def test_a_healthy_deployment_is_locked_and_nothing_happens_to_it(mode: Mode, depth: Depth) -> None:
    report, effects = probe(mode, depth=depth)
    wrong = [(f.probe.id, f.detail) for f in report.findings if f.verdict not in {Verdict.LOCKED, Verdict.SKIPPED}]
    assert wrong == []
    assert report.exit_status is ExitStatus.LOCKED
    assert report.observed_mode == mode
    assert set(asdict(effects).values()) == {0}


@pytest.mark.parametrize("mode", [Mode.OAUTH, Mode.CREDENTIALS])
def test_a_healthy_deployment_is_locked_too_where_well_formed_bodies_are_allowed(mode: Mode) -> None:
    forms = ("signup", "pairing", "invites", "invite-links", "onboarding", "password-login", "login")
    with running(mode) as demo:
        options = ProbeOptions(
            profile=mode, base_url=demo.web_url, surface=forms, depth=Depth.DEEP, allow_effects=("*",),
            only=("*well-formed*", "*token-*", "signup: *comparison*"),
        )  # fmt: skip
        prepared = prepare(load_from(options, DeploymentFile(), Path(), held={"known-email": demo.held["known-email"]}))
        sending = SendOptions(deadline=60)
        run = run_of(sending, prepared, network_of(sending, prepared))
        asyncio.run(run.send_all())
        locked = {f.probe.id for f in run.report().findings if f.verdict is Verdict.LOCKED}
        assert run.report().exit_status is ExitStatus.LOCKED
        assert {f"signup: POST /api/auth/reset-password [{name}]" for name in body_key_names()} <= locked
        done = asdict(demo.effects)
    assert done.pop("mails") == 2  # of the comparison: this demo mails to any address
    assert set(done.values()) == {0}


# The lock of these is the handler's own look at a code, a token or a form. Where it takes even what cannot be one, the
# first probe already has the effect, and no request could find the door without: one, and never a second.
LOCK_IN_THE_HANDLER = frozenset({
    "pairing-any-code", "claim-without-voucher", "registration-open", "reset-any-token",
    "invite-sign-up-any-token",
})  # fmt: skip


def named(*, leave: bool, in_the_handler: bool = False) -> list[object]:
    chosen = [door for door in DOORS.values() if bool(door.allow_effects) == leave]
    return [pytest.param(d, id=d.name) for d in chosen if (d.name in LOCK_IN_THE_HANDLER) == in_the_handler]


@pytest.mark.parametrize("door", named(leave=False))
def test_an_open_door_is_found_and_not_walked_through(door: Door) -> None:
    report, effects = probe(door.modes[0], door)
    assert report.exit_status is (ExitStatus.NO_VERDICT if door.verdict is Verdict.UNPROVEN else ExitStatus.LEAK)
    done = asdict(effects)
    assert done.pop("migrations") <= ALLOWED_MIGRATIONS
    done.pop("sessions")  # the trace that an MCP server or a sign-in without a lock keeps
    assert set(done.values()) == {0}, done


@pytest.mark.parametrize("door", named(leave=False, in_the_handler=True))
def test_a_door_that_takes_what_cannot_be_is_tried_once(door: Door) -> None:
    report, effects = probe(door.modes[0], door)
    assert report.exit_status is ExitStatus.LEAK
    assert max(asdict(effects).values()) == 1


@pytest.mark.parametrize("door", named(leave=True))
def test_a_door_that_could_act_is_left_alone_without_leave(door: Door) -> None:
    report, effects = probe(door.modes[0], door)
    skipped = [finding for finding in report.findings if finding.verdict is Verdict.SKIPPED]
    assert door.caught_by in {finding.probe.id for finding in skipped}
    assert set(asdict(effects).values()) == {0}
