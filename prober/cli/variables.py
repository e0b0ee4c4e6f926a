"""Refuses a variable PROBER_... that no option reads: a misspelt one would change nothing, and nobody would see it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prober.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import click

PREFIX = "PROBER_"
_DEPLOYMENT = "prober.yaml"


def refuse_unknown_variables(
    command: click.Command, environ: Mapping[str, str], arguments: Sequence[str],
    *, others: Callable[[], Iterable[click.Command]],
) -> None:  # fmt: skip
    """Raise a usage error for a variable that neither this command nor another reads.

    A variable that holds a secret may have any name: it is named as `env:NAME` in an option, in another variable or
    in prober.yaml. `others` gives the other commands, which are asked only where this one does not know a variable.
    """
    given = [name for name in environ if name.startswith(PREFIX)]
    known = _variables(command)
    if not known or all(name in known for name in given):
        return
    every = known.union(*map(_variables, others()))
    for name in sorted(given):
        if name not in every and not _is_source(name, environ, arguments):
            short = {variable.removeprefix(PREFIX): variable for variable in every}
            near = did_you_mean(name.removeprefix(PREFIX), short, otherwise="")
            meant = near.replace("'", f"'{PREFIX}", 1) if near else ""
            fix = meant or "unset it, or name it as a secret: env:NAME"
            raise UsageError(f"no option reads the variable {name}", fix=fix)


def _variables(command: click.Command) -> frozenset[str]:
    """Name the variables that the options of a command read."""
    names: list[str] = []
    for parameter in command.params:
        envvar = parameter.envvar or ()
        names += [envvar] if isinstance(envvar, str) else envvar
    return frozenset(name for name in names if name.startswith(PREFIX))


def _is_source(name: str, environ: Mapping[str, str], arguments: Sequence[str]) -> bool:
    """Say whether something names this variable as where a secret is."""
    texts = [*arguments, *(value for variable, value in environ.items() if variable.startswith(PREFIX))]
    source = f"env:{name}"
    return any(text.endswith(source) or f"{source}\n" in text for text in texts) or any(
        source in text for text in _deployments(environ, arguments)
    )


def _deployments(environ: Mapping[str, str], arguments: Sequence[str]) -> list[str]:
    """Read the files that may be the deployment's; what cannot be read is told by whoever needs it."""
    paths = [
        _DEPLOYMENT,
        environ.get(f"{PREFIX}DEPLOYMENT", ""),
        *(argument.partition("=")[2] for argument in arguments),
    ]
    files = [Path(path) for path in {*paths, *arguments} if path.endswith((".yaml", ".yml"))]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
