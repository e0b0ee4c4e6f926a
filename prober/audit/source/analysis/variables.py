"""What the middleware of a request leaves in its context for the handler. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source.analysis.values import Shape

if TYPE_CHECKING:
    from prober.audit.source.analysis.values import Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variables:
    """What a middleware has left in a request's context, and what guards it ever leaves there the results of."""

    held: dict[str, Value] = field(default_factory=dict)
    guards: dict[str, Value] = field(default_factory=dict)


def known_variables(variables: Variables) -> dict[str, Value]:
    """Give what a context holds. Nothing, where a guard leaves its result on another way, is that guard's refusal."""
    return {
        key: variables.guards.get(key, value) if value.shape is Shape.NOTHING else value
        for key, value in variables.held.items()
    }
