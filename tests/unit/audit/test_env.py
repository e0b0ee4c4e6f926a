"""Each rule of an environment: one broken file that breaks it and no other, and one right file for each mode."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.audit.env import audit as env_audit
from prober.audit.env.rules_files import look_at
from prober.audit.env.rules_modes import seen_as
from prober.audit.env.rules_secrets import is_placeholder, is_weak
from prober.cli.audit_report import choose_rules, tell
from prober.environment.environments import load_environments
from prober.errors import UsageError
from prober.model import ExitStatus, Source
from prober.model.audit import Environment, FileFacts, Reader, Setting, Severity

if TYPE_CHECKING:
    from prober.model.audit import Rule

PROBER = Path(sys.executable).with_name("prober")


def made(name: str) -> str:
    """A value as a generator makes it; made here, so that no scanner finds a secret in this file."""
    return hashlib.sha256(name.encode()).hexdigest()


def bcrypt(cost: str = "12") -> str:
    return f"$2b${cost}${'fakehash' * 6}fakes"


HASH = bcrypt().replace("$", "\\$")  # in double quotes, which everybody reads alike
SESSION = f"AUTH_SECRET={made('session')}\n"
GITHUB = f"AUTH_GITHUB_ID=Iv1.{made('id')[:16]}\nAUTH_GITHUB_SECRET={made('github')}\n"
ADMIN = f'ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH="{HASH}"\n'
URL = "NODE_ENV=production\nAUTH_URL=https://brain.example.com\nAUTH_TRUST_HOST=true\n"
OAUTH = GITHUB + SESSION + URL
CREDENTIALS = ADMIN + SESSION + URL
V4 = f"NEXTAUTH_SECRET={made('v4')}\nMIGRATION_SECRET={made('migration')}\n"
DEV = "ALLOW_DEV_AUTH=true\n"

RIGHT = {
    "oauth": OAUTH + f"ADMIN_EMAILS=a@brain-platform.org,b@brain-platform.org\nMIGRATION_SECRET={made('migration')}\n",
    "credentials": CREDENTIALS + "ALLOW_DEV_AUTH=false\n",
    "credentials+oauth": ADMIN + OAUTH + f"EMAIL_PROVIDER=resend\nEMAIL_API_KEY={made('mail')}\nEMAIL_FROM=a@b.org\n",
    "dev-shim": DEV + "NODE_ENV=development\nAUTH_URL=http://localhost:3000\n",
    "unconfigured": "NODE_ENV=production\n",
}

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
ALL = frozenset(rule.id for rule in env_audit.RULES)


def write(folder: Path, text: str, name: str = ".env") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    path.chmod(0o600)
    return path


def load(*paths: Path, **how: Any) -> list[Environment]:
    return [
        replace(env, files=tuple([look_at(p) for p in env.paths] + [look_at(p, private=False) for p in env.shared]))
        for env in load_environments(paths, **how)
    ]


def broken(*paths: Path, **how: object) -> list[str]:
    return [breach.rule.id for breach in env_audit.audit(load(*paths, **how), ALL)]


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
        tell("env", env_audit.audit(environments, ALL), said, rules=len(ALL), format_=form)
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


# --- several files ----------------------------------------------------------------------------------------------------


def test_files_that_next_stacks_are_one_environment(tmp_path: Path) -> None:
    base = write(tmp_path, GITHUB + URL)
    local = write(tmp_path, SESSION, ".env.local")
    assert broken(base) == ["ENV013"]
    assert broken(base, local) == []


def test_later_file_of_the_stack_wins(tmp_path: Path) -> None:
    local = write(tmp_path, DEV + "AUTH_GITHUB_SECRET=\nAUTH_GITHUB_ID=\nNODE_ENV=\nAUTH_URL=http://localhost:3000\n", ".env.local")  # fmt: skip
    assert broken(write(tmp_path, OAUTH), local) == ["ENV002"]


def test_same_secret_in_two_environments_is_shared(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first, second = (
        write(folder, SESSION + GITHUB.replace(made("github"), made(folder.name)) + URL) for folder in folders
    )
    found = env_audit.audit(load(first, second), ALL)
    assert [breach.rule.id for breach in found] == ["ENV025"]
    assert found[0].what == f"AUTH_SECRET is the same in {first}"
    assert found[0].source.file == str(second)


def test_staging_beside_production_is_an_environment_of_its_own(tmp_path: Path) -> None:
    assert broken(write(tmp_path, OAUTH), write(tmp_path, SESSION, ".env.staging")) == ["ENV025"]


def test_link_to_env_local_is_one_file(tmp_path: Path) -> None:
    target = write(tmp_path, OAUTH, ".env.local")
    link = tmp_path / ".env"
    link.symlink_to(target.name)
    assert broken(link, target) == []


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "rules"),
    [
        pytest.param(0o600, [], id="600"),
        pytest.param(0o400, [], id="400"),
        pytest.param(0o700, [], id="700"),
        pytest.param(0o640, ["ENV070"], id="group-reads"),
        pytest.param(0o604, ["ENV070"], id="others-read"),
        pytest.param(0o620, ["ENV070"], id="group-writes"),
    ],
)
def test_mode_is_that_of_the_target(mode: int, rules: list[str], tmp_path: Path) -> None:
    target = write(tmp_path, OAUTH, ".env.local")
    target.chmod(mode)
    link = tmp_path / ".env"
    link.symlink_to(target.name)
    assert link.lstat().st_mode & 0o777 == 0o777
    assert broken(link) == rules


def test_folder_that_others_may_write_to_is_open(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = write(folder, OAUTH)
    folder.chmod(0o777)
    assert broken(path) == ["ENV072"]
    folder.chmod(0o1777)
    assert broken(path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
@pytest.mark.parametrize(
    ("group", "rules"),
    [pytest.param(0, [], id="of-its-owner-alone"), pytest.param(54321, ["ENV072"], id="of-others")],
)
def test_group_of_the_folder_counts_unless_it_is_its_owners_alone(group: int, rules: list[str], tmp_path: Path) -> None:
    path = write(tmp_path, OAUTH)
    os.chown(tmp_path, 0, group)
    tmp_path.chmod(0o770)
    assert broken(path) == rules


def test_link_out_of_its_folder_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    target = write(folder, OAUTH)
    link = tmp_path / ".env"
    link.symlink_to(target)
    assert broken(link) == ["ENV073"]


def test_folder_behind_the_link_counts_too(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    link = tmp_path / ".env"
    link.symlink_to(write(folder, OAUTH))
    folder.chmod(0o777)
    assert set(broken(link)) == {"ENV072", "ENV073"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
@pytest.mark.parametrize(
    ("owner", "of_folder", "rules"),
    [
        pytest.param(0, 0, [], id="root"),
        pytest.param(1234, 1234, [], id="the-owner-of-its-folder"),
        pytest.param(1234, 0, ["ENV071"], id="somebody-else"),
    ],
)
def test_owner_is_you_or_root_or_the_owner_of_the_folder(
    owner: int, of_folder: int, rules: list[str], tmp_path: Path
) -> None:
    path = write(tmp_path, OAUTH)
    os.chown(path, owner, 0)
    os.chown(tmp_path, of_folder, 0)
    assert broken(path) == rules


def facts(**said: Any) -> Environment:
    setting = Setting(name="NODE_ENV", value="production", source=Source(file=".env", line=1))
    return Environment(name=".env", settings=(setting,), paths=(".env",), files=(FileFacts(file=".env", **said),))


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        pytest.param({"mode": 0o600, "owner": 7, "owners": frozenset({0, 7})}, [], id="right"),
        pytest.param({"mode": 0o600, "owner": 8, "owners": frozenset({0, 7})}, ["ENV071"], id="owner"),
        pytest.param({"mode": None}, ["ENV076"], id="no-posix"),
        pytest.param({"mode": 0o600, "tracked": None}, ["ENV076"], id="git-does-not-say"),
        pytest.param({"mode": 0o600, "tracked": True}, ["ENV074"], id="in-git"),
    ],
)
def test_file_is_judged_by_what_the_system_says(said: dict[str, object], rules: list[str]) -> None:
    assert [breach.rule.id for breach in env_audit.audit([facts(**said)], ALL)] == rules


def git(folder: Path, *words: str) -> None:
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=clean)


@pytest.mark.integration
def test_file_that_git_has_is_a_leak(tmp_path: Path) -> None:
    path = write(tmp_path, OAUTH)
    git(tmp_path, "init")
    assert broken(path) == []
    git(tmp_path, "add", ".env")
    assert broken(path) == ["ENV074"]


@pytest.mark.integration
def test_target_of_a_link_that_git_has_is_a_leak(tmp_path: Path) -> None:
    target = write(tmp_path, OAUTH, "env.txt")
    link = tmp_path / ".env"
    link.symlink_to(target.name)
    git(tmp_path, "init")
    git(tmp_path, "add", "env.txt")
    assert broken(link) == ["ENV074"]


@pytest.mark.integration
def test_broken_repository_is_no_answer(tmp_path: Path) -> None:
    path = write(tmp_path, OAUTH)
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert broken(path) == ["ENV076"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param("[s3]\ntype = s3\nsecret_access_key = x\n", ["ENV075"], id="plain"),
        pytest.param("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nAAAA\n", [], id="encrypted"),
    ],
)
def test_obscured_passwords_of_rclone_are_told(text: str, rules: list[str], tmp_path: Path) -> None:
    path = write(tmp_path, text, "rclone.conf")
    assert broken(path) == rules
    path.chmod(0o644)
    assert broken(path) == ["ENV070", *rules]


# --- compose ----------------------------------------------------------------------------------------------------------


def compose(folder: Path, text: str, name: str = "docker-compose.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


WEB = "services:\n  web:\n    environment:\n"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(WEB + "      NODE_ENV: production\n", [], id="right"),
        pytest.param(WEB + "      ALLOW_DEV_AUTH: 'true'\n      NODE_ENV: production\n", ["ENV003"], id="shim"),
        pytest.param(WEB + "      - ALLOW_DEV_AUTH=true\n      - NODE_ENV=production\n", ["ENV003"], id="shim-in-a-list"),
        pytest.param(WEB + "      AUTH_SECRET: ${AUTH_SECRET:-changeme}\n", ["ENV028"], id="default"),
        pytest.param(WEB + "      ALLOW_DEV_AUTH: ${DEV:-true}\n", ["ENV028"], id="shim-by-default"),
        pytest.param(WEB + "      AUTH_SECRET: ${AUTH_SECRET}\n", ["ENV090"], id="elsewhere"),
        pytest.param(WEB + "      AUTH_SECRET: ${AUTH_SECRET:?}\n", ["ENV090"], id="elsewhere-or-refused"),
        pytest.param(WEB + "      - AUTH_SECRET\n", ["ENV090"], id="elsewhere-in-a-list"),
        pytest.param(WEB + "      AUTH_SECRET:\n", ["ENV090"], id="elsewhere-without-a-value"),
        pytest.param("services:\n  web:\n    env_file: .env.web\n    environment: {NODE_ENV: production}\n", ["ENV091"], id="env-file-is-not-here"),
        pytest.param("services:\n  web:\n    env_file: [{path: no, required: false}]\n    environment: {NODE_ENV: production}\n", [], id="env-file-need-not-be-here"),
        pytest.param("include: [other.yml]\n" + WEB + "      NODE_ENV: production\n", ["ENV091"], id="include"),
        pytest.param("services:\n  web:\n    extends: {service: base}\n    environment: {NODE_ENV: production}\n", ["ENV091"], id="extends"),
        pytest.param("services:\n  web:\n    environment: !reset {NODE_ENV: production}\n", ["ENV092"], id="reset"),
        pytest.param("services:\n  db:\n    environment: {POSTGRES_DB: brain}\n", ["ENV092"], id="nothing-known"),
        pytest.param("services:\n  db:\n    environment: {POSTGRES_DB: brain}\n  web:\n    environment: {NODE_ENV: production}\n", [], id="database-is-passed-by"),
        pytest.param("x-all: &all\n  NODE_ENV: production\nservices:\n  web:\n    environment:\n      <<: *all\n      ALLOW_DEV_AUTH: 'true'\n", ["ENV003"], id="merge-key"),
        pytest.param("services:\n  web:\n    deploy: {replicas: 3}\n    environment: {NODE_ENV: production}\n", ["ENV053"], id="replicas"),
        pytest.param("services:\n  web:\n    scale: 2\n    environment: {NODE_ENV: production, REDIS_URL: 'redis://r:6379'}\n", [], id="replicas-with-redis"),
    ],
)  # fmt: skip
def test_service_of_a_compose_file_is_an_environment(text: str, rules: list[str], tmp_path: Path) -> None:
    assert broken(compose(tmp_path, text)) == rules


def test_env_beside_the_compose_file_fills_it_in(tmp_path: Path) -> None:
    write(tmp_path, SESSION)
    assert broken(compose(tmp_path, WEB + "      AUTH_SECRET: ${AUTH_SECRET:?}\n      NODE_ENV: test\n")) == []


def test_env_file_of_a_service_is_read_as_compose_does(tmp_path: Path) -> None:
    single = f"ADMIN_USERNAME=keeper\nADMIN_PASSWORD_HASH='{bcrypt()}'\n"
    write(tmp_path, single + SESSION + URL, "web.env")
    path = compose(tmp_path, "services:\n  web:\n    env_file: web.env\n")
    assert broken(path) == []
    (tmp_path / "web.env").chmod(0o644)
    assert broken(path) == ["ENV070"]


def test_environment_wins_over_env_file(tmp_path: Path) -> None:
    write(tmp_path, OAUTH, "web.env")
    path = compose(
        tmp_path, "services:\n  web:\n    env_file: [web.env]\n    environment: {AUTH_URL: 'http://192.0.2.1'}\n"
    )
    assert broken(path) == ["ENV033"]


def test_override_file_wins_and_is_production_by_its_name(tmp_path: Path) -> None:
    base = compose(tmp_path, WEB + "      ALLOW_DEV_AUTH: 'true'\n")
    prod = compose(tmp_path, WEB + "      ALLOW_DEV_AUTH: 'false'\n", "docker-compose.prod.yml")
    assert broken(base) == []
    assert broken(base, prod) == []
    assert broken(prod, base) == ["ENV003"]


@pytest.mark.integration
def test_secret_in_a_compose_file_that_git_has_is_a_leak(tmp_path: Path) -> None:
    path = compose(tmp_path, WEB + f"      AUTH_SECRET: {made('session')}\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    assert broken(path) == ["ENV074"]
    path.write_text(WEB + "      AUTH_SECRET: ${AUTH_SECRET:?}\n      NODE_ENV: production\n")
    assert broken(path) == ["ENV090"]


def test_services_of_one_file_may_share_a_secret(tmp_path: Path) -> None:
    write(tmp_path, OAUTH, "web.env")
    service = "{env_file: web.env}"
    assert broken(compose(tmp_path, f"services: {{web: {service}, worker: {service}}}\n")) == []


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


# --- the command ------------------------------------------------------------------------------------------------------


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROBER, "audit", *words], capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        pytest.param(RIGHT["oauth"], [], ExitStatus.LOCKED, id="right"),
        pytest.param(DEV + OAUTH, [], ExitStatus.LEAK, id="leak"),
        pytest.param(OAUTH + "NEXT_PHASE=x\n", [], ExitStatus.LEAK, id="drift"),
        pytest.param(OAUTH + "two words\n", [], ExitStatus.NO_VERDICT, id="unproven"),
        pytest.param(DEV + OAUTH + "two words\n", [], ExitStatus.LEAK, id="leak-beside-unproven"),
        pytest.param(OAUTH + "REGISTRATION_REQUIRES_VOUCHER=false\n", [], ExitStatus.LOCKED, id="note"),
        pytest.param(DEV + OAUTH, ["--skip", "ENV001"], ExitStatus.LOCKED, id="skipped"),
        pytest.param(DEV + OAUTH, ["--rule", "ENV07*"], ExitStatus.LOCKED, id="others-alone"),
        pytest.param(DEV, ["--production"], ExitStatus.LEAK, id="production"),
        pytest.param(f"ADMIN_USERNAME=k\nADMIN_PASSWORD_HASH='{bcrypt()}'\n" + SESSION, ["--reader", "compose"], ExitStatus.LOCKED, id="reader"),
    ],
)  # fmt: skip
def test_exit_status_is_that_of_the_worst(text: str, options: list[str], status: ExitStatus, tmp_path: Path) -> None:
    write(tmp_path, text)
    done = run("env", ".env", *options, cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == status


@pytest.mark.integration
def test_text_tells_the_bad_first_and_ends_in_a_sentence(tmp_path: Path) -> None:
    write(tmp_path, DEV + OAUTH + "NEXT_PHASE=x\nREGISTRATION_REQUIRES_VOUCHER=false\n")
    lines = run("env", ".env", cwd=tmp_path).stdout.splitlines()
    heads = [line.split()[:2] for line in lines if "  ENV" in line]
    assert heads == [["leak", "ENV001"], ["drift", "ENV051"], ["note", "ENV052"]]
    assert lines[1].startswith("  .env:1: ALLOW_DEV_AUTH=true stands beside ")
    assert lines[-1] == f"leak: 2 rules of {len(ALL)} broken (1 leak, 1 drift); 1 note"


@pytest.mark.integration
def test_json_holds_the_same(tmp_path: Path) -> None:
    write(tmp_path, OAUTH + "NEXT_PHASE=x\n")
    told = json.loads(run("env", ".env", "--format", "json", cwd=tmp_path).stdout)
    assert (told["schema"], told["verdict"], told["exit_status"], told["rules"]) == (1, "drift", 1, len(ALL))
    assert [(b["rule"], b["file"], b["line"]) for b in told["breaches"]] == [("ENV051", ".env", 7)]
    assert told["looked_at"][0]["seen"].startswith("mode oauth, because AUTH_GITHUB_ID, ")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(["env", "no.env"], "error: cannot read no.env: No such file or directory", id="no-file"),
        pytest.param(["env", ".env", "--rule", "ENV01"], "error: --rule 'ENV01' matches no rule", id="no-rule"),
        pytest.param(["env", ".env", "--skip", "*"], "error: no rule is left to look at", id="no-rule-left"),
        pytest.param(["env"], "error: missing argument 'FILE...'", id="no-argument"),
        pytest.param(["env", "list.yml"], "error: list.yml has no services", id="no-compose-file"),
        pytest.param(["envv"], "error: no command 'envv'\n  fix: did you mean 'env'?", id="typo"),
        pytest.param([], "error: no command is given\n  fix: use one of: env, ", id="no-command"),
        pytest.param(["rules", "ENV999"], "error: no rule 'ENV999'", id="no-such-rule"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(words: list[str], error: str, tmp_path: Path) -> None:
    write(tmp_path, OAUTH)
    (tmp_path / "list.yml").write_text("a: 1\n")
    done = run(*words, cwd=tmp_path)
    assert done.stderr.startswith(error)
    assert "\n  fix: " in done.stderr
    assert done.returncode == ExitStatus.USAGE


@pytest.mark.integration
def test_broken_yaml_is_a_definition_error(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: [\n")
    done = run("env", "compose.yaml", cwd=tmp_path)
    assert done.returncode == ExitStatus.DEFINITION
    assert done.stderr.startswith("compose.yaml:")


@pytest.mark.integration
def test_rules_are_listed_and_explained(tmp_path: Path) -> None:
    listed = run("rules", cwd=tmp_path).stdout
    assert {line.split()[0] for line in listed.splitlines()} >= ALL
    told = run("rules", "env024", cwd=tmp_path).stdout
    assert told.startswith("ENV024  leak  one secret guards two things\n  why ")
    assert "000:46" in told


def test_globs_choose_rules() -> None:
    assert choose_rules(env_audit.RULES, (), ()) == ALL
    assert choose_rules(env_audit.RULES, ("ENV00*",), ("ENV001",)) == {f"ENV00{n}" for n in range(2, 10)}
    with pytest.raises(UsageError, match="--skip 'SRC001' matches no rule"):
        choose_rules(env_audit.RULES, (), ("SRC001",))


def test_notes_alone_are_no_fault() -> None:
    assert [rule.id for rule in env_audit.RULES if rule.severity is Severity.NOTE] == [
        "ENV008", "ENV042", "ENV044", "ENV052", "ENV073", "ENV075",
    ]  # fmt: skip


def test_rule_of_the_three_systems_is_no_rule_of_another_application(tmp_path: Path) -> None:
    file = write(tmp_path, f"NEXTAUTH_SECRET={made('v4')}\nNEXTAUTH_URL=https://shop.example.com\n")
    assert "ENV020" not in broken(file)


def test_placeholder_of_a_template_is_no_finding(tmp_path: Path) -> None:
    text = "AUTH_SECRET=changeme\nSTRIPE_API_KEY=your-key-here\n"
    assert "ENV022" in broken(write(tmp_path, text))
    assert "ENV022" not in broken(write(tmp_path, text, ".env.example"))
