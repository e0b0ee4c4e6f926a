"""Expected answers as a profile writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError
from prober.model import Credential, JsonFact, Kind, LocationFact
from prober.plan.credential_values import CredentialValues
from prober.plan.credentials import (
    LADDER,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Profile

MADE = CredentialValues(nonce="0123abcd", cookies=("session",))
BY_NAME = {entry.name: entry.make(MADE) for entry in LADDER}

CATALOGUE = """\
    profile: p
    about: Answers by credential.
    guards:
      catalogue:
        anonymous: 200
        bogus: 401
        basic-admin: 403
        held: 404
      shut: 401
      open: {bogus: 401, anonymous: {skip: strangers have no such door}}
    """
HELD = Credential(name="session-secret", kind=Kind.HELD, family=None, headers=(), query="", catches="")


@pytest.mark.parametrize(
    ("guard", "credential", "promised"),
    [
        pytest.param("catalogue", BY_NAME["anonymous"], "200", id="its-kind-anonymous"),
        pytest.param("catalogue", BY_NAME["bogus-bearer"], "401", id="its-kind-bogus"),
        pytest.param("catalogue", BY_NAME["basic-admin"], "403", id="its-name-before-its-kind"),
        pytest.param("catalogue", HELD, "404", id="its-kind-held"),
        pytest.param("shut", BY_NAME["basic-admin"], "401", id="all-others"),
        pytest.param("shut", HELD, "401", id="all-others-held"),
    ],
)
def test_guard_answers_a_credential_by_its_name_then_its_kind(
    guard: str, credential: Credential, promised: str, profile_of: Callable[[str], Profile]
) -> None:
    assert str(profile_of(CATALOGUE).promise(guard, credential)) == promised


def test_guard_that_does_not_say_promises_nothing(profile_of: Callable[[str], Profile]) -> None:
    profile = profile_of(CATALOGUE)
    assert profile.promise("open", HELD) is None
    assert profile.promise("no-such-guard", HELD) is None


def test_skip_is_kept_with_its_reason_and_promises_no_answer(profile_of: Callable[[str], Profile]) -> None:
    promise = profile_of(CATALOGUE).promise("open", BY_NAME["anonymous"])
    assert promise is not None
    assert (promise.skip, promise.answers) == ("strangers have no such door", ())


@pytest.mark.parametrize(
    ("said", "shown", "allowed", "refused"),
    [
        pytest.param("401", "401", {401}, {400, 402, 200, 403}, id="status"),
        pytest.param("[401, 403]", "401 or 403", {401, 403}, {402, 404}, id="statuses"),
        pytest.param("4xx", "4xx", {400, 499}, {399, 500}, id="class"),
        pytest.param("[2xx, 404]", "2xx or 404", {200, 299, 404}, {199, 300, 403}, id="class-and-status"),
        pytest.param("100", "100", {100}, {101}, id="lowest"),
        pytest.param("599", "599", {599}, {598}, id="highest"),
    ],
)
def test_status_is_a_number_a_list_or_a_class(
    said: str, shown: str, allowed: set[int], refused: set[int], profile_of: Callable[[str], Profile]
) -> None:
    [answer] = profile_of(f"profile: p\nabout: A.\nguards: {{g: {said}}}\n").guards["g"][""].answers
    assert str(answer) == shown
    assert {status for status in allowed | refused if answer.allows(status)} == allowed


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("{status: 302, location: /signin}", "302 to /signin", id="location"),
        pytest.param("{status: 302, location: '/s?error='}", "302 to /s?error=", id="location-with-any-value"),
        pytest.param("{status: 302, location: '/s?a=b&c='}", "302 to /s?a=b&c=", id="location-with-values"),
        pytest.param(
            "{status: 401, header: {WWW-Authenticate: Bearer}}", "401 with www-authenticate: Bearer", id="header"
        ),
        pytest.param("{status: 401, header: {retry-after: }}", "401 with retry-after", id="header-of-any-value"),
        pytest.param("{status: 503, body: [a, b]}", "503 with 'a' in its body with 'b' in its body", id="body"),
        pytest.param("{status: 200, not-body: x}", "200 without 'x' in its body", id="not-body"),
        pytest.param("{status: 200, json: {error.code: -32001}}", "200 with json error.code=-32001", id="json"),
        pytest.param("{status: 200, json: {user: }}", "200 with json user", id="json-of-any-value"),
        pytest.param("{status: 200, json: {$: null}}", "200 with json $=null", id="json-whole-body"),
        pytest.param("{status: 200, json: {user: null}}", "200 with json user=null", id="json-null-is-a-value"),
        pytest.param("[401, {status: 302, location: /s}]", "401, or 302 to /s", id="any-of-a-list"),
    ],
)
def test_answer_reads_as_it_was_written(said: str, shown: str, profile_of: Callable[[str], Profile]) -> None:
    promise = profile_of(f"profile: p\nabout: A.\nguards: {{g: {said}}}\n").guards["g"][""]
    assert str(promise) == shown


@pytest.mark.parametrize(
    ("said", "path", "value"),
    [
        pytest.param("{$: null}", (), "null", id="whole-body-is-null"),
        pytest.param("{$: }", (), "null", id="whole-body-cannot-be-anything"),
        pytest.param("{$: {}}", (), "{}", id="whole-body-is-an-empty-object"),
        pytest.param("{user: }", ("user",), None, id="key-of-any-value"),
        pytest.param("{user: null}", ("user",), "null", id="key-that-is-null"),
        pytest.param("{a.b: {z: 1, c: [true]}}", ("a", "b"), '{"c": [true], "z": 1}', id="canonical-json"),
    ],
)
def test_json_fact_is_a_path_and_a_value_or_any(
    said: str, path: tuple[str, ...], value: str | None, profile_of: Callable[[str], Profile]
) -> None:
    profile = profile_of(f"profile: p\nabout: A.\nguards: {{g: {{status: 200, json: {said}}}}}\n")
    [answer] = profile.guards["g"][""].answers
    assert answer.json == (JsonFact(path=path, value=value),)


@pytest.mark.parametrize(("path", "fix"), [("$.user", "user"), ("$.user.name", "user.name"), ("$user", "user")])
def test_a_json_path_begins_with_no_dollar(path: str, fix: str, profile_of: Callable[[str], Profile]) -> None:
    with pytest.raises(DefinitionError) as refused:
        profile_of(f"profile: p\nabout: A.\nguards: {{g: {{status: 200, json: {{{path}: 1}}}}}}\n")
    assert f"leave the $ out: {fix}" in str(refused.value)


def test_location_keeps_the_keys_that_are_given_and_asks_no_value_where_there_is_none(
    profile_of: Callable[[str], Profile],
) -> None:
    text = "profile: p\nabout: A.\nguards: {g: {status: 302, location: '/s?error=&from=%2Fa'}}\n"
    [answer] = profile_of(text).guards["g"][""].answers
    assert answer.location == LocationFact(path="/s", query=(("error", None), ("from", "/a")))


@pytest.mark.parametrize(
    ("said", "refuses"),
    [
        pytest.param("401", True, id="refusal"),
        pytest.param("[401, 200]", False, id="one-success-among-them"),
        pytest.param("2xx", False, id="success-class"),
        pytest.param("204", False, id="no-content"),
        pytest.param("299", False, id="last-success"),
        pytest.param("[199, 300]", True, id="beside-success"),
        pytest.param("[{status: 401}, {status: 200, json: {$: null}}]", False, id="one-answer-of-a-list"),
        pytest.param("{status: 200, json: {error.code: -32001}}", True, id="an-error-of-json-rpc"),
        pytest.param("{status: 200, json: {errors.0.extensions.code: DENIED}}", True, id="errors-of-graphql"),
        pytest.param("{status: 207, json: {'*.error.code': DENIED}}", True, id="an-error-in-each-entry"),
        pytest.param("{status: 200, json: {error: }}", True, id="any-error"),
        pytest.param("{status: 200, json: {error: null, ok: true}}", False, id="no-error"),
        pytest.param("{status: 200, json: {errors: []}}", False, id="an-empty-list-of-errors"),
        pytest.param(
            "{status: 200, json: {error.code: -32601}, refuses: false}", False, id="an-error-that-refuses-nobody"
        ),
        pytest.param("{status: 200, json: {data.error: x}}", True, id="an-error-below-the-data"),
        pytest.param("{status: 200, json: {status: ok}}", False, id="another-word"),
    ],
)
def test_promise_refuses_only_when_no_success_is_among_its_statuses(
    said: str, *, refuses: bool, profile_of: Callable[[str], Profile]
) -> None:
    assert profile_of(f"profile: p\nabout: A.\nguards: {{g: {said}}}\n").guards["g"][""].refuses is refuses
