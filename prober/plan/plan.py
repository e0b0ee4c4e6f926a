"""Pairs routes with credentials and promises: deployment x surfaces x profile -> Plan. Pure; every gap is an error."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.errors import DefinitionError, UsageError, nearest
from prober.model import (
    Control,
    Credential,
    Depth,
    Effect,
    Family,
    Kind,
    Plan,
    Probe,
    Reason,
    Request,
    Skip,
)
from prober.plan.credentials import LADDER, Made, everything_at_once
from prober.plan.globs import check_globs, matches, names_of_probe, names_of_route
from prober.plan.nowhere import nowhere_beside
from prober.plan.variants import Ground, variants_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import Deployment, Profile, Promise, Route, Service

SMALL_GUARD = 6  # a guard with at most so many routes gets the whole ladder at each
LADDER_ROUTES = 3  # a larger one at so many
QUICK_ROUTES = 8  # a larger guard gets the bogus credential of depth quick at so many; nothing at all is sent to each

# What stands in the path for a parameter: well formed, and the id of nothing.
IMPOSSIBLE_ID = "00000000-0000-4000-8000-000000000000"
IMPOSSIBLE_TOKEN = "lockdown-probe-no-such-token".ljust(43, "x")  # as long as 32 random bytes in base64url
_PARAMETERS = {"token": IMPOSSIBLE_TOKEN, "code": "!"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the user asked of this run."""

    run: str
    user_agent: str
    depth: Depth = Depth.STANDARD
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    allow_effects: tuple[str, ...] = ()
    budget: int | None = None


def make_plan(deployment: Deployment, profile: Profile, choices: Choices) -> Plan:
    """Fix every request of a run before the first one."""
    services = {service.name: service for service in deployment.services}
    routes = [route for surface in deployment.surfaces for route in surface.routes if route.service in services]
    made = Made(nonce=choices.run, cookies=deployment.cookies)
    chosen = _chosen(routes, choices.depth)
    grounds = {name: _ground(service, routes, choices) for name, service in services.items()}
    everything: list[tuple[Probe, Skip | None]] = []
    for route in routes:
        credentials = _credentials(route, profile, choices.depth, made, chosen=route in chosen)
        everything += _probes_of(route, credentials, profile, grounds[route.service], choices)
    probes = [probe for probe, _ in everything]
    check_globs(choices.only, probes, option="--only")
    check_globs(choices.skip, probes, option="--skip")
    _check_effects(choices.allow_effects, routes)
    kept = [(probe, skip) for probe, skip in everything if _is_wanted(probe, choices)]
    sent = tuple(probe for probe, skip in kept if skip is None)
    used = [service for service in deployment.services if any(p.route.service == service.name for p, _ in kept)]
    plan = Plan(
        profile=profile,
        depth=choices.depth,
        services=tuple(used),
        probes=sent,
        skips=tuple(skip for _, skip in kept if skip is not None),
        nowhere=tuple(nowhere_beside(used, sent, routes, run=choices.run, headers=_common_headers(choices))),
        declared=deployment.declared,
        untried=deployment.untried,
        cookies=deployment.cookies,
        blanket_is_application=deployment.blanket_is_application,
    )
    if not plan.probes:
        raise UsageError("nothing is left to send", fix="choose more surfaces, or fewer --skip")
    if choices.budget is not None and plan.requests > choices.budget:
        what = f"the plan takes {plan.requests} requests, and --budget is {choices.budget}"
        raise UsageError(what, fix="raise --budget, name fewer surfaces, or use --depth quick")
    return plan


def _is_wanted(probe: Probe, choices: Choices) -> bool:
    names = names_of_probe(probe)
    wanted = not choices.only or any(matches(glob, names) for glob in choices.only)
    return wanted and not any(matches(glob, names) for glob in choices.skip)


def _check_effects(globs: Iterable[str], routes: Iterable[Route]) -> None:
    acting = [names_of_route(route) for route in routes if route.effect is Effect.ACTS and not route.inert]
    for glob in globs:
        if glob != "*" and not any(matches(glob, names) for names in acting):
            what = f"--allow-effects '{glob}' matches no route that needs leave"
            raise UsageError(what, fix="see 'prober plan' for what is skipped")


# --- which credentials ------------------------------------------------------------------------------------------------


def _families(route: Route, profile: Profile) -> tuple[Family, ...]:
    """A guard that says nothing of its credentials gets those of a bearer, compared or verified, and of a session."""
    return profile.presents.get(route.guard, (Family.SECRET, Family.BEARER, Family.COOKIE))


def _chosen(routes: Iterable[Route], depth: Depth) -> frozenset[Route]:
    """Choose the routes that get more than the ladder's core; in depth quick, those that get a bogus credential."""
    by_guard: dict[str, list[Route]] = {}
    for route in routes:
        by_guard.setdefault(route.guard, []).append(route)
    chosen: list[Route] = []
    most = QUICK_ROUTES if depth is Depth.QUICK else LADDER_ROUTES
    for guarded in by_guard.values():
        chosen += guarded if len(guarded) <= SMALL_GUARD else _spread(guarded)[:most]
    return frozenset(chosen)


def _spread(routes: Iterable[Route]) -> list[Route]:
    """Where only some are chosen, those that cost nothing if the door is open come first, one of each surface."""
    turn: Counter[str] = Counter()
    ranked = []
    for route in sorted(routes, key=lambda route: (route.effect is not Effect.NONE, route.effect is Effect.ACTS)):
        ranked.append((route.effect is not Effect.NONE, route.method != "GET", turn[route.surface], route))
        turn[route.surface] += 1
    return [route for *_, route in sorted(ranked, key=lambda entry: entry[:3])]


