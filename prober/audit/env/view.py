"""An environment as the rules query it: values, the auth mode, and whether it is production. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.model.auth_mode import ADMIN, DEV, GITHUB, OAUTH, is_true, mode_of
from prober.model.origin import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prober.model import Source
    from prober.model.audit import Environment, Rule, Setting

    Broken = Iterable[tuple[str, Source]]

DEV_IN_PRODUCTION = "ALLOW_DEV_AUTH_IN_PRODUCTION"
MODE_NAMES = (*OAUTH, *ADMIN, DEV)
MAIL = ("EMAIL_PROVIDER", "EMAIL_API_KEY", "EMAIL_FROM")
URLS = ("AUTH_URL", "NEXTAUTH_URL")
# Secrets that an operator creates, each with a purpose of its own.
MADE = ("AUTH_SECRET", "NEXTAUTH_SECRET", "MIGRATION_SECRET", "DOWNTIME_ACTION_REMINDER_SECRET", "CRON_SECRET")
GUARDS = (*MADE, "AUTH_GITHUB_SECRET")
KNOWN = frozenset({
    *MODE_NAMES, *MAIL, *URLS, *GUARDS, DEV_IN_PRODUCTION, "ADMIN_EMAIL", "ADMIN_EMAILS", "ADMIN_PASSWORD",
    "AUTH_TRUST_HOST", "NODE_ENV", "NEXT_PHASE", "REGISTRATION_REQUIRES_VOUCHER",
})  # fmt: skip
# Names that only the three systems have: a rule of theirs is no rule of another application's.
OF_THE_SYSTEMS = frozenset({
    DEV, DEV_IN_PRODUCTION, *ADMIN, "ADMIN_EMAILS", "DOWNTIME_ACTION_REMINDER_SECRET", "REGISTRATION_REQUIRES_VOUCHER",
    "MCP_URL",
})  # fmt: skip
_TEMPLATE = re.compile(r"(^|[.-])(example|sample|template|dist|defaults?)$")
PUBLIC = "NEXT_PUBLIC_"
_SECRET = re.compile(r"(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSWD|KEY|HASH)(?:_\d+)?$")
ELSEWHERE = "(given elsewhere)"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRule:
    """A rule and its check, which gives each violation as a sentence without values, and its place."""

    rule: Rule
    check: Callable[[EnvironmentView], Broken]


class EnvironmentView:
    """The last setting of each variable; one that comes from elsewhere counts as set, with an unknown value."""

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
        """Why it counts as a production deployment; None if it does not."""
        if self.environment.production is not None:
            return self.environment.production
        if self.text("NODE_ENV") == "production":
            return "NODE_ENV"
        return next((name for name in (*URLS, "BASE_URL") if self.is_public_url(name)), None)

    @property
    def is_of_the_systems(self) -> bool:
        """Say whether one of the three systems is recognised, by a name that nobody else has."""
        return not OF_THE_SYSTEMS.isdisjoint(self.last)

    @property
    def is_template(self) -> bool:
        """Say whether it is a template that is copied and filled in: .env.example and the like."""
        paths = self.environment.paths
        return bool(paths) and all(_TEMPLATE.search(path) for path in paths)

    def has(self, name: str) -> bool:
        """Say whether the variable is present."""
        return name in self.last

    def text(self, name: str) -> str:
        """Give the value without blanks at its ends; empty if it is unknown."""
        value = self.last[name].value if name in self.last else None
        return (value or "").strip()

    def is_set(self, name: str) -> bool:
        """Say whether it has a value."""
        return bool(self.values.get(name, "").strip())

    def is_true(self, name: str) -> bool:
        """Say whether its value is true."""
        return is_true(self.values, name)

    def at(self, name: str) -> Source:
        """Give the place where the variable was last set."""
        return self.last[name].source

    def empty(self, names: Iterable[str]) -> list[str]:
        """Give those of the variables that are present but empty."""
        return [name for name in names if self.values.get(name) == ""]

    def secrets(self) -> list[Setting]:
        """Give the settings with a value that are secret by their names."""
        return [setting for name, setting in self.last.items() if is_secret(name) and (setting.value or "").strip()]

    def is_public_url(self, name: str) -> bool:
        """Say whether its value is the URL of another machine."""
        host = host_of(self.text(name))
        return host is not None and not is_loopback(host)

    @property
    def because(self) -> str:
        """Why it is this mode, by the variables that are set."""
        mode = self.mode
        if mode == "unconfigured":
            return "no mode is complete"
        if mode == "dev-shim":
            return f"{DEV}=true, and no other mode is complete"
        wanted = {"oauth": OAUTH, "credentials": ADMIN, "credentials+oauth": (*ADMIN, *OAUTH)}[mode]
        return f"{listed(wanted)} are set"

    @property
    def is_relevant(self) -> bool:
        """Say whether any rule applies to it."""
        return bool(KNOWN & self.last.keys()) or any(name.startswith(PUBLIC) for name in self.last)


def is_secret(name: str) -> bool:
    """Say whether a variable is secret by its name."""
    return _SECRET.search(name) is not None and not name.startswith(PUBLIC)


def host_of(url: str) -> str | None:
    """Give the host of an http or https URL."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return host if parts.scheme in {"http", "https"} else None


def listed(names: Iterable[str]) -> str:
    """Join names with commas and 'and'."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def half(view: EnvironmentView, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Split variables into those with a value and those without."""
    full = [name for name in names if view.is_set(name)]
    return full, [name for name in names if name not in full]


__all__ = [
    "ADMIN", "DEV", "DEV_IN_PRODUCTION", "GITHUB", "GUARDS", "KNOWN", "MADE", "MAIL", "MODE_NAMES", "OAUTH", "PUBLIC",
    "URLS", "Broken", "EnvRule", "EnvironmentView", "half", "host_of", "is_secret", "listed",
]  # fmt: skip
