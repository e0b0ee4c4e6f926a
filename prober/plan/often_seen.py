"""Which variants depth standard sends besides its own, where a deployment has few guards. Data. Pure."""

from __future__ import annotations

# Those by which published bugs open guards most often, the commonest first: at standard for a deployment of few guards.
OFTEN_SEEN = (
    "forwarded-for-loopback", "other-addresses-loopback", "trailing-slash", "original-url-guarded",
    "leading-double-slash", "inner-double-slash", "upper-case", "encoded-slash", "encoded-letter", "json-suffix",
    "semicolon", "dot-segment", "dot-dot-segment", "encoded-dot-dot-segment", "head", "method-override", "options",
    "encoded-null", "absolute-form", "forwarded-host", "foreign-origin", "locale-prefix", "rsc", "rsc-suffix",
    "backslash", "forwarded-proto-http",
)  # fmt: skip
OFTEN_AT_WRITES = (
    "forwarded-for-loopback", "other-addresses-loopback", "trailing-slash", "leading-double-slash",
    "inner-double-slash",
)  # fmt: skip
_MOST_OFTEN_SEEN = 200  # requests that they may cost
_FEW_GUARDS = 10


def often_seen(guards: int) -> frozenset[str]:
    """Name the variants that standard sends to one route of each guard, besides its own: none where guards are many."""
    return frozenset(OFTEN_SEEN[: _MOST_OFTEN_SEEN // guards] if 0 < guards <= _FEW_GUARDS else ())


def often_at_writes(guards: int) -> frozenset[str]:
    """Name those that standard sends to one route of each guard that writes: reads and writes are guarded apart."""
    return frozenset(OFTEN_AT_WRITES if 0 < guards <= _FEW_GUARDS else ())
