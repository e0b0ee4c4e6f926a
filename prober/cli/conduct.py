"""How a run is conducted, from the options that `run` and `watch` share: the way there, the terms, the clocks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prober.cli.held import SHORTEST_SECRET, read_headers
from prober.errors import UsageError
from prober.run import Run, Terms
from prober.send.pace import World, sleep
from prober.send.wire import ANY_IPV4, ANY_IPV6, Tls, Wire, check_proxy, check_resolve, check_tls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.cli.choose import Chosen
    from prober.model import Earlier, Finding

WORLD = World(now=time.monotonic, wall=time.time, sleep=sleep)


def wire_of(options: Mapping[str, object], chosen: Chosen) -> Wire:
    """Make the way to the services; what is wrong with it is said before anything is sent."""
    if options["ipv4"] and options["ipv6"]:
        raise UsageError("--ipv4 and --ipv6 leave no way", fix="give one of them")
    files = {name: None if options[name] is None else str(options[name]) for name in ("cacert", "cert", "key")}
    return Wire(
        services=chosen.services,
        timeout=float(str(options["timeout"])),
        headers=read_headers(words(options["header"]), chosen.services),
        tls=check_tls(Tls(**files, insecure=bool(options["insecure"]))),
        proxy=None if options["proxy"] is None else check_proxy(str(options["proxy"])),
        resolve=check_resolve(words(options["resolve"]), chosen.services),
        send_from=ANY_IPV4 if options["ipv4"] else ANY_IPV6 if options["ipv6"] else None,
    )


def secrets_of(chosen: Chosen, wire: Wire) -> tuple[str, ...]:
    """Name the values that no report may repeat."""
    return (*chosen.secrets, *(value for _, value in wire.headers if len(value) >= SHORTEST_SECRET))


def run_of(
    options: Mapping[str, object], chosen: Chosen, wire: Wire, *, baseline: Earlier | None = None,
    fail_on_new: bool = False, tell: Callable[[Finding], None] | None = None,
) -> Run:  # fmt: skip
    """Make the run; nothing is sent yet."""
    terms = Terms(
        run=chosen.run,
        started_at=chosen.started_at,
        deadline=float(str(options["deadline"])),
        wait=float(str(options["wait"])),
        attempts=int(str(options["attempts"])),
        concurrency=int(str(options["concurrency"])),
        rate=None if options["rate"] is None else float(str(options["rate"])),
        tolerate_drift=options["tolerate"] == "drift",
        require=chosen.require,
        insecure=wire.tls.insecure,
        baseline=baseline,
        fail_on_new=fail_on_new,
        source=chosen.source,
        require_coverage=require_coverage(options, chosen),
        release=None if options["release"] is None else str(options["release"]),
        release_source=chosen.release,
    )
    return Run(chosen.plan, wire, terms, world=WORLD, profiles=chosen.profiles, tell=tell)


def require_coverage(options: Mapping[str, object], chosen: Chosen) -> bool:
    """Say whether each route of the source must have a probe."""
    if options["require_coverage"] and chosen.source is None:
        raise UsageError("--require-coverage has no source to look at", fix="give --source DIR too")
    return bool(options["require_coverage"])


def words(value: object) -> tuple[str, ...]:
    """Give what an option that may be given many times was given."""
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
