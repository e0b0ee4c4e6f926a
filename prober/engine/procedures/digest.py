"""Digest authentication (RFC 7616): the challenge is fetched for one probe, and answered with the probe's password.

A made-up answer would be refused for its nonce alone, which proves nothing. Sends through what it is given.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import Answered, Reply, Request, Unanswered, Unsent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_FIELD = re.compile(r'([a-z]{1,20})\s?=\s?(?:"([^"\\]{0,500})"|([^\s,"]{1,500}))', re.IGNORECASE)
_COUNT = "00000001"  # the first answer to this nonce
_CLIENT_NONCE = "lockdown-probe"


async def with_digest(request: Request, send: Callable[[Request], Awaitable[Reply]]) -> Request | Unanswered | Unsent:
    """Fetch the challenge, and give the request with its answer; without a challenge the answer is to an empty one."""
    if request.digest is None:
        return request
    user, password = request.digest
    plain = replace(request, digest=None)
    reply = await send(plain)
    if not isinstance(reply, Answered):
        return reply
    challenge = next((c for name, value in reply.headers if name == "www-authenticate" and (c := _read(value))), {})
    answer = ("Authorization", authorization(challenge, request.method, request.target, user, password))
    return replace(plain, headers=(*plain.headers, answer))


def authorization(challenge: Mapping[str, str], method: str, target: str, user: str, password: str) -> str:
    """Answer a challenge: the value of the header Authorization."""
    algorithm = challenge.get("algorithm", "MD5")
    realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
    secret = _hash(algorithm, f"{user}:{realm}:{password}")
    if algorithm.lower().endswith("-sess"):
        secret = _hash(algorithm, f"{secret}:{nonce}:{_CLIENT_NONCE}")
    asked = _hash(algorithm, f"{method}:{target}")
    offers = "auth" in re.split(r"[,\s]+", challenge.get("qop", ""))
    middle = f"{nonce}:{_COUNT}:{_CLIENT_NONCE}:auth" if offers else nonce
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": target,
              "response": _hash(algorithm, f"{secret}:{middle}:{asked}")}  # fmt: skip
    fields |= {"opaque": challenge["opaque"]} if "opaque" in challenge else {}
    counted = {"cnonce": _CLIENT_NONCE} if offers or algorithm.lower().endswith("-sess") else {}
    plain = [f"algorithm={algorithm}", *([f"nc={_COUNT}", "qop=auth"] if offers else [])]
    return "Digest " + ", ".join([*(f'{key}="{value}"' for key, value in (fields | counted).items()), *plain])


def _read(value: str) -> dict[str, str]:
    """Read the fields of a Digest challenge; empty for any other, and for one that cannot be answered here."""
    scheme = re.search(r"\bdigest\s+", value, re.IGNORECASE)
    if scheme is None:
        return {}
    fields = {key.lower(): quoted or plain for key, quoted, plain in _FIELD.findall(value[scheme.end() :])}
    known = fields.get("algorithm", "MD5").lower().removesuffix("-sess") in {"md5", "sha-256"}
    sendable = all(value.isascii() and value.isprintable() for value in fields.values())
    return fields if known and sendable and "nonce" in fields else {}


def _hash(algorithm: str, text: str) -> str:
    if algorithm.lower().startswith("sha-256"):
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.md5(
        text.encode(), usedforsecurity=False
    ).hexdigest()  # the algorithm that RFC 7616 still defaults to
