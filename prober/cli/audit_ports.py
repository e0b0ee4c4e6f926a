"""`prober audit ports`: what listens on this machine, against the ports that are declared closed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import click

from prober.app.load import load_deployment
from prober.audit.ports.rules import RULES, audit
from prober.cli.audit_report import FORMAT, print_findings
from prober.errors import UsageError, install_of
from prober.model import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model.audit import Listener

    Look = Callable[[], tuple[Listener, ...] | None]


@click.command("ports")
@click.option("--deployment", metavar="FILE", help="Whose 'closed-ports' to hold [default: ./prober.yaml, if there].")
@click.option("--closed", metavar="PORT", multiple=True, type=click.IntRange(1, 65535), help="Hold this port, too.")
@FORMAT
def command(deployment: str | None, closed: tuple[int, ...], format_: str) -> int:
    """Say which ports that must be closed take connections from elsewhere than this machine.

    Run it on the machine that the deployment is on. A port that a container engine forwards without a process of its
    own cannot be seen so: 'prober run' looks from outside. Exit status: 0 none, 1 one does, 2 they cannot be seen.
    """
    return ports(deployment, closed, format_=format_, look=_listeners)


def ports(deployment: str | None, closed: tuple[int, ...], *, format_: str, look: Look) -> int:
    """Look, judge and print what is wrong."""
    file, _ = load_deployment(deployment)
    held = {**{port: Source(file="--closed", line=1) for port in closed}, **dict(file.closed_ports)}
    if not held:
        fix = "give --closed PORT, or write 'closed-ports: [5432]' in prober.yaml"
        raise UsageError("no port is declared closed", fix=fix)
    heard = look()
    many = len(set(heard or ()))
    count = (
        "what listens cannot be seen"
        if heard is None
        else f"{many} {'socket listens' if many == 1 else 'sockets listen'} here"
    )
    seen = ((f"ports {', '.join(map(str, sorted(held)))}", count),)
    return print_findings("ports", audit(heard, held), seen, rules=len(RULES), format_=format_)


def _listeners() -> tuple[Listener, ...] | None:
    if importlib.util.find_spec("psutil") is None:
        raise UsageError("'audit ports' needs the extra 'audit'", fix=install_of("audit"))
    from prober.audit.ports.listeners import listeners  # noqa: PLC0415 - its library is an extra

    return listeners()
