"""What wears a 200 and refuses all the same, and what is a real success."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import NotFoundAnswer, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.judge.soft_refusal import LONGEST_NOTICE, soft_refusal
from prober.model import Answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Service

HTML = ("content-type", "text/html; charset=utf-8")
JSON = ("content-type", "application/json")
AN_ERROR = "a body that is only an error"
NOBODY = "a body that says nobody"
INSIDE = "a redirect to sign in, inside the page"
REFRESH = '<meta http-equiv="refresh" content="{0}">'


def answer(body: str, *headers: tuple[str, str], status: int = 200) -> Answered:
    return Answered.of(status=status, headers=headers, body=body.encode(), whole=True, attempts=1, elapsed_ms=1)


SHELL = answer("<html><title>App</title><div id=root></div></html>", HTML)
SIGN_IN = answer("<html><title>Sign in</title><form></form></html>", HTML)


@pytest.mark.parametrize(
    ("answered", "soft"),
    [
        pytest.param(SHELL, "the page that a path which does not exist gets too", id="the-shell"),
        pytest.param(SIGN_IN, "the sign-in page", id="the-sign-in-page"),
        pytest.param(answer("a NEXT_REDIRECT;replace;/x;307; b"), INSIDE, id="next-replaces"),
        pytest.param(answer("a NEXT_REDIRECT;push;/x;307; b"), INSIDE, id="next-pushes"),
        pytest.param(answer("a NEXT_REDIRECT b"), None, id="only-the-word"),
        pytest.param(answer('<META HTTP-EQUIV="Refresh" content="0;URL=/signin">'), INSIDE, id="meta-signin"),
        pytest.param(answer('<meta http-equiv="refresh" content="0;url=/sign-in">'), INSIDE, id="meta-sign-in"),
        pytest.param(answer('<meta http-equiv="refresh" content="0;url=/Login">'), INSIDE, id="meta-login"),
        pytest.param(answer('<meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/login">'), INSIDE, id="meta-after-another"),
        pytest.param(answer('<meta http-equiv="refresh" content="0;url=/app">'), None, id="meta-elsewhere"),
        pytest.param(answer('<meta name="x" content="url=/login">'), None, id="meta-that-refreshes-nothing"),
        pytest.param(answer('<meta http-equiv="refresh" content="5; login">'), None, id="meta-that-goes-nowhere"),
        pytest.param(answer('<meta http-equiv="refresh" content="0;url=/login">' + "<li>x 91000</li>" * 5, HTML), None, id="meta-beside-figures"),
        pytest.param(answer('NEXT_REDIRECT;push;/x; <script>x=[{"a":1,"b":2},{"a":3,"b":4}]</script>', HTML), None, id="next-beside-records"),
        pytest.param(answer('{"error":"partial","details":["A B","C D","E F","G H","I J","K L"]}', JSON), None, id="an-error-beside-names"),
        pytest.param(answer('{"error":"stale","details":{"id":7,"name":"A","title":"B"}}', JSON), None, id="an-error-beside-somebody"),
        pytest.param(answer('{"error":{"id":7,"name":"A","message":"B"}}', JSON), AN_ERROR, id="an-error-with-an-id"),
        pytest.param(answer('{"error":"no"}', JSON), AN_ERROR, id="an-error"),
        pytest.param(answer('{"errors":["no"]}', JSON), AN_ERROR, id="errors"),
        pytest.param(answer('{"error":"no","Message":"sign in","data":null,"user":null,"result":[]}', JSON), AN_ERROR, id="an-error-beside-nothing"),
        pytest.param(answer('{"success":false}', JSON), AN_ERROR, id="no-success"),
        pytest.param(answer('{"ok":false}', JSON), AN_ERROR, id="not-ok"),
        pytest.param(answer('{"success":false,"user":{"id":1}}', JSON), None, id="no-success-beside-a-user"),
        pytest.param(answer('{"error":"no","result":[1]}', JSON), None, id="an-error-beside-a-result"),
        pytest.param(answer('{"error":"no","data":[1]}', JSON), None, id="an-error-beside-data"),
        pytest.param(answer('{"error":"no","name":"x"}', JSON), None, id="an-error-beside-anything-else"),
        pytest.param(answer('{"error":null,"code":1}', JSON), None, id="no-error"),
        pytest.param(answer('{"success":null,"ok":1}', JSON), None, id="success-that-says-nothing"),
        pytest.param(answer('{"success":true,"ok":true}', JSON), None, id="success"),
        pytest.param(answer('[{"error":"no"},{"error":"no"}]', JSON), AN_ERROR, id="a-batch-of-errors"),
        pytest.param(answer('[{"error":"no"},{"result":{"a":1}}]', JSON), None, id="a-batch-with-a-success"),
        pytest.param(answer("NEXT_REDIRECT;push;/x; " + "<tr><td>a</td><td>b</td></tr>" * 2, HTML), None, id="next-beside-a-table"),
        pytest.param(answer("7", JSON), None, id="a-number"),
        pytest.param(answer('{"error":"no","details":{"iban":"DE1"}}', JSON), None, id="an-error-beside-a-value"),
        pytest.param(answer('{"error":"no","details":{"a":null,"b":"","c":false,"d":[],"e":{}}}', JSON), AN_ERROR, id="an-error-beside-empty-values"),
        pytest.param(answer(REFRESH.format("0;url=/login") + "x" * LONGEST_NOTICE, HTML), INSIDE, id="meta-beside-the-longest-notice"),
        pytest.param(answer(REFRESH.format("0;url=/login") + "x" * (LONGEST_NOTICE + 1), HTML), None, id="meta-beside-a-page"),
        pytest.param(answer(REFRESH.format("5;url=/login")), INSIDE, id="meta-after-five-seconds"),
        pytest.param(answer(REFRESH.format("6;url=/login")), None, id="meta-after-six"),
        pytest.param(answer(REFRESH.format("url=/login")), None, id="meta-without-a-time"),
        pytest.param(answer('<meta name="x" content="0;url=/login">'), None, id="meta-of-another-kind"),
        pytest.param(answer("{}", JSON), None, id="an-empty-object"),
        pytest.param(answer("[]", JSON), None, id="an-empty-list"),
        pytest.param(answer('["error"]', JSON), None, id="a-list"),
        pytest.param(answer(" null\n", JSON), NOBODY, id="null"),
        pytest.param(answer('{"user":null,"expires":null}', JSON), NOBODY, id="only-nulls"),
        pytest.param(answer('{"user":null,"expires":0}', JSON), None, id="not-only-nulls"),
        pytest.param(answer("[null]", JSON), None, id="a-list-of-null"),
        pytest.param(answer(""), None, id="nothing"),
        pytest.param(answer("hello"), None, id="a-text"),
    ],
)  # fmt: skip
def test_a_success_is_a_soft_refusal_or_real(
    finding_of: Callable[..., Finding], service_of: Callable[..., Service], answered: Answered, soft: str | None
) -> None:
    asked = finding_of().probe
    lost = NotFoundAnswer(
        prefix="/api/",
        target="/api/lost",
        safe_method=True,
        answered=SHELL,
        fingerprint=fingerprint(SHELL, "/api/lost"),
    )
    known = ServiceControls(service=service_of(), not_found=(lost,), sign_in_page=fingerprint(SIGN_IN, "/signin"))
    assert soft_refusal(asked, answered, known) == soft
