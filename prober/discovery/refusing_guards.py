"""Guards of routes that refuse strangers, each from the answer that one of them got. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.model import Access

if TYPE_CHECKING:
    from prober.model import AnonymousAnswer

ALL_KINDS = "[secret, bearer, api-key, cookie]"
WORD = re.compile(r"[A-Za-z0-9]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PASSWORDS = frozenset({"basic", "digest"})
# What every guard of an API is presented with anyway, and what no text can be put behind (a handshake of its own).
_USUAL = _PASSWORDS | {"bearer", "negotiate", "ntlm", "mutual"}
_REDIRECTS = "[301, 302, 303, 307, 308]"
HELD = "held: [401, 403]"  # how a role, an expiry or an audience is refused, where a route gets 'refuse'


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard of a profile: its name, its answers and what is presented to it, in YAML."""

    name: str
    answers: str
    presents: str
    about: str = ""


def guard_that_refuses(answer: AnonymousAnswer) -> Guard:
    """Give the guard of a route at which a stranger was refused, or sent to sign in."""
    if answer.by:
        return _guard_in_front(answer, answer.by)
    return _page_guard(answer) if answer.access is Access.SIGN_IN else _api_guard(answer)


def _api_guard(answer: AnonymousAnswer) -> Guard:
    """Nobody is answered as they were; what is bogus may be refused in the other way, as servers do."""
    scheme = answer.challenge.lower() if answer.challenge.isascii() and answer.challenge.isalnum() else ""
    usual = answer.status == 401  # noqa: PLR2004 - HTTP's own number
    named = {"bearer": "bearer-api", "basic": "basic", "digest": "digest"}
    also = [other.lower() for other in answer.other_schemes if other.lower() in _PASSWORDS]
    kind = named.get(scheme) or ("api" if not scheme else f"api-{scheme}")
    name = "-".join([kind, *also, *([] if usual else [str(answer.status)])])
    challenge = json.dumps(answer.challenge)
    anonymous = f"{{status: {answer.status}, header: {{www-authenticate: {challenge}}}}}" if scheme else answer.status
    if scheme in _PASSWORDS:
        bogus = f"[{anonymous}, 403]"
        return Guard(
            name=name,
            answers=f"{{anonymous: {anonymous}, bogus: {bogus}, {HELD}}}",
            presents=f"[{', '.join([scheme, *also, *_own_schemes(answer)])}, {ALL_KINDS.strip('[]')}]",
            about="the application's own lock, or one in front of it",
        )
    kinds = "secret, bearer, api-key" if scheme == "bearer" else ALL_KINDS.strip("[]")
    presents = f"[{', '.join([*_own_schemes(answer), kinds, *also])}]"
    return Guard(name=name, answers=f"{{anonymous: {anonymous}, bogus: [401, 403], {HELD}}}", presents=presents)


def _own_schemes(answer: AnonymousAnswer) -> list[str]:
    """Give the carriers of the schemes that only the challenge names, such as `Authorization: Token` (Django REST)."""
    schemes = dict.fromkeys((answer.challenge, *answer.other_schemes))
    return [f"{{scheme: {word}}}" for word in schemes if _SCHEME.fullmatch(word) and word.lower() not in _USUAL]


def _guard_in_front(answer: AnonymousAnswer, keeper: str) -> Guard:
    """A lock in front of the application: the promise names who keeps it, for the user to confirm."""
    by = f"by: {json.dumps(keeper)}"
    refused = [f"{{status: {status}, {by}}}" for status in (401, 403)]
    if answer.location:
        sent_away = f"{{status: {_REDIRECTS}, location: {json.dumps(answer.location)}, {by}}}"
        anonymous, bogus = sent_away, [sent_away, *refused]
    else:
        challenge = f"header: {{www-authenticate: {json.dumps(answer.challenge)}}}, " if answer.challenge else ""
        anonymous, bogus = f"{{status: {answer.status}, {challenge}{by}}}", refused
    words = [word.lower() for word in WORD.findall(keeper) if word not in {"a", "an"}]
    name = "-".join(["behind", *words, *([] if answer.location else [str(answer.status)])])
    scheme = answer.challenge.lower()
    return Guard(
        name=name,
        answers=f"{{anonymous: {anonymous}, bogus: [{', '.join(bogus)}], held: [{', '.join([*bogus, '401', '403'])}]}}",
        presents=f"[{scheme}, {ALL_KINDS.strip('[]')}]" if scheme in _PASSWORDS else ALL_KINDS,
        about=f"{keeper} keeps it, in front of the application: confirm that its lock is meant",
    )


def _page_guard(answer: AnonymousAnswer) -> Guard:
    location = answer.location or "/"
    elsewhere = "" if location.startswith("/") else " on another origin"
    place = urlsplit(location)
    sent = sent_to(location)
    words = WORD.findall(f"{place.hostname}" if elsewhere else location)
    return Guard(
        name="-".join(["page", *(word.lower() for word in words)]) if words else "page-sign-in",
        answers=f"{{anonymous: {sent}, bogus: {sent}, held: [{sent}, 401, 403]}}", presents="[cookie, bearer]",
        about=f"unauthenticated clients are sent to sign in{elsewhere}",
    )  # fmt: skip


def sent_to(location: str) -> str:
    """Give the answer of a redirect to this place."""
    return f"{{status: {_REDIRECTS}, location: {json.dumps(location)}}}"
