"""What depth deep guesses, in whole runs: each broken server is found, and one that only resembles it is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import NO, REFUSED, ROWS, SURFACES, Asked, Says, answering, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Test = Callable[[Asked], bool]

API = "/api/payroll"
DATA = Says(status=200, body=ROWS.encode())
SEARCH = "  - {route: POST /api/search, guard: session, effect: none, send: {json: {q: a}}, why: w, fix: f}\n"
FORM, TEXT = "application/x-www-form-urlencoded", "text/plain"
DAYS = 86_400
BEHIND = 240  # seconds by which the clock of the server is behind


def opened(path: str, test: Test) -> Callable[[Asked], Says | None]:
    return lambda asked: (DATA if test(asked) else REFUSED) if asked.path == path else None


def kind_of(asked: Asked) -> str:
    return asked.headers.get("content-type", "")


@pytest.mark.parametrize("kind", [TEXT, FORM])
def test_a_guard_that_looks_at_json_alone_is_found(kind: str, tmp_path: Path) -> None:
    test: Test = lambda asked: asked.method == "POST" and kind_of(asked) == kind  # noqa: E731
    with answering(opened("/api/search", test)) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=SURFACES + SEARCH)
    assert (status, worst["/api/search"][0]) == (1, "leak")


@pytest.mark.parametrize("refusal", [400, 415, 422])
def test_a_body_that_is_refused_for_its_type_before_the_guard_looks_opens_nothing(refusal: int, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path != "/api/search":
            return None
        wrong = asked.method == "POST" and kind_of(asked) != "application/json"
        return Says(status=refusal, body=b'{"error":"unsupported media type"}') if wrong else REFUSED

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=SURFACES + SEARCH)
    assert (status, worst["/api/search"]) == (0, ("locked", "as-promised"))


def session_in(asked: Asked, key: str, most_seconds: int = 31 * DAYS) -> dict[str, object]:
    """Read the session as itsdangerous does for Starlette: its signature, and that it is neither old nor of tomorrow."""
    jar = [pair.strip().partition("=") for pair in asked.headers.get("cookie", "").split(";")]
    value = next((text for name, _, text in reversed(jar) if name == "session"), "")
    content, _, signature = value.rpartition(".")
    derived = hashlib.sha1(b"itsdangerous.Signersigner" + key.encode()).digest()
    made = base64.urlsafe_b64encode(hmac.new(derived, content.encode(), "sha1").digest()).rstrip(b"=").decode()
    text, _, at = content.rpartition(".")
    if not at or made != signature:
        return {}
    age = time.time() - BEHIND - int.from_bytes(base64.urlsafe_b64decode(at + "=" * (-len(at) % 4)), "big")
    read = json.loads(base64.b64decode(text)) if 0 <= age <= most_seconds else {}
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize(
    ("key", "status"),
    [pytest.param("changeme", 1, id="of-a-template"), pytest.param("k7-Qz9w_4fXn", 0, id="of-its-own")],
)
def test_a_session_that_is_signed_with_the_key_of_a_template_is_found_while_it_is_fresh(
    key: str, status: int, tmp_path: Path
) -> None:
    with answering(opened(API, lambda asked: session_in(asked, key, DAYS).get("user_id") == 1)) as url:
        given, worst = run(tmp_path, url, "--depth", "deep")
    assert (given, worst[API][0]) == (status, "leak" if status else "locked")


@pytest.mark.parametrize(
    ("test", "depth"),
    [
        pytest.param(lambda asked: "debug=true" in asked.query, "deep", id="a-flag-in-the-query"),
        pytest.param(lambda asked: asked.headers.get("x-forwarded-host") == "localhost", "deep", id="a-forwarded-host"),
        pytest.param(lambda asked: asked.headers.get("accept") == "text/event-stream", "deep", id="a-stream"),
        pytest.param(
            lambda asked: f"XSRF-TOKEN={asked.headers.get('x-xsrf-token')};" in asked.headers.get("cookie", "") + ";",
            "standard", id="a-token-of-csrf-that-agrees-with-itself",
        ),
        pytest.param(lambda asked: "x-forwarded-sub" in asked.headers, "standard", id="the-claims-of-a-mesh"),
    ],
)  # fmt: skip
def test_each_guess_is_found_from_its_depth(test: Test, depth: str, tmp_path: Path) -> None:
    with answering(opened(API, test)) as url:
        status, worst = run(tmp_path, url, "--depth", depth)
    assert (status, worst[API][0]) == (1, "leak")


def test_a_stream_that_says_no_is_no_success(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        streams = asked.path == API and asked.headers.get("accept") == "text/event-stream"
        return Says(status=401, body=NO.encode(), kind="text/event-stream") if streams else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep")
    assert (status, worst[API]) == (0, ("locked", "as-promised"))
