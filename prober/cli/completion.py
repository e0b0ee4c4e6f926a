"""`prober completion`: what a shell needs to complete `prober` and `verify-lockdown`, and the answers to its TAB.

Built on click's own completion, but for two things. Click answers to an environment variable, in whatever command is
run: `_PROBER_COMPLETE=bash_complete prober run` would exit 0 and have probed nothing, so here it is a command that
answers. And the ids of findings hold spaces, colons and brackets, which click's scripts tear apart.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import ShellComplete

from prober.cli.completers import one_of
from prober.errors import ProberError, UsageError, did_you_mean
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

INSTALLED_BY = {
    "bash": 'eval "$(prober completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(prober completion zsh)"     # in ~/.zshrc, after compinit',
    "fish": "prober completion fish | source     # in ~/.config/fish/config.fish",
}
_SCRIPTS = Path(__file__).resolve().parent.parent / "shells"
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]")


@click.command("completion")
@click.argument("shell", required=False, shell_complete=one_of(INSTALLED_BY))
@click.option("--answer", "program", hidden=True, help="Answer the script: COMP_LINE holds what is typed.")
def command(shell: str | None, program: str | None) -> int:
    """Print the script that makes a SHELL complete commands, options and names; without one, say how to use it."""
    if shell is None:
        click.echo("\n".join(f"{name:<6}{line}" for name, line in INSTALLED_BY.items()))
        return ExitStatus.LOCKED
    if shell not in INSTALLED_BY:
        fix = did_you_mean(shell, INSTALLED_BY, otherwise=f"use one of: {', '.join(INSTALLED_BY)}")
        raise UsageError(f"no completion for '{shell}'", fix=fix)
    if program is None:
        click.echo((_SCRIPTS / f"completion.{shell}").read_text(encoding="utf-8"), nl=False)
    else:
        for row in answer(shell, program, os.environ.get("COMP_LINE", "")):
            click.echo(row)
    return ExitStatus.LOCKED


def answer(shell: str, program: str, line: str) -> list[str]:
    """Complete the line that was typed up to the cursor, in the form that the shell's script reads."""
    typed = read_line(line, breaks=os.environ.get("COMP_WORDBREAKS", ""))
    return [row for item in complete(program, typed) for row in _FORMS[shell](item, typed)]


# --- what was typed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A line up to the cursor: the whole words of it, and the last one, of which more may come."""

    words: tuple[str, ...]
    last: str
    quote: str  # the quotation mark that is still open
    fixed: str  # the head of the last word that bash takes for a word of its own, as `json=` in json=report.json


def read_line(line: str, *, breaks: str = "") -> Typed:
    """Read a line as a shell does: quotes, backslashes, and what bash breaks words at besides."""
    words: list[str] = []
    word, quote, begun, fixed, escaped = "", "", False, 0, False
    for char in line:
        if escaped:
            word, escaped = word + char, False
        elif char == "\\" and quote != "'":
            begun = escaped = True
        elif quote:
            word, quote = (word, "") if char == quote else (word + char, quote)
        elif char in "\"'":
            begun, quote = True, char
        elif char.isspace():
            words += [word] if begun else []
            word, begun, fixed = "", False, 0
        else:
            word, begun = word + char, True
            fixed = len(word) if char in breaks else fixed
    return Typed(words=tuple(words), last=word, quote=quote, fixed=word[: 0 if quote else fixed])


# --- what may come of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One completion: the whole word, or the head of it before the name of a file."""

    kind: str
    value: str
    help: str


class _Completion(ShellComplete):
    """Click's way from words to completions; the shells are asked and told in ways of our own."""

    name = "prober"
    source_template = ""


def complete(program: str, typed: Typed) -> list[Item]:
    """Ask click what the last word may become."""
    known = _Completion(_program(program), {}, program, "")
    # click takes --profile=oa apart, and answers with what stands behind the sign
    option, sign, _ = typed.last.partition("=")
    head = option + sign if sign and option.startswith("-") else ""
    try:
        found = known.get_completions(list(typed.words[1:]), typed.last)
    except (click.ClickException, ProberError):  # a command that is none, say
        return []
    return [_item(item, head) for item in found]


def _program(name: str) -> click.Command:
    from prober.cli.main import prober  # noqa: PLC0415 - it imports this module when it is asked for

    if name == "verify-lockdown":
        from prober.cli.verify_lockdown import command as verify_lockdown  # noqa: PLC0415

        return verify_lockdown
    return prober


def _item(item: CompletionItem[str], head: str) -> Item:
    if item.type == "plain":
        return Item(kind="plain", value=head + item.value, help=" ".join((item.help or "").split()))
    return Item(kind=item.type, value=head + str(item.head or ""), help="")


# --- how each shell wants it ------------------------------------------------------------------------------------------


def _for_bash(item: Item, typed: Typed) -> list[str]:
    """The rest of the word, since bash itself keeps its head; quoted as the line needs it."""
    rest = item.value.removeprefix(typed.fixed)
    if typed.quote == "":
        rest = "".join(char if _PLAIN.match(char) else f"\\{char}" for char in rest)
    elif typed.quote == '"':
        rest = re.sub(r'([\\"$`])', r"\\\1", rest)
    return [f"{item.kind},{rest}"]


def _for_zsh(item: Item, _: Typed) -> list[str]:
    return [item.kind, item.value, item.help or "_"]


def _for_fish(item: Item, typed: Typed) -> list[str]:
    """For a file, the head that is kept and what is typed of the name."""
    if item.kind == "plain":
        return [f"plain\t{item.value}\t{item.help}"]
    return [f"{item.kind}\t{item.value}\t{typed.last.removeprefix(item.value)}"]


_FORMS: dict[str, Callable[[Item, Typed], list[str]]] = {"bash": _for_bash, "zsh": _for_zsh, "fish": _for_fish}
