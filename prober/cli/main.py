"""The commands, and the one place where whatever went wrong becomes an exit status."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import click

from prober import __version__
from prober.cli.short_help import with_short_help
from prober.cli.streams import fill_closed_streams, leave
from prober.cli.uncollected import uncollected
from prober.errors import DefinitionError, ProberError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import CompletionItem

# Imported when asked for: what `run` needs costs 150 ms, which `--version` and a completion must not pay.
COMMANDS = {
    "run": "prober.cli.run",
    "check": "prober.cli.check",
    "plan": "prober.cli.plan",
    "explain": "prober.cli.explain",
    "demo": "prober.cli.demo",
    "selftest": "prober.cli.selftest",
    "watch": "prober.cli.watch",
    "fleet": "prober.cli.fleet",
    "history": "prober.cli.history",
    "diff": "prober.cli.diff",
    "accept": "prober.cli.accept",
    "audit": "prober.cli.audit",
    "discover": "prober.cli.discover",
    "init": "prober.cli.init",
    "learn": "prober.cli.learn",
    "schema": "prober.cli.schema",
    "completion": "prober.cli.completion",
    "man": "prober.cli.man",
}
# The help lists them so; what is in no section is listed last.
SECTIONS = {
    "Probe a deployment": ("run", "check", "plan", "fleet", "explain", "accept", "diff"),
    "Watch it": ("watch", "history"),
    "Describe it": ("init", "learn", "discover", "schema"),
    "Check without the network": ("audit", "selftest", "demo"),
    "Your shell": ("completion", "man"),
}
COMPLETION = ("bash_complete", "zsh_complete", "fish_complete")


class LateGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    modules: ClassVar[Mapping[str, str]] = COMMANDS
    sections: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # of its help; what is in none is listed last

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Name the commands, in the order of the table."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in self.modules:
            return None
        with uncollected():
            module = importlib.import_module(self.modules[cmd_name])
        return with_short_help(module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands in sections, each with its whole first sentence; click cuts it at the width."""
        sentences = {name: _first_sentence(one) for name, one in self._stand_ins().items()}
        listed = {title: [name for name in names if name in sentences] for title, names in self.sections.items()}
        others = [name for name in sentences if name not in {known for names in listed.values() for known in names}]
        for title, names in (*listed.items(), ("Other commands" if any(listed.values()) else "Commands", others)):
            if names:
                with formatter.section(title):
                    formatter.write_dl([(name, sentences[name]) for name in names], col_max=max(map(len, sentences)))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete the commands; options as click does."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - imported by no other process

        named = {name: one for name, one in self._stand_ins().items() if name.startswith(incomplete)}
        commands = [CompletionItem(name, help=one.get_short_help_str()) for name, one in named.items()]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def _stand_ins(self) -> dict[str, click.Command]:
        """Give commands that have a name and a sentence each, so that a list of all imports none of them."""
        paragraphs = first_paragraphs()
        return {name: click.Command(name, help=paragraphs[module]) for name, module in self.modules.items()}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was meant."""
        if args and args[0] not in self.modules and not args[0].startswith("-"):
            near = nearest(args[0], self.modules)
            hint = f"did you mean '{near}'?" if near else f"use one of: {', '.join(self.modules)}"
            raise ProberUsage(f"no command '{args[0]}'", hint)
        return super().resolve_command(ctx, args)


class ProberGroup(LateGroup):
    """All commands, in their sections."""

    sections = SECTIONS


def first_paragraphs() -> dict[str, str]:
    """Read the first paragraph of each command's help, by its module; `make generate` writes the file."""
    import json  # noqa: PLC0415 - only a list of commands needs it

    text = (Path(__file__).parent / "first_paragraphs.json").read_text(encoding="utf-8")
    paragraphs: dict[str, str] = json.loads(text)
    return paragraphs


def _first_sentence(command: click.Command) -> str:
    """Give the first sentence of a command's help, without the full stop."""
    paragraph = " ".join((command.help or "").partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].removesuffix(".")


class ProberUsage(click.UsageError):
    """A usage error with a fix of its own."""

    def __init__(self, message: str, fix: str) -> None:
        """Keep the fix beside click's message."""
        super().__init__(message)
        self.fix = fix


