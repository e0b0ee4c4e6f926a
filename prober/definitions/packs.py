"""The shipped surfaces by the application that they are of: a pack is named to use all that one of them serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.errors import UsageError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = "all"  # in place of a surface's name: every shipped one


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The surfaces of one application, and the paths by which it is recognised."""

    name: str
    surfaces: tuple[str, ...]
    marks: tuple[str, ...]  # each answers GET otherwise than a path that does not exist


PACKS = {
    pack.name: pack
    for pack in (
        Pack(
            name="brain-platform",
            surfaces=(
                "pages", "admin-pages", "health", "mcp-health", "auth", "login", "signup", "knowledge", "me", "tokens",
                "orgs", "invites", "admin", "oracle", "dashboard", "projects", "autoskill", "meetings", "onboarding",
                "mcp",
            ),
            marks=("/api/knowledge", "/api/tokens", "/api/orgs", "/api/autoskill/proposals"),
        ),
        Pack(
            name="making-tax-digital",
            surfaces=("migrate", "auth"),
            marks=("/api/migrate", "/api/auth/providers"),
        ),
        Pack(
            name="mis-control-tower",
            surfaces=(
                "members", "reminders", "pairing", "machines", "settings", "ingest", "password-login", "invite-links",
            ),
            marks=("/api/org/members", "/api/machines", "/api/settings"),
        ),
    )
}  # fmt: skip


def surfaces_in(packs: Iterable[str]) -> frozenset[str]:
    """Name the surfaces of these packs; a pack that is not there is a usage error."""
    named = tuple(packs)
    for name in named:
        if name not in PACKS:
            fix = did_you_mean(name, PACKS, otherwise="choose one of these")
            raise UsageError(f"no pack '{name}' ({listed(PACKS)})", fix=fix)
    return frozenset(surface for name in named for surface in PACKS[name].surfaces)


def shipped_that_count(names: Iterable[str], packs: Iterable[str], *, has_own: bool) -> frozenset[str] | None:
    """Name the shipped surfaces that a user means: those named, and those of the named packs. None for all of them.

    All are meant by `all`, and where nothing is named in a folder without surfaces of its own.
    """
    wanted = frozenset(names)
    of_packs = surfaces_in(packs)
    if ALL in wanted or not (wanted or of_packs or has_own):
        return None
    return wanted | of_packs
