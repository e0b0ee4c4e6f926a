"""JWTs that bring along what they are to be verified with: an id that names an empty file, a key of their own. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from prober.plan.credential_values import ALL_CLAIMS, FAR_AWAY, url_base64

if TYPE_CHECKING:
    from prober.plan.credential_values import CredentialValues

_EMPTY_FILE = "../../../../../../../../dev/null"
# An RSA key that protects nothing: its primes are those of Mersenne which everybody knows. It has 2,407 bits.
_PRIMES = (2**521 - 1, 2**607 - 1, 2**1279 - 1)
_MODULUS = _PRIMES[0] * _PRIMES[1] * _PRIMES[2]
_EXPONENT = 65_537
_SHA256_IN_DER = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017, 9.2


def _unsigned(header: dict[str, object], made: CredentialValues) -> str:
    claims: dict[str, object] = {
        "sub": "lockdown-probe", "jti": made.nonce, "exp": FAR_AWAY, "role": "admin", **ALL_CLAIMS
    }  # fmt: skip
    return ".".join(url_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))


def by_an_empty_file(made: CredentialValues) -> str:
    """Sign with nothing, and name an empty file as the key's id: a verifier that reads its keys from files has it."""
    content = _unsigned({"alg": "HS256", "typ": "JWT", "kid": _EMPTY_FILE}, made)
    return f"{content}.{url_base64(hmac.new(b'', content.encode(), 'sha256').digest())}"


def by_its_own_key(made: CredentialValues) -> str:
    """Sign with a key that the token brings along in its header."""
    own = {
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "lockdown-probe",
        "n": url_base64(_in_bytes(_MODULUS)), "e": url_base64(_in_bytes(_EXPONENT)),
    }  # fmt: skip
    content = _unsigned({"alg": "RS256", "typ": "JWT", "kid": "lockdown-probe", "jwk": own}, made)
    return f"{content}.{url_base64(_signature(content.encode()))}"


def _signature(content: bytes) -> bytes:
    """Sign by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.1)."""
    length = (_MODULUS.bit_length() + 7) // 8
    ending = _SHA256_IN_DER + hashlib.sha256(content).digest()
    block = b"\x00\x01" + b"\xff" * (length - len(ending) - 3) + b"\x00" + ending
    return _power_by_the_private_key(int.from_bytes(block, "big")).to_bytes(length, "big")


def _power_by_the_private_key(number: int) -> int:
    """Raise it for each prime alone, and join the results by the Chinese remainder theorem: ten times as fast."""
    joined = 0
    for prime in _PRIMES:
        part = pow(number % prime, pow(_EXPONENT, -1, prime - 1), prime)
        others = _MODULUS // prime
        joined += part * others * pow(others, -1, prime)
    return joined % _MODULUS


def _in_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