@click.group(cls=ProberGroup, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="lockdown-prober")
def prober() -> None:
    """Check that a live deployment refuses unauthenticated requests on every route.

    Exit status: 0 locked, 1 leak (something got through, or answered otherwise than expected), 2 no verdict (nothing
    answered, or not the application). Not a verdict: 64 usage, 78 a definition is wrong, 70 a bug in the prober,
    130 interrupted.
    """


def main() -> None:
    """Run the command line `prober`, or answer a shell that completes one.

    Click would answer its variable in every command: `_PROBER_COMPLETE=bash_complete prober run` would exit 0 with
    nothing probed. Only a process without arguments answers, which has nothing else to do: `prober` alone is a usage
    error. (`verify-lockdown` alone probes, so its completion asks `prober` too.)
    """
    fill_closed_streams()
    instruction = os.environ.get("_PROBER_COMPLETE", "")
    if instruction in COMPLETION and "COMP_WORDS" in os.environ and len(sys.argv) == 1:
        leave(importlib.import_module(COMMANDS["completion"]).answer(prober, instruction))
    leave(exit_with(prober, sys.argv[1:], name="prober"))


def exit_with(command: click.Command, arguments: list[str], *, name: str) -> int:
    """Run a command and give the process's exit status; click alone exits 2 on a typo and 1 on a traceback."""
    try:
        return _invoked(command, arguments, name=name)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a bug must never look like a verdict
        return _status_of(error, arguments, name)


def _status_of(error: Exception | KeyboardInterrupt, arguments: list[str], name: str) -> int:
    """Say what went wrong, and give the exit status for it."""
    from prober.model import ExitStatus  # noqa: PLC0415 - with all values of a run, 20 ms that --version need not pay

    match error:
        case ProberError():
            _say(str(error))
            return ExitStatus.DEFINITION if isinstance(error, DefinitionError) else ExitStatus.USAGE
        case click.ClickException():
            _say(_usage(error, " ".join([name, *(word for word in arguments[:1] if word in COMMANDS)])))
            return ExitStatus.USAGE
        case click.Abort() | KeyboardInterrupt():
            _say("interrupted")
            return ExitStatus.INTERRUPTED
        case BrokenPipeError():  # whoever read us has gone
            said = _say("interrupted: the output was closed")
            return ExitStatus.INTERRUPTED if said else ExitStatus.BUG
        case _:
            _say(_bug(error, arguments))
            return ExitStatus.BUG


def _invoked(command: click.Command, arguments: list[str], *, name: str) -> int:
    """Run a command; click's own `main` would also answer completions, and make exit status 1 of a broken pipe."""
    try:
        with with_short_help(command).make_context(name, list(arguments)) as context:
            return int(command.invoke(context) or 0)
    except click.exceptions.Exit as ended:
        return ended.exit_code


def _say(text: str) -> bool:
    """Print to standard error, and say whether that could be done; without it the exit status is still ours."""
    try:
        click.echo(text, err=True)
    except OSError:
        return False
    return True


def _usage(error: click.ClickException, called: str) -> str:
    what = error.format_message().rstrip(".")
    what = what[:1].lower() + what[1:]
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        group = error.ctx.command if error.ctx else None
        known = group.modules if isinstance(group, LateGroup) else COMMANDS
        what, fix = "no command is given", f"use one of: {', '.join(known)}"
    elif isinstance(error, ProberUsage):
        fix = error.fix
    elif isinstance(error, click.NoSuchOption) and error.possibilities:
        what = f"no such option '{error.option_name}'"
        fix = f"did you mean '{error.possibilities[0]}'?"
    else:
        context = getattr(error, "ctx", None)
        fix = f"see '{context.command_path if context else called} --help'"
    return f"error: {what}\n  fix: {fix}"


def _bug(error: Exception, arguments: list[str]) -> str:
    if "--verbose" in arguments or "-v" in arguments:
        import traceback  # noqa: PLC0415 - of a bug of ours

        return "".join(traceback.format_exception(error))
    if isinstance(error, OSError) and error.strerror:
        what = error.strerror.lower() + (f": '{error.filename}'" if error.filename else "")
        return f"error: {what}\n  fix: see what this machine lacks; --verbose prints where that was"
    what = f"a bug in the prober: {type(error).__name__}"
    return f"error: {what}\n  fix: run it again with --verbose and report what it prints"
