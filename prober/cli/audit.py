"""`prober audit`: static checks, no network traffic. Each audit is a module of its own, imported when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

from prober.cli.main import LateGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

AUDITS = {
    "env": "prober.cli.audit_env",
    "source": "prober.cli.audit_source",
    "ports": "prober.cli.audit_ports",
    "rules": "prober.cli.audit_rules",
}


class AuditGroup(LateGroup):
    """The audits, by the same table as the commands."""

    modules: ClassVar[Mapping[str, str]] = AUDITS


@click.group("audit", cls=AuditGroup)
def command() -> None:
    """Say what is wrong before anything is sent: in the environment, the source, the ports of this machine.

    Exit status: 0 nothing is wrong, 1 a rule is broken, 2 no verdict (something could not be looked at).
    """
