"""`prober man`: the man page of `prober` and `verify-lockdown`, made from the help of the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from prober.cli import main, verify_lockdown
from prober.cli.command import section_of
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENVIRONMENT = (
    "Each option of run, plan, watch and verify-lockdown is also read from a variable, as --base-url from "
    "PROBER_BASE_URL. The option wins. A variable PROBER_... that no option reads is an error, unless something names "
    "it as env:NAME."
)


@click.command("man")
def command() -> int:
    """Print the man page: prober man | man -l -"""  # noqa: D400, D415 - a command ends it
    click.echo(man_page(), nl=False)
    return ExitStatus.LOCKED


def man_page() -> str:
    """Write the page, in the macros of man(7)."""
    context = click.Context(main.prober, info_name="prober")
    lines = [
        '.TH PROBER 1 "" "lockdown-prober" "User Commands"',
        ".SH NAME",
        "prober, verify\\-lockdown \\- " + _escaped(_first_sentence(main.prober)),
        ".SH SYNOPSIS",
        ".B prober",
        ".I COMMAND",
        "[\\fIOPTIONS\\fR]",
        ".SH DESCRIPTION",
        *_paragraphs(main.prober.help),
        ".SH COMMANDS",
        *_commands(main.prober, context),
        *_command(verify_lockdown.command, click.Context(verify_lockdown.command, info_name="verify-lockdown")),
        ".SH ENVIRONMENT",
        _escaped(_ENVIRONMENT),
    ]
    return "\n".join(lines) + "\n"


def _commands(group: click.Group, context: click.Context) -> Iterable[str]:
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if found is not None:
            inner = click.Context(found, info_name=name, parent=context)
            yield from _command(found, inner)
            if isinstance(found, click.Group):
                yield from _commands(found, inner)


def _command(described: click.Command, context: click.Context) -> Iterable[str]:
    """Write a command: how it is called, what it does, and its options by section."""
    pieces = " ".join(described.collect_usage_pieces(context))
    yield f".SS {_escaped(context.command_path)} {_escaped(pieces)}"
    yield from _paragraphs(described.help)
    title = ""
    for parameter in described.get_params(context):
        record = parameter.get_help_record(context)
        if record is None or "--help" in parameter.opts:
            continue
        if section_of(parameter) != title:
            title = section_of(parameter)
            yield from (".PP", f".I {_escaped(title)}")
        yield from (".TP", f".B {_escaped(record[0])}", _escaped(record[1]))


def _paragraphs(text: str | None) -> Iterable[str]:
    for paragraph in (text or "").split("\n\n"):
        yield from (".PP", _escaped(" ".join(paragraph.split())))


def _first_sentence(command: click.Command) -> str:
    return (command.help or "").partition(".")[0]


def _escaped(text: str) -> str:
    """Escape what roff reads as its own: backslashes, hyphens that would be dashes, and a leading dot or quote."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
