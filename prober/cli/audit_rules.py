"""`prober audit rules`: the rules of every audit, or one of them in full."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from prober.audit.env.audit import RULES as ENV_RULES
from prober.audit.ports.rules import RULES as PORT_RULES
from prober.audit.source.rules import RULES as SOURCE_RULES
from prober.errors import UsageError, did_you_mean
from prober.model import ExitStatus

if TYPE_CHECKING:
    from prober.model.audit import Rule

_WIDTH = 80


@click.command("rules")
@click.argument("rule_id", metavar="[ID]", required=False)
def command(rule_id: str | None) -> int:
    """List the rules of the audits, or explain one: what it means, how to fix it, and its source."""
    rules: dict[str, Rule] = {rule.id: rule for rule in (*ENV_RULES, *SOURCE_RULES, *PORT_RULES)}
    if rule_id is None:
        click.echo("\n".join(f"{name:<7}  {rule.severity:<8}  {rule.title}" for name, rule in rules.items()))
        return ExitStatus.LOCKED
    if rule_id.upper() not in rules:
        fix = did_you_mean(rule_id, rules, otherwise="see 'prober audit rules'")
        raise UsageError(f"no rule '{rule_id}'", fix=fix)
    rule = rules[rule_id.upper()]
    click.echo(f"{rule.id}  {rule.severity}  {rule.title}")
    for name, text in (("why", rule.why), ("fix", rule.fix), ("source", rule.source)):
        lead = f"  {name:<6}  "
        click.echo("\n".join(textwrap.wrap(lead + text, _WIDTH, subsequent_indent=" " * len(lead))))
    return ExitStatus.LOCKED
