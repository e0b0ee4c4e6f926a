"""The profile of learned guards: what each guard answers, and no line that a reader has to scroll for."""

from __future__ import annotations

import pytest
import yaml

from prober.discovery.coverage import route_without_guard
from prober.discovery.learned import Learned, with_guards
from prober.discovery.profile_yaml import render_profile
from prober.discovery.refusing_guards import Guard, guard_that_refuses
from prober.model import NOT_ASKED, Access, StrangerAnswer

LOGIN = StrangerAnswer(access=Access.SIGN_IN, status=302, location="/login")
FAR = StrangerAnswer(access=Access.SIGN_IN, status=302, location="https://sso.example.com/authorize?client_id=a,b{c}")
REFUSED = StrangerAnswer(access=Access.REFUSED, status=401)
TOKEN = StrangerAnswer(access=Access.REFUSED, status=401, challenge="Token")
BASIC = StrangerAnswer(access=Access.REFUSED, status=401, challenge="Basic")
BY_GATE = StrangerAnswer(access=Access.REFUSED, status=403, by="Cloudflare Access")
SENT_BY_GATE = StrangerAnswer(access=Access.SIGN_IN, status=302, location="https://gate.example.com/", by="Authelia")
ANSWERS = [LOGIN, FAR, REFUSED, TOKEN, BASIC, BY_GATE, SENT_BY_GATE]


@pytest.mark.parametrize(
    "answer", ANSWERS, ids=lambda answer: answer.detail or str(answer.location or answer.challenge)
)
def test_a_guard_is_written_in_short_lines_that_say_the_same(answer: StrangerAnswer) -> None:
    guard = guard_that_refuses(answer)
    text = render_profile("learned", [guard])
    assert max(map(len, text.splitlines())) <= 120
    assert f"# {guard.about}\n" in text or not guard.about
    assert yaml.safe_load(text)["guards"][guard.name] == yaml.safe_load(guard.answers)


@pytest.mark.parametrize("quoted", ['"a, b"', '"a \\" , ] } b"', '"[{"'])
@pytest.mark.parametrize(
    "form", ["[{{status: 401, body: {0}}}, {1}]", "{{anonymous: {{body: {0}}}, held: [{1}, [{0}]]}}"]
)
def test_what_is_quoted_is_not_taken_apart(form: str, quoted: str) -> None:
    answers = form.format(quoted, ", ".join(f"{{status: {status}, body: {quoted}}}" for status in range(401, 412)))
    text = render_profile("learned", [Guard(name="long", answers=answers, presents="nothing", about="x")])
    assert max(map(len, text.splitlines())) <= 120
    assert yaml.safe_load(text)["guards"]["long"] == yaml.safe_load(answers)


def test_a_short_guard_has_one_line() -> None:
    text = render_profile("learned", [guard_that_refuses(REFUSED)])
    assert "  api: {anonymous: 401, bogus: [401, 403], held: [401, 403]}\n" in text


@pytest.mark.parametrize(
    "answer", ANSWERS, ids=lambda answer: answer.detail or str(answer.location or answer.challenge)
)
def test_every_guard_that_refuses_says_how_a_held_secret_is_refused(answer: StrangerAnswer) -> None:
    answers = yaml.safe_load(guard_that_refuses(answer).answers)
    assert [one for one in answers["held"] if isinstance(one, int)] == [401, 403]
    of_strangers = answers["bogus"] if isinstance(answers["bogus"], list) else [answers["bogus"]]
    described = [one for one in of_strangers if isinstance(one, dict)] if answer.by or answer.location else []
    assert [one for one in answers["held"] if isinstance(one, dict)] == described


@pytest.mark.parametrize(
    ("path", "guard"),
    [
        ("/login", "open-form"), ("/api/token-auth", "open-form"), ("/api-token-auth/", "open-form"),
        ("/api/token", "open-form"), ("/api/Token-Auth", "open-form"), ("/api/token-authors", "denied"),
        ("/token-auth/rotate", "denied"),
    ],
)  # fmt: skip
def test_a_form_that_signs_in_may_be_sent_by_anybody(path: str, guard: str) -> None:
    learned = Learned(route=route_without_guard("POST", path, file="routes", line=1), answer=NOT_ASKED)
    [route], _ = with_guards([learned])
    assert route.guard == guard
