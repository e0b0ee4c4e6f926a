"""The edge of the command line: what click gives by name becomes one frozen, typed value."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

import click
from click.core import ParameterSource

from prober.app.overrides import COMMAND_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


BARE = {"base_url": "BASE_URL", "mcp_url": "MCP_URL"}  # variables that other programs set too


def where_given() -> dict[str, str]:
    """Name where each option of this command was given: on the command line, or in which variable."""
    context = click.get_current_context(silent=True)
    origins: dict[str, str] = {}
    for parameter in context.command.params if context else ():
        name = parameter.name or ""
        source = context.get_parameter_source(name) if context else None
        if source is ParameterSource.COMMANDLINE:
            origins[name] = COMMAND_LINE
        elif source is ParameterSource.ENVIRONMENT:
            variables = [parameter.envvar] if isinstance(parameter.envvar, str) else [*(parameter.envvar or ())]
            origins[name] = next((variable for variable in variables if os.environ.get(variable)), "the environment")
    return origins


def yielding() -> frozenset[str]:
    """Name the options that come from a variable which other programs set too: prober.yaml wins over them."""
    origins = where_given()
    return frozenset(name for name, variable in BARE.items() if origins.get(name) == variable)


def read_options(kind: type[T], given: Mapping[str, object]) -> T:
    """Make a value of this dataclass of the options that it has; click has checked their types.

    A test holds each field against an option of the command, so that none can be missing or of another type.
    """
    given = {**given, "origins": where_given(), "yielding": yielding()}
    names = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]  # each kind is a dataclass
    return kind(**{name: value for name, value in given.items() if name in names})
