"""The fixtures of `pytest --lockdown`: what is probed, how, and what came of it. The deployment is probed once.

A conftest.py beside the prober.yaml may replace `lockdown_services` and `lockdown_sending`.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

import prober
from prober.pytest_plugin import deployment_file
from prober.pytest_plugin.collect import routes_of, selected_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Cases = tuple[prober.Case, ...]


@pytest.fixture(scope="session")
def lockdown_services() -> Mapping[str, str]:
    """Give URLs of services by name, in place of those in prober.yaml: a fixture of yours may start them."""
    return {}


@pytest.fixture(scope="session")
def lockdown_sending() -> prober.SendOptions:
    """Say how the requests are sent: the deadline, the rate, the time to wait for the deployment."""
    return prober.SendOptions()


@pytest.fixture(scope="session")
def lockdown_cases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    lockdown_services: Mapping[str, str],
    lockdown_sending: prober.SendOptions,
) -> Mapping[str, prober.Case]:
    """Probe the deployment, once for all workers of pytest-xdist, and give what came of it by the name of the route."""

    def probe() -> Cases:
        return _probe(request.session, lockdown_services, lockdown_sending)

    try:
        if hasattr(request.config, "workerinput"):
            cases = _once(tmp_path_factory.getbasetemp().parent / "lockdown.json", probe)
        else:
            cases = probe()
    except prober.ProberError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    return {case.name: case for case in cases}


def _probe(session: pytest.Session, services: Mapping[str, str], sending: prober.SendOptions) -> Cases:
    """Send the probes of the routes whose tests were selected; of all, if only the run's own was."""
    file = deployment_file(session.config)
    loaded = prober.load(file, services=services)
    selected = selected_routes(session)
    if selected and set(selected) != set(routes_of(loaded)):
        loaded = prober.load(file, services=services, only=selected)
    return prober.cases(prober.run(loaded, sending), loaded, sending)


def _once(file: Path, probe: Callable[[], Cases]) -> Cases:
    """Give what the first worker found, which the others wait for; where that one died, the next one probes."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            whole = file.with_suffix(".part")
            whole.write_text(json.dumps([asdict(case) for case in probe()]), encoding="utf-8")
            whole.replace(file)
    return tuple(map(_read, json.loads(file.read_text(encoding="utf-8"))))


def _read(entry: Mapping[str, str]) -> prober.Case:
    return prober.Case(
        name=entry["name"], surface=entry["surface"], outcome=prober.CaseOutcome(entry["outcome"]),
        reason=entry["reason"], message=entry["message"], text=entry["text"], file=entry["file"],
        elapsed_ms=int(entry["elapsed_ms"]),
    )  # fmt: skip
