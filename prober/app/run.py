"""Makes a run from options: the network, the settings and the policy; and carries it out."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from prober.app.destinations import is_here
from prober.app.overrides import overrides_of_sending
from prober.app.secrets import SHORTEST_SECRET, read_headers
from prober.engine.run import Run
from prober.engine.settings import RunSettings
from prober.errors import UsageError
from prober.judge.conclude import Policy
from prober.judge.verdicts import judge as judge_by_the_table
from prober.model.origin import is_loopback
from prober.plan.globs import ids_matching
from prober.transport.network import (
    ANY_IPV4,
    ANY_IPV6,
    Network,
    TlsSettings,
    check_proxy,
    check_resolve,
    check_tls,
    trusted_by_environment,
)
from prober.transport.rate_limit import FEW_AT_ONCE, Clock, sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.app.options import SendOptions
    from prober.app.prepare import PreparedRun
    from prober.judge.conclude import Judge
    from prober.model import EarlierReport, Finding, Plan, Service

MANY_AT_ONCE = 32  # requests in flight, by default
REQUESTS_EACH = 4  # that a connection should have to send, to be worth its handshake
CLOCK = Clock(now=time.monotonic, wall=time.time, sleep=sleep)


def network_of(options: SendOptions, prepared: PreparedRun) -> Network:
    """Say how the services are reached; what is wrong with it is refused before anything is sent."""
    return network_to(options, prepared.services, cookies=prepared.plan.cookies)


def network_to(options: SendOptions, services: Mapping[str, Service], *, cookies: tuple[str, ...] = ()) -> Network:
    """Say how these services are reached; `cookies` are names that no header may carry past a wall."""
    if options.ipv4 and options.ipv6:
        raise UsageError("--ipv4 and --ipv6 exclude each other", fix="give one of them")
    files = TlsSettings(cacert=options.cacert, cert=options.cert, key=options.key, insecure=options.insecure)
    return Network(
        services=services,
        timeout=options.timeout,
        headers=read_headers(options.header, services, cookies, is_here=partial(is_here, sending=options)),
        tls=check_tls(files),
        proxy=None if options.proxy is None else check_proxy(options.proxy),
        resolve=check_resolve(options.resolve, services),
        send_from=ANY_IPV4 if options.ipv4 else ANY_IPV6 if options.ipv6 else None,
    )


def suitable_concurrency(plan: Plan) -> int:
    """Give how many requests are best in flight at once: as many as hide the way there, and no more.

    At 50 ms a run of 120 requests takes the least time with 24 to 40. On this machine there is no way to hide, and what
    answers shares its processors with us.
    """
    if all(is_loopback(service.host) for service in plan.services):
        return FEW_AT_ONCE
    return min(max(plan.requests // REQUESTS_EACH, FEW_AT_ONCE), MANY_AT_ONCE)


def secrets_of(prepared: PreparedRun, network: Network) -> tuple[str, ...]:
    """Name the values that no report may repeat."""
    return (*prepared.secrets, *(value for _, value in network.headers if len(value) >= SHORTEST_SECRET))


def _trusted(network: Network) -> list[str]:
    uses_tls = any(service.scheme == "https" for service in network.services.values())
    return trusted_by_environment(network.tls) if uses_tls else []


def run_of(
    options: SendOptions, prepared: PreparedRun, network: Network, *, baseline: EarlierReport | None = None,
    fail_on_new: bool = False, not_before: str | None = None, judge: Judge = judge_by_the_table,
    on_finding: Callable[[Finding], None] | None = None,
) -> Run:  # fmt: skip
    """Make the run; nothing is sent yet. `not_before` is when an earlier run ended, as a time stamp."""
    if options.require_coverage and prepared.source is None:
        raise UsageError("--require-coverage needs a source to look at", fix="give --source DIR too")
    settings = RunSettings(
        run=prepared.run, started_at=prepared.started_at, deadline=options.deadline, wait=options.wait,
        attempts=options.attempts, rate=options.rate,
        concurrency=options.concurrency or suitable_concurrency(prepared.plan),
        release=options.release, release_source=prepared.release,
        overrides=(*prepared.overrides, *overrides_of_sending(options)),
    )  # fmt: skip
    policy = Policy(
        started_at=prepared.started_at,
        not_before=not_before,
        profiles=prepared.profiles,
        required=ids_matching(prepared.require, prepared.plan),
        tolerate_drift=options.tolerate == "drift",
        insecure=network.tls.insecure,
        baseline=baseline,
        fail_on_new=fail_on_new,
        source=prepared.source,
        require_coverage=options.require_coverage,
        notes=(*prepared.notes, *_trusted(network)),
        inventory=prepared.inventory,
        release=options.release,
        release_source=prepared.release,
    )
    return Run(prepared.plan, network, settings, policy, clock=CLOCK, judge=judge, on_finding=on_finding)
