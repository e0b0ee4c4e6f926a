"""Pairs routes with credentials and promises: deployment x surfaces x profile -> Plan. Pure; every gap is an error."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from prober.errors import UsageError, did_you_mean
from prober.model import Control, Depth, Kind, Plan, Skip
from prober.plan.credential_values import CredentialValues
from prober.plan.globs import check_globs, matches, names_of_probe, names_of_route
from prober.plan.guards import check_guards
from prober.plan.held_secrets import KNOWN_EMAIL, check_held_apart, secrets_in
from prober.plan.not_found_controls import nonexistent_path, not_found_controls
from prober.plan.plain_probes import PlainProbes
from prober.plan.ports import port_probes
from prober.plan.probes import ProbeBuilder
from prober.plan.request_mutations import MutationContext
from prober.plan.required import is_required
from prober.plan.selection import (
    chosen_routes,
    few_of_each_guard,
    first_of_each_guard,
    guard_representatives,
    kind_of_guard,
    lock_of,
    signed_representatives,
)
from prober.plan.shares import shares_of
from prober.plan.variants import often_seen
from prober.plan.waivers import waiver_scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.model import Deployment, Probe, Procedure, Profile, Route, Service
    from prober.plan.options import PlanOptions


def make_plan(
    deployment: Deployment, profile: Profile, options: PlanOptions, *, procedures: Iterable[Procedure] = ()
) -> Plan:
    """Plan every request of a run before the first one is sent; a procedure plans its own."""
    routes = _routes_of(deployment)
    check_guards(routes, profile)
    everything = _everything(deployment, profile, options, routes, tuple(procedures))
    _check_options(options, everything, routes)
    plan = _chosen_of(everything, deployment, profile, options, routes)
    if not plan.probes:
        raise UsageError("no probe is left to send", fix="choose more surfaces, or fewer --skip")
    if options.budget is not None and plan.requests > options.budget:
        what = f"the plan needs {plan.requests} requests, but --budget is {options.budget}"
        raise UsageError(what, fix="raise --budget, name fewer surfaces, or use --depth quick")
    return plan


def _routes_of(deployment: Deployment) -> list[Route]:
    """Give each route at every address of its service; at a further address only a few of each guard."""
    few = few_of_each_guard(route for surface in deployment.surfaces for route in surface.routes)
    return [
        route if service.also is None else replace(route, service=service.name, origin=service.name)
        for surface in deployment.surfaces
        for route in surface.routes
        for service in deployment.services
        if route.service == service.kind and (not service.is_further_address or route in few)
    ]


def _everything(
    deployment: Deployment, profile: Profile, options: PlanOptions, routes: list[Route],
    procedures: tuple[Procedure, ...],
) -> list[Probe | Skip]:  # fmt: skip
    """Pair each route with all that it is asked at this depth, before options narrow it."""
    values = CredentialValues(
        nonce=options.run, cookies=deployment.cookies, key_headers=deployment.key_headers, signed_at=options.signed_at,
        cookies_named=deployment.cookies_named,
    )  # fmt: skip
    chosen = chosen_routes(routes, options.depth, partial(lock_of, profile=profile))
    representatives = guard_representatives(routes)
    is_shared = options.depth is Depth.STANDARD
    shares = shares_of(routes, chosen, representatives, partial(kind_of_guard, profile=profile)) if is_shared else {}
    builders = {
        service.name: ProbeBuilder(
            plain=PlainProbes(
                profile=profile,
                context=_context(service, routes, profile, options),
                made=values,
                options=replace(options, depth=Depth.QUICK) if service.is_further_address else options,
            ),
            procedures=procedures,
            few=few_of_each_guard(routes),
            representatives=representatives,
            first=first_of_each_guard(routes),
            signed_representatives=signed_representatives(routes),
            often_seen=often_seen(len(representatives)),
            shares=shares,
        )
        for service in deployment.services
    }
    of_routes = (builders[route.service].probes_of(route, chosen=route in chosen) for route in routes)
    return [*(skip or probe for planned in of_routes for probe, skip in planned), *port_probes(deployment, values)]


def _check_options(options: PlanOptions, everything: list[Probe | Skip], routes: list[Route]) -> None:
    """Refuse an option that names nothing of this plan."""
    check_globs(options.only, map(_probe_of, everything), option="--only")
    check_globs(options.skip, map(_probe_of, everything), option="--skip")
    _check_effects(options.allow_effects, routes)
    _check_held(options.held, routes)
    check_held_apart(options.held, routes)


def _chosen_of(
    everything: list[Probe | Skip], deployment: Deployment, profile: Profile, options: PlanOptions, routes: list[Route]
) -> Plan:
    """Give the plan of what the options leave, with the controls that it needs."""
    scopes = waiver_scopes(options.waivers, *_sent_and_skipped(everything)) if options.waivers else ()
    narrowed = options.only or options.skip or options.surfaces
    selected = [entry for entry in everything if _is_wanted(_probe_of(entry), options)] if narrowed else everything
    sent, skips = _sent_and_skipped(selected)
    used = {_probe_of(entry).route.service for entry in selected}
    used_services = [service for service in deployment.services if service.name in used]
    return Plan(
        profile=profile,
        depth=options.depth,
        services=tuple(used_services),
        probes=sent,
        skips=skips,
        not_found_controls=tuple(
            not_found_controls(used_services, sent, routes, run=options.run, headers=options.common_headers)
        ),
        declared=_in_this_run(deployment.declared, options, selected),
        untried=deployment.untried,
        cookies=deployment.cookies,
        blanket_is_application=deployment.blanket_is_application,
        blanket_paths=deployment.blanket_paths,
        secrets=secrets_in(options.held, profile),
        waivers=scopes,
    )


def _probe_of(entry: Probe | Skip) -> Probe:
    return entry.probe if isinstance(entry, Skip) else entry


def _sent_and_skipped(entries: Sequence[Probe | Skip]) -> tuple[tuple[Probe, ...], tuple[Skip, ...]]:
    sent = tuple(entry for entry in entries if not isinstance(entry, Skip))
    return sent, tuple(entry for entry in entries if isinstance(entry, Skip))


def _in_this_run(declared: frozenset[str], options: PlanOptions, selected: Iterable[Probe | Skip]) -> frozenset[str]:
    """Name the declared surfaces that a narrowed run looks at."""
    return declared & {_probe_of(entry).route.surface for entry in selected} if options.surfaces else declared


def _is_wanted(probe: Probe, options: PlanOptions) -> bool:
    if is_required(probe, options):
        return True
    if options.surfaces and probe.route.surface not in options.surfaces:
        return False
    if not options.only and not options.skip:
        return True
    names = names_of_probe(probe)
    wanted = not options.only or any(matches(glob, names) for glob in options.only)
    return wanted and not any(matches(glob, names) for glob in options.skip)


def _check_effects(globs: Iterable[str], routes: Iterable[Route]) -> None:
    acting = [names_of_route(route) for route in routes if route.has_acting_probes]
    for glob in globs:
        if glob != "*" and not any(matches(glob, names) for names in acting):
            what = f"--allow-effects '{glob}' matches no route that needs permission"
            raise UsageError(what, fix="see 'prober plan' for what is skipped")


def _check_held(held: Iterable[str], routes: Iterable[Route]) -> None:
    """Refuse a held secret that no chosen route uses: a typo in its name would leave a route unprobed."""
    wanted = {name for route in routes for name in (*route.refuse, *route.admits, *route.session_bound)}
    wanted |= {KNOWN_EMAIL for route in routes if route.indistinguishable is not None}
    for name in held:
        if name not in wanted:
            otherwise = f"the chosen surfaces use: {', '.join(sorted(wanted)) or 'none'}"
            raise UsageError(f"no route uses --hold '{name}'", fix=did_you_mean(name, wanted, otherwise=otherwise))


def _context(service: Service, routes: Iterable[Route], profile: Profile, options: PlanOptions) -> MutationContext:
    """Give the inputs of variants; the public path is the health route, or robots.txt without one."""
    own_routes = [route for route in routes if route.service == service.name]
    alive = (route.path for route in own_routes if route.control is Control.ALIVE)
    return MutationContext(
        service=service,
        open_path=service.base_path + next(alive, "/robots.txt"),
        missing_path=service.base_path + nonexistent_path([r.path for r in own_routes], options.run),
        nonce=options.run,
        open_paths=_open_paths(own_routes, profile),
        identifying=options.common_headers,
        user_agent=options.user_agent if options.identify_always else None,
    )


def _open_paths(own_routes: Iterable[Route], profile: Profile) -> tuple[str, ...]:
    """Give the public paths: first those of folders without a guarded route, which a guard may exempt as a whole."""
    routes = tuple(own_routes)
    public = [route.path for route in routes if _is_public(route, profile)]
    guarded = [route.path for route in routes if route.path not in public]
    folders = {path: f"{path.rpartition('/')[0]}/" for path in public}
    return tuple(sorted(public, key=lambda path: any(other.startswith(folders[path]) for other in guarded)))


def _is_public(route: Route, profile: Profile) -> bool:
    """Say whether everybody may read this path; the root is in every path."""
    answers = profile.guards.get(route.guard, {})
    promise = answers.get("") or answers.get(Kind.ANONYMOUS)
    plain = route.method == "GET" and not set(route.path) & {":", "?"} and route.path != "/"
    return plain and promise is not None and bool(promise.answers) and not promise.refuses
