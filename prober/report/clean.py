"""What a deployment said, made safe for a terminal, a log and a report: nothing in it acts, no secret is repeated."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = "<redacted>"
_LONGEST = 500

_SECRETS = (
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){1,3}"),  # JWT and JWE
    re.compile(r"\bbp_[A-Za-z0-9_-]{8,}"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
    re.compile(
        r"(?<=[?&;])((?:[a-z_]*(?:token|secret|code|key|password|state|nonce|session|ticket|signature))=)[^&#\s]+",
        re.IGNORECASE,
    ),
    re.compile(r"(/invites/)[A-Za-z0-9_-]{20,}"),
)
# The runner of GitHub Actions obeys ::command:: at the start of a line, and ##[command] anywhere; others have kin.
_COMMANDS = re.compile(r"##(?=\[|vso\[|teamcity\[)|^\s*::(?=[a-z])", re.IGNORECASE)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Give one line of harmless text: controls, escapes, direction marks and line breaks are shown, secrets are not."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern in _SECRETS:
        text = pattern.sub(
            lambda found: (found.group(1) if found.lastindex and found.group(1).endswith(("=", "/")) else "") + HIDDEN,
            text,
        )
    shown = "".join(_shown(char) for char in text[:_LONGEST])
    return _COMMANDS.sub(lambda found: found.group().replace("##", "# #").replace("::", ": :"), shown)


def _shown(char: str) -> str:
    if char == " " or unicodedata.category(char)[0] not in "CZ":
        return char
    point = ord(char)
    return f"\\x{point:02x}" if point <= 0xFF else f"\\u{point:04x}"  # noqa: PLR2004 - one byte
