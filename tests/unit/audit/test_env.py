"""Each rule of an environment: one broken file that breaks it and no other, and one right file for each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.audit.env import audit as env_audit
from prober.audit.env.rules_modes import seen_as
from prober.audit.env.rules_secrets import is_placeholder, is_weak
from prober.cli.audit_report import print_findings
from prober.model import Source
from prober.model.audit import Environment, Reader, Setting
from tests.support.env_audit import (
    ADMIN,
    ALL,
    CREDENTIALS,
    DEV,
    GITHUB,
    HASH,
    OAUTH,
    RIGHT,
    SESSION,
    URL,
    bcrypt,
    broken,
    load,
    made,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.audit import Rule

V4 = f"NEXTAUTH_SECRET={made('v4')}\nMIGRATION_SECRET={made('migration')}\n"

# A rule's id, and a file that breaks it and nothing else.
BROKEN = [
    ("ENV001", DEV + OAUTH),
    ("ENV001", DEV + f"AUTH_GITHUB_ID={made('id')}\nAUTH_GITHUB_SECRET=\n"),
    ("ENV002", DEV + "AUTH_GITHUB_ID=\nAUTH_GITHUB_SECRET=''\n"),
    ("ENV002", DEV + 'AUTH_GITHUB_SECRET=""\n'),
    ("ENV003", DEV + "NODE_ENV=production\n"),
    ("ENV003", DEV + "AUTH_URL=https://brain.example.com\n"),
    ("ENV003", DEV + "BASE_URL=http://10.0.0.7:3000\n"),
    ("ENV004", DEV + CREDENTIALS),
    ("ENV005", OAUTH + "ALLOW_DEV_AUTH_IN_PRODUCTION=false\n"),
    ("ENV005", OAUTH + "ALLOW_DEV_AUTH_IN_PRODUCTION=\n"),
    ("ENV006", OAUTH + "ALLOW_DEV_AUTH=1\n"),
    ("ENV006", OAUTH + "ALLOW_DEV_AUTH=False\n"),
    ("ENV006", "ALLOW_DEV_AUTH=TRUE\n"),
    ("ENV007", f"ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH='$2b$12${'f' * 53}'\n" + SESSION + URL),
    ("ENV008", CREDENTIALS + 'AUTH_GITHUB_ID=""\nAUTH_GITHUB_SECRET=""\n'),
    ("ENV008", OAUTH + "ADMIN_USERNAME=\n"),
    ("ENV009", OAUTH + 'EMAIL_FROM="  "\n'),
    ("ENV010", f"AUTH_GITHUB_ID={made('id')}\n" + SESSION),
    ("ENV010", f"AUTH_GITHUB_ID={made('id')}\nAUTH_GITHUB_SECRET=\n" + SESSION),
    ("ENV011", f'ADMIN_PASSWORD_HASH="{HASH}"\n' + OAUTH),
    ("ENV012", OAUTH + "EMAIL_PROVIDER=resend\n"),
    ("ENV012", OAUTH + f"EMAIL_API_KEY={made('mail')}\nEMAIL_FROM=a@b.org\n"),
    ("ENV013", GITHUB + URL),
    ("ENV013", ADMIN + URL + "AUTH_SECRET=\n"),
    ("ENV020", f"NEXTAUTH_SECRET={made('v4')}\nADMIN_EMAILS=a@brain-platform.org\n"),
    ("ENV021", OAUTH + "MIGRATION_SECRET=\n"),
    ("ENV021", OAUTH + "DOWNTIME_ACTION_REMINDER_SECRET=''\n"),
    ("ENV022", OAUTH + "MIGRATION_SECRET='<your-generated-secret>'\n"),
    ("ENV022", GITHUB + URL + "AUTH_SECRET=changeme\n"),
    ("ENV022", OAUTH + "STRIPE_API_KEY=your-key-here\n"),
    ("ENV023", GITHUB + URL + f"AUTH_SECRET={made('session')[:32]}\n"),
    ("ENV023", OAUTH + f"MIGRATION_SECRET={'ab' * 40}\n"),
    ("ENV024", V4.replace(made("migration"), made("v4"))),
    ("ENV024", OAUTH + f"MIGRATION_SECRET='{made('session')}'   # it must differ\n"),
    ("ENV026", OAUTH + f"MIGRATION_SECRET=\"'{made('migration')}'\"\n"),
    ("ENV026", OAUTH + f"MIGRATION_SECRET=' {made('migration')}'\n"),
    ("ENV027", OAUTH + f"NEXT_PUBLIC_OPENAI_API_KEY={made('openai')}\n"),
    ("ENV027", OAUTH + f"NEXT_PUBLIC_HELLO={made('session')}\n"),
    ("ENV029", CREDENTIALS + f"ADMIN_PASSWORD={made('plain')}\n"),
    ("ENV030", GITHUB + SESSION + "AUTH_URL=\n"),
    ("ENV031", OAUTH.replace("brain.example.com", "brain.example.com/")),
    ("ENV032", OAUTH.replace("https://brain", "brain")),
    ("ENV032", OAUTH.replace("brain.example.com", "brain.example.com/signin")),
    ("ENV032", OAUTH.replace("https://", "https://me@")),
    ("ENV033", OAUTH.replace("https://brain.example.com", "http://192.0.2.7:3000")),
    ("ENV034", OAUTH.replace("HOST=true", 'HOST="false"')),
    ("ENV035", GITHUB + SESSION + "NODE_ENV=production\n"),
    ("ENV035", ADMIN + SESSION + "NODE_ENV=production\nAUTH_TRUST_HOST=true\n"),
    ("ENV036", OAUTH + "NEXTAUTH_URL=https://other.example.com\n"),
    ("ENV040", f"ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH={made('plain')}\n" + SESSION + URL),
    ("ENV041", CREDENTIALS.replace("\\$12\\$", "\\$10\\$")),
    ("ENV042", CREDENTIALS.replace("keeper", "Admin")),
    ("ENV043", OAUTH + "ADMIN_EMAILS='*@brain-platform.org'\n"),
    ("ENV043", OAUTH + "ADMIN_EMAILS=a@brain-platform.org,,b@brain-platform.org\n"),
    ("ENV044", OAUTH + "ADMIN_EMAILS=someone@gmail.com\n"),
    ("ENV044", OAUTH + "ADMIN_EMAILS=a@brain-platform.org,b@brain-platfrom.org\n"),
    ("ENV050", OAUTH.replace("=production", "=Production")),
    ("ENV050", OAUTH.replace("=production", "=development")),
    ("ENV051", OAUTH + "NEXT_PHASE=phase-production-build\n"),
    ("ENV052", OAUTH + "REGISTRATION_REQUIRES_VOUCHER=false\n"),
    ("ENV060", OAUTH + "NODE_ENV=production\n"),
    ("ENV061", OAUTH + "MAIL_PASSWORD='pa$word-of-the-relay'\n"),
    ("ENV061", OAUTH.replace("\n", "\r\n")),
    ("ENV061", OAUTH + f"MAIL_PASSWORD={made('relay')}#1\n"),
    ("ENV091", OAUTH + "two words\n"),
    ("ENV092", "PORT=3000\nLOG_LEVEL=info\n"),
]  # fmt: skip

# These need more than one file, a compose file, or a file system: each has a test of its own below.
ELSEWHERE = {"ENV025", "ENV028", "ENV053", "ENV070", "ENV071", "ENV072", "ENV073", "ENV074", "ENV075", "ENV076", "ENV090"}  # fmt: skip


# --- the table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "text"), BROKEN, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(BROKEN)])
def test_one_broken_file_breaks_one_rule(rule: str, text: str, tmp_path: Path) -> None:
    assert list(dict.fromkeys(broken(write(tmp_path, text)))) == [rule]


def test_every_rule_has_a_file_that_breaks_it() -> None:
    assert {rule for rule, _ in BROKEN} | ELSEWHERE == ALL
    assert {rule for rule, _ in BROKEN} & ELSEWHERE == set()
    assert len(env_audit.RULES) == len(ALL)


@pytest.mark.parametrize("mode", RIGHT)
def test_right_file_of_each_mode_breaks_none(mode: str, tmp_path: Path) -> None:
    path = write(tmp_path, RIGHT[mode])
    assert broken(path) == []
    assert seen_as(load(path)[0])[1].startswith(f"mode {mode}, because ")


@pytest.mark.parametrize(("rule", "text"), BROKEN, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(BROKEN)])
def test_no_value_is_shown(rule: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environments = load(write(tmp_path, text))
    said = tuple(seen_as(environment) for environment in environments)
    for form in ("text", "json"):
        print_findings("env", env_audit.audit(environments, ALL), said, rules=len(ALL), format_=form)
    shown = capsys.readouterr().out
    assert rule in shown
    words = {s.value.strip() for s in environments[0].settings if s.value and len(s.value) > 12}
    assert {word for word in words if word in shown} == set()


@given(st.text(max_size=200))
def test_any_text_is_audited_and_no_value_is_shown(text: str) -> None:
    secret = made("never")
    setting = Setting(name="AUTH_SECRET", value=secret, source=Source(file=".env", line=1))
    other = Setting(name="MIGRATION_SECRET", value=secret + text, source=Source(file=".env", line=2))
    breaches = env_audit.audit([Environment(name=".env", settings=(setting, other), paths=(".env",))], ALL)
    assert secret not in repr([(breach.what, breach.source) for breach in breaches])


@pytest.mark.parametrize("rule", env_audit.RULES, ids=lambda rule: rule.id)
def test_a_rule_says_why_and_how_it_is_mended(rule: Rule) -> None:
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.source


# --- production -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "how", "rules"),
    [
        pytest.param(".env", DEV, {}, [], id="on-a-desk"),
        pytest.param(".env", DEV, {"production": True}, ["ENV003"], id="said"),
        pytest.param(".env.production", DEV, {}, ["ENV003"], id="by-its-name"),
        pytest.param(".env", DEV + "AUTH_URL=http://127.0.0.1:3000\n", {}, [], id="loopback"),
        pytest.param(".env", GITHUB + SESSION, {}, [], id="oauth-on-a-desk"),
        pytest.param(".env", GITHUB + SESSION, {"production": True}, ["ENV035"], id="oauth-in-production"),
    ],
)
def test_production_is_told_by_what_is_said_and_by_the_name(
    name: str, text: str, how: dict[str, bool], rules: list[str], tmp_path: Path
) -> None:
    assert broken(write(tmp_path, text, name), **how) == rules


# --- who reads it -----------------------------------------------------------------------------------------------------


def test_single_quoted_hash_is_right_where_only_bash_and_compose_read_it(tmp_path: Path) -> None:
    """As the security page writes it."""
    path = write(tmp_path, f"ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH='{bcrypt()}'\n" + SESSION + URL)
    assert broken(path) == ["ENV007"]
    assert broken(path, readers=[Reader.BASH, Reader.COMPOSE]) == []


def test_who_reads_what_is_said_without_the_value(tmp_path: Path) -> None:
    path = write(tmp_path, OAUTH + "MAIL_PASSWORD='pa$word'\n")
    (breach,) = env_audit.audit(load(path), ALL)
    assert breach.what == "MAIL_PASSWORD: @next/env reads a value, unlike bash and docker compose"
    assert breach.source.line == 7


def test_windows_line_ends_are_one_thing_to_say(tmp_path: Path) -> None:
    (breach,) = env_audit.audit(load(write(tmp_path, OAUTH.replace("\n", "\r\n"))), ALL)
    assert "AUTH_GITHUB_ID, AUTH_GITHUB_SECRET, AUTH_SECRET, NODE_ENV" in breach.what
    assert breach.what.endswith("bash reads a value, unlike docker compose and @next/env")


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["changeme", "CHANGE_ME", "<your-generated-secret>", "your-secret-here", "secret", "my-secret", "password123", "xxx",
     "re_xxxxxxxx", "test", "placeholder", "TODO", "...", "replace-me", "example", "supersecret", "12345678"],
)  # fmt: skip
def test_placeholder_is_known(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", [made("a"), made("b")[:40], "correct horse battery staple", "Iv1.8a61f9b3a7aba766"])
def test_what_was_made_is_no_placeholder(value: str) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    ("value", "weak"),
    [
        pytest.param(made("a"), False, id="32-bytes-in-hex"),
        pytest.param(made("a")[:62], True, id="31-bytes-in-hex"),
        pytest.param("Zm9v" * 4 + "QUJDREVGR0hJSktMTU5PUFFSU1Q=", False, id="33-bytes-in-base64"),
        pytest.param("abcdefghijklmnopqrstuvwxyz0123456", True, id="33-letters-are-24-bytes"),
        pytest.param("a" * 100, True, id="one-key"),
        pytest.param("a pass phrase of many words, as people make them", False, id="phrase"),
    ],
)
def test_strength_is_measured_in_bytes(value: str, *, weak: bool) -> None:
    assert is_weak(value) is weak


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [
        ("sk-xxxx-xxxx", True), ("ghp_xxxxxxxxxxxx", True), ("{{SECRET}}", True), ("insert-your-key-here", True),
        ("k3Vx9pQxXxXb7TzW0mNcR5uYh2LsJd8fGa1eKq4oPiM=", False),  # random: four letters x in a row are no template
    ],
)  # fmt: skip
def test_placeholder_is_told_from_a_random_secret(value: str, *, placeholder: bool) -> None:
    assert is_placeholder(value) is placeholder
