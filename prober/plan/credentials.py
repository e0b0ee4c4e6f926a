"""Every credential that a probe can present. All are made for one run, visibly fake, and could never be valid.

One entry each; the numbers in `catches` are those of the ladder that the README explains. Pure: `nonce` is the run's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model import SIGN_IN_COOKIE, Credential, Depth, Family, Kind
from prober.plan.credential_values import (
    CredentialValues,
    Headers,
    api_keys,
    authorization,
    bearer,
    cookie_chunks,
    cookies,
    expired,
    jwe_shaped,
    jwt_of,
    random_bearer,
    unsigned,
    unsigned_otherwise,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One rung of the ladder: where it is carried, for which guards it is sent at every route, and what it catches.

    `core` names the families that a guard may present first for this credential to be sent to each of its routes.
    """

    name: str
    family: Family | None
    catches: str
    source: str  # where the bug was seen, or what it is inferred from
    headers: Callable[[CredentialValues], Headers] = lambda _: ()
    query: Callable[[CredentialValues], str] = lambda _: ""
    core: frozenset[Family] = frozenset()
    depth: Depth = Depth.STANDARD
    odd: bool = False

    def make(self, made: CredentialValues) -> Credential:
        """Make the credential of this run."""
        kind = Kind.BOGUS if self.family else Kind.ANONYMOUS
        return Credential(
            name=self.name,
            kind=kind,
            family=self.family,
            headers=self.headers(made),
            query=self.query(made),
            catches=self.catches,
            source=self.source,
            odd=self.odd,
        )


_SECRETS = frozenset({Family.SECRET, Family.JOB})
_SECRETS_AND_KEYS = frozenset({Family.SECRET, Family.JOB, Family.API_KEY})

