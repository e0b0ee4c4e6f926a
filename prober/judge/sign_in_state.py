"""Is a signed token (JWT) the state of a sign-in that was begun, and nobody's session? Pure.

Whoever is sent to sign in takes the state along, in the location, the page of the redirect or a cookie: where to come
back to, and a number that is used once. It is signed, and lets nobody in.
"""

from __future__ import annotations

import base64
import binascii
import json

from prober.judge.records import folded

_OF_A_STATE = frozenset({
    "nonce", "state", "returnto", "returnurl", "redirect", "redirectto", "redirecturi", "redirecturl", "ruri", "next",
    "verifier", "codeverifier", "pkce", "callbackurl", "relaystate", "targeturl", "originalurl",
})  # fmt: skip
_OF_SOMEBODY = (
    "sub", "user", "email", "name", "uid", "upn", "role", "group", "scope", "scp", "permission", "authorities",
    "member", "account",
)  # fmt: skip  # words with which names of such claims begin or end


def is_state_of_sign_in(token: str) -> bool:
    """Say whether a token's claims are those of a state, and none of them says who somebody is."""
    payload = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    names = {folded(name) for name in claims} if isinstance(claims, dict) else set()
    if not names & _OF_A_STATE:
        return False
    return not any(name.startswith(_OF_SOMEBODY) or name.endswith(_OF_SOMEBODY) for name in names)
