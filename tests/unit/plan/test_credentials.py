"""Every credential as it goes over the wire: visibly fake, printable, and never one that somebody could have issued."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model import Depth, Family, Kind
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.body_keys import body_key_names
from prober.plan.credential_names import credential_names, everything_at_once
from prober.plan.credential_values import (
    API_KEY_HEADERS,
    CredentialValues,
    api_keys,
    authorization,
    cookies,
)
from prober.plan.credentials import LADDER
from prober.plan.own_credentials import own_names
from tests.support.credential_values import BY_NAME, MADE, RANDOM
from tests.support.plans import is_besides


def auth(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Authorization", value) for value in values)


# What is written on the wire, but for the JWTs below.
WIRE = {
    "anonymous": (),
    "bearer-undefined": auth("Bearer undefined"),
    "bearer-two-spaces": auth("Bearer  x"),
    "bogus-bearer": auth(f"Bearer {RANDOM}"),
    "bogus-cookie": (("Cookie", "one=garbage; two=garbage"),),
    "bogus-api-key": tuple((name, RANDOM) for name in API_KEY_HEADERS),
    "api-key-undefined": tuple((name, "undefined") for name in API_KEY_HEADERS),
    **{
        f"api-key-{name}": tuple((header, text) for header in API_KEY_HEADERS)
        for name, text in (("none", "None"), ("null", "null"), ("nan", "NaN"), ("object", "[object Object]"))
    },
    "cron-headers": (("x-vercel-cron", "1"), ("x-vercel-cron-auth-token", "1")),
    "bearer-empty": auth("Bearer"),
    "authorization-empty": auth(""),
    "bearer-null": auth("Bearer null"),
    "bearer-nan": auth("Bearer NaN"),
    "bearer-object": auth("Bearer [object Object]"),
    "bearer-none": auth("Bearer None"),
    "bearer-short": auth("Bearer x"),
    "bearer-lower-case": auth(f"bearer {RANDOM}"),
    "authorization-undefined": auth("undefined"),
    "authorization-null": auth("null"),
    "basic-admin": auth("Basic YWRtaW46YWRtaW4="),
    "basic-empty": auth("Basic Og=="),
    "authorization-twice": auth(f"Bearer {RANDOM}", "Bearer undefined"),
    "cookie-chunked": (("Cookie", "one.0=garbage; one.1=garbage; two.0=garbage; two.1=garbage"),),
    # What is borrowed from the deployment is put in these words' place before it goes out (test_borrowed.py).
    "cookie-of-a-sign-in": (("Cookie", "one={sign-in-cookie}; two={sign-in-cookie}"),),
    "query-empty": (),
    "token-scheme": auth(f"Token {RANDOM}"),
    "any-key": (*auth(f"Token {RANDOM}"), *((name, RANDOM) for name in API_KEY_HEADERS)),
    "keys-unset": tuple((name, "") for name in API_KEY_HEADERS),
    "api-key-empty": tuple((name, "") for name in API_KEY_HEADERS),
    "query-bogus": (),
    "query-undefined": (),
}
QUERIES = {
    "query-empty": "token=&access_token=&api_key=&secret=&key=",
    "query-bogus": f"token={RANDOM}&access_token={RANDOM}&api_key={RANDOM}&secret={RANDOM}",
    "query-undefined": "token=undefined&access_token=undefined&api_key=undefined&secret=undefined&key=undefined",
    "keys-unset": "token=undefined&access_token=undefined&api_key=undefined&apikey=undefined&key=undefined",
}
JWTS = (
    "jwt-unsigned", "jwt-expired", "cookie-jwt-unsigned", "jwt-unsigned-otherwise", "jwt-unsigned-without-dot",
    "jwt-signed-secret", "jwt-signed-changeme",
)  # fmt: skip
SHAPED = ("cookie-jwe-shaped",)


@pytest.mark.parametrize("name", WIRE)
def test_credential_goes_over_the_wire_as_written_here(name: str) -> None:
    assert BY_NAME[name].make(MADE).headers == WIRE[name]


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_query_holds_a_credential_only_where_that_is_its_point(name: str) -> None:
    assert BY_NAME[name].make(MADE).query == QUERIES.get(name, "")


def test_headers_are_made_of_the_value_and_of_what_the_run_knows() -> None:
    """The ladder's own are made when it is imported, where `make mutants` cannot change them."""
    assert authorization("Basic a")(MADE) == auth("Basic a")
    assert cookies(lambda made: made.nonce)(MADE) == (("Cookie", "one=0123abcd; two=0123abcd"),)
    assert api_keys(lambda made: made.nonce)(MADE) == tuple((name, "0123abcd") for name in API_KEY_HEADERS)
    own = replace(MADE, key_headers=("X-Shop-Key",))
    assert api_keys(lambda made: made.nonce)(own)[len(API_KEY_HEADERS) :] == (("X-Shop-Key", "0123abcd"),)


