"""The values of bogus credentials: made for one run, visibly fake, and never valid. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.model.session_cookies import COMMON_COOKIES, SESSION_COOKIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Headers = tuple[tuple[str, str], ...]

API_KEY_HEADERS = (
    "X-API-Key", "Api-Key", "X-Auth-Token", "X-Admin-Token", "X-Access-Token", "X-Auth-Key", "X-Internal-Key",
    "X-Secret", "X-Cron-Secret", "X-Webhook-Secret", "ApiKey", "X-Api-Token", "X-Token", "X-Access-Key",
    "X-Secret-Key", "X-Shared-Secret", "X-Service-Key", "X-Client-Key", "X-Gitlab-Token",
    # of products: Azure's Functions and API Management, Google, Vault, Consul, GitLab, Hasura, n8n, Typesense, RapidAPI
    "X-Functions-Key", "Ocp-Apim-Subscription-Key", "X-Goog-Api-Key", "X-Vault-Token", "X-Consul-Token",
    "Private-Token", "X-Hasura-Admin-Secret", "X-N8N-API-KEY", "X-Typesense-Api-Key", "X-RapidAPI-Key",
)  # fmt: skip
# Headers of webhooks, and how each writes the HMAC-SHA256 of the body.
SIGNATURE_HEADERS: tuple[tuple[str, str], ...] = (
    ("X-Hub-Signature-256", "sha256={hex}"), ("X-Signature-256", "sha256={hex}"), ("X-Signature", "{hex}"),
    ("X-Webhook-Signature", "sha256={hex}"), ("X-Shopify-Hmac-Sha256", "{base64}"), ("X-Razorpay-Signature", "{hex}"),
    ("Linear-Signature", "{hex}"), ("X-Line-Signature", "{base64}"), ("Typeform-Signature", "sha256={base64}"),
    ("X-WC-Webhook-Signature", "{base64}"), ("X-Cal-Signature-256", "{hex}"), ("Paddle-Signature", "{paddle}"),
    ("Stripe-Signature", "{stripe}"), ("X-Slack-Signature", "{slack}"), ("Webhook-Signature", "{standard}"),
    ("Svix-Signature", "{standard}"), ("X-Gitlab-Token", "{key}"),
)  # fmt: skip
FAR_AWAY = 4_102_444_800  # the year 2100
_LONG = 4_500  # letters: with all other headers less than the 8 KiB that servers allow
_LONG_AGO = 1_000_000_000  # September 2001: expired under any clock
# What guards read of a token besides `sub`: without it they refuse a token that they took for right.
FEW_CLAIMS: Mapping[str, object] = MappingProxyType({
    "id": 1, "userId": 1, "email": "lockdown-probe@lockdown-probe.invalid",
})  # fmt: skip
ALL_CLAIMS: Mapping[str, object] = MappingProxyType({
    **FEW_CLAIMS, "user_id": 1, "uid": "1", "name": "lockdown-probe", "username": "lockdown-probe",
    "user": {"id": 1, "role": "admin"}, "roles": ["admin"], "scope": "admin", "admin": True,
    "type": "access", "token_type": "access",  # the second: djangorestframework-simplejwt
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialValues:
    """The inputs of a credential: the run's nonce, and the names of the session cookies."""

    nonce: str
    cookies: tuple[str, ...]
    key_headers: tuple[str, ...] = ()  # the deployment's own, besides the common ones
    signed_at: int = _LONG_AGO  # seconds since 1970, for what carries the time at which it was signed
    cookies_named: bool = True  # whether the session cookies are known to be the deployment's

    @property
    def random(self) -> str:
        """64 hexadecimal digits that no one ever issued."""
        return hashlib.sha256(f"lockdown-prober {self.nonce}".encode()).hexdigest()


def authorization(value: str) -> Callable[[CredentialValues], Headers]:
    """Put this value into the Authorization header."""
    return lambda _: (("Authorization", value),)


def random_bearer(made: CredentialValues) -> Headers:
    """Make a bearer token that no one ever issued."""
    return (("Authorization", f"Bearer {made.random}"),)


def cookies(value: Callable[[CredentialValues], str]) -> Callable[[CredentialValues], Headers]:
    """Put a value into every session cookie."""
    return lambda made: (("Cookie", "; ".join(f"{name}={value(made)}" for name in made.cookies)),)


