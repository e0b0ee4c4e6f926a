"""What nearly every guarded route gets besides its ladder, and what is tried once for each guard: what most tests leave out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.plan.credentials import LADDER
from prober.plan.variants import VARIANTS

if TYPE_CHECKING:
    from prober.model import Plan, Probe


def is_besides(name: str) -> bool:
    """Say whether a credential is tried once for each guard, or in each library's cookies."""
    entry = next((entry for entry in LADDER if entry.name == name), None)
    listed = name.startswith(("jwt-signed-", "jwt-hs", "jwt-unknown-", "common-cookies")) or name in {
        "bearer-very-long",
        "signed-with-none",
    }
    return entry is not None and (entry.once_a_guard or entry.sessions_only or entry.few or listed)


BESIDES = frozenset({
    *(entry.name for entry in VARIANTS if entry.same_url or entry.once_a_guard or entry.few or entry.posts_only or entry.files_only),
    "open-folder-and-back-encoded", "open-folder-and-back-semicolon", "websocket",
})  # fmt: skip


def without_besides(plan: Plan) -> Plan:
    """Give the plan without what nearly every guarded route gets besides."""

    def stays(probe: Probe) -> bool:
        once = probe.procedure == "refusal-cookie" or is_besides(probe.credential.name)
        return not once and (probe.variant is None or probe.variant.name not in BESIDES)

    return replace(
        plan,
        probes=tuple(filter(stays, plan.probes)),
        skips=tuple(skip for skip in plan.skips if stays(skip.probe)),
        not_found_controls=tuple(entry for entry in plan.not_found_controls if entry.variant not in BESIDES),
    )
