"""Cases of the self-test that one deployment at one address does not have: further addresses, replicas, ids."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.load import load_from
from prober.app.options import ProbeOptions, SendOptions
from prober.app.prepare import prepare
from prober.definitions.deployment import DeploymentFile
from prober.model import Depth, ExitStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prober.app.load import LoadedDeployment
    from prober.demo.door import Door
    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Probe, Report, Service

    Judge = Callable[[Probe, Outcome, Controls], Finding]
    Change = Callable[[LoadedDeployment], LoadedDeployment]

FIRST = "127.0.0.1"
FURTHER = ("127.0.0.2", "::1")  # those of them that this machine has
SAMPLES = 20
_SENDING = SendOptions(deadline=60.0, attempts=2, timeout=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCase:
    """What is wrong, and what tries it and says why it was missed."""

    name: str
    about: str
    depth: Depth
    missed: Callable[[], str | None]


def place_cases(judge: Judge) -> Iterator[PlaceCase]:
    """Give each case that can be tried on this machine."""
    from prober.demo.doors_places import ELSEWHERE, IDS, REPLICA  # noqa: PLC0415 - the demo's own libraries are an extra

    for host in filter(_is_here, FURTHER):
        name = f"{ELSEWHERE.name} ({'IPv6' if ':' in host else 'IPv4'})"
        yield PlaceCase(
            name=name, about=ELSEWHERE.about, depth=ELSEWHERE.depth, missed=partial(_at, host, ELSEWHERE, judge)
        )
    yield PlaceCase(
        name=REPLICA.name, about=REPLICA.about, depth=REPLICA.depth,
        missed=partial(_missed, REPLICA, judge, samples=SAMPLES),
    )  # fmt: skip
    for door in IDS:
        yield PlaceCase(name=door.name, about=door.about, depth=door.depth, missed=partial(_missed, door, judge))


def _is_here(host: str) -> bool:
    """Say whether something can listen at an address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((host, 0))
    except OSError:
        return False
    return True


def _missed(door: Door, judge: Judge, *, samples: int = 1) -> str | None:
    from prober.demo.server import running  # noqa: PLC0415

    with running("oauth", doors=(door,)) as demo:
        return _why(_run(demo.web_url, door, judge, samples=samples), door, service="web")


def _at(host: str, door: Door, judge: Judge) -> str | None:
    """Run a locked machine at the first address and an open one at another, at one port, as a name that has both."""
    from prober.demo.server import running  # noqa: PLC0415

    def with_both(loaded: LoadedDeployment) -> LoadedDeployment:
        web: Service = loaded.services["web"]
        further = replace(web, name="web-2", also=web.kind, address=host)
        return replace(
            loaded, services={**loaded.services, "web": replace(web, address=FIRST), further.name: further}
        )  # fmt: skip

    with running("oauth") as locked:
        port = int(locked.web_url.rpartition(":")[2])
        with running("oauth", doors=(door,), host=host, web_port=port):
            return _why(_run(locked.web_url, door, judge, change=with_both), door, service="web-2")


def _run(
    url: str, door: Door, judge: Judge, *, samples: int = 1, change: Change = lambda loaded: loaded
) -> Report:  # fmt: skip
    from prober.app.run import network_of, run_of  # noqa: PLC0415 - httpx and asyncio cost 150 ms

    options = ProbeOptions(
        profile="oauth", base_url=url, surface=door.surfaces, depth=door.depth, samples=samples
    )  # fmt: skip
    prepared = prepare(change(load_from(options, DeploymentFile(), Path(), held={})))
    run = run_of(_SENDING, prepared, network_of(_SENDING, prepared), judge=judge)
    asyncio.run(run.send_all())
    return run.report()


def _why(report: Report, door: Door, *, service: str) -> str | None:
    """Say why it was missed: no leak of this door's probe at this service; None where there is one."""
    own = door.caught_by.partition(" [")[0]
    route = own if service == "web" else f"{own} @{service}"
    procedure = door.caught_by.partition(" [")[2].rstrip("]")
    for finding in report.findings:
        of_route = finding.probe.route.name == route and finding.probe.request.service == service
        named = finding.probe.procedure or finding.probe.credential.name
        if of_route and named == procedure and finding.verdict is Verdict.LEAK:
            return None if report.exit_status is ExitStatus.LEAK else f"exit {report.exit_status:d}"
    verdicts = {f"{f.probe.id} is {f.verdict} ({f.reason})" for f in report.findings if f.probe.route.name == route}
    return f"no leak at {service}: {'; '.join(sorted(verdicts)[:3]) or 'no probe'}"
