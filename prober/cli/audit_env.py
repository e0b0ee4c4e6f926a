"""`prober audit env`: what is wrong in the environment of a deployment, before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.audit.env.audit import RULES, audit, not_looked_at
from prober.audit.env.rules_files import look_at
from prober.audit.env.rules_modes import seen_as
from prober.cli.audit_report import FORMAT, choose_rules, print_findings
from prober.environment.environments import load_environments
from prober.model.audit import Reader

if TYPE_CHECKING:
    from prober.model.audit import Environment

READERS = {"bash": Reader.BASH, "compose": Reader.COMPOSE, "next": Reader.NEXT}


@click.command("env")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--production", is_flag=True, help="Treat it as production, whatever NODE_ENV and the URLs say.")
@click.option(
    "--reader",
    "readers",
    multiple=True,
    type=click.Choice(list(READERS)),
    help="Who reads the .env [default: all three].",
)
@click.option("--rule", "only", metavar="GLOB", multiple=True, help="Look at these rules alone.")
@click.option("--skip", metavar="GLOB", multiple=True, help="Look at all but these rules.")
@FORMAT
def command(
    files: tuple[str, ...], readers: tuple[str, ...], only: tuple[str, ...], skip: tuple[str, ...], format_: str,
    *, production: bool,
) -> int:  # fmt: skip
    """Audit .env files, docker compose files and rclone.conf. No value is ever shown.

    The .env files that @next/env stacks in one folder are one environment, and so are the compose files together; each
    service with a name that a rule knows is looked at. Exit status: 0 nothing is wrong, 1 a rule is broken, 2 something
    cannot be determined from here.
    """
    chosen = choose_rules(RULES, only, skip)
    reading = [READERS[name] for name in dict.fromkeys(readers)] or list(Reader)
    loaded = load_environments([Path(file) for file in files], readers=reading, production=production)
    environments = [_with_facts(environment) for environment in loaded]
    passed_by = not_looked_at(environments)
    looked_at = tuple(seen_as(env) for env in environments if env.name not in passed_by)
    files_read = (*looked_at, *((name, "not checked: no rule knows a file of this name") for name in passed_by))
    return print_findings("env", audit(environments, chosen), files_read, rules=len(chosen), format_=format_)


def _with_facts(environment: Environment) -> Environment:
    own = [look_at(path) for path in environment.paths]
    shared = [look_at(path, private=False) for path in environment.shared]
    return replace(environment, files=(*own, *shared))
