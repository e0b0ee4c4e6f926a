"""Every door that can be opened in the demo, by its name. One entry each, in the file of its theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.demo import (
    doors_bearer,
    doors_body,
    doors_credentials,
    doors_guesses,
    doors_held,
    doors_history,
    doors_mcp,
    doors_pages,
    doors_paths,
    doors_requests,
    doors_second_front,
    doors_sign_in,
    doors_surfaces,
    doors_tokens,
)
from prober.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.demo.door import Door

_THEMES = (
    doors_history.DOORS,
    doors_mcp.DOORS,
    doors_pages.DOORS,
    doors_sign_in.DOORS,
    doors_body.DOORS,
    doors_surfaces.DOORS,
    doors_bearer.DOORS,
    doors_credentials.DOORS,
    doors_tokens.DOORS,
    doors_guesses.DOORS,
    doors_paths.DOORS,
    doors_requests.DOORS,
    doors_held.DOORS,
    doors_second_front.DOORS,
)
DOORS: Mapping[str, Door] = {door.name: door for theme in _THEMES for door in theme}


def door_named(name: str) -> Door:
    """Find a door by its name."""
    if name not in DOORS:
        fix = did_you_mean(name, DOORS, otherwise="see 'prober demo --list' for the doors there are")
        raise UsageError(f"no door '{name}'", fix=fix)
    return DOORS[name]
