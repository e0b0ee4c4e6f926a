"""`prober explain`: one route, or one finding: what it promises, why it matters, how to mend it, how to see it."""

from __future__ import annotations

import textwrap

import click

from prober.app.full_plan import DEFAULT_URLS, everything
from prober.app.load import beside, counting_surfaces, load_deployment, uses_shipped
from prober.cli import completers
from prober.definitions.builtin import load_profile, profile_names
from prober.engine.procedures.registry import procedure_named
from prober.errors import UsageError, did_you_mean
from prober.judge.rules_afterwards import about_rule_afterwards
from prober.judge.verdicts import RULES
from prober.model import ExitStatus, Kind, Plan, Probe, Profile
from prober.model.reasons import ENTRIES, ReasonEntry
from prober.plan.credentials import (
    credential_names,
)
from prober.plan.globs import matches, names_of_probe
from prober.report.curl import curl

DEFAULT_PROFILE = "oauth"
_WIDTH = 80
_EFFECTS = {
    "none": "nothing",
    "trace": "it leaves a small trace even where all is well",
    "repeats": "what happens anyway; it is sent once",
    "acts": "it would do harm or spend something",
}


@click.command("explain")
@click.argument("what", metavar="ROUTE|FINDING-ID|REASON", shell_complete=completers.routes)
@click.option(
    "--deployment",
    metavar="FILE",
    help="Explain its own surfaces too [default: ./prober.yaml, if there].",
    shell_complete=completers.files,
)
@click.option(
    "--profile",
    metavar="NAME|FILE",
    help=f"The mode to explain it in [default: that of the deployment, else {DEFAULT_PROFILE}].",
    shell_complete=completers.profiles,
)
@click.option(
    "--base-url", envvar=["PROBER_BASE_URL", "BASE_URL"], default=DEFAULT_URLS["web"], help="For the curl line."
)
@click.option("--mcp-url", envvar=["PROBER_MCP_URL", "MCP_URL"], default=DEFAULT_URLS["mcp"], help="For the curl line.")
def command(what: str, deployment: str | None, profile: str | None, base_url: str, mcp_url: str) -> int:
    """Explain a route or a finding: its promise, why it matters, how to mend it, how to see it."""
    file, folder = load_deployment(deployment)
    surfaces = counting_surfaces(file, folder, named=file.surfaces)
    name = profile or beside(file.profile, folder) or DEFAULT_PROFILE
    chosen = load_profile(name, credentials=credential_names())
    profiles = {}
    if name in profile_names() or uses_shipped(file, surfaces, named=file.surfaces):
        profiles = {name: load_profile(name, credentials=credential_names()) for name in profile_names()}
    plan = everything(chosen, surfaces, {**dict(file.services), "web": base_url, "mcp": mcp_url})
    probes = [*plan.probes, *(skip.probe for skip in plan.skips)]
    found = [probe for probe in probes if matches(what, names_of_probe(probe))]
    words_about = explain_word(what)
    if not found and words_about is not None:
        click.echo(words_about)
        return ExitStatus.LOCKED
    if not found:
        words = {name for probe in probes for name in names_of_probe(probe)}
        raise UsageError(f"nothing is called '{what}'", fix=did_you_mean(what, words, otherwise="see 'prober plan'"))
    routes = dict.fromkeys(probe.route.name for probe in found)
    blocks = [
        _explain([p for p in found if p.route.name == name], plan, {chosen.name: chosen, **profiles}) for name in routes
    ]
    click.echo("\n\n".join("\n".join(block) for block in blocks))
    return ExitStatus.LOCKED


def explain_word(word: str) -> str | None:
    """Explain a reason, a verdict or a rule by its name; None for any other word."""
    about = [
        f"{rule.name}  (a rule of the judge)\n" + "\n".join(_field("about", rule.about))
        for rule in RULES
        if rule.name == word
    ]
    afterwards = about_rule_afterwards(word)
    if afterwards is not None:
        about.append(f"{word}  (a rule of the judge)\n" + "\n".join(_field("about", afterwards)))
    about += [_about(entry) for entry in ENTRIES if word in {entry.reason, *entry.verdicts}]
    return "\n\n".join(about) or None


def _about(entry: ReasonEntry) -> str:
    lines = [f"{entry.reason}  ({', '.join(entry.verdicts)}; given by {entry.given_by})"]
    return "\n".join([*lines, *_field("means", entry.meaning), *_field("fix", entry.action)])


def _explain(probes: list[Probe], plan: Plan, profiles: dict[str, Profile]) -> list[str]:
    route = probes[0].route
    service = next(service for service in plan.services if service.name == route.service)
    inert = ", and so it is sent in an inert form" if route.inert else ""
    lines = [f"{route.name}  ({route.source})"]
    lines += _field("why", route.why)
    lines += _field("fix", route.fix)
    lines.append(f"  see      {curl(probes[0], service)}")
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
        name, catches, source = _told(probe)
        lines += _field(name, f"{catches} ({source})" if source else catches, wide=26)
    return lines


def _told(probe: Probe) -> tuple[str, str, str]:
    """Name what a probe presents, the bug that it catches, and where that bug was seen."""
    if probe.procedure is not None:
        procedure = procedure_named(probe.procedure)
        return probe.procedure, f"{procedure.catches}. {procedure.about}", procedure.source
    if probe.variant is not None:
        return f"+ {probe.variant.name}", probe.variant.catches, probe.variant.source
    if probe.credential.kind is Kind.HELD:
        must = "must open it" if probe.credential.name in probe.route.admits else "must not open it"
        return probe.credential.name, f"{must}: {probe.credential.catches}", ""
    return probe.credential.name, probe.credential.catches, probe.credential.source


def _field(name: str, text: str, *, wide: int = 8) -> list[str]:
    lead = f"  {name:<{wide}}"
    return textwrap.wrap(lead + " " + text, _WIDTH, subsequent_indent=" " * (wide + 3), break_on_hyphens=False)
