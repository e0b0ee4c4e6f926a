"""The bogus credentials, one entry each: made for one run, visibly fake, and never valid. docs/depth.md lists them."""

from __future__ import annotations

from prober.model import SIGN_IN_COOKIE, Category, Depth, Family
from prober.plan.credential_template import CredentialTemplate
from prober.plan.credential_values import (
    api_keys,
    authorization,
    bearer,
    cookie_chunks,
    cookies,
    expired,
    jwe_shaped,
    random_bearer,
    unsigned,
    unsigned_otherwise,
)
from prober.plan.guessed_credentials import GUESSED_CREDENTIALS
from prober.plan.well_known_credentials import WELL_KNOWN_CREDENTIALS

_SECRETS = frozenset({Family.SECRET, Family.JOB})
_SECRETS_AND_KEYS = frozenset({Family.SECRET, Family.JOB, Family.API_KEY})

LADDER: tuple[CredentialTemplate, ...] = (
    CredentialTemplate(
        name="anonymous", category=Category.NOTHING, family=None, core=frozenset(Family),
        catches="no guard at all; a guard that compares nothing with an unset secret; one that is skipped when unset",
        source="CVE-2026-33032; deltalytix#411: jobs stood open while their secret was unset",
    ),
    CredentialTemplate(
        name="bogus-bearer", category=Category.ANY_CREDENTIAL,
        family=Family.BEARER, core=frozenset(Family), headers=random_bearer,
        catches="a guard that only checks that a bearer is present; a constant-time compare that throws on length",
        source="deltalytix#411; measured on Node.js",
    ),
    CredentialTemplate(
        name="bearer-undefined", category=Category.UNSET,
        family=Family.SECRET, of_sessions=True, core=_SECRETS_AND_KEYS,
        headers=authorization("Bearer undefined"),
        catches="a template literal around an unset variable: the expected header is 'Bearer undefined'",
        source="calcom/cal.diy#29565; the snippet of a platform's own documentation",
    ),
    CredentialTemplate(
        name="bearer-two-spaces", category=Category.CARELESS_HEADER,
        family=Family.SECRET, of_sessions=True, core=_SECRETS,
        headers=authorization("Bearer  x"),
        catches="split(' ')[1] is the empty string, which equals a secret that is set to nothing",
        source="measured on Node.js",
    ),
    CredentialTemplate(
        name="bogus-cookie", category=Category.ANY_CREDENTIAL, family=Family.COOKIE, core=frozenset({Family.COOKIE}),
        headers=cookies(lambda _: "garbage"), catches="a guard that only checks that a session cookie is present",
        source="measured: middleware that only checks the name",
    ),
    CredentialTemplate(
        name="bogus-api-key", category=Category.ANY_CREDENTIAL, family=Family.API_KEY, core=frozenset({Family.API_KEY}),
        headers=api_keys(lambda made: made.random), catches="a guard that only checks that an API key is present",
        source="inferred from bogus-bearer",
    ),
    CredentialTemplate(
        name="api-key-undefined", category=Category.UNSET, family=Family.API_KEY, core=frozenset({Family.API_KEY}),
        headers=api_keys(lambda _: "undefined"), catches="an API key compared with an unset variable as text",
        source="inferred from bearer-undefined",
    ),
    CredentialTemplate(
        name="token-scheme", category=Category.ANY_CREDENTIAL, family=Family.API_KEY, core=frozenset({Family.API_KEY}),
        headers=lambda made: (("Authorization", f"Token {made.random}"),),
        catches="a key under a framework's own scheme, whose presence is checked but not its value",
        source="the scheme of Django REST framework",
    ),
    CredentialTemplate(
        name="cron-headers", category=Category.SCHEDULER, family=Family.JOB, core=frozenset({Family.JOB}),
        headers=lambda _: (("x-vercel-cron", "1"), ("x-vercel-cron-auth-token", "1")),
        catches="a job that trusts any client that looks like the platform's scheduler",
        source="reports on jobs of Vercel",
    ),
    # --- the rest of the ladder: at every route of a small guard, at three of a large one -----------------------------
    CredentialTemplate(
        name="bearer-empty", category=Category.UNSET,
        family=Family.SECRET, of_sessions=True, headers=authorization("Bearer"),
        catches="split(' ')[1] is undefined, which equals an unset secret",
        source="measured on Node.js",
    ),
    CredentialTemplate(
        name="authorization-empty", category=Category.UNSET, family=Family.SECRET, headers=authorization(""),
        catches="an empty header compared with a secret that is set to nothing",
        source="measured on Node.js",
    ),
    CredentialTemplate(
        name="bearer-null", category=Category.UNSET,
        family=Family.SECRET, of_sessions=True, headers=authorization("Bearer null"),
        catches="the text of an unset value, as loaders of JSON write it",
        source="inferred from bearer-undefined",
    ),
    CredentialTemplate(
        name="bearer-nan", category=Category.UNSET, family=Family.SECRET, headers=authorization("Bearer NaN"),
        catches="the text of an unset value that went through a number",
        source="inferred from bearer-undefined",
    ),
    CredentialTemplate(
        name="bearer-object", category=Category.UNSET,
        family=Family.SECRET, depth=Depth.DEEP, headers=authorization("Bearer [object Object]"),
        catches="the text of an object where a secret was meant",
        source="inferred from bearer-undefined",
    ),
    CredentialTemplate(
        name="bearer-none", category=Category.UNSET, family=Family.SECRET, headers=authorization("Bearer None"),
        catches="the text of an unset value in Python",
        source="inferred from bearer-undefined",
    ),
    CredentialTemplate(
        name="bearer-short", category=Category.CARELESS_HEADER, family=Family.SECRET, headers=authorization("Bearer x"),
        catches="an answer that depends on the token's length (a partner to bogus-bearer)",
        source="measured: timingSafeEqual throws on another length",
    ),
    CredentialTemplate(
        name="bearer-lower-case", category=Category.CARELESS_HEADER, family=Family.BEARER,
        headers=lambda made: (("Authorization", f"bearer {made.random}"),),
        catches="a scheme compared by case, with anonymous access in the other branch",
        source="RFC 9110, 11.1: schemes are case-insensitive",
    ),
    CredentialTemplate(
        name="authorization-undefined", category=Category.UNSET,
        family=Family.SECRET, of_sessions=True, headers=authorization("undefined"),
        catches="header.includes(secret) with an unset secret",
        source="measured on Node.js",
    ),
    CredentialTemplate(
        name="authorization-null", category=Category.UNSET, family=Family.SECRET, headers=authorization("null"),
        catches="the same with null",
        source="inferred from authorization-undefined",
    ),
    CredentialTemplate(
        name="basic-admin", category=Category.CARELESS_HEADER,
        family=Family.BEARER, headers=authorization("Basic YWRtaW46YWRtaW4="),
        catches="another scheme let through, or admin:admin",
        source="inferred: a proxy's own lock, or its default",
    ),
    CredentialTemplate(
        name="basic-empty", category=Category.CARELESS_HEADER,
        family=Family.BEARER, depth=Depth.DEEP, headers=authorization("Basic Og=="),
        catches="an empty user and password",
        source="inferred: a proxy's own lock, or its default",
    ),
    CredentialTemplate(
        name="jwt-unsigned", category=Category.UNVERIFIED_JWT, family=Family.BEARER,
        headers=bearer(unsigned),
        catches="a JWT with alg none taken for a signed one",
        source="CVE-2015-9235, and again in CVE-2026-34950",
    ),
    CredentialTemplate(
        name="jwt-expired", category=Category.UNVERIFIED_JWT, family=Family.BEARER,
        headers=bearer(expired),
        catches="a JWT whose signature or expiry is not checked",
        source="RFC 8725, 3",
    ),
    CredentialTemplate(
        name="authorization-twice", category=Category.CARELESS_HEADER, family=Family.BEARER, odd=True,
        headers=lambda made: (("Authorization", f"Bearer {made.random}"), ("Authorization", "Bearer undefined")),
        catches="a proxy that checks one of two headers and an application that uses the other",
        source="measured: Node.js keeps the first, others join or keep the last",
    ),
    CredentialTemplate(
        name="cookie-jwe-shaped", category=Category.SESSION_COOKIE, family=Family.COOKIE, headers=cookies(jwe_shaped),
        catches="a session of which only the format is checked",
        source="measured: Auth.js itself decrypts it, and clears it",
    ),
    CredentialTemplate(
        name="cookie-jwt-unsigned", category=Category.SESSION_COOKIE, family=Family.COOKIE, headers=cookies(unsigned),
        catches="a session decoder that takes an unsigned JWT",
        source="inferred from jwt-unsigned",
    ),
    # --- what only depth deep sends -----------------------------------------------------------------------------------
    CredentialTemplate(
        name="jwt-unsigned-otherwise", category=Category.UNVERIFIED_JWT,
        family=Family.BEARER, depth=Depth.DEEP, headers=bearer(unsigned_otherwise),
        catches="a list of forbidden algorithms that has 'none' in lower case only",
        source="CVE-2015-9235",
    ),
    CredentialTemplate(
        name="jwt-unsigned-without-dot", category=Category.UNVERIFIED_JWT, family=Family.BEARER, depth=Depth.DEEP,
        headers=bearer(lambda made: unsigned(made).rstrip(".")),
        catches="a parser that takes a token of two parts for one without a signature",
        source="CVE-2015-9235",
    ),
    CredentialTemplate(
        name="cookie-chunked", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, headers=cookie_chunks,
        catches="a guard that checks whether the name of a cookie begins like that of a session",
        source="Auth.js splits long cookies in this way",
    ),
    CredentialTemplate(
        name="cookie-of-a-sign-in", category=Category.SESSION_COOKIE,
        family=Family.COOKIE, depth=Depth.DEEP, headers=cookies(lambda _: SIGN_IN_COOKIE),
        catches="the cookie of an unfinished sign-in, which anyone can get, accepted as a session",
        source="CVE-2023-48309",
    ),
    CredentialTemplate(
        name="query-empty", category=Category.UNSET, family=Family.SECRET, of_sessions=True, depth=Depth.DEEP,
        query=lambda _: "&".join(f"{key}=" for key in ("token", "access_token", "api_key", "secret", "key")),
        catches="a query parameter compared with a secret that is set to nothing",
        source="inferred from authorization-empty",
    ),
    *WELL_KNOWN_CREDENTIALS,
    *GUESSED_CREDENTIALS,
    # --- what makes another URL, where not to be found is right -------------------------------------------------------
    CredentialTemplate(
        name="query-bogus", category=Category.ANY_CREDENTIAL, family=Family.BEARER,
        query=lambda made: "&".join(f"{key}={made.random}" for key in ("token", "access_token", "api_key", "secret")),
        catches="a secret taken from the query string, where it also reaches every log",
        source="the MCP specification: no token in a query",
    ),
    CredentialTemplate(
        name="query-undefined", category=Category.UNSET, family=Family.SECRET,
        query=lambda _: "&".join(f"{key}=undefined" for key in ("token", "access_token", "api_key", "secret", "key")),
        catches="a query parameter compared with an unset variable as text",
        source="inferred from bearer-undefined",
    ),
)  # fmt: skip