LADDER: tuple[Entry, ...] = (
    Entry(
        name="anonymous", family=None, core=frozenset(Family),
        catches="no guard at all; a guard that compares nothing with an unset secret; one that is skipped when unset",
        source="CVE-2026-33032; deltalytix#411: jobs stood open while their secret was unset",
    ),
    Entry(
        name="bearer-undefined", family=Family.SECRET, core=_SECRETS_AND_KEYS,
        headers=authorization("Bearer undefined"),
        catches="a template literal around an unset variable: the expected header is 'Bearer undefined'",
        source="calcom/cal.diy#29565; the snippet of a platform's own documentation",
    ),
    Entry(
        name="bearer-two-spaces", family=Family.SECRET, core=_SECRETS, headers=authorization("Bearer  x"),
        catches="split(' ')[1] is the empty string, which equals a secret that is set to nothing",
        source="measured on Node.js",
    ),
    Entry(
        name="bogus-bearer", family=Family.BEARER, core=frozenset(Family), headers=random_bearer,
        catches="a guard that looks only whether some bearer is there; a constant-time compare that throws on length",
        source="deltalytix#411; measured on Node.js",
    ),
    Entry(
        name="bogus-cookie", family=Family.COOKIE, core=frozenset({Family.COOKIE}),
        headers=cookies(lambda _: "garbage"), catches="a guard that looks only whether a session cookie is there",
        source="measured: middleware that looks only for the name",
    ),
    Entry(
        name="bogus-api-key", family=Family.API_KEY, core=frozenset({Family.API_KEY}),
        headers=api_keys(lambda made: made.random), catches="a guard that looks only whether some API key is there",
        source="inferred from bogus-bearer",
    ),
    Entry(
        name="api-key-undefined", family=Family.API_KEY, core=frozenset({Family.API_KEY}),
        headers=api_keys(lambda _: "undefined"), catches="an API key compared with an unset variable as text",
        source="inferred from bearer-undefined",
    ),
    Entry(
        name="token-scheme", family=Family.API_KEY, core=frozenset({Family.API_KEY}),
        headers=lambda made: (("Authorization", f"Token {made.random}"),),
        catches="a key under a framework's own scheme, which is looked at and not looked up",
        source="the scheme of Django REST framework",
    ),
    Entry(
        name="cron-headers", family=Family.JOB, core=frozenset({Family.JOB}),
        headers=lambda _: (("x-vercel-cron", "1"), ("x-vercel-cron-auth-token", "1")),
        catches="a job that trusts whoever looks like the platform's scheduler",
        source="reports on jobs of Vercel",
    ),
    # --- the rest of the ladder: at every route of a small guard, at three of a large one -----------------------------
    Entry(
        name="bearer-empty", family=Family.SECRET, headers=authorization("Bearer"),
        catches="split(' ')[1] is undefined, which equals an unset secret",
        source="measured on Node.js",
    ),
    Entry(
        name="authorization-empty", family=Family.SECRET, headers=authorization(""),
        catches="an empty header compared with a secret that is set to nothing",
        source="measured on Node.js",
    ),
    Entry(
        name="bearer-null", family=Family.SECRET, headers=authorization("Bearer null"),
        catches="the text of an unset value, as loaders of JSON write it",
        source="inferred from bearer-undefined",
    ),
    Entry(
        name="bearer-nan", family=Family.SECRET, headers=authorization("Bearer NaN"),
        catches="the text of an unset value that went through a number",
        source="inferred from bearer-undefined",
    ),
    Entry(
        name="bearer-object", family=Family.SECRET, headers=authorization("Bearer [object Object]"),
        catches="the text of an object where a secret was meant",
        source="inferred from bearer-undefined",
    ),
    Entry(
        name="bearer-none", family=Family.SECRET, headers=authorization("Bearer None"),
        catches="the text of an unset value in Python",
        source="inferred from bearer-undefined",
    ),
    Entry(
        name="bearer-short", family=Family.SECRET, headers=authorization("Bearer x"),
        catches="an answer that depends on the token's length (a partner to bogus-bearer)",
        source="measured: timingSafeEqual throws on another length",
    ),
    Entry(
        name="bearer-lower-case", family=Family.BEARER,
        headers=lambda made: (("Authorization", f"bearer {made.random}"),),
        catches="a scheme compared by case, with anonymous access in the other branch",
        source="RFC 9110, 11.1: no scheme minds its case",
    ),
    Entry(
        name="authorization-undefined", family=Family.SECRET, headers=authorization("undefined"),
        catches="header.includes(secret) with an unset secret",
        source="measured on Node.js",
    ),
    Entry(
        name="authorization-null", family=Family.SECRET, headers=authorization("null"),
        catches="the same by another name of nothing",
        source="inferred from authorization-undefined",
    ),
    Entry(
        name="basic-admin", family=Family.BEARER, headers=authorization("Basic YWRtaW46YWRtaW4="),
        catches="another scheme let through, or admin:admin",
        source="inferred: a proxy's own lock, or its default",
    ),
    Entry(
        name="basic-empty", family=Family.BEARER, headers=authorization("Basic Og=="),
        catches="an empty user and password",
        source="inferred: a proxy's own lock, or its default",
    ),
    Entry(
        name="jwt-unsigned", family=Family.BEARER,
        headers=bearer(unsigned),
        catches="a JWT with alg none taken for a signed one",
        source="CVE-2015-9235, and again in CVE-2026-34950",
    ),
    Entry(
        name="jwt-expired", family=Family.BEARER,
        headers=bearer(expired),
        catches="a JWT whose signature or expiry is not checked",
        source="RFC 8725, 3",
    ),
    Entry(
        name="authorization-twice", family=Family.BEARER, odd=True,
        headers=lambda made: (("Authorization", f"Bearer {made.random}"), ("Authorization", "Bearer undefined")),
        catches="a proxy that checks one of two headers and an application that uses the other",
        source="measured: Node.js keeps the first, others join or keep the last",
    ),
    Entry(
        name="cookie-jwe-shaped", family=Family.COOKIE, headers=cookies(jwe_shaped),
        catches="a session that is checked by its shape alone",
        source="measured: Auth.js itself looks further, and clears it",
    ),
    Entry(
        name="cookie-jwt-unsigned", family=Family.COOKIE, headers=cookies(unsigned),
        catches="a session decoder that takes an unsigned JWT",
        source="inferred from jwt-unsigned",
    ),
    # --- what only depth deep sends -----------------------------------------------------------------------------------
    Entry(
        name="jwt-unsigned-otherwise", family=Family.BEARER, depth=Depth.DEEP, headers=bearer(unsigned_otherwise),
        catches="a list of forbidden algorithms that names 'none' in small letters only",
        source="CVE-2015-9235",
    ),
    Entry(
        name="jwt-unsigned-without-dot", family=Family.BEARER, depth=Depth.DEEP,
        headers=bearer(lambda made: unsigned(made).rstrip(".")),
        catches="a parser that takes a token of two parts for one without a signature",
        source="CVE-2015-9235",
    ),
    Entry(
        name="jwt-signed-secret", family=Family.BEARER, depth=Depth.DEEP,
        headers=bearer(lambda made: jwt_of(made, key="secret")), catches="a signing key that is the word 'secret'",
        source="reports on Langfuse and Authlib",
    ),
    Entry(
        name="jwt-signed-changeme", family=Family.BEARER, depth=Depth.DEEP,
        headers=bearer(lambda made: jwt_of(made, key="changeme")), catches="a signing key that nobody changed",
        source="reports on Langfuse and Authlib",
    ),
    Entry(
        name="cookie-chunked", family=Family.COOKIE, depth=Depth.DEEP, headers=cookie_chunks,
        catches="a guard that looks whether some cookie's name begins like a session's",
        source="Auth.js itself splits long cookies so",
    ),
    Entry(
        name="cookie-of-a-sign-in", family=Family.COOKIE, depth=Depth.DEEP, headers=cookies(lambda _: SIGN_IN_COOKIE),
        catches="a sign-in's own cookie, which anybody gets, taken for a session",
        source="CVE-2023-48309",
    ),
    Entry(
        name="query-empty", family=Family.SECRET, depth=Depth.DEEP,
        query=lambda _: "&".join(f"{key}=" for key in ("token", "access_token", "api_key", "secret", "key")),
        catches="a query parameter compared with a secret that is set to nothing",
        source="inferred from authorization-empty",
    ),
    # --- what makes another URL, where not to be found is right -------------------------------------------------------
    Entry(
        name="query-bogus", family=Family.BEARER,
        query=lambda made: "&".join(f"{key}={made.random}" for key in ("token", "access_token", "api_key", "secret")),
        catches="a secret taken from the query string, where it also reaches every log",
        source="the MCP specification: no token in a query",
    ),
    Entry(
        name="query-undefined", family=Family.SECRET,
        query=lambda _: "&".join(f"{key}=undefined" for key in ("token", "access_token", "api_key", "secret", "key")),
        catches="a query parameter compared with an unset variable as text",
        source="inferred from bearer-undefined",
    ),
)  # fmt: skip

BOGUS_ALL = "bogus"


def everything_at_once(families: Iterable[Family], made: CredentialValues) -> Credential:
    """The one bogus credential of depth quick: every kind that fits, in one request."""
    by_name = {entry.name: entry for entry in LADDER}
    carried = {
        Family.SECRET: "bogus-bearer", Family.BEARER: "bogus-bearer", Family.COOKIE: "bogus-cookie",
        Family.API_KEY: "bogus-api-key", Family.JOB: "cron-headers",
    }  # fmt: skip
    names = dict.fromkeys(carried[family] for family in families)
    headers = tuple(header for name in names for header in by_name[name].headers(made))
    return Credential(
        name=BOGUS_ALL, kind=Kind.BOGUS, family=None, headers=headers, query="",
        catches="a guard that looks only whether some credential is there",
        source="all of the ladder's kinds that fit, in one request",
    )  # fmt: skip


def credential_names() -> tuple[str, ...]:
    """Name every credential, for a profile that answers one of them otherwise."""
    return (*(entry.name for entry in LADDER), BOGUS_ALL)
