"""The auth mode that an environment asks for, as the Brain Platform itself reads it. Pure; shows no value.

First match wins, and empty means unset: that is the trap by which an operator believed in OAuth while the server took
the dev shim, so it is named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GITHUB = ("AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET")
OAUTH = (*GITHUB, "AUTH_SECRET")
ADMIN = ("ADMIN_USERNAME", "ADMIN_PASSWORD_HASH")
DEV = "ALLOW_DEV_AUTH"


def mode_of(values: Mapping[str, str]) -> str:
    """Give the name of the mode; each is a shipped profile."""
    admin, oauth = all_set(values, ADMIN), all_set(values, OAUTH)
    if admin and oauth:
        return "credentials+oauth"
    if admin:
        return "credentials"
    if oauth:
        return "oauth"
    return "dev-shim" if is_true(values, DEV) else "unconfigured"


def conflict_of(values: Mapping[str, str]) -> str | None:
    """Say why no such deployment may go out at all: two modes are asked for, and one of them lets everybody in."""
    full = [name for name in GITHUB if values.get(name, "").strip()]
    if not full or not is_true(values, DEV):
        return None
    return f"ALLOW_DEV_AUTH=true stands beside {' and '.join(full)}: one of the two modes is not meant"


def trap_of(values: Mapping[str, str]) -> str | None:
    """Say where a mode is asked for in names that are there and hold nothing, and everybody is let in instead."""
    empty = [name for name in GITHUB if name in values and not values[name].strip()]
    if not empty or not is_true(values, DEV) or mode_of(values) != "dev-shim":
        return None
    verb = "is" if len(empty) == 1 else "are"
    names = " and ".join(empty)
    taken = "it looks like OAuth, and the server takes the dev shim"
    return f"{names} {verb} there but empty, beside ALLOW_DEV_AUTH=true: {taken}"


def all_set(values: Mapping[str, str], names: tuple[str, ...]) -> bool:
    """Say whether each of these names holds something."""
    return all(values.get(name, "").strip() for name in names)


def is_true(values: Mapping[str, str], name: str) -> bool:
    """Say whether a name holds true, in whatever case."""
    return values.get(name, "").strip().lower() == "true"
