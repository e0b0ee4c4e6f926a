"""A guard of tokens or of sessions alone may still compare with a secret that is not set: it is asked so too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import ROWS, Asked, Says, answering, run

if TYPE_CHECKING:
    from pathlib import Path

API = "/api/payroll"
TOKENS = """\
profile: own
about: Made for a test.
guards:
  session: 401
  session-page: {status: [302, 303, 307], location: /signin}
  sign-in-page: 200
presents: {session: [bearer]}
"""
SESSIONS = TOKENS.replace("[bearer]", "[cookie]")
DATA = Says(status=200, body=ROWS.encode())
DEPTHS = pytest.mark.parametrize("depth", ["standard", "deep"])
PROFILES = pytest.mark.parametrize(
    "profile", [pytest.param(TOKENS, id="tokens"), pytest.param(SESSIONS, id="sessions")]
)


@DEPTHS
@PROFILES
@pytest.mark.parametrize("opened_by", ["Bearer undefined", "Bearer", "Bearer null", "undefined"])
def test_the_text_of_an_unset_secret_that_opens_is_found(
    opened_by: str, profile: str, depth: str, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Says | None:
        opens = asked.path == API and asked.headers.get("authorization", "").strip() == opened_by
        return DATA if opens else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", depth, profile=profile)
    assert (status, worst[API][0]) == (1, "leak")


@DEPTHS
@PROFILES
def test_a_guard_that_takes_none_of_them_is_locked(profile: str, depth: str, tmp_path: Path) -> None:
    with answering(lambda _: None) as url:
        assert run(tmp_path, url, "--depth", depth, profile=profile)[0] == 0
