"""The public API: load a deployment, plan a run of it, run it, read it as test cases. `import prober` has all of it.

What is wrong with the definitions or the options is raised before anything is sent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.app import load as loading
from prober.app.addresses import with_every_address
from prober.app.destinations import check_sources_below
from prober.app.options import ProbeOptions, SendOptions
from prober.app.prepare import prepare
from prober.app.run import network_of, run_of, secrets_of
from prober.app.secrets import check_held, read_held, without_given
from prober.errors import RefusedError, UsageError
from prober.report.cases import cases_of
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from prober.app.load import LoadedDeployment
    from prober.model import Depth, Finding, Plan, Report
    from prober.report.cases import Case


def load(
    path: str | Path | None = None, *, profile: str | None = None, services: Mapping[str, str] | None = None,
    surfaces: Iterable[str] = (), only: Iterable[str] = (), skip: Iterable[str] = (), depth: Depth | str | None = None,
    allow_effects: Iterable[str] = (), hold: Mapping[str, str] | None = None, hold_for: Iterable[str] = (),
    require: Iterable[str] = (), waivers: str | Path | None = None, budget: int | None = None,
    samples: int = 1,
) -> LoadedDeployment:  # fmt: skip
    """Load a deployment: a prober.yaml, and what is given here in its place.

    `path` is a prober.yaml (None: the one of the current folder, if there is one); `services` are URLs by name; `hold`
    are secrets by name, the values themselves, which go to the services given here and to the origins in `hold_for`;
    the rest is what the options of `prober run` of the same name are.
    Raises DefinitionError for a wrong definition and UsageError for everything else that is wrong.
    """
    options = ProbeOptions(
        deployment=None if path is None else str(path),
        profile=profile,
        service=tuple(f"{name}={url}" for name, url in (services or {}).items()),
        surface=tuple(surfaces),
        only=tuple(only),
        skip=tuple(skip),
        depth=depth,
        allow_effects=tuple(allow_effects),
        budget=budget,
        samples=samples,
        require=tuple(require),
        hold_for=tuple(hold_for),
        waivers=None if waivers is None else str(waivers),
    )
    file, folder = loading.load_deployment(options.deployment)
    given = dict(hold or {})
    check_sources_below(without_given(file.hold, tuple(f"{name}=" for name in given)), folder)
    held = read_held(without_given(file.hold, tuple(f"{name}=" for name in given)))
    return loading.load_from(options, file, folder, held=check_held({**held, **given}))


def make_plan(loaded: LoadedDeployment) -> Plan:
    """Plan a run, and send nothing; `prober.plan` is the package that plans."""
    return prepare(loaded).plan


def run(
    loaded: LoadedDeployment, sending: SendOptions | None = None, *, on_finding: Callable[[Finding], None] | None = None
) -> Report:
    """Probe the deployment and give the report; `exit_status` of it is what `prober run` exits with.

    `on_finding` gets each finding as it seems while the run goes on. Raises RefusedError where the deployment is a leak
    before the first request (a mode that lets everybody in, outside this machine), and RuntimeError in a running event
    loop: there, await `run_async`.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        reports: list[Report] = []

        async def keep() -> None:
            reports.append(await run_async(loaded, sending, on_finding=on_finding))

        asyncio.run(keep())  # what a task gives, Python 3.11 spells out when the loop ends: a report has megabytes
        return reports[0]
    raise RuntimeError("prober.run() cannot be called in a running event loop: await prober.run_async() there")


async def run_async(
    loaded: LoadedDeployment, sending: SendOptions | None = None, *, on_finding: Callable[[Finding], None] | None = None
) -> Report:
    """Probe the deployment and give the report, within an event loop of the caller's."""
    sending = sending or SendOptions()
    prepared = prepare(await asyncio.to_thread(with_every_address, loaded, sending), sending)
    if prepared.refusal is not None:
        raise RefusedError(prepared.refusal, fix="correct the environment, or name the profile that is meant")
    if sending.tolerate not in {None, "drift"}:
        raise UsageError(f"tolerate is '{sending.tolerate}'", fix="use 'drift' or None")
    started = run_of(sending, prepared, network_of(sending, prepared), on_finding=on_finding)
    await started.send_all()
    return started.report()


def cases(report: Report, loaded: LoadedDeployment, sending: SendOptions | None = None) -> tuple[Case, ...]:
    """Give a report as test cases: the run's own, then one for each route, the worst first.

    `loaded` and `sending` are what the run was made from: the secrets in them are redacted in every text.
    """
    sending = sending or SendOptions()
    prepared = prepare(loaded, sending)
    return cases_of(record(report, secrets=secrets_of(prepared, network_of(sending, prepared))))
