"""What no stranger may be told: by key, by shape, by what a definition says never, wherever in an answer it stands."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.judge.disclosure import disclosed
from prober.judge.secret_shapes import KEYS
from prober.model import Answer, Answered, Finding, Never, Probe, Promise, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Finding]

HERE = Source(file="probes/x.yaml", line=7)
VALUE = "s3cr3t-0123456789"
OURS = "ours-0123456789abcdef"
STREAM = ("content-type", "text/event-stream")


def answer(body: str | bytes, *headers: tuple[str, str], status: int = 401) -> Answered:
    raw = body if isinstance(body, bytes) else body.encode()
    return Answered.of(status=status, headers=headers, body=raw, whole=True, attempts=1, elapsed_ms=1)


@pytest.fixture(scope="module")
def guarded(finding_of: Make) -> Probe:
    probe: Probe = finding_of(headers=(("Authorization", f"Bearer {OURS}"), ("Cookie", f"a={OURS}2; b=c"))).probe
    return probe


@pytest.fixture(scope="module")
def open_to_all(guarded: Probe) -> Probe:
    promise = Promise(answers=(Answer(statuses=(range(200, 201),), source=HERE),), skip=None, source=HERE)
    return replace(guarded, promise=promise)


def test_the_secret_of_sessions_is_one(guarded: Probe) -> None:
    assert disclosed(guarded, answer(json.dumps({"session_secret": VALUE}))) == "a value under 'session_secret'"


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_of_a_secret_is_seen(guarded: Probe, key: str) -> None:
    assert disclosed(guarded, answer(json.dumps({key: VALUE}))) == f"a value under '{key}'"


@pytest.mark.parametrize(
    "body", ['{"pin":4711}', '{"a":[{"otp":"123456"}]}', '{"verification_code":"0042"}', '\ufeff[{"cvv":123}]']
)
def test_a_code_of_digits_is_seen(guarded: Probe, body: str) -> None:
    assert "a value under" in str(disclosed(guarded, answer(body)))


@pytest.mark.parametrize(
    "body", ['{"pin":true}', '{"pin":null}', '{"otp":"required"}', '{"pin":12}', '{"opinion":4711}', '{"code":401}']
)
def test_what_speaks_of_a_code_is_none(guarded: Probe, body: str) -> None:
    assert disclosed(guarded, answer(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"apiKey":"%s"}', id="camel-case"),
        pytest.param('{"api_key":"%s"}', id="snake-case"),
        pytest.param('{"API-KEY":"%s"}', id="hyphen"),
        pytest.param('{"a":{"b":[{"apiKey":"%s"}]}}', id="deep-inside"),
        pytest.param('[[{"apiKey":"%s"}]]', id="in-lists"),
        pytest.param('{"apiKey":null,"b":{"apiKey":"%s"}}', id="the-second-one"),
        pytest.param('<script>self.__next_f.push([1,"{\\"apiKey\\":\\"%s\\"}"])</script>', id="in-a-page"),
        pytest.param('<script>window.x = {"apiKey" : "%s"}</script>', id="in-a-script"),
        pytest.param('{"users":[{"apiKey":"%s"},{"na', id="json-that-was-cut-off"),
        pytest.param('1:{"apiKey":"%s"}\n2:x', id="in-a-flight-stream"),
        pytest.param('{"apiKey":"%s"}{"b":1}', id="json-lines"),
    ],
)
def test_a_secret_is_seen_wherever_it_stands(guarded: Probe, body: str) -> None:
    found = disclosed(guarded, answer(body.replace("%s", VALUE)))
    assert found is not None
    assert VALUE not in found


def test_a_secret_is_seen_in_the_first_event_of_a_stream(guarded: Probe) -> None:
    body = f'event: message\nid: 1\ndata: {{"result":{{"apiKey":"{VALUE}"}}}}\n\n'
    assert disclosed(guarded, answer(body, STREAM, status=200)) == "a value under 'apiKey'"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param("token bp_0123456789abcdef", "an MCP token", id="mcp-token"),
        pytest.param("-----BEGIN RSA PRIVATE KEY-----", "a private key", id="private-key"),
        pytest.param("$2b$12$" + "a" * 53, "a password hash", id="password-hash"),
        pytest.param("ghp_" + "a" * 36, "a GitHub token", id="github-token"),
        pytest.param("AKIA" + "ABCDEFGH01234567", "an AWS key id", id="aws-key"),
        pytest.param(b"\xff\xfe bp_0123456789abcdef \xff", "an MCP token", id="among-bytes-that-are-no-text"),
    ],
)
def test_some_secrets_are_seen_by_their_shape(guarded: Probe, body: str | bytes, name: str) -> None:
    assert disclosed(guarded, answer(body)) == name


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("null", id="null"),
        pytest.param('{"error":"not_signed_in"}', id="a-refusal"),
        pytest.param('{"apiKey":null}', id="no-value"),
        pytest.param('{"apiKey":""}', id="empty-value"),
        pytest.param('{"apiKey":"short"}', id="too-short-for-a-secret"),
        pytest.param('{"apiKey":true}', id="no-text"),
        pytest.param('{"apiKeyName":"the-name-of-a-key"}', id="a-longer-key"),
        pytest.param(f'{{"accessToken":"{OURS}"}}', id="our-own-bearer"),
        pytest.param(f'{{"sessionToken":"{OURS}2"}}', id="our-own-cookie"),
        pytest.param(f'<p>{{"apiKey":"{OURS}"}}</p>', id="our-own-in-a-page"),
        pytest.param("see the docs on bp_ tokens and -----BEGIN CERTIFICATE-----", id="words-about-secrets"),
    ],
)
def test_what_is_no_secret_is_none(guarded: Probe, body: str) -> None:
    assert disclosed(guarded, answer(body)) is None


def test_a_route_that_is_open_may_say_what_its_owner_lets_it_say(open_to_all: Probe) -> None:
    assert disclosed(open_to_all, answer(f'{{"apiKey":"{VALUE}"}} bp_0123456789abcdef', status=200)) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        pytest.param(("authorization", f"Bearer {VALUE}"), "a credential in the header 'authorization'", id="a-bearer"),
        pytest.param(("location", f"/signin?access_token={VALUE}"), "a value under 'access_token' in the location", id="in-a-query"),
        pytest.param(("location", f"/signin#apiKey={VALUE}"), "a value under 'apiKey' in the location", id="in-a-fragment"),
        pytest.param(("location", f"http://[/signin?a=b&apiKey={VALUE}"), "a value under 'apiKey' in the location", id="in-no-url-at-all"),
        pytest.param(("authorization", f"Bearer {OURS}"), None, id="our-own-bearer"),
        pytest.param(("location", f"/signin?apiKey={OURS}"), None, id="our-own-key"),
        pytest.param(("location", f"/signin?state={VALUE}&code_challenge={VALUE}"), None, id="a-sign-in"),
    ],
)  # fmt: skip
def test_a_credential_that_headers_hand_over_is_seen(
    guarded: Probe, header: tuple[str, str], found: str | None
) -> None:
    assert disclosed(guarded, answer("", header, status=307)) == found


def test_what_stands_beside_the_head_is_read(guarded: Probe) -> None:
    aside = replace(answer("no"), aside=(("x-api-key", VALUE),))
    assert disclosed(guarded, aside) == "a value under 'x-api-key'"


@pytest.mark.parametrize("body", [f"error=no&apiKey={VALUE}", f"apiKey: {VALUE}", f"x={{apiKey:'{VALUE}'}}"])
def test_a_secret_is_seen_in_what_is_no_json(guarded: Probe, body: str) -> None:
    assert disclosed(guarded, answer(body)) == "a value under 'apiKey'"
    assert disclosed(guarded, answer(body, ("content-type", "text/html"))) is None  # scripts hold keys for browsers
    never = replace(guarded, never=(Never(keys=("apiKey",), source=HERE),))
    assert disclosed(never, answer(body, ("content-type", "text/html"))) == "'apiKey' (never: probes/x.yaml:7)"


# --- never ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204, 302, 401, 404, 500])
@pytest.mark.parametrize(
    ("never", "body", "found"),
    [
        pytest.param(Never(keys=("email",), source=HERE), '{"user":{"email":"a@b"}}', "'email' (never: probes/x.yaml:7)", id="key"),
        pytest.param(Never(keys=("inviteToken",), source=HERE), '{"invite_token":7}', "'invite_token' (never: probes/x.yaml:7)", id="key-otherwise-written"),
        pytest.param(Never(keys=("email",), source=HERE), '{"email":{"a":1}}', "'email' (never: probes/x.yaml:7)", id="key-of-an-object"),
        pytest.param(Never(keys=("email",), source=HERE), '<p>{"email":"a"}</p>', "'email' (never: probes/x.yaml:7)", id="key-in-a-page"),
        pytest.param(Never(keys=("email",), source=HERE), '{"email":"c"}', "'email' (never: probes/x.yaml:7)", id="key-of-a-word-that-we-sent-too"),
        pytest.param(Never(keys=("token",), source=HERE), f'{{"query":{{"token":"{OURS}"}},"token":"{VALUE}"}}', "'token' (never: probes/x.yaml:7)", id="key-beside-what-we-sent"),
        pytest.param(Never(keys=("ok",), source=HERE), '{"ok":true}', "'ok' (never: probes/x.yaml:7)", id="key-of-a-flag"),
        pytest.param(Never(texts=("Alex",), source=HERE), "<p>Dear Alex,</p>", "'Alex' (never: probes/x.yaml:7)", id="text"),
        pytest.param(Never(texts=("Bea", "Alex"), source=HERE), "Alex", "'Alex' (never: probes/x.yaml:7)", id="any-text"),
    ],
)  # fmt: skip
def test_what_must_never_be_told_is_seen_whatever_the_status_and_the_promise(
    guarded: Probe, open_to_all: Probe, never: Never, body: str, found: str, status: int
) -> None:
    said = answer(body, status=status)
    assert disclosed(replace(guarded, never=(never,)), said) == found
    assert disclosed(replace(open_to_all, never=(never,)), said) == found


@pytest.mark.parametrize(
    ("never", "body"),
    [
        pytest.param(Never(keys=("email",), source=HERE), '{"email":null}', id="null"),
        pytest.param(Never(keys=("email",), source=HERE), '{"email":""}', id="empty"),
        pytest.param(Never(keys=("email",), source=HERE), '{"email":[]}', id="empty-list"),
        pytest.param(Never(keys=("email",), source=HERE), '{"email":false}', id="false"),
        pytest.param(Never(keys=("email",), source=HERE), '{"a":"email"}', id="as-a-value"),
        pytest.param(Never(keys=("email",), source=HERE), '{"emailed":"x"}', id="a-longer-key"),
        pytest.param(Never(texts=("Alex",), source=HERE), "alex", id="another-case"),
        pytest.param(
            Never(keys=("token",), source=HERE), f'{{"props":{{}},"query":{{"token":"{OURS}"}}}}', id="what-we-sent"
        ),
        pytest.param(
            Never(keys=("token",), source=HERE),
            f'<script>{{"query":{{"token":"{OURS}"}}}}</script>',
            id="what-we-sent-in-a-page",
        ),
    ],
)
def test_what_does_not_break_a_never(guarded: Probe, never: Never, body: str) -> None:
    assert disclosed(replace(guarded, never=(never,)), answer(body)) is None


# --- whatever a deployment sends --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 60_000, id="depth-that-was-cut-off"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, id="depth"),
        pytest.param('"' * 65_536, id="quotes"),
        pytest.param('"a":"' * 13_000, id="pairs-without-end"),
        pytest.param("\\" * 65_536, id="backslashes"),
        pytest.param('\\"a' * 16_000, id="escaped-quotes"),
        pytest.param('{"n":' + "9" * 60_000 + "}", id="a-number-beyond-measure"),
        pytest.param("?sv=2024-01-01" * 400_000 + "&sig=", id="a-signature-that-never-comes"),
        pytest.param("\ud800".encode("utf-16", "surrogatepass").decode("latin-1"), id="half-a-character"),
    ],
)
@pytest.mark.timeout(5)
def test_no_body_is_too_odd_to_read(guarded: Probe, body: str) -> None:
    assert disclosed(guarded, answer(body)) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_secret_is_seen_among_any_bytes(guarded: Probe, before: bytes, after: bytes) -> None:
    assert disclosed(guarded, answer(before + b" bp_0123456789abcdef " + after)) is not None


def test_a_held_secret_is_disclosed_wherever_it_stands_but_not_by_the_probe_that_sent_it(guarded: Probe) -> None:
    own = replace(guarded, credential=replace(guarded.credential, secret=OURS))
    said = answer(f"<p>{OURS}</p>")
    assert disclosed(guarded, said, (VALUE, OURS)) == "a held secret"
    assert disclosed(own, said, (VALUE, OURS)) is None
    assert disclosed(guarded, said, (VALUE,)) is None
    assert disclosed(own, answer(f"<p>{VALUE}</p>"), (VALUE, OURS)) == "a held secret"  # another than its own


@pytest.mark.parametrize(
    ("sent", "told"), [("7letter", None), ("8letters", None), ("another8", "a value under 'apiKey'")]
)
def test_what_the_probe_itself_sent_is_an_echo(guarded: Probe, sent: str, told: str | None) -> None:
    value = "8letters" if sent == "another8" else sent
    asked = replace(guarded, request=replace(guarded.request, headers=(("X-A", sent),)))
    assert disclosed(asked, answer(json.dumps({"apiKey": value}))) == told
