"""Whose refusal in front of the application is a lock's for sure: no wall's, and no file server's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.declared_lock import lock_in_front
from tests.support.judging import HTML, JSON, answer, to

if TYPE_CHECKING:
    from prober.model import Answered

CHALLENGE = ("www-authenticate", 'Basic realm="tools"')
NGINX = "<html><title>{0}</title><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"


@pytest.mark.parametrize(
    ("answered", "who"),
    [
        pytest.param(answer(401, b"", CHALLENGE, ("server", "Caddy")), "a Basic-auth wall", id="wants-a-credential"),
        pytest.param(to("https://vercel.com/sso-api?url=x", 302), "Vercel deployment protection", id="sends-to-sign-in"),
        pytest.param(answer(401, '{"error":"not_signed_in"}', JSON), None, id="the-application"),
        pytest.param(answer(403, NGINX.format("403 Forbidden"), HTML, ("server", "nginx")), None, id="forbids-anything"),
        pytest.param(answer(403, "<title>Just a moment...</title>", HTML, ("cf-mitigated", "challenge")), None, id="a-bot-wall"),
    ],
)  # fmt: skip
def test_only_who_lets_people_in_refuses_as_a_lock(answered: Answered, who: str | None) -> None:
    assert lock_in_front(answered) == who
