"""Credentials as they go over the wire."""

from __future__ import annotations

import hashlib

from prober.plan.credential_values import (
    CredentialValues,
)
from prober.plan.credentials import (
    LADDER,
)

MADE = CredentialValues(nonce="0123abcd", cookies=("one", "two"))
BY_NAME = {entry.name: entry for entry in LADDER}
RANDOM = hashlib.sha256(b"lockdown-prober 0123abcd").hexdigest()
