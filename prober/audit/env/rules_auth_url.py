"""Rules for the URL that Auth.js believes to be served at: AUTH_URL, NEXTAUTH_URL and AUTH_TRUST_HOST."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.audit.env.view import URLS, EnvRule, host_of, listed
from prober.model.audit import Rule, Severity
from prober.model.origin import is_loopback

if TYPE_CHECKING:
    from prober.audit.env.view import Broken, EnvironmentView

_FALSE = {"false", "0", "no", "off"}
_MODES = ("oauth", "credentials", "credentials+oauth")


def _empty_url(view: EnvironmentView) -> Broken:
    for name in view.empty(URLS):
        yield f"{name} is present but empty", view.at(name)


def _trailing_slash(view: EnvironmentView) -> Broken:
    for name in URLS:
        if view.text(name).endswith("/"):
            yield f"{name} ends in '/'", view.at(name)


def _no_origin(view: EnvironmentView) -> Broken:
    for name in URLS:
        text = view.text(name)
        if text and (host_of(text) is None or not _is_origin(text)):
            yield f"{name} is not an origin such as https://host", view.at(name)


def _is_origin(url: str) -> bool:
    parts = urlsplit(url)
    return (
        "@" not in parts.netloc and not (parts.query or parts.fragment) and parts.path.rstrip("/") in {"", "/api/auth"}
    )


def _plain_http(view: EnvironmentView) -> Broken:
    for name in URLS:
        host = host_of(view.text(name))
        if host is not None and not is_loopback(host) and urlsplit(view.text(name)).scheme == "http":
            yield f"{name} is plain http to another machine", view.at(name)


def _trust_false(view: EnvironmentView) -> Broken:
    if view.text("AUTH_TRUST_HOST").lower() in _FALSE:
        yield "AUTH_TRUST_HOST is a word for no, which counts as yes", view.at("AUTH_TRUST_HOST")


def _unpinned(view: EnvironmentView) -> Broken:
    if view.mode in _MODES and view.production and not any(view.is_set(name) or view.has(name) for name in URLS):
        trusted = view.is_set("AUTH_TRUST_HOST")
        problem = "AUTH_URL is not set" if trusted else "neither AUTH_URL nor AUTH_TRUST_HOST is set"
        yield (
            f"{problem} in mode {view.mode}",
            view.at(next(name for name in view.last if name in {"AUTH_SECRET", *_ANCHORS})),
        )


_ANCHORS = ("AUTH_GITHUB_ID", "ADMIN_USERNAME")


def _two_urls(view: EnvironmentView) -> Broken:
    first, second = (view.text(name).rstrip("/") for name in URLS)
    if first and second and first != second:
        yield f"{listed(URLS)} differ", view.at(URLS[1])


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV030", severity=Severity.DRIFT, title="AUTH_URL is empty",
            why="Auth.js uses the empty value and trusts no host: every sign-in answers 500.",
            fix="Set it to the URL that users type, or remove it.",
            source="003:165", facts=(239,),
        ),
        check=_empty_url,
    ),
    EnvRule(
        rule=Rule(
            id="ENV031", severity=Severity.DRIFT, title="AUTH_URL ends in a slash",
            why="It must be exactly the URL that users type; callbacks are compared character by character.",
            fix="Remove the '/' at the end.",
            source="003:167", facts=(),
        ),
        check=_trailing_slash,
    ),
    EnvRule(
        rule=Rule(
            id="ENV032", severity=Severity.DRIFT, title="AUTH_URL is not an origin: scheme, host and port",
            why="It must be exactly the URL that users type, or sign-in answers 500 or leads elsewhere.",
            fix="Write https://host, without a path, a user or a query.",
            source="003:167", facts=(),
        ),
        check=_no_origin,
    ),
    EnvRule(
        rule=Rule(
            id="ENV033", severity=Severity.LEAK, title="AUTH_URL is plain http to another machine",
            why="Session cookies cross the network unencrypted, and are not marked as secure.",
            fix="Put TLS in front and write https://.",
            source="003:167", facts=(242,),
        ),
        check=_plain_http,
    ),
    EnvRule(
        rule=Rule(
            id="ENV034", severity=Severity.DRIFT, title="AUTH_TRUST_HOST is a word for no",
            why="Any text counts as yes, even 'false': the check that it seems to enable is off.",
            fix="Remove it, and set AUTH_URL.",
            source="003:176", facts=(254,),
        ),
        check=_trust_false,
    ),
    EnvRule(
        rule=Rule(
            id="ENV035", severity=Severity.DRIFT, title="production does not set AUTH_URL",
            why="Without it, sign-in links follow the client's Host header, or sign-in answers 500.",
            fix="Set AUTH_URL to the URL that users type.",
            source="003:170", facts=(239, 243, 254),
        ),
        check=_unpinned,
    ),
    EnvRule(
        rule=Rule(
            id="ENV036", severity=Severity.DRIFT, title="AUTH_URL and NEXTAUTH_URL differ",
            why="Two versions of the library use one each, so sign-ins lead to different places.",
            fix="Remove NEXTAUTH_URL.",
            source="003:167", facts=(),
        ),
        check=_two_urls,
    ),
)  # fmt: skip