def test_every_credential_is_in_these_tables() -> None:
    assert {name for name in (*WIRE, *JWTS, *SHAPED) if not is_besides(name)} == {
        name for name in BY_NAME if not is_besides(name)
    }


def test_basic_credentials_are_what_they_are_called() -> None:
    said = [WIRE[name][0][1].removeprefix("Basic ") for name in ("basic-admin", "basic-empty")]
    assert [base64.b64decode(text) for text in said] == [b"admin:admin", b":"]


@pytest.mark.parametrize("name", ["bogus-cookie", "cookie-jwe-shaped", "cookie-jwt-unsigned", "cookie-of-a-sign-in"])
def test_cookie_is_sent_under_every_name_at_once(name: str) -> None:
    [(header, value)] = BY_NAME[name].make(CredentialValues(nonce="n", cookies=SESSION_COOKIES)).headers
    assert header == "Cookie"
    assert [pair.partition("=")[0] for pair in value.split("; ")] == [
        "authjs.session-token",
        "__Secure-authjs.session-token",
        "next-auth.session-token",
        "__Secure-next-auth.session-token",
    ]


def test_names_are_given_once_and_none_is_a_kind() -> None:
    names = Counter(credential_names())
    assert set(names.values()) == {1}
    assert {"anonymous", "bogus"} <= set(names)  # these two are a kind and the only one of it in depth quick
    assert names.keys() == {*BY_NAME, *own_names(), *body_key_names(), "bogus"}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_credential_says_what_it_catches_and_of_which_kind_it_is(name: str) -> None:
    made = BY_NAME[name].make(MADE)
    assert made.catches
    assert not made.catches.endswith(".")
    assert made.source
    assert (made.kind is Kind.ANONYMOUS) is (made.name == "anonymous")
    assert (made.family is None) is (made.name == "anonymous")


@given(st.text(alphabet="0123456789abcdef", min_size=1, max_size=16))
def test_everything_on_the_wire_is_printable_ascii(nonce: str) -> None:
    made = [entry.make(CredentialValues(nonce=nonce, cookies=SESSION_COOKIES)) for entry in LADDER]
    made.append(everything_at_once(Family, CredentialValues(nonce=nonce, cookies=SESSION_COOKIES)))
    said = [text for credential in made for pair in credential.headers for text in (*pair, credential.query)]
    assert len(said) > 50
    assert [text for text in said if not (text.isascii() and text.isprintable())] == []
    assert [text for text in said if text != text.strip()] == []


def test_random_values_are_of_this_run_alone() -> None:
    one, other = CredentialValues(nonce="a", cookies=("c",)), CredentialValues(nonce="b", cookies=("c",))
    differing = {e.name for e in LADDER if e.make(one) != e.make(other) and not is_besides(e.name)}
    assert differing == {
        "bogus-bearer", "bogus-api-key", "bearer-lower-case", "token-scheme", "jwt-unsigned", "jwt-expired", "authorization-twice",
        "cookie-jwe-shaped", "cookie-jwt-unsigned", "query-bogus", "jwt-unsigned-otherwise", "jwt-unsigned-without-dot",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("families", "names"),
    [
        pytest.param([Family.BEARER], ["Authorization"], id="bearer"),
        pytest.param([Family.SECRET, Family.BEARER], ["Authorization"], id="two-of-the-same-header"),
        pytest.param([Family.COOKIE, Family.BEARER], ["Cookie", "Authorization"], id="session"),
        pytest.param([Family.API_KEY, Family.SECRET], [*API_KEY_HEADERS, "Authorization"], id="api-key"),
        pytest.param(
            list(Family),
            ["Authorization", "Cookie", *API_KEY_HEADERS, "x-vercel-cron", "x-vercel-cron-auth-token"],
            id="all",
        ),
    ],
)
def test_everything_at_once_holds_each_header_once(families: list[Family], names: list[str]) -> None:
    bogus = everything_at_once(families, MADE)
    assert [name for name, _ in bogus.headers] == names
    assert (bogus.name, bogus.kind, bogus.query) == ("bogus", Kind.BOGUS, "")
    assert bogus.catches == "a guard that only checks that a credential is present"


def test_every_family_has_a_credential_of_its_core() -> None:
    cores = {family: [e.name for e in LADDER if e.family and family in e.core] for family in Family}
    assert {family for family, names in cores.items() if not names} == set()
    assert {e.name for e in LADDER if e.core == frozenset(Family)} == {"anonymous", "bogus-bearer"}


def test_only_depth_deep_sends_these() -> None:
    assert {entry.name for entry in LADDER if entry.depth is Depth.DEEP and not is_besides(entry.name)} == {
        "basic-empty", "jwt-unsigned-otherwise", "jwt-unsigned-without-dot", "cookie-chunked", "cookie-of-a-sign-in", "query-empty",
        "api-key-none", "api-key-null", "api-key-nan", "api-key-object", "bearer-object",
    }  # fmt: skip


def test_what_only_depth_deep_sends_is_of_no_core() -> None:
    assert {entry.core for entry in LADDER if entry.depth is Depth.DEEP} == {frozenset()}
