"""How a run is conducted, from the options that `run` and `watch` share: the way there, the terms, the clocks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prober.app.secrets import SHORTEST_SECRET, read_headers
from prober.engine.run import Run
from prober.engine.settings import RunSettings
from prober.errors import UsageError
from prober.judge.conclude import Policy
from prober.plan.globs import ids_matching
from prober.transport.network import ANY_IPV4, ANY_IPV6, Network, TlsSettings, check_proxy, check_resolve, check_tls
from prober.transport.rate_limit import Clock, sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.app.load import Chosen
    from prober.model import EarlierReport, Finding

CLOCK = Clock(now=time.monotonic, wall=time.time, sleep=sleep)


def network_of(options: Mapping[str, object], chosen: Chosen) -> Network:
    """Make the way to the services; what is wrong with it is said before anything is sent."""
    if options["ipv4"] and options["ipv6"]:
        raise UsageError("--ipv4 and --ipv6 leave no way", fix="give one of them")
    files = {name: None if options[name] is None else str(options[name]) for name in ("cacert", "cert", "key")}
    return Network(
        services=chosen.services,
        timeout=float(str(options["timeout"])),
        headers=read_headers(words(options["header"]), chosen.services),
        tls=check_tls(TlsSettings(**files, insecure=bool(options["insecure"]))),
        proxy=None if options["proxy"] is None else check_proxy(str(options["proxy"])),
        resolve=check_resolve(words(options["resolve"]), chosen.services),
        send_from=ANY_IPV4 if options["ipv4"] else ANY_IPV6 if options["ipv6"] else None,
    )


def secrets_of(chosen: Chosen, network: Network) -> tuple[str, ...]:
    """Name the values that no report may repeat."""
    return (*chosen.secrets, *(value for _, value in network.headers if len(value) >= SHORTEST_SECRET))


def run_of(
    options: Mapping[str, object], chosen: Chosen, network: Network, *, baseline: EarlierReport | None = None,
    fail_on_new: bool = False, tell: Callable[[Finding], None] | None = None,
) -> Run:  # fmt: skip
    """Make the run; nothing is sent yet."""
    settings = RunSettings(
        run=chosen.run,
        started_at=chosen.started_at,
        deadline=float(str(options["deadline"])),
        wait=float(str(options["wait"])),
        attempts=int(str(options["attempts"])),
        concurrency=int(str(options["concurrency"])),
        rate=None if options["rate"] is None else float(str(options["rate"])),
    )
    policy = Policy(
        started_at=chosen.started_at,
        profiles=chosen.profiles,
        required=ids_matching(chosen.require, chosen.plan),
        tolerate_drift=options["tolerate"] == "drift",
        insecure=network.tls.insecure,
        baseline=baseline,
        fail_on_new=fail_on_new,
        source=chosen.source,
        require_coverage=require_coverage(options, chosen),
        release=None if options["release"] is None else str(options["release"]),
        release_source=chosen.release,
    )
    return Run(chosen.plan, network, settings, policy, clock=CLOCK, on_finding=tell)


def require_coverage(options: Mapping[str, object], chosen: Chosen) -> bool:
    """Say whether each route of the source must have a probe."""
    if options["require_coverage"] and chosen.source is None:
        raise UsageError("--require-coverage has no source to look at", fix="give --source DIR too")
    return bool(options["require_coverage"])


def words(value: object) -> tuple[str, ...]:
    """Give what an option that may be given many times was given."""
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
