"""The page of the packs of `prober audit source`, from the packs themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.packs.registry import PACKS

if TYPE_CHECKING:
    from prober.audit.source.analysis.pack import Pack


def pack_sections() -> str:
    """Give a section for each pack: its packages, what it believes, and its examples with what the audit says."""
    return "\n\n".join(_section(pack) for pack in PACKS)


def _section(pack: Pack) -> str:
    lines = [f"### {pack.name}", "", f"On for {', '.join(f'`{name}`' for name in pack.packages)}. {pack.about}"]
    for example in pack.examples:
        lines += ["", f"`{example.status}`:", "", "```tsx", example.source.rstrip(), "```"]
    return "\n".join(lines)
