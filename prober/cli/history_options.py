"""What `watch` and `history` share: where the history is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prober.cli import completers
from prober.cli.command import option, section

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")
HISTORY = "prober-history.db"
HISTORY_OF_A_FLEET = "prober-fleet.db"


def history_option(function: Callable[P, R], *, default: str = HISTORY) -> Callable[P, R]:
    """Add the option that says where the history is."""
    (entry,) = section(
        "The canary",
        option(
            "--history",
            metavar="PATH|URL|SOURCE",
            default=default,
            show_default=True,
            envvar="PROBER_HISTORY",
            help="A file of SQLite, or postgresql://...; SOURCE is env:NAME or file:PATH.",
            shell_complete=completers.files,
        ),
    )
    return entry(function)
