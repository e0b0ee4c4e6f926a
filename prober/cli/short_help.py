"""`--help`, and `-h`, which is help only as the last word: `prober run … -h HOST` must not exit 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "short_help"


class ShortHelp(click.Option):
    """The option `-h`: as `--help` where it is the last word, else a usage error."""

    def __init__(self) -> None:
        """Declare it, without a line of its own in the help."""
        super().__init__(
            ["-h", NAME], is_flag=True, is_eager=True, expose_value=False, hidden=True, callback=_show_help
        )  # fmt: skip

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, object], args: list[str]
    ) -> tuple[object, list[str]]:  # fmt: skip
        """Refuse it where an argument or another option follows; click passes the options in the order given."""
        options = [name for name in opts if not isinstance(_parameter(ctx, name), click.Argument)]
        words = [
            value for name, value in opts.items() if name not in options and value and isinstance(value, (str, tuple))
        ]
        if NAME in opts and (args or words or options[-1] != NAME):
            what = f"'-h' is help and probes nothing, but it is not the last word of '{ctx.command_path}'"
            raise UsageError(what, fix=f"remove it, or use '{ctx.command_path} --help'")
        return super().handle_parse_result(ctx, opts, args)


def _parameter(context: click.Context, name: str) -> click.Parameter | None:
    return next((parameter for parameter in context.command.params if parameter.name == name), None)


class LongHelp(click.Option):
    """The option `--help`, in whose line of the help `-h` is too."""

    def __init__(self) -> None:
        """Declare it as click does."""
        super().__init__(
            ["--help"], is_flag=True, is_eager=True, expose_value=False, help="Show this message and exit.",
            callback=_show_help,
        )  # fmt: skip

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:  # noqa: ARG002 - click's own signature
        """Give its line."""
        return "-h, --help", self.help or ""


def with_short_help(command: click.Command) -> click.Command:
    """Give a command both options in place of click's own, once."""
    if not any(isinstance(option, ShortHelp) for option in command.params):
        command.add_help_option = False
        command.params += [LongHelp(), ShortHelp()]
    return command


def _show_help(context: click.Context, _option: click.Parameter, is_given: bool) -> None:  # noqa: FBT001 - click's own signature
    if is_given:
        click.echo(context.get_help(), color=context.color)
        context.exit()
