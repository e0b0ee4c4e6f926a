"""Digest authentication: each challenge is really answered, by made-up passwords and by a held one. Whole runs."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING

import pytest

from prober.engine.procedures.digest import authorization
from tests.support.in_process import run_here
from tests.support.payroll import Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

SURFACE = """\
surface: ui
about: x.
routes:
  - {route: GET /api/healthz, guard: open, control: alive, why: w, fix: f}
  - {route: GET /payroll.json, guard: ui, admits: [witness], why: w, fix: f}
"""
PROFILE = """\
profile: own
about: x.
presents: {open: nothing, ui: {digest: ann}}
guards: {open: 200, ui: {status: 401, header: {www-authenticate: Digest}}}
"""
ROWS = Says(status=200, body=b'{"rows": [{"salary": 1}, {"salary": 2}]}')


class Server:
    """Asks for Digest, with a fresh nonce each time that is taken once, and lets one user in by one password."""

    def __init__(self, password: str, algorithm: str, qop: str) -> None:
        self.password, self.algorithm, self.qop = password, algorithm, qop
        self.nonces: set[str] = set()
        self.answered = 0

    def answer(self, asked: Asked) -> Says | None:
        if asked.path != "/payroll.json":
            return None
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', asked.headers.get("authorization", "").removeprefix("Digest ")))
        if given.get("nonce") in self.nonces:
            self.nonces.remove(given["nonce"])
            self.answered += 1
            if given["response"] == self.expected(given, asked.method):
                return ROWS
        nonce = secrets.token_hex(8)
        self.nonces.add(nonce)
        qop = f', qop="{self.qop}"' if self.qop else ""
        challenge = f'Digest realm="staff only", nonce="{nonce}", algorithm={self.algorithm}, opaque="0p"{qop}'
        return Says(status=401, body=b"no", kind="text/plain", headers=(("WWW-Authenticate", challenge),))

    def expected(self, given: dict[str, str], method: str) -> str:
        first = self.digest(f"ann:staff only:{self.password}")
        second = self.digest(f"{method}:{given['uri']}")
        middle = [given["nc"], given["cnonce"], "auth"] if self.qop else []
        return self.digest(":".join([first, given["nonce"], *middle, second]))

    def digest(self, text: str) -> str:
        return hashlib.new("sha256" if self.algorithm == "SHA-256" else "md5", text.encode()).hexdigest()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("password", "algorithm", "qop", "held", "expected"),
    [
        pytest.param("a-fine-password", "MD5", "auth", "a-fine-password", (0, ("locked", "as-promised")), id="locked"),
        pytest.param("a-fine-password", "SHA-256", "auth-int, auth", "ann:a-fine-password", (0, ("locked", "as-promised")), id="sha-256"),
        pytest.param("a-fine-password", "MD5", "", "a-fine-password", (0, ("locked", "as-promised")), id="without-qop"),
        pytest.param("None", "MD5", "auth", "a-fine-password", (1, ("leak", "granted")), id="unset-in-python"),
        pytest.param("a-fine-password", "MD5", "auth", "another-password", (2, ("unproven", "key-refused")), id="wrong-key"),
    ],
)  # fmt: skip
def test_a_challenge_is_answered(
    password: str, algorithm: str, qop: str, held: str, expected: tuple[int, tuple[str, str]], tmp_path: Path
) -> None:
    server = Server(password, algorithm, qop)
    with answering(server.answer) as url:
        status, worst = run_here(tmp_path, url, surface=SURFACE, profile=PROFILE, hold={"witness": held})
    assert (status, worst["/payroll.json"]) == expected
    assert server.answered > 10


def test_a_session_variant_of_the_hash_binds_the_nonce() -> None:
    challenge = {"realm": "r", "nonce": "n", "algorithm": "MD5-sess"}
    answer = authorization(challenge, "GET", "/x", "u", "p")

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret = md5(f"{md5('u:r:p')}:n:lockdown-probe")
    response = md5(f"{secret}:n:" + md5("GET:/x"))
    assert f'response="{response}"' in answer
    assert answer.startswith('Digest username="u", realm="r", nonce="n", uri="/x", ')
