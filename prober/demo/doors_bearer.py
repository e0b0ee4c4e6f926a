"""Broken ways to compare a bearer with a secret, in each state of the environment in which a stranger's opens them.

Fourteen idioms of JavaScript, as measured on POST /api/migrate (docs/depth.md); UNSET and "" are what Node reads.
`h` is the Authorization header as Node gives it: undefined when there is none, without the blanks around it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from prober.demo.answers import failure
from prober.demo.door import Door
from prober.model import Reason, Verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute, Opens
    from prober.demo.state import State

MIGRATE = "migrate: POST /api/migrate"
_BEARER = "Bearer "


class Env(StrEnum):
    """What MIGRATION_SECRET is in the environment of the process."""

    UNSET = "unset"
    EMPTY = "empty"
    SET = "set"


class ThrewError(Exception):
    """The idiom throws, and Next answers 500."""


Idiom = Callable[[str | None, str | None], bool]  # the header and the secret; None is JavaScript's undefined


def _text(value: str | None) -> str:
    """What a template literal makes of a value."""
    return "undefined" if value is None else value


def _second_word(header: str | None) -> str | None:
    words = (header or "").split(" ")
    return words[1] if len(words) > 1 else None


def template(header: str | None, secret: str | None) -> bool:
    """Compare as in h === `Bearer ${S}`."""
    return header == _BEARER + _text(secret)


def split(header: str | None, secret: str | None) -> bool:
    """Compare as in h?.split(' ')[1] === S."""
    return _second_word(header) == secret


def replace(header: str | None, secret: str | None) -> bool:
    """Compare as in (h ?? '').replace('Bearer ', '') === S."""
    return (header or "").replace(_BEARER, "", 1) == secret


def replace_or_nothing(header: str | None, secret: str | None) -> bool:
    """Compare as in (h ?? '').replace('Bearer ', '') === (S ?? '')."""
    return (header or "").replace(_BEARER, "", 1) == (secret or "")


def skip_when_unset(header: str | None, secret: str | None) -> bool:
    """Refuse as in if (S && h !== `Bearer ${S}`)."""
    return not secret or header == _BEARER + secret


def scheme_only(header: str | None, _secret: str | None) -> bool:
    """Look only at h.startsWith('Bearer ')."""
    return (header or "").startswith(_BEARER)


def presence(header: str | None, _secret: str | None) -> bool:
    """Look only whether there is a header with anything in it."""
    return bool(header)


def includes(header: str | None, secret: str | None) -> bool:
    """Compare as in h?.includes(S)."""
    return header is not None and _text(secret) in header


def session_secret_fallback(header: str | None, _secret: str | None) -> bool:
    """Compare as in h === `Bearer ${S ?? NEXTAUTH_SECRET}`, where neither is set."""
    return header == _BEARER + "undefined"


def one_of(header: str | None, secret: str | None) -> bool:
    """Compare as in [CRON_KEY, `Bearer ${S}`].includes(h)."""
    return header == _BEARER + _text(secret)


def loose(header: str | None, secret: str | None) -> bool:
    """Compare as in (h ?? '').replace('Bearer ', '') == S; undefined is not loosely equal to the empty string."""
    return secret is not None and (header or "").replace(_BEARER, "", 1) == secret


def prefix(header: str | None, secret: str | None) -> bool:
    """Compare as in S && S.startsWith((h ?? '').replace(/^Bearer ?/, ''))."""
    given = header or ""
    token = given.removeprefix("Bearer").removeprefix(" ") if given.startswith("Bearer") else given
    return bool(secret) and (secret or "").startswith(token)


def timing_safe(header: str | None, secret: str | None) -> bool:
    """Compare as in timingSafeEqual(Buffer.from(token), Buffer.from(S ?? '')), which throws where lengths differ."""
    token, wanted = (header or "").replace(_BEARER, "", 1), secret or ""
    if len(token) != len(wanted):
        raise ThrewError
    return token == wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Broken:
    """An idiom, and for each state of the environment the first credential that it mistakes."""

    idiom: Idiom
    about: str
    opened: tuple[tuple[Env, str], ...]


_IDIOMS: tuple[_Broken, ...] = (
    _Broken(idiom=template, about="h === `Bearer ${S}`", opened=((Env.UNSET, "bearer-undefined"),)),
    _Broken(
        idiom=split, about="h?.split(' ')[1] === S",
        opened=((Env.UNSET, "anonymous"), (Env.EMPTY, "bearer-two-spaces")),
    ),
    _Broken(idiom=replace, about="(h ?? '').replace('Bearer ', '') === S", opened=((Env.EMPTY, "anonymous"),)),
    _Broken(
        idiom=replace_or_nothing, about="(h ?? '').replace('Bearer ', '') === (S ?? '')",
        opened=((Env.UNSET, "anonymous"), (Env.EMPTY, "anonymous")),
    ),
    _Broken(
        idiom=skip_when_unset, about="if (S && h !== `Bearer ${S}`) refuse",
        opened=((Env.UNSET, "anonymous"), (Env.EMPTY, "anonymous")),
    ),
    _Broken(
        idiom=scheme_only, about="h.startsWith('Bearer ')",
        opened=tuple((env, "bogus-bearer") for env in Env),
    ),
    _Broken(idiom=presence, about="if (h)", opened=tuple((env, "bogus-bearer") for env in Env)),
    _Broken(
        idiom=includes, about="h?.includes(S)",
        opened=((Env.UNSET, "bearer-undefined"), (Env.EMPTY, "bogus-bearer")),
    ),
    _Broken(
        idiom=session_secret_fallback, about="h === `Bearer ${S ?? NEXTAUTH_SECRET}`, and neither is set (000:18)",
        opened=((Env.UNSET, "bearer-undefined"),),
    ),
    _Broken(idiom=one_of, about="[K, `Bearer ${S}`].includes(h)", opened=((Env.UNSET, "bearer-undefined"),)),
    _Broken(idiom=loose, about="token == S", opened=((Env.EMPTY, "anonymous"),)),
    _Broken(idiom=prefix, about="S.startsWith(token)", opened=((Env.SET, "anonymous"),)),
    _Broken(
        idiom=timing_safe, about="timingSafeEqual(token, S ?? '') without a check of the lengths",
        opened=((Env.UNSET, "anonymous"), (Env.EMPTY, "anonymous")),
    ),
)  # fmt: skip


def compared_by(idiom: Idiom, env: Env) -> Opens:
    """Put this comparison in the guard's place, with the secret in this state."""

    def opens(call: Call, state: State, way: LockedRoute) -> Response:
        secret = {Env.UNSET: None, Env.EMPTY: "", Env.SET: state.secrets.migration_secret}[env]
        try:
            admitted = idiom(call.authorization, secret)
        except ThrewError:
            return failure("internal", 500)
        return way.handler(call, state) if admitted else failure("unauthorized", 401)

    return opens


def _door(broken: _Broken, env: Env, credential: str) -> Door:
    return Door(
        name=f"migrate-{broken.idiom.__name__.replace('_', '-')}-{env}",
        about=f"The migration secret is compared as in {broken.about}; in the environment it is {env}.",
        at=(MIGRATE,),
        opens=compared_by(broken.idiom, env),
        caught_by=f"{MIGRATE} [{credential}]",
    )


DOORS: tuple[Door, ...] = (
    *(_door(broken, env, credential) for broken in _IDIOMS for env, credential in broken.opened),
    Door(
        name="migrate-timing-safe-throws",
        about="timingSafeEqual throws if the lengths differ, so every wrong token of another length gets 500.",
        at=(MIGRATE,), opens=compared_by(timing_safe, Env.SET),
        caught_by=f"{MIGRATE} [anonymous]", verdict=Verdict.DRIFT, reason=Reason.BROKEN,
    ),
)  # fmt: skip
