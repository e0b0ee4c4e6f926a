"""The terminal of a command: where its output goes, and in which colours."""

from __future__ import annotations

import os
import sys
from functools import partial

import click

from prober.app.outputs import Console
from prober.model import Verdict

_COLOURS = {
    Verdict.LEAK: "red", Verdict.DRIFT: "yellow", Verdict.UNPROVEN: "magenta", Verdict.UNREACHABLE: "magenta",
    Verdict.LOCKED: "green",
}  # fmt: skip


def console_of(*, no_color: bool) -> Console:
    """Give standard output and standard error, in colour where a person reads them and wants it."""
    plain = no_color or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    return Console(
        out=partial(click.echo, nl=False), err=partial(click.echo, nl=False, err=True),
        paint=_as_it_is if plain else _painted,
    )  # fmt: skip


def _as_it_is(text: str, _: str) -> str:
    return text


def _painted(text: str, word: str) -> str:
    return click.style(text, fg=_COLOURS[Verdict(word)], bold=True) if word in _COLOURS else text
