"""Rules for the sign-in: the admin's password, name and addresses, and production settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.env.view import EnvRule, listed
from prober.model.audit import Rule, Severity

if TYPE_CHECKING:
    from prober.audit.env.view import Broken, EnvironmentView

LEAST_COST = 12
_BCRYPT = re.compile(r"\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}")
_GUESSED = {"admin", "administrator", "root", "user", "test", "owner", "superuser"}
_EMAIL = re.compile(r"[^\s@*,;<>\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")
_ANYBODYS = {
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com",
    "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "mail.com", "yandex.ru", "mailinator.com",
}  # fmt: skip
_NOBODYS = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|local|localhost)$")
_NODE_ENVS = {"production", "development", "test"}
_REDIS = re.compile(r"(?:^|_)REDIS_(?:URL|HOST|REST_URL)$")


def _hashes(view: EnvironmentView) -> list[str]:
    """Give the hash as each reader reads it."""
    if not view.is_set("ADMIN_PASSWORD_HASH") or view.last["ADMIN_PASSWORD_HASH"].value is None:
        return []
    setting = view.last["ADMIN_PASSWORD_HASH"]
    return [(value or "").strip() for value in (*setting.readings.values(), setting.value)]


def _no_bcrypt(view: EnvironmentView) -> Broken:
    hashes = _hashes(view)
    if hashes and not any(_BCRYPT.fullmatch(value) for value in hashes):
        yield "ADMIN_PASSWORD_HASH is not a bcrypt hash for any reader", view.at("ADMIN_PASSWORD_HASH")


def _cheap(view: EnvironmentView) -> Broken:
    costs = [int(found[1]) for found in map(_BCRYPT.fullmatch, _hashes(view)) if found]
    if costs and max(costs) < LEAST_COST:
        yield f"ADMIN_PASSWORD_HASH has a cost under {LEAST_COST}", view.at("ADMIN_PASSWORD_HASH")


def _guessed_name(view: EnvironmentView) -> Broken:
    if view.production and view.text("ADMIN_USERNAME").lower() in _GUESSED:
        yield "ADMIN_USERNAME is a name that attackers try first", view.at("ADMIN_USERNAME")


def _emails(view: EnvironmentView) -> list[str]:
    return [entry.strip() for entry in view.text("ADMIN_EMAILS").split(",")] if view.text("ADMIN_EMAILS") else []


def _bad_emails(view: EnvironmentView) -> Broken:
    bad = [number for number, entry in enumerate(_emails(view), start=1) if not _EMAIL.fullmatch(entry)]
    if bad:
        yield f"ADMIN_EMAILS: entry {listed(map(str, bad))} is not an address", view.at("ADMIN_EMAILS")


def _odd_domains(view: EnvironmentView) -> Broken:
    domains = {entry.rpartition("@")[2].lower() for entry in _emails(view) if _EMAIL.fullmatch(entry)}
    if domains & _ANYBODYS or any(_NOBODYS.search(domain) for domain in domains):
        yield "ADMIN_EMAILS has a public or reserved domain", view.at("ADMIN_EMAILS")
    elif len(domains) > 1:
        yield f"ADMIN_EMAILS has {len(domains)} domains", view.at("ADMIN_EMAILS")


def _node_env(view: EnvironmentView) -> Broken:
    text = view.text("NODE_ENV")
    if not text:
        return
    if text not in _NODE_ENVS:
        yield "NODE_ENV is neither production, development nor test", view.at("NODE_ENV")
    elif text != "production" and view.production:
        yield f"NODE_ENV is {text} in production (as {view.production} says)", view.at("NODE_ENV")


def _phase(view: EnvironmentView) -> Broken:
    if view.has("NEXT_PHASE"):
        yield "NEXT_PHASE is set", view.at("NEXT_PHASE")


def _no_voucher(view: EnvironmentView) -> Broken:
    if view.text("REGISTRATION_REQUIRES_VOUCHER").lower() == "false" and view.production:
        yield "REGISTRATION_REQUIRES_VOUCHER=false in production", view.at("REGISTRATION_REQUIRES_VOUCHER")


def _no_redis(view: EnvironmentView) -> Broken:
    replicas = view.environment.replicas
    if replicas and replicas[0] > 1 and not any(_REDIS.search(name) and view.is_set(name) for name in view.last):
        yield f"{replicas[0]} replicas, but no REDIS_URL", replicas[1]


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV040", severity=Severity.DRIFT, title="ADMIN_PASSWORD_HASH is not a bcrypt hash",
            why="No password matches it; if '$' was expanded, the mode changes too.",
            fix="Write the hash in double quotes with each '$' as '\\$'.",
            source="003:103", facts=(192, 193),
        ),
        check=_no_bcrypt,
    ),
    EnvRule(
        rule=Rule(
            id="ENV041", severity=Severity.DRIFT, title="the bcrypt cost is under 12",
            why="Each step less halves the cost of one guess, for an attacker who has the hash.",
            fix="Hash the password again at cost 12 or more.",
            source="003:111", facts=(192,),
        ),
        check=_cheap,
    ),
    EnvRule(
        rule=Rule(
            id="ENV042", severity=Severity.NOTE, title="the admin of a production deployment has a common name",
            why="Half of the credentials is known; only the password and the limits protect the account.",
            fix="Choose another ADMIN_USERNAME, or rely on the password.",
            source="003:105", facts=(190,),
        ),
        check=_guessed_name,
    ),
    EnvRule(
        rule=Rule(
            id="ENV043", severity=Severity.DRIFT, title="ADMIN_EMAILS is not a list of addresses",
            why="A user who signs in with a listed address is an admin; a wildcard matches no one, or everyone.",
            fix="Write addresses separated by single commas.",
            source="003:30", facts=(134,),
        ),
        check=_bad_emails,
    ),
    EnvRule(
        rule=Rule(
            id="ENV044", severity=Severity.NOTE, title="ADMIN_EMAILS has addresses outside a single domain of yours",
            why="Users who can receive mail there are admins, without a voucher: an expired domain gives access.",
            fix="Check each address.",
            source="003:32", facts=(135, 140),
        ),
        check=_odd_domains,
    ),
    EnvRule(
        rule=Rule(
            id="ENV050", severity=Severity.DRIFT, title="NODE_ENV is not exactly production in production",
            why="With any other value, the checks at start only warn, and the dev shim is not refused.",
            fix="Write NODE_ENV=production.",
            source="001:41", facts=(37, 128),
        ),
        check=_node_env,
    ),
    EnvRule(
        rule=Rule(
            id="ENV051", severity=Severity.DRIFT, title="NEXT_PHASE is set",
            why="The server believes that it is being built, and skips the check of its secrets.",
            fix="Remove NEXT_PHASE.",
            source="001:64", facts=(47,),
        ),
        check=_phase,
    ),
    EnvRule(
        rule=Rule(
            id="ENV052", severity=Severity.NOTE, title="production requires no voucher",
            why="Everyone with a GitHub account can register.",
            fix="Remove REGISTRATION_REQUIRES_VOUCHER, unless this is intended.",
            source="003:25", facts=(125, 146),
        ),
        check=_no_voucher,
    ),
    EnvRule(
        rule=Rule(
            id="ENV053", severity=Severity.DRIFT, title="several replicas do not share their rate limits",
            why="Each counts separately: a client starts at zero on another replica.",
            fix="Set REDIS_URL, or run one replica.",
            source="003:79", facts=(167, 317),
        ),
        check=_no_redis,
    ),
)  # fmt: skip
