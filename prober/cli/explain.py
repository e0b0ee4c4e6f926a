"""`prober explain`: one route, or one finding: what it promises, why it matters, how to mend it, how to see it."""

from __future__ import annotations

import textwrap

import click

from prober.cli.choose import load_deployment
from prober.definitions.service import (
    parse_service,
)
from prober.definitions.shipped import load_profile, load_surfaces, profile_names
from prober.errors import UsageError, did_you_mean
from prober.model import Deployment, Depth, ExitStatus, Kind, Plan, Probe, Procedure, Profile, Surface
from prober.plan.choices import Choices
from prober.plan.credentials import (
    credential_names,
)
from prober.plan.globs import matches, names_of_probe
from prober.plan.making import (
    SESSION_COOKIES,
)
from prober.plan.plan import make_plan
from prober.report.curl import curl

_DEFAULTS = {"web": "http://localhost:3000", "mcp": "http://localhost:3100"}
_WIDTH = 80
_EFFECTS = {
    "none": "nothing",
    "trace": "it leaves a small trace even where all is well",
    "repeats": "what happens anyway; it is sent once",
    "acts": "it would do harm or spend something",
}
_PROCEDURES = {
    Procedure.COMPARISON: "an answer, or the time it takes, that tells a known account from an unknown one",
    Procedure.BINDING: "a session that another user's token, or none, can use or end (CVE-2026-33946)",
    Procedure.CHALLENGE: "a challenge that sends clients to another host's metadata (RFC 9728)",
    Procedure.PORT: "a port that was meant for this machine alone, and takes connections from here",
    Procedure.BURST: "a limit that never bites, or that a forged X-Forwarded-For gets past",
}


@click.command("explain")
@click.argument("what", metavar="ROUTE|FINDING-ID")
@click.option("--deployment", metavar="FILE", help="Explain its own surfaces too [default: ./prober.yaml, if there].")
@click.option("--profile", default="oauth", show_default=True, metavar="NAME|FILE", help="The mode to explain it in.")
@click.option("--base-url", envvar=["PROBER_BASE_URL", "BASE_URL"], default=_DEFAULTS["web"], help="For the curl line.")
@click.option("--mcp-url", envvar=["PROBER_MCP_URL", "MCP_URL"], default=_DEFAULTS["mcp"], help="For the curl line.")
def command(what: str, deployment: str | None, profile: str, base_url: str, mcp_url: str) -> int:
    """Explain a route or a finding: its promise, why it matters, how to mend it, how to see it."""
    profiles = {name: load_profile(name, credentials=credential_names()) for name in profile_names()}
    chosen = profiles.get(profile) or load_profile(profile, credentials=credential_names())
    file, folder = load_deployment(deployment)
    surfaces = load_surfaces(folder / path for path in file.probes)
    plan = _everything(chosen, surfaces, {**dict(file.services), "web": base_url, "mcp": mcp_url})
    probes = [*plan.probes, *(skip.probe for skip in plan.skips)]
    found = [probe for probe in probes if matches(what, names_of_probe(probe))]
    if not found:
        words = {name for probe in probes for name in names_of_probe(probe)}
        raise UsageError(f"nothing is called '{what}'", fix=did_you_mean(what, words, otherwise="see 'prober plan'"))
    routes = dict.fromkeys(probe.route.name for probe in found)
    blocks = [
        _explain([p for p in found if p.route.name == name], plan, {chosen.name: chosen, **profiles}) for name in routes
    ]
    click.echo("\n\n".join("\n".join(block) for block in blocks))
    return ExitStatus.LOCKED


def _everything(profile: Profile, surfaces: tuple[Surface, ...], urls: dict[str, str]) -> Plan:
    services = tuple(parse_service(name, url) for name, url in urls.items())
    deployment = Deployment(services=services, surfaces=surfaces, declared=frozenset(), cookies=SESSION_COOKIES)
    return make_plan(deployment, profile, Choices(run="explain", user_agent="lockdown-prober", depth=Depth.DEEP))


def _explain(probes: list[Probe], plan: Plan, profiles: dict[str, Profile]) -> list[str]:
    route = probes[0].route
    service = next(service for service in plan.services if service.name == route.service)
    inert = ", and so it is sent in an inert form" if route.inert else ""
    lines = [f"{route.name}  ({route.source})"]
    lines += _field("why", route.why)
    lines += _field("fix", route.fix)
    lines += _field("guard", route.guard)
    lines += _field("effect", f"{route.effect}: through an open door, {_EFFECTS[route.effect]}{inert}")
    lines += ["", "promised to strangers"]
    for profile in profiles.values():
        promise = profile.promise(route.guard, probes[0].credential)
        if promise is not None:
            said = promise.skip or str(promise)
            lines += _field(profile.name, f"{said}  ({promise.source})", wide=18)
    lines += ["", f"what is sent in profile {plan.profile.name}, and the bug that it catches"]
    for probe in probes:
        name, catches = _told(probe)
        lines += _field(name, catches, wide=26)
    return [*lines, "", f"see   {curl(probes[0], service)}"]


def _told(probe: Probe) -> tuple[str, str]:
    if probe.procedure is not None:
        return probe.procedure, _PROCEDURES[probe.procedure]
    if probe.variant is not None:
        return f"+ {probe.variant.name}", probe.variant.catches
    if probe.credential.kind is Kind.HELD:
        must = "must open it" if probe.credential.name in probe.route.admits else "must not open it"
        return probe.credential.name, f"{must}: {probe.credential.catches}"
    return probe.credential.name, probe.credential.catches


def _field(name: str, text: str, *, wide: int = 8) -> list[str]:
    lead = f"  {name:<{wide}}"
    return textwrap.wrap(lead + " " + text, _WIDTH, subsequent_indent=" " * (wide + 3), break_on_hyphens=False)
