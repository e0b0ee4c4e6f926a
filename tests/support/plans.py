"""What nearly every guarded route gets besides its ladder, and what is tried once for each guard: globs of probes."""

from __future__ import annotations

from prober.plan.credentials import LADDER
from prober.plan.variants import VARIANTS


def is_besides(name: str) -> bool:
    """Say whether a credential is tried once for each guard, or in each library's cookies."""
    entry = next((entry for entry in LADDER if entry.name == name), None)
    listed = name.startswith(("jwt-signed-", "common-cookies")) or name == "api-key-empty"
    return entry is not None and (entry.once_a_guard or listed)


BESIDES = (
    "*[refusal-cookie]",
    *(f"* {entry.name}" for entry in VARIANTS if entry.same_url or entry.once_a_guard or entry.posts_only),
    *(f"* {name}" for name in ("open-folder-and-back-encoded", "open-folder-and-back-semicolon", "websocket")),
    *(f"*[{entry.name}]" for entry in LADDER if is_besides(entry.name)),
)
