"""What one running demo knows: its mode, its keys, its settings and what has happened. No routes and no answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from prober.demo.effects import Effects
from prober.demo.keys import Secrets, is_key, make_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE, _HOUR = 60.0, 3600.0
KNOWN_EMAIL = "first.user@example.com"  # of the one account that there is


class Mode(StrEnum):
    """The auth mode that the deployment runs in, by the name of its profile."""

    OAUTH = "oauth"
    CREDENTIALS = "credentials"
    CREDENTIALS_AND_OAUTH = "credentials+oauth"
    DEV_SHIM = "dev-shim"
    UNCONFIGURED = "unconfigured"

    @property
    def has_sign_in(self) -> bool:
        """Some way to sign in is configured, so that Auth.js has its secret and strangers get 401."""
        return self not in {Mode.DEV_SHIM, Mode.UNCONFIGURED}

    @property
    def has_password(self) -> bool:
        """The administrator signs in by a password."""
        return self in {Mode.CREDENTIALS, Mode.CREDENTIALS_AND_OAUTH}

    @property
    def has_github(self) -> bool:
        """People sign in by GitHub."""
        return self in {Mode.OAUTH, Mode.CREDENTIALS_AND_OAUTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may set besides the mode. The defaults are those of the real deployment, but for the limit."""

    limit_per_minute: int | None = None  # 200 in the real one; off here, so that a run costs no waiting
    oracle_enabled: bool = True
    meetings_enabled: bool = False
    onboarding_enabled: bool = False
    registration_requires_voucher: bool = True
    production: bool = False  # NODE_ENV=production refuses the dev shim
    mcp_enabled: bool = True
    mcp_exact_url: bool = True  # the real server answers 404 to /mcp?x=1
    show_effects: bool = False  # serve GET /__demo/effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much of an allowance a client has left."""

    allowed: bool
    limit: int
    remaining: int
    reset: int  # Unix time, seconds
    left: int  # seconds until then


class Limiter:
    """Counts requests of each client in fixed windows."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.time) -> None:
        """Start with nobody counted."""
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._counted: dict[str, tuple[float, int]] = {}

    def take(self, client: str) -> Window:
        """Count one request of this client and say whether it is allowed."""
        now = self._clock()
        started, count = self._counted.get(client, (now, 0))
        if now - started >= self._seconds:
            started, count = now, 0
        count += 1
        self._counted[client] = (started, count)
        remaining = max(0, self._limit - count)
        reset = started + self._seconds
        return Window(
            allowed=count <= self._limit,
            limit=self._limit,
            remaining=remaining,
            reset=ceil(reset),
            left=ceil(reset - now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that guards and handlers may look at. The value is frozen; what it counts is not."""

    mode: Mode
    settings: Settings = field(default_factory=Settings)
    secrets: Secrets = field(default_factory=make_secrets)
    effects: Effects = field(default_factory=Effects)
    mcp_sessions: dict[str, str] = field(default_factory=dict)  # session id -> the bearer that opened it
    reset_limiter: Limiter = field(default_factory=lambda: Limiter(3, _HOUR))
    registration_limiter: Limiter = field(default_factory=lambda: Limiter(5, _HOUR))
    login_limiter: Limiter = field(default_factory=lambda: Limiter(4, _HOUR))
    proxy_limiter: Limiter | None = None

    def user_of(self, session: str | None) -> str | None:
        """Say whose session a cookie's value is: 'admin', 'member', or nobody's."""
        if is_key(session, self.secrets.admin_session):
            return "admin"
        return "member" if is_key(session, self.secrets.member_session) else None


def new_state(mode: Mode, settings: Settings) -> State:
    """Make the state of one start, with keys of its own."""
    limit = settings.limit_per_minute
    return State(mode=mode, settings=settings, proxy_limiter=Limiter(limit, _MINUTE) if limit else None)