def _credentials(
    route: Route, profile: Profile, depth: Depth, made: Made, *, chosen: bool
) -> Iterator[Credential]:  # fmt: skip
    families = _families(route, profile)
    yield LADDER[0].make(made)
    if not families:
        return
    if depth is Depth.QUICK:
        if chosen:
            yield everything_at_once(families, made)
        return
    for entry in LADDER[1:]:
        everywhere = families[0] in entry.core or (depth is Depth.DEEP and entry.depth is Depth.STANDARD)
        wanted = everywhere or (chosen and (entry.depth is Depth.STANDARD or depth is Depth.DEEP))
        if entry.family in families and wanted:
            yield entry.make(made)


# --- which probes -----------------------------------------------------------------------------------------------------


def _probes_of(
    route: Route, credentials: Iterable[Credential], profile: Profile, ground: Ground, choices: Choices
) -> Iterator[tuple[Probe, Skip | None]]:
    for credential in credentials:
        promise = _promise(route, credential, profile)
        probe = _probe(route, credential, promise, profile, ground.service, choices)
        yield probe, _skip(probe, choices)
        if credential.kind is Kind.ANONYMOUS and choices.depth is not Depth.QUICK:
            for variant, request in variants_of(route, promise, probe.request, ground, choices.depth):
                dressed = replace(
                    probe, id=f"{probe.id} {variant.name}", variant=variant, request=request,
                    plain_target=probe.request.target,
                )  # fmt: skip
                yield dressed, _skip(dressed, choices)
    for name in route.refuse:
        held = _held(name)
        promise = _promise(route, held, profile)
        probe = _probe(route, held, promise, profile, ground.service, choices)
        yield probe, Skip(probe=probe, reason=Reason.NO_HELD_SECRET, detail=f"no held secret '{name}' was given")


def _ground(service: Service, routes: Iterable[Route], choices: Choices) -> Ground:
    """The health route is the open path that every profile knows; a service without one has at least a robots.txt."""
    alive = (r.path for r in routes if r.service == service.name and r.control is Control.ALIVE)
    return Ground(
        service=service,
        open_path=service.base_path + next(alive, "/robots.txt"),
        nowhere=f"{service.base_path}/lockdown-probe-{choices.run}",
        nonce=choices.run,
    )


def _held(name: str) -> Credential:
    return Credential(name=name, kind=Kind.HELD, family=None, headers=(), query="", catches="")


def _promise(route: Route, credential: Credential, profile: Profile) -> Promise:
    promise = profile.promise(route.guard, credential)
    if promise is not None:
        return promise
    where = profile.source.file
    if route.guard in profile.guards:
        what = f"profile '{profile.name}' does not say how guard '{route.guard}' answers '{credential.name}'"
        fix = f"add '{credential.kind}' to '{route.guard}' under 'guards' in {where}"
    else:
        what = f"profile '{profile.name}' does not say how guard '{route.guard}' answers"
        near = nearest(route.guard, profile.guards)
        fix = f"add '{route.guard}' under 'guards' in {where}" + (f" (or did you mean '{near}'?)" if near else "")
    raise DefinitionError(what, fix=fix, source=route.source)


def _probe(
    route: Route, credential: Credential, promise: Promise, profile: Profile, service: Service, choices: Choices
) -> Probe:
    headers = _common_headers(choices)
    said = {name.lower() for name, _ in route.payload.headers}
    dressed = (
        *(pair for pair in headers if pair[0].lower() not in said),
        *route.payload.headers,
        *credential.headers,
    )
    return Probe(
        id=f"{route.name} [{credential.name}]",
        route=route,
        credential=credential,
        variant=None,
        families=_families(route, profile),
        promise=promise,
        never=(*profile.never, *route.never),
        request=Request(
            service=service.name,
            method=route.method,
            target=_target(service, route, credential),
            headers=dressed,
            content=route.payload.content,
            csrf=service.base_path + route.csrf if route.csrf else None,
        ),
    )


def _common_headers(choices: Choices) -> tuple[tuple[str, str], ...]:
    return (
        ("User-Agent", choices.user_agent),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
        ("Cache-Control", "no-cache"),
    )


def _target(service: Service, route: Route, credential: Credential) -> str:
    given = _PARAMETERS | dict(route.payload.parameters)
    path, mark, query = route.path.partition("?")
    filled = "/".join(
        quote(given.get(part[1:], IMPOSSIBLE_ID), safe="!~*'()") if part.startswith(":") else part
        for part in path.split("/")
    )
    joint = "&" if mark else "?"
    return service.base_path + filled + mark + query + (joint + credential.query if credential.query else "")


def _skip(probe: Probe, choices: Choices) -> Skip | None:
    route = probe.route
    if probe.promise.skip:
        return Skip(probe=probe, reason=Reason.NOT_IN_THIS_MODE, detail=probe.promise.skip)
    if route.effect is Effect.ACTS and not route.inert:
        allowed = any(matches(glob, names_of_route(route)) for glob in choices.allow_effects)
        detail = f"an open door would act, and it has no inert form (--allow-effects '{route.path}' sends it)"
        return None if allowed else Skip(probe=probe, reason=Reason.EFFECT, detail=detail)
    if choices.depth is Depth.QUICK and not route.quick:
        detail = "it leaves a trace even where all is well, and depth quick leaves none"
        return Skip(probe=probe, reason=Reason.EFFECT, detail=detail)
    return None
