"""The real keys of one demo: random at each start, so that none can be guessed, committed or reused."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Every key that opens a lock of this start, and nothing else does."""

    session_secret: str  # AUTH_SECRET, with which Auth.js seals its CSRF token
    admin_session: str
    member_session: str
    admin_username: str
    admin_password: str
    migration_secret: str
    job_secret: str
    machine_key: str
    mcp_token: str
    mcp_token_2: str
    invite_token: str
    reset_token: str
    pairing_code: str
    voucher: str


def make_secrets() -> Secrets:
    """Make the keys of one start."""
    return Secrets(
        session_secret=secrets.token_hex(32),
        admin_session=_sealed_session(),
        member_session=_sealed_session(),
        admin_username="operator",
        admin_password=secrets.token_urlsafe(18),
        migration_secret=secrets.token_hex(32),
        job_secret=secrets.token_hex(32),
        machine_key=secrets.token_hex(32),
        mcp_token="bp_" + secrets.token_urlsafe(32),
        mcp_token_2="bp_" + secrets.token_urlsafe(32),
        invite_token=secrets.token_urlsafe(32),
        reset_token=secrets.token_urlsafe(32),
        pairing_code=secrets.token_hex(4),
        voucher=f"PILOT-{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper(),
    )


def is_key(given: str | None, key: str) -> bool:
    """Compare in constant time, whatever the lengths; nothing and the empty string open nothing."""
    if not given or not key:
        return False
    return hmac.compare_digest(_digest(given), _digest(key))


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()


def _sealed_session() -> str:
    """Five parts, like the JWE that Auth.js puts into its session cookie."""
    head, vector, text, tag = (secrets.token_urlsafe(size) for size in (24, 12, 48, 24))
    return f"{head}..{vector}.{text}.{tag}"
