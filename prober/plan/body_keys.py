"""Locks in the body: the tokens, codes and vouchers that a form looks up, made up and left out. One entry each. Pure.

A form that refuses an empty body has validated it, and has looked nothing up yet. So the same form is sent well formed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from prober.model import Credential, Depth, Kind
from prober.plan.held_secrets import KNOWN_EMAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import JsonValue, Payload, Route
    from prober.plan.options import PlanOptions

# A value of a path's parameter too: well formed, but the token of nothing.
IMPOSSIBLE_TOKEN = "lockdown-probe-no-such-token".ljust(43, "x")  # as long as 32 random bytes in base64url
MADE_UP = {"{made-up-token}": IMPOSSIBLE_TOKEN, "{made-up-code}": "LDPRB"}  # what a route writes, and what is sent
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyKey:
    """What a well-formed body holds where its token or code belongs; an empty tuple: the field is left out."""

    name: str
    catches: str
    source: str
    in_json: tuple[JsonValue, ...] = ()
    in_form: tuple[tuple[str, str], ...] = ()  # what follows the field's name, and the value
    depth: Depth = Depth.STANDARD

    def make(self) -> Credential:
        """Make the credential, of which no header tells anything."""
        return Credential(
            name=self.name, kind=Kind.BOGUS, family=None, headers=(), query="", catches=self.catches, source=self.source
        )


# The first one, whose token is made up, is also sent where the body has no token, as where the path holds it.
WELL_FORMED = BodyKey(
    name="well-formed", catches="a form that validates its fields, and never looks its token up",
    source="CWE-640: a reset of a password whose token is not compared",
)  # fmt: skip
BODY_KEYS: tuple[BodyKey, ...] = (
    BodyKey(
        name="token-missing", catches="a look-up without a value, which finds the first row there is",
        source="Prisma's manual: undefined in a filter is no condition",
    ),
    BodyKey(
        name="token-null", in_json=(None,), in_form=(("", "null"),),
        catches="a token that is compared with the null of everybody who never asked for one",
        source="CWE-640: a column that is null until a reset is asked for",
    ),
    BodyKey(
        name="token-operator", in_json=({"$ne": None},), in_form=(("[$ne]", ""),),
        catches="an operator of the database in place of a token, which any row matches",
        source="OWASP, testing for NoSQL injection",
    ),
    BodyKey(
        name="token-list", in_json=([],), in_form=(("[]", ""),),
        catches="an empty list in place of a token, of which every test is true, or which equals the empty text",
        source="CWE-843: `[] == ''` in JavaScript",
    ),
    BodyKey(
        name="token-empty", in_json=("",), in_form=(("", ""),), depth=Depth.DEEP,
        catches="an empty token that is compared with a token that was used up and emptied",
        source="CWE-640: a token that is set to nothing after its use",
    ),
    BodyKey(
        name="token-true", in_json=(True,), in_form=(("", "true"),), depth=Depth.DEEP,
        catches="a token that is compared by a loose equality, or is only tested for being there",
        source="CWE-697: `true == 'any text'` in PHP",
    ),
)  # fmt: skip


def body_key_names() -> tuple[str, ...]:
    """Name them all, for profiles that promise another answer to one of them."""
    return (WELL_FORMED.name, *(entry.name for entry in BODY_KEYS))


def well_formed_bodies(route: Route, options: PlanOptions) -> Iterator[tuple[Credential, Payload]]:
    """Give what is presented in a route's well-formed body, and that body; nothing where it has none."""
    payload = route.well_formed
    if payload is None or options.depth is Depth.QUICK or _is_compared(route, options):
        return
    yield WELL_FORMED.make(), made_up(payload)
    for entry in BODY_KEYS:
        if entry.depth is Depth.STANDARD or options.depth is Depth.DEEP:
            changed = _with_key(payload, entry)
            if changed is not None:
                yield entry.make(), changed


def _is_compared(route: Route, options: PlanOptions) -> bool:
    """Say whether the comparison sends this body anyway, at a route whose limit leaves only a few requests."""
    compares = route.indistinguishable is not None and options.depth is Depth.DEEP
    return compares and route.limit is not None and KNOWN_EMAIL in options.held


def made_up(payload: Payload) -> Payload:
    """Fill the made-up tokens and codes in."""
    content = payload.content or b""
    for word, value in MADE_UP.items():
        content = content.replace(word.encode(), value.encode()).replace(_in_form(word), value.encode())
    return replace(payload, content=content if payload.content is not None else None)


def _in_form(word: str) -> bytes:
    return urlencode({"": word})[1:].encode()


def _with_key(payload: Payload, entry: BodyKey) -> Payload | None:
    """Put something else in the place of each made-up token; None where there is no such place."""
    content = payload.content or b""
    if not any(form in content for word in MADE_UP for form in (word.encode(), _in_form(word))):
        return None
    content_type = next((value for name, value in payload.headers if name.lower() == "content-type"), "")
    if content_type == _FORM:
        pairs = parse_qsl(content.decode(), keep_blank_values=True)
        changed = [pair for name, value in pairs for pair in _form_pairs(name, value, entry)]
        return replace(payload, content=urlencode(changed).encode())
    if "json" not in content_type:
        return None
    return replace(payload, content=json.dumps(_in_place(json.loads(content), entry), ensure_ascii=False).encode())


def _form_pairs(name: str, value: str, entry: BodyKey) -> list[tuple[str, str]]:
    return [(name + suffix, other) for suffix, other in entry.in_form] if value in MADE_UP else [(name, value)]


def _in_place(value: JsonValue, entry: BodyKey) -> JsonValue:
    """Give the value with each made-up token replaced, or left out of the object or list that it stands in."""
    if isinstance(value, dict):
        return {name: changed for name, part in value.items() for changed in _parts(part, entry)}
    if isinstance(value, list):
        return [changed for part in value for changed in _parts(part, entry)]
    return next(iter(entry.in_json), None) if isinstance(value, str) and value in MADE_UP else value


def _parts(part: JsonValue, entry: BodyKey) -> tuple[JsonValue, ...]:
    return entry.in_json if isinstance(part, str) and part in MADE_UP else (_in_place(part, entry),)
