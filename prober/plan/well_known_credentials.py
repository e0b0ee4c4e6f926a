"""The credentials that everybody knows: keys of tutorials, the cookies of each library, secrets set to nothing. Pure.

Most go to one route of each guard at standard, and to more at deep.
"""

from __future__ import annotations

from functools import partial

from prober.model import Category, Depth, Family
from prober.model.session_cookies import JWT_COOKIES
from prober.model.well_known_keys import COMMONEST, LONGER_HASHES, WELL_KNOWN_KEYS, name_of_key, name_of_longer
from prober.plan.credential_template import CredentialTemplate
from prober.plan.credential_values import (
    FEW_CLAIMS,
    CredentialValues,
    api_keys,
    bearer,
    common_cookies,
    forged,
    in_every_key,
    unknown_key_id,
    very_long,
)


def _text(_: CredentialValues, *, text: str) -> str:
    return text


WELL_KNOWN_CREDENTIALS: tuple[CredentialTemplate, ...] = (
    CredentialTemplate(
        name="api-key-empty", category=Category.UNSET, family=Family.API_KEY, headers=api_keys(lambda _: ""),
        catches="an empty API key compared with a key that is set to nothing",
        source="inferred from authorization-empty",
    ),
    CredentialTemplate(
        name="any-key", category=Category.ANY_CREDENTIAL,
        family=Family.API_KEY, sessions_only=True, headers=in_every_key,
        catches="a session's guard that also takes keys, and only checks that one is present",
        source="inferred from bogus-api-key and token-scheme",
    ),
    CredentialTemplate(
        name="keys-unset", category=Category.UNSET,
        family=Family.API_KEY, sessions_only=True, headers=api_keys(lambda _: ""),
        query=lambda _: "&".join(f"{key}=undefined" for key in ("token", "access_token", "api_key", "apikey", "key")),
        catches="a session's guard that also takes keys, and compares them with nothing, or with an unset secret",
        source="inferred from api-key-empty and query-undefined",
    ),
    *(
        CredentialTemplate(
            name=f"api-key-{name}", category=Category.UNSET, family=Family.API_KEY, depth=Depth.DEEP,
            headers=api_keys(partial(_text, text=text)),
            catches=f"an API key compared with {what}", source="inferred from api-key-undefined",
        )
        for name, text, what in (
            ("none", "None", "a secret that is unset in Python, as text"),
            ("null", "null", "an unset value, as loaders of JSON write it"),
            ("nan", "NaN", "an unset value that went through a number"),
            ("object", "[object Object]", "an object where a secret was meant, as text"),
        )
    ),
    CredentialTemplate(
        name="jwt-unknown-key-id", category=Category.UNVERIFIED_JWT,
        family=Family.BEARER, once_a_guard=True, headers=bearer(unknown_key_id),
        catches="a verifier that lets the request pass where fetching the key fails", source="RFC 8725, 3.10",
    ),
    CredentialTemplate(
        name="jwt-unknown-key-id-es256", category=Category.UNVERIFIED_JWT, family=Family.BEARER, depth=Depth.DEEP,
        headers=bearer(partial(unknown_key_id, algorithm="ES256")),
        catches="the same, where only keys of elliptic curves are fetched", source="RFC 8725, 3.10",
    ),
    CredentialTemplate(
        name="bearer-very-long", category=Category.CARELESS_HEADER,
        family=Family.BEARER, depth=Depth.DEEP, odd=True, headers=bearer(very_long),
        catches="a guard that lets the request pass where hashing or storing a token fails", source="CWE-636",
    ),
    CredentialTemplate(
        name="common-cookies", category=Category.SESSION_COOKIE, family=Family.COOKIE, once_a_guard=True,
        headers=common_cookies(lambda made: made.random[:32]),
        catches="a guard that only checks that a session cookie is present, whichever library's",
        source="the documentation of each library",
    ),
    CredentialTemplate(
        name="common-cookies-true", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, once_a_guard=True, headers=common_cookies(lambda _: "true"),
        catches="a flag in a cookie that the client itself can set (CWE-565)", source="CWE-565, CWE-784",
    ),
    CredentialTemplate(
        name="common-cookies-one", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, headers=common_cookies(lambda _: "1"),
        catches="the same, with a number: also the id of the first user", source="CWE-565, CWE-784",
    ),
    CredentialTemplate(
        name="common-cookies-admin", category=Category.SESSION_COOKIE, family=Family.COOKIE, depth=Depth.DEEP, few=True,
        headers=common_cookies(lambda _: "admin"),
        catches="a role or a name in a cookie that the client itself can set", source="CWE-565, CWE-784",
    ),
    CredentialTemplate(
        name="common-cookies-json", category=Category.SESSION_COOKIE, family=Family.COOKIE, depth=Depth.DEEP,
        headers=common_cookies(lambda _: "%7B%22id%22%3A1%2C%22role%22%3A%22admin%22%7D"),
        catches="a session that is a JSON object which nobody has signed", source="CWE-565",
    ),
    CredentialTemplate(
        name="common-cookies-jwt", category=Category.SESSION_COOKIE, family=Family.COOKIE, depth=Depth.DEEP,
        headers=common_cookies(partial(forged, key="secret", claims=FEW_CLAIMS), JWT_COOKIES),
        catches="a cookie that is a JWT, which is not verified, or is signed with a key that everybody knows",
        source="CWE-347",
    ),
    CredentialTemplate(
        name="common-cookies-empty", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, headers=common_cookies(lambda _: ""),
        catches="an empty session that is compared with nothing", source="inferred from api-key-empty",
    ),
    *(
        CredentialTemplate(
            name=f"signed-with-{name}", category=Category.SIGNATURE,
            family=Family.SECRET, once_a_guard=True, signing_key=key,
            catches=f"a webhook whose secret is {what}: anybody can sign with it",
            source="reports on webhooks whose secret was unset",
        )
        for name, key, what in (
            ("nothing", "", "set to nothing"), ("undefined", "undefined", "the text of an unset variable"),
            ("null", "null", "the text of an unset value"),
        )
    ),
    CredentialTemplate(
        name="signed-with-none", category=Category.SIGNATURE,
        family=Family.SECRET, depth=Depth.DEEP, signing_key="None",
        catches="a webhook whose secret is the text of an unset value in Python", source="inferred from bearer-none",
    ),
    *(
        CredentialTemplate(
            name=name_of_key(key), category=Category.KNOWN_KEY, family=Family.BEARER, once_a_guard=number <= COMMONEST,
            depth=Depth.STANDARD if number <= COMMONEST else Depth.DEEP, few=number > COMMONEST,
            headers=bearer(partial(forged, key=key)),
            catches=f"a JWT signed with a key that everybody knows, '{key}'", source=source,
        )
        for number, (key, source) in enumerate(WELL_KNOWN_KEYS, start=1)
    ),
    *(
        CredentialTemplate(
            name=name_of_longer(key, bits), category=Category.KNOWN_KEY, family=Family.BEARER, once_a_guard=is_first,
            depth=Depth.STANDARD if is_first else Depth.DEEP, few=not is_first,
            headers=bearer(partial(forged, key=key, bits=bits)),
            catches=f"the same, with a longer hash (HS{bits}): the key '{key}'", source=source,
        )
        for (bits, is_first), (key, source) in LONGER_HASHES
    ),
)  # fmt: skip
