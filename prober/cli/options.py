"""Decorators that give a command the options it shares with others, each also as PROBER_... in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prober.cli.probe_options import WHAT_TO_PROBE
from prober.cli.report_options import WHAT_TO_REPORT
from prober.cli.send_options import HOW_TO_SEND, OF_ONE_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

P = ParamSpec("P")
R = TypeVar("R")


def what_to_probe(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that make a plan."""
    return _with(WHAT_TO_PROBE, function)


def how_to_probe(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that conduct one run, and say what becomes of its report."""
    return _with((*HOW_TO_SEND, *WHAT_TO_REPORT), function)


def how_to_send(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that conduct a run, and every one after it."""
    return _with(HOW_TO_SEND, function)


def how_to_send_many(function: Callable[P, R]) -> Callable[P, R]:
    """Add those of the options of a run that hold for each deployment of a fleet; it has a pace of its own."""
    decorated = _with(HOW_TO_SEND, function)
    parameters: list[click.Parameter] = getattr(decorated, "__click_params__")  # noqa: B009 - click's own attribute
    parameters[:] = [parameter for parameter in parameters if parameter.name not in OF_ONE_DEPLOYMENT]
    return decorated


def and_these(
    *options: Callable[[Callable[P, R]], Callable[P, R]],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Add a command's own options, each in the environment too."""
    return lambda function: _with(options, function)


def _with(options: tuple[Callable[[Callable[P, R]], Callable[P, R]], ...], function: Callable[P, R]) -> Callable[P, R]:
    for entry in reversed(options):
        function = entry(function)
    for parameter in getattr(function, "__click_params__", []):
        if parameter.envvar is None:
            name = parameter.opts[0].lstrip("-").replace("-", "_").upper()
            outside = {"BASE_URL": ["BASE_URL"], "MCP_URL": ["MCP_URL"]}.get(name, [])
            parameter.envvar = [f"PROBER_{name}", *outside]
    return function
