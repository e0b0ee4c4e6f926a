"""Rules for secrets: present, random, long enough, and each for one purpose. Never shows a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.env.view import ADMIN, DEV, GITHUB, GUARDS, MADE, PUBLIC, EnvRule, half, is_secret
from prober.model.audit import Rule, Severity

if TYPE_CHECKING:
    from prober.audit.env.view import Broken, EnvironmentView

LEAST_BYTES = 32  # what `openssl rand -hex 32` and `-base64 32` make
_LEAST_LETTERS = 10  # distinct characters: a repeated character is not a secret
_LEAST_COMPARED = 8
_SAME = frozenset({"AUTH_SECRET", "NEXTAUTH_SECRET"})  # the new and the old name of one secret
_PLACEHOLDER = re.compile(
    r"<.*>|\{\{.*\}\}|insert[-_ ].*"
    r"|.*(?:change[-_ ]?(?:me|this|it)|placeholder|replace[-_ ]?(?:me|this|with)|example|dummy|not[-_ ]?set).*"
    r"|(?:.*[^A-Z0-9+/])?x{4,}(?:[^A-Z0-9+/].*)?"  # between others it may be random
    r"|your[-_ ].*|to[-_ ]?do.*|tbd|fixme|(?:my|the|a)?[-_ ]?(?:super)?[-_ ]?(?:secret|password|token|key)[-_ ]?\d*"
    r"|x+|\*+|\.+|-+|none|null|undefined|true|false|default|admin|root|test(?:ing)?\d*|dev(?:elopment)?|foo|bar|abc\d*"
    r"|0*12345\d*|qwerty\d*|letmein",
    re.IGNORECASE | re.DOTALL,
)
_PUBLIC_SECRET = re.compile(
    r"SECRET|PASSWORD|PRIVATE|(?:OPENAI|ANTHROPIC|CLAUDE|GEMINI|MISTRAL|COHERE|GROQ|LLM|RESEND|EMAIL)\w*(?:KEY|TOKEN)"
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def is_placeholder(value: str) -> bool:
    """Say whether a value is a placeholder of a template or a tutorial."""
    return _PLACEHOLDER.fullmatch(value.strip()) is not None


def is_weak(value: str) -> bool:
    """Say whether a value has fewer than 32 bytes, decoded if it is hex or base64, or few distinct characters."""
    text = value.strip()
    if _HEX.fullmatch(text):
        size = len(text) // 2
    elif _BASE64.fullmatch(text):
        size = len(text.rstrip("=")) * 3 // 4
    else:
        size = len(text.encode())
    return size < LEAST_BYTES or len(set(text)) < _LEAST_LETTERS


def _no_migration_secret(view: EnvironmentView) -> Broken:
    if view.is_of_the_systems and view.is_set("NEXTAUTH_SECRET") and not view.has("MIGRATION_SECRET"):
        yield "NEXTAUTH_SECRET is set, but there is no MIGRATION_SECRET", view.at("NEXTAUTH_SECRET")


def _empty_secret(view: EnvironmentView) -> Broken:
    told_already = any(not half(view, pair)[1] for pair in (ADMIN, GITHUB))
    for name in view.empty(MADE):
        if not (name == "AUTH_SECRET" and told_already):
            yield f"{name} is present but empty", view.at(name)


def _placeholder(view: EnvironmentView) -> Broken:
    if view.is_template:
        return
    for setting in view.secrets():
        if is_placeholder(setting.value or "") and setting.fallback is None:
            yield f"{setting.name} is a placeholder", setting.source
    if is_placeholder(view.text("AUTH_GITHUB_ID")):
        yield "AUTH_GITHUB_ID is a placeholder", view.at("AUTH_GITHUB_ID")


def _weak(view: EnvironmentView) -> Broken:
    for name in MADE:
        text = view.text(name)
        if text and is_weak(text) and not is_placeholder(text):
            yield f"{name} is weaker than {LEAST_BYTES} random bytes", view.at(name)


def _reused(view: EnvironmentView) -> Broken:
    seen: dict[str, str] = {}
    for setting in view.secrets():
        value = (setting.value or "").strip()
        if len(value) < _LEAST_COMPARED or is_placeholder(value):
            continue
        first = seen.setdefault(value, setting.name)
        pair = {first, setting.name}
        if len(pair) > 1 and pair != _SAME and pair & {*GUARDS}:
            yield f"{setting.name} has the value of {first}", setting.source


def _dressed(view: EnvironmentView) -> Broken:
    for name in GUARDS:
        value = view.last[name].value if view.has(name) else None
        if value and value.strip() and (value != value.strip() or value.strip("'\"`") != value or "\n" in value):
            yield f"{name} has quotes, blanks or a line break in its value", view.at(name)


def _public(view: EnvironmentView) -> Broken:
    secret_texts = {view.text(name) for name in view.values if is_secret(name) and view.text(name)}
    for name in view.values:
        if not name.startswith(PUBLIC) or not view.text(name):
            continue
        if _PUBLIC_SECRET.search(name):
            yield f"{name} goes to every browser, and is a secret by its name", view.at(name)
        elif view.text(name) in secret_texts:
            yield f"{name} goes to every browser, and has the value of a secret", view.at(name)


def _fallback(view: EnvironmentView) -> Broken:
    for name, setting in view.last.items():
        if is_secret(name) and setting.fallback:
            yield f"{name} falls back to a value in this file", setting.source
        elif name == DEV and (setting.fallback or "").strip().lower() == "true":
            yield f"{DEV} falls back to true", setting.source


def _plain_password(view: EnvironmentView) -> Broken:
    if view.is_set("ADMIN_PASSWORD"):
        yield "ADMIN_PASSWORD contains a password", view.at("ADMIN_PASSWORD")


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV020", severity=Severity.DRIFT, title="NEXTAUTH_SECRET is set without MIGRATION_SECRET",
            why="Without its own secret, the migration endpoint accepts the session secret, or fails.",
            fix="Set MIGRATION_SECRET to what 'openssl rand -hex 32' prints, or use --skip ENV020 without one.",
            source="001:38", facts=(9, 28, 31, 35, 48),
        ),
        check=_no_migration_secret,
    ),
    EnvRule(
        rule=Rule(
            id="ENV021", severity=Severity.DRIFT, title="a secret that guards something is empty",
            why="Code that falls back with '||' uses another secret; code that compares accepts 'Bearer ' alone.",
            fix="Set it to what 'openssl rand -hex 32' prints, or remove it.",
            source="001:38", facts=(35,),
        ),
        check=_empty_secret,
    ),
    EnvRule(
        rule=Rule(
            id="ENV022", severity=Severity.LEAK, title="a secret is a placeholder",
            why="Everyone who has read the template knows it, and can sign in or forge a session with it.",
            fix="Set it to what 'openssl rand -hex 32' prints.",
            source="001:32", facts=(5, 9, 32),
        ),
        check=_placeholder,
    ),
    EnvRule(
        rule=Rule(
            id="ENV023", severity=Severity.DRIFT, title="a secret that guards something is weaker than 32 random bytes",
            why="A short one can be guessed, and a session secret even without any request.",
            fix="Set it to what 'openssl rand -hex 32' prints.",
            source="003:163", facts=(5, 9, 238),
        ),
        check=_weak,
    ),
    EnvRule(
        rule=Rule(
            id="ENV024", severity=Severity.LEAK, title="one secret guards two things",
            why="One leak gives access to both, such as sessions and migrations.",
            fix="Create a separate value for each.",
            source="000:46", facts=(10, 20, 30, 36),
        ),
        check=_reused,
    ),
    EnvRule(
        rule=Rule(
            id="ENV026", severity=Severity.DRIFT, title="a secret has quotes, blanks or a line break in it",
            why="Code that trims it and code that does not have two different secrets.",
            fix="Write only the value, within one pair of quotes or none.",
            source="000:44", facts=(9, 32),
        ),
        check=_dressed,
    ),
    EnvRule(
        rule=Rule(
            id="ENV027", severity=Severity.LEAK, title="a NEXT_PUBLIC_ variable holds a secret",
            why="Next.js writes it into the JavaScript that every visitor gets.",
            fix="Rename it without NEXT_PUBLIC_, use it on the server only, and replace the value.",
            source="003:10", facts=(),
        ),
        check=_public,
    ),
    EnvRule(
        rule=Rule(
            id="ENV028", severity=Severity.LEAK, title="a compose file holds a secret's default",
            why="If the variable is not set, the deployment starts with a value that everyone can read.",
            fix="Write ${NAME:?} instead of the default.",
            source="003:33", facts=(5, 142),
        ),
        check=_fallback,
    ),
    EnvRule(
        rule=Rule(
            id="ENV029", severity=Severity.LEAK, title="a password is stored unhashed",
            why="Anyone who reads the file is the admin; the platform needs only the hash.",
            fix="Keep ADMIN_PASSWORD_HASH, remove ADMIN_PASSWORD and change the password.",
            source="003:101", facts=(189,),
        ),
        check=_plain_password,
    ),
)  # fmt: skip
