"""Each kind of answer that was once judged wrongly has a case of the selftest: a door, a wall or a trap."""

from __future__ import annotations

import pytest

from prober.app.selftest import case_names

KINDS = {
    "a refusal that is not the guard's": ("csrf-before-the-guard",),
    "a refusal that is a 200": ("refusal-as-200 in oauth", "sign-in-page-instead in oauth"),
    "a refusal in the JSON, and one success in it": ("session-for-anybody in oauth",),
    "101 is a success": ("opened-by-websocket in oauth",),
    "controls that are answered otherwise later": ("ban-midway",),
    "the release that is named": ("older-release-answers",),
    "a variant that reached the handler": ("write-opened-by-trailing-slash in oauth",),
    "whose lock it is": (
        "lock-in-front",
        "lock-of-another-in-front",
        "lock-of-a-gateway",
        "limit-of-the-lock-in-front",
    ),
    "an answer of each route's own": ("application-that-speaks-basic", "wall-before-the-pages", "https-only"),
    "a healthy oddity at deep": ("single-page-beside-the-api",),
    "what was not read": ("refusal-that-cannot-be-read",),
    "a secret in any answer": ("refusal-tells-its-environment in oauth", "refusal-carries-the-data in oauth"),
    "a route that is not there": ("knowledge-missing in oauth", "wrong-application"),
    "a held secret in another form": ("held-secret-told-backwards",),
}


@pytest.mark.integration
@pytest.mark.parametrize("kind", KINDS)
def test_the_selftest_knows_the_kind(kind: str) -> None:
    assert set(KINDS[kind]) <= set(case_names())