def url_base64(value: bytes) -> str:
    """Encode bytes in URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(claims: dict[str, object], *, key: str | None, bits: int = 256) -> str:
    """Encode a JWT: signed with HMAC-SHA256, or another hash of so many bits, or unsigned without a key.

    Written here because a library refuses weak keys, which are what is tried, and costs 40 ms to import.
    """
    header = {"alg": "none" if key is None else f"HS{bits}", "typ": "JWT"}
    parts = [url_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
    content = ".".join(parts)
    signature = hmac.new(key.encode(), content.encode(), f"sha{bits}").digest() if key is not None else b""
    return f"{content}.{url_base64(signature)}"


def jwt_of(made: CredentialValues, *, key: str | None, expired: bool = False) -> str:
    """Make a JWT that names the probe: unsigned without a key, else signed with a key that protects nothing."""
    exp = _LONG_AGO if expired else FAR_AWAY
    claims: dict[str, object] = {"sub": "lockdown-probe", "jti": made.nonce, "iat": _LONG_AGO - 60, "exp": exp}
    return signed(claims, key=key)


def unsigned(made: CredentialValues) -> str:
    """A JWT without a signature."""
    return jwt_of(made, key=None)


def unsigned_otherwise(made: CredentialValues) -> str:
    """The same with the name of no algorithm in other letters, which a list of what is forbidden may forget."""
    head = url_base64(json.dumps({"alg": "nOnE", "typ": "JWT"}, separators=(",", ":")).encode())
    return head + unsigned(made)[unsigned(made).index(".") :]


def expired(made: CredentialValues) -> str:
    """A JWT that expired long ago, signed by a key that nobody has."""
    return jwt_of(made, key=made.random, expired=True)


def forged(made: CredentialValues, *, key: str, bits: int = 256, claims: Mapping[str, object] = ALL_CLAIMS) -> str:
    """A JWT of an administrator that is signed with a key which everybody knows, and does not expire soon.

    Its claims are those by which tutorials look a user up; for many cookies at once, the few commonest.
    """
    all_claims: dict[str, object] = {
        "sub": "lockdown-probe", "jti": made.nonce, "iat": _LONG_AGO, "exp": FAR_AWAY, "role": "admin", **claims,
    }  # fmt: skip
    return signed(all_claims, key=key, bits=bits)


def bearer(token: Callable[[CredentialValues], str]) -> Callable[[CredentialValues], Headers]:
    """Carry a token as a bearer."""
    return lambda made: (("Authorization", f"Bearer {token(made)}"),)


def cookie_chunks(made: CredentialValues) -> Headers:
    """A session cookie in parts, as a long one is."""
    return (("Cookie", "; ".join(f"{name}.{part}=garbage" for name in made.cookies for part in (0, 1))),)


def jwe_shaped(made: CredentialValues) -> str:
    """Five parts, as Auth.js's own: a check of the shape alone takes it for a session."""
    raw = bytes.fromhex(made.random)
    head = url_base64(json.dumps({"alg": "dir", "enc": "A256CBC-HS512"}).encode())
    return f"{head}..{url_base64(raw[:16])}.{url_base64(raw)}.{url_base64(raw[16:])}"


def api_keys(value: Callable[[CredentialValues], str]) -> Callable[[CredentialValues], Headers]:
    """Carry a value in every header that API keys go by."""
    return lambda made: tuple((name, value(made)) for name in (*API_KEY_HEADERS, *made.key_headers))


def common_cookies(
    value: Callable[[CredentialValues], str], names: tuple[str, ...] = COMMON_COOKIES
) -> Callable[[CredentialValues], Headers]:
    """Put a value into every session cookie that a common library uses, and into those that the user names."""

    def headers(made: CredentialValues) -> Headers:
        own = tuple(name for name in made.cookies if name not in SESSION_COOKIES)
        return (("Cookie", "; ".join(f"{name}={value(made)}" for name in (*names, *own))),)

    return headers


def signatures(key: str, content: bytes) -> Headers:
    """Sign a body with HMAC-SHA256 in every header that signatures of webhooks go by, and in the form of each.

    Where the time is signed too, it is one far away: the plan knows no clock, and most look only how old it is.
    """
    at, name = str(FAR_AWAY), "lockdown-probe"

    def mac(prefix: str, secret: bytes = key.encode()) -> bytes:
        return hmac.new(secret, prefix.encode() + content, hashlib.sha256).digest()

    forms = {
        "key": key, "hex": mac("").hex(), "base64": base64.b64encode(mac("")).decode(),
        "paddle": f"ts={at};h1={mac(f'{at}:').hex()}", "stripe": f"t={at},v1={mac(f'{at}.').hex()}",
        "slack": f"v0={mac(f'v0:{at}:').hex()}",
        "standard": f"v1,{base64.b64encode(mac(f'{name}.{at}.')).decode()}",
    }  # fmt: skip
    told = (
        ("X-Slack-Request-Timestamp", at), ("Webhook-Id", name), ("Webhook-Timestamp", at), ("Svix-Id", name),
        ("Svix-Timestamp", at),
    )  # fmt: skip
    return (*((header, form.format(**forms)) for header, form in SIGNATURE_HEADERS), *told)


def very_long(made: CredentialValues) -> str:
    """A token that is longer than what libraries hash or store, and not too long for servers."""
    return (made.random * (_LONG // len(made.random) + 1))[:_LONG]


def in_every_key(made: CredentialValues) -> Headers:
    """A random key in every header that API keys go by, and behind the scheme of Django's."""
    return (("Authorization", f"Token {made.random}"), *api_keys(lambda made: made.random)(made))


def unknown_key_id(made: CredentialValues, *, algorithm: str = "RS256") -> str:
    """A token that says how it is signed and names a key that no key set has; its signature is made up."""
    head = url_base64(json.dumps({"alg": algorithm, "typ": "JWT", "kid": f"lockdown-probe-{made.nonce}"}).encode())
    claims = url_base64(json.dumps({"sub": "lockdown-probe", "exp": FAR_AWAY}).encode())
    length = 8 if algorithm == "RS256" else 2  # of a key of 2048 bits, or two numbers of 256
    return f"{head}.{claims}.{url_base64(bytes.fromhex(made.random) * length)}"
