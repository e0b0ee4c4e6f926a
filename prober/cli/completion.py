"""`prober completion`: print the script of a shell; the script's question goes to click's own completion.

The class here differs from click's in two points: it reads the whole line up to the cursor, because ids of findings
hold spaces and colons that click's scripts split at, and it answers with whole words, `--profile=oauth` for
`--profile=oa`. `cli/main.py` decides when a process may answer at all.
"""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import CompletionItem, FishComplete, add_completion_class, shell_complete, split_arg_string

from prober.cli.completers import files_after, one_of
from prober.errors import ProberError, UsageError, did_you_mean
from prober.model import ExitStatus

VARIABLE = "_PROBER_COMPLETE"
INSTALLED_BY = {
    "bash": 'eval "$(prober completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(prober completion zsh)"     # in ~/.zshrc, after compinit',
    "fish": "prober completion fish | source     # in ~/.config/fish/config.fish",
}
_SCRIPTS = Path(__file__).resolve().parent.parent / "shells"
_FISH = FishComplete.source_template % {
    "complete_func": "_prober_completion", "complete_var": VARIABLE, "prog_name": "prober"
} + 'complete --no-files --command verify-lockdown --arguments "(_prober_completion)"\n'  # fmt: skip


@click.command("completion")
@click.argument("shell", required=False, shell_complete=one_of(INSTALLED_BY))
def command(shell: str | None) -> int:
    """Print the script that makes a SHELL complete commands, options and names; without SHELL, say how to use it."""
    if shell is None:
        click.echo("\n".join(f"{name:<6}{line}" for name, line in INSTALLED_BY.items()))
        return ExitStatus.LOCKED
    if shell not in INSTALLED_BY:
        fix = did_you_mean(shell, INSTALLED_BY, otherwise=f"use one of: {', '.join(INSTALLED_BY)}")
        raise UsageError(f"no completion for '{shell}'", fix=fix)
    script = _FISH if shell == "fish" else (_SCRIPTS / f"completion.{shell}").read_text(encoding="utf-8")
    click.echo(script, nl=False)
    return ExitStatus.LOCKED


class Completion(FishComplete):
    """Click's completion, with one form of answer for all shells: `kind,word`, a tab, and the help if there is any."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Split COMP_WORDS, the line up to the cursor, into complete words and the start of the last one."""
        *words, last = split_arg_string(os.environ["COMP_WORDS"] + ".")  # the dot: a space at the end begins a word
        return words[1:], last[:-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return whole words: click drops `--profile=`; and shells complete a file only where a word begins with it."""
        option, sign, _ = incomplete.partition("=")
        before = option + sign if sign and option.startswith("-") else ""
        whole: list[CompletionItem[str]] = []
        for item in super().get_completions(args, incomplete):
            if item.type == "plain":
                whole.append(CompletionItem(before + item.value, help=item.help))
            else:
                whole += files_after(before, item.value) if before else [item]
        return whole

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Leave out what bash keeps by itself: it splits words at `:` and `=`, unless they are quoted."""
        _, last = self.get_completion_args()
        breaks = os.environ.get("COMP_WORDBREAKS", "").strip(" \t\n\"'")
        item.value = item.value[max((last.rfind(char) + 1 for char in breaks), default=0) :]
        return super().format_completion(item)


def answer(prober: click.Command, instruction: str) -> int:
    """Print what the line in COMP_WORDS may become; a line that cannot be read may become nothing."""
    for shell in INSTALLED_BY:
        add_completion_class(Completion, shell)
    program = os.environ["COMP_WORDS"].partition(" ")[0].rpartition("/")[2]
    command_line = prober
    if program == "verify-lockdown":
        from prober.cli.verify_lockdown import command as command_line  # noqa: PLC0415 - it imports main, which calls this
    try:
        return shell_complete(command_line, {}, program, VARIABLE, instruction)
    except (click.ClickException, ProberError):  # for example a command that does not exist
        return ExitStatus.USAGE
