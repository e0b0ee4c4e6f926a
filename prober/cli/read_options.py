"""The edge of the command line: what click gives by name becomes one frozen, typed value."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def read_options(kind: type[T], given: Mapping[str, object]) -> T:
    """Make a value of this dataclass of the options that it has; click has checked their types.

    A test holds each field against an option of the command, so that none can be missing or of another type.
    """
    names = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]  # each kind is a dataclass
    return kind(**{name: value for name, value in given.items() if name in names})
