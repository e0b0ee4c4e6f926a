"""The commands with many options: help in sections, and no variable PROBER_... that no option reads."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from prober.cli.main import prober
from prober.cli.variables import refuse_unknown_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

P = ParamSpec("P")
R = TypeVar("R")
_OTHER = "Other options"


class SectionOption(click.Option):
    """An option that is listed in a section of the help."""

    section: str = _OTHER


option = partial(click.option, cls=SectionOption)


def section(
    title: str, *options: Callable[[Callable[P, R]], Callable[P, R]]
) -> tuple[Callable[[Callable[P, R]], Callable[P, R]], ...]:
    """Put options in a section of the help; give them in the same order."""
    return tuple(partial(_in_section, title, entry) for entry in options)


def _in_section(
    title: str, entry: Callable[[Callable[P, R]], Callable[P, R]], function: Callable[P, R]
) -> Callable[P, R]:
    decorated = entry(function)
    added = getattr(decorated, "__click_params__")[-1]  # noqa: B009 - click's own attribute, which no type declares
    if isinstance(added, SectionOption):
        added.section = title
    return decorated


def section_of(parameter: click.Parameter) -> str:
    """Name the section of the help in which a parameter is listed."""
    return parameter.section if isinstance(parameter, SectionOption) else _OTHER


class SectionCommand(click.Command):
    """A command whose options are listed in sections, and that reads many variables."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options by section, in the order in which they are added."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(section_of(parameter), []).append(record)
        for title, records in sorted(sections.items(), key=lambda titled: titled[0] == _OTHER):
            with formatter.section(title):
                formatter.write_dl(records)

    def invoke(self, ctx: click.Context) -> object:
        """Run it, unless a variable is set that no option reads."""
        refuse_unknown_variables(self, os.environ, sys.argv[1:], others=_every_command)
        result: object = super().invoke(ctx)
        return result


def _every_command() -> Iterable[click.Command]:
    """Import every command: only where a variable is unknown to the one that is run."""
    return _commands_of(prober)


def _commands_of(group: click.Group) -> list[click.Command]:
    """Import every command of a group, and of the groups in it."""
    context = click.Context(group)
    named = (group.get_command(context, name) for name in group.list_commands(context))
    commands = [command for command in named if command is not None]
    inner = [one for command in commands if isinstance(command, click.Group) for one in _commands_of(command)]
    return [*commands, *inner]
