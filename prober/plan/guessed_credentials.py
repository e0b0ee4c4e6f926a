"""What depth deep guesses at one route of each guard: placeholders as keys, signed sessions, tokens with their own key.

Pure. None was issued: a deployment that takes one takes it from everybody who has read the same documentation.
"""

from __future__ import annotations

from functools import partial

from prober.model import Category, Depth, Family
from prober.model.session_cookies import JWT_COOKIES
from prober.model.well_known_keys import (
    KEYS_OF_SESSIONS_IN_NODE,
    KEYS_OF_SESSIONS_IN_PYTHON,
    PLACEHOLDERS,
    name_of_key,
)
from prober.plan.credential_template import CredentialTemplate
from prober.plan.credential_values import (
    CredentialValues,
    api_keys,
    authorization,
    bearer,
    common_cookies,
    unsigned,
)
from prober.plan.forged_tokens import by_an_empty_file, by_its_own_key
from prober.plan.signed_cookies import in_base_64, node_sessions, python_sessions, sealed_sessions


def _text(_: CredentialValues, *, text: str) -> str:
    return text


GUESSED_CREDENTIALS: tuple[CredentialTemplate, ...] = (
    CredentialTemplate(
        name="jwt-key-of-an-empty-file", category=Category.UNVERIFIED_JWT,
        family=Family.BEARER, depth=Depth.DEEP, few=True,
        headers=bearer(by_an_empty_file),
        catches="a verifier that reads its key from the file which the token names: an empty one will do",
        source="the labs of PortSwigger on JWT: kid and path traversal (CWE-22)",
    ),
    CredentialTemplate(
        name="jwt-with-its-own-key", category=Category.UNVERIFIED_JWT,
        family=Family.BEARER, depth=Depth.DEEP, few=True, headers=bearer(by_its_own_key),
        catches="a verifier that takes the key out of the token which it verifies", source="CVE-2018-0114",
    ),
    *(
        CredentialTemplate(
            name=name_of_key(text, "placeholder-bearer-"), category=Category.KNOWN_KEY,
            family=Family.SECRET, of_sessions=True, depth=Depth.DEEP,
            few=True, headers=authorization(f"Bearer {text}"),
            catches=f"a secret that is still its placeholder, '{text}'", source=source,
        )
        for text, source in PLACEHOLDERS
    ),
    *(
        CredentialTemplate(
            name=name_of_key(text, "placeholder-key-"), category=Category.KNOWN_KEY,
            family=Family.API_KEY, depth=Depth.DEEP, few=True,
            headers=api_keys(partial(_text, text=text)),
            catches=f"an API key that is still its placeholder, '{text}'", source=source,
        )
        for text, source in PLACEHOLDERS
    ),
    CredentialTemplate(
        name="common-cookies-undefined", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, few=True,
        headers=common_cookies(lambda _: "undefined"),
        catches="a cookie compared with an unset variable as text", source="inferred from bearer-undefined",
    ),
    CredentialTemplate(
        name="common-cookies-jwt-unsigned", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, few=True,
        headers=common_cookies(unsigned, JWT_COOKIES),
        catches="a cookie that is a JWT, where alg none is taken for a signature", source="CVE-2015-9235",
    ),
    CredentialTemplate(
        name="common-cookies-base64", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, few=True,
        headers=common_cookies(in_base_64, JWT_COOKIES),
        catches="a session that is JSON in base64 which nobody has signed", source="CWE-565",
    ),
    *(
        CredentialTemplate(
            name=name_of_key(key, f"session-signed-in-{language}-"), category=Category.KNOWN_KEY,
            family=Family.COOKIE, depth=Depth.DEEP, few=True,
            headers=partial(make, key=key),
            catches=f"a session in a cookie that is signed with a key which everybody knows, '{key}' ({of})",
            source=source,
        )
        for language, of, make, keys in (
            ("python", "Flask, Django, Starlette", python_sessions, KEYS_OF_SESSIONS_IN_PYTHON),
            ("node", "cookie-session, Koa, cookie-parser", node_sessions, KEYS_OF_SESSIONS_IN_NODE),
        )
        for key, source in keys
    ),
    CredentialTemplate(
        name="session-sealed-by-iron", category=Category.KNOWN_KEY,
        family=Family.COOKIE, depth=Depth.DEEP, few=True, headers=sealed_sessions,
        catches="a session of iron-session that is sealed with the password of its documentation",
        source="the README of iron-session",
    ),
)  # fmt: skip
