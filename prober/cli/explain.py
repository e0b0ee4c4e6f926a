"""`prober explain`: a route or a finding: what is expected, why it matters, how to fix it, how to reproduce it."""

from __future__ import annotations

import click

from prober.app.definition_cache import DefinitionCache
from prober.app.full_plan import DEFAULT_URLS, everything
from prober.app.load import counting_surfaces, load_deployment, profile_path, uses_shipped
from prober.cli import completers
from prober.cli.explain_text import explain_route, explain_routes, field_lines
from prober.cli.read_options import yielding
from prober.definitions.builtin import load_profile
from prober.definitions.shipped import profile_names
from prober.errors import UsageError, did_you_mean
from prober.judge.rules_afterwards import about_rule_afterwards
from prober.judge.verdicts import RULES
from prober.model import ExitStatus
from prober.model.reasons import ENTRIES, ReasonEntry
from prober.plan.credential_names import credential_names
from prober.plan.globs import matches, names_of_probe

DEFAULT_PROFILE = "oauth"


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
    help=f"The auth mode to explain it in [default: that of the deployment, else {DEFAULT_PROFILE}].",
    shell_complete=completers.profiles,
)
@click.option(
    "--base-url",
    envvar=["PROBER_BASE_URL", "BASE_URL"],
    help=f"For the curl line [default: that of the deployment, else {DEFAULT_URLS['web']}].",
)
@click.option(
    "--mcp-url",
    envvar=["PROBER_MCP_URL", "MCP_URL"],
    help=f"For the curl line [default: that of the deployment, else {DEFAULT_URLS['mcp']}].",
)
@click.option("--verbose", "-v", is_flag=True, help="Explain each route, and each probe with the bug that it catches.")
def command(
    what: str, deployment: str | None, profile: str | None, base_url: str | None, mcp_url: str | None, *, verbose: bool
) -> int:  # fmt: skip
    """Explain a route or a finding: what is expected, why it matters, how to fix it, how to reproduce it."""
    file, folder = load_deployment(deployment)
    surfaces = counting_surfaces(file, folder, DefinitionCache(), named=file.surfaces)
    name = profile or profile_path(file.profile, folder) or DEFAULT_PROFILE
    chosen = load_profile(name, credentials=credential_names())
    profiles = {}
    if name in profile_names() or uses_shipped(file, surfaces, named=file.surfaces):
        profiles = {name: load_profile(name, credentials=credential_names()) for name in profile_names()}
    unused = yielding() if file.services else frozenset()
    given = {"web": None if "base_url" in unused else base_url, "mcp": None if "mcp_url" in unused else mcp_url}
    urls = {**DEFAULT_URLS, **dict(file.services), **{name: url for name, url in given.items() if url}}
    plan = everything(chosen, surfaces, urls, dict(file.behind))
    probes = [*plan.probes, *(skip.probe for skip in plan.skips)]
    found = [probe for probe in probes if matches(what, names_of_probe(probe))]
    words_about = explain_word(what)
    if not found and words_about is not None:
        click.echo(words_about)
        return ExitStatus.LOCKED
    if not found:
        words = {name for probe in probes for name in names_of_probe(probe)}
        raise UsageError(
            f"no route or finding matches '{what}'", fix=did_you_mean(what, words, otherwise="see 'prober plan'")
        )
    routes = dict.fromkeys(probe.route.name for probe in found)
    every = {chosen.name: chosen, **profiles}
    if len(routes) > 1 and not verbose:
        click.echo("\n".join(explain_routes(found, plan)))
        return ExitStatus.LOCKED
    blocks = [
        explain_route([p for p in found if p.route.name == name], plan, every, verbose=verbose) for name in routes
    ]
    click.echo("\n\n".join("\n".join(block) for block in blocks))
    return ExitStatus.LOCKED


def explain_word(word: str) -> str | None:
    """Explain a reason, a verdict or a rule by its name; None for any other word."""
    about = [
        f"{rule.name}  (a rule of the judge)\n" + "\n".join(field_lines("about", rule.about))
        for rule in RULES
        if rule.name == word
    ]
    afterwards = about_rule_afterwards(word)
    if afterwards is not None:
        about.append(f"{word}  (a rule of the judge)\n" + "\n".join(field_lines("about", afterwards)))
    about += [_about(entry) for entry in ENTRIES if word in {entry.reason, *entry.verdicts}]
    return "\n\n".join(about) or None


def _about(entry: ReasonEntry) -> str:
    lines = [f"{entry.reason}  ({', '.join(entry.verdicts)}; given by {entry.given_by})"]
    return "\n".join([*lines, *field_lines("means", entry.meaning), *field_lines("fix", entry.action)])
