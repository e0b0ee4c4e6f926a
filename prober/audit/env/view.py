"""An environment, as the rules ask about it: what a name holds, which mode it makes, whether it is production. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.model.auth_mode import ADMIN, DEV, GITHUB, OAUTH, is_true, mode_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prober.model import Source
    from prober.model.audit import Environment, Rule, Setting

    Broken = Iterable[tuple[str, Source]]

DEV_IN_PRODUCTION = "ALLOW_DEV_AUTH_IN_PRODUCTION"
MODE_NAMES = (*OAUTH, *ADMIN, DEV)
MAIL = ("EMAIL_PROVIDER", "EMAIL_API_KEY", "EMAIL_FROM")
URLS = ("AUTH_URL", "NEXTAUTH_URL")
# Secrets that an operator makes, each of which opens something of its own.
MADE = ("AUTH_SECRET", "NEXTAUTH_SECRET", "MIGRATION_SECRET", "DOWNTIME_ACTION_REMINDER_SECRET", "CRON_SECRET")
GUARDS = (*MADE, "AUTH_GITHUB_SECRET")
KNOWN = frozenset({
    *MODE_NAMES, *MAIL, *URLS, *GUARDS, DEV_IN_PRODUCTION, "ADMIN_EMAIL", "ADMIN_EMAILS", "ADMIN_PASSWORD",
    "AUTH_TRUST_HOST", "NODE_ENV", "NEXT_PHASE", "REGISTRATION_REQUIRES_VOUCHER",
})  # fmt: skip
PUBLIC = "NEXT_PUBLIC_"
_SECRET = re.compile(r"(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSWD|KEY|HASH)(?:_\d+)?$")
ELSEWHERE = "(given elsewhere)"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRule:
    """A rule, and how to see that it is broken: each time, in words that hold no value, and where."""

    rule: Rule
    check: Callable[[View], Broken]


class View:
    """The last setting of each name; what comes from elsewhere counts as set, and is known to nobody."""

    def __init__(self, environment: Environment) -> None:
        """Index the settings by name."""
        self.environment = environment
        self.last: Mapping[str, Setting] = {setting.name: setting for setting in environment.settings}
        self.values: Mapping[str, str] = {
            name: ELSEWHERE if setting.value is None else setting.value for name, setting in self.last.items()
        }

    @property
    def mode(self) -> str:
        """The auth mode."""
        return mode_of(self.values)

    @property
    def production(self) -> str | None:
        """Why it is held to be a deployment that strangers reach, where it is one."""
        if self.environment.production is not None:
            return self.environment.production
        if self.text("NODE_ENV") == "production":
            return "NODE_ENV"
        return next((name for name in (*URLS, "BASE_URL") if self.is_public_url(name)), None)

    def has(self, name: str) -> bool:
        """Say whether the name is there at all."""
        return name in self.last

    def text(self, name: str) -> str:
        """Give what the name holds, without blanks at its ends; nothing where that is not known."""
        value = self.last[name].value if name in self.last else None
        return (value or "").strip()

    def is_set(self, name: str) -> bool:
        """Say whether it holds anything."""
        return bool(self.values.get(name, "").strip())

    def is_true(self, name: str) -> bool:
        """Say whether it holds true."""
        return is_true(self.values, name)

    def at(self, name: str) -> Source:
        """Give where the name was last set."""
        return self.last[name].source

    def empty(self, names: Iterable[str]) -> list[str]:
        """Give those of the names that are there and hold nothing."""
        return [name for name in names if self.values.get(name) == ""]

    def secrets(self) -> list[Setting]:
        """Give the settings whose names say that they are secret, and that hold something."""
        return [setting for name, setting in self.last.items() if is_secret(name) and (setting.value or "").strip()]

    def is_public_url(self, name: str) -> bool:
        """Say whether it holds the URL of another machine than this one."""
        host = host_of(self.text(name))
        return host is not None and not is_loopback(host)

    @property
    def because(self) -> str:
        """Why it is this mode, by the names of what is set."""
        mode = self.mode
        if mode == "unconfigured":
            return "no mode is whole"
        if mode == "dev-shim":
            return f"{DEV}=true, and no other mode is whole"
        wanted = {"oauth": OAUTH, "credentials": ADMIN, "credentials+oauth": (*ADMIN, *OAUTH)}[mode]
        return f"{listed(wanted)} are set"

    @property
    def is_relevant(self) -> bool:
        """Say whether any rule has something to say of it."""
        return bool(KNOWN & self.last.keys()) or any(name.startswith(PUBLIC) for name in self.last)


def is_secret(name: str) -> bool:
    """Say whether a name says of itself that it holds a secret."""
    return _SECRET.search(name) is not None and not name.startswith(PUBLIC)


def host_of(url: str) -> str | None:
    """Give the host of an http or https URL."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return host if parts.scheme in {"http", "https"} else None


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence does."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def half(view: View, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Split names into those that hold something and those that do not."""
    full = [name for name in names if view.is_set(name)]
    return full, [name for name in names if name not in full]


__all__ = [
    "ADMIN", "DEV", "DEV_IN_PRODUCTION", "GITHUB", "GUARDS", "KNOWN", "MADE", "MAIL", "MODE_NAMES", "OAUTH", "PUBLIC",
    "URLS", "Broken", "EnvRule", "View", "half", "host_of", "is_loopback", "is_secret", "listed",
]  # fmt: skip
