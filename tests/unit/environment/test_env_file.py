"""The mode that a .env file asks for, as the Brain Platform reads it: first match wins, and empty means unset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.shipped import profile_names
from prober.environment.env_file import load_env_file, parse_env
from prober.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

GITHUB = "AUTH_GITHUB_ID=a\nAUTH_GITHUB_SECRET=b\n"
OAUTH = GITHUB + "AUTH_SECRET=c\n"
ADMIN = "ADMIN_USERNAME=d\nADMIN_PASSWORD_HASH='$2b$12$abcdefghijk'\n"
DEV = "ALLOW_DEV_AUTH=true\n"
EMPTY_GITHUB = "AUTH_GITHUB_ID=\nAUTH_GITHUB_SECRET=\n"


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        pytest.param("", "unconfigured", id="empty-file"),
        pytest.param("# nothing\n\n", "unconfigured", id="comments-alone"),
        pytest.param(OAUTH, "oauth", id="oauth"),
        pytest.param(ADMIN, "credentials", id="credentials"),
        pytest.param(OAUTH + ADMIN, "credentials+oauth", id="both"),
        pytest.param(DEV, "dev-shim", id="dev-shim"),
        pytest.param(OAUTH + DEV, "oauth", id="oauth-before-dev-shim"),
        pytest.param(ADMIN + DEV, "credentials", id="credentials-before-dev-shim"),
        pytest.param(OAUTH + ADMIN + DEV, "credentials+oauth", id="both-before-dev-shim"),
        pytest.param(GITHUB, "unconfigured", id="oauth-without-its-secret"),
        pytest.param("AUTH_GITHUB_ID=a\nAUTH_SECRET=c\n", "unconfigured", id="oauth-without-the-apps-secret"),
        pytest.param("AUTH_GITHUB_SECRET=b\nAUTH_SECRET=c\n", "unconfigured", id="oauth-without-the-apps-id"),
        pytest.param("ADMIN_USERNAME=d\n", "unconfigured", id="credentials-without-a-hash"),
        pytest.param("ADMIN_PASSWORD_HASH=e\n", "unconfigured", id="credentials-without-a-name"),
        pytest.param(ADMIN + GITHUB, "credentials", id="credentials-and-half-of-oauth"),
        pytest.param(OAUTH + "ADMIN_USERNAME=d\n", "oauth", id="oauth-and-half-of-credentials"),
        pytest.param(OAUTH + "ADMIN_USERNAME=\nADMIN_PASSWORD_HASH=\n", "oauth", id="empty-credentials-are-unset"),
        pytest.param(ADMIN + EMPTY_GITHUB, "credentials", id="empty-oauth-is-unset"),
        pytest.param(OAUTH + "AUTH_SECRET=\n", "unconfigured", id="emptied-further-down"),
        pytest.param(OAUTH.replace("=c", '=""'), "unconfigured", id="empty-in-double-quotes"),
        pytest.param(OAUTH.replace("=c", "=''"), "unconfigured", id="empty-in-single-quotes"),
        pytest.param(OAUTH.replace("=c", "='  '"), "unconfigured", id="spaces-are-empty"),
        pytest.param(OAUTH.replace("=c", "= # later"), "unconfigured", id="comment-is-no-value"),
        pytest.param(EMPTY_GITHUB + DEV, "dev-shim", id="the-trap-is-the-dev-shim"),
        pytest.param("ALLOW_DEV_AUTH=false\n", "unconfigured", id="dev-false"),
        pytest.param("ALLOW_DEV_AUTH=\n", "unconfigured", id="dev-empty"),
        pytest.param("ALLOW_DEV_AUTH=1\n", "unconfigured", id="dev-1-is-not-true"),
        pytest.param("ALLOW_DEV_AUTH=yes\n", "unconfigured", id="dev-yes-is-not-true"),
        pytest.param("ALLOW_DEV_AUTH=TRUE\n", "dev-shim", id="dev-upper-case"),
        pytest.param("ALLOW_DEV_AUTH=True\n", "dev-shim", id="dev-title-case"),
        pytest.param("ALLOW_DEV_AUTH='true'\n", "dev-shim", id="dev-single-quotes"),
        pytest.param('ALLOW_DEV_AUTH="true" # here\n', "dev-shim", id="dev-double-quotes-and-comment"),
        pytest.param("ALLOW_DEV_AUTH=true # here\n", "dev-shim", id="dev-comment"),
        pytest.param("  ALLOW_DEV_AUTH = true  \n", "dev-shim", id="dev-spaces"),
        pytest.param("export ALLOW_DEV_AUTH=true\n", "dev-shim", id="dev-export"),
        pytest.param("#ALLOW_DEV_AUTH=true\n", "unconfigured", id="dev-commented-out"),
        pytest.param("ALLOW_DEV_AUTH=true\nALLOW_DEV_AUTH=false\n", "unconfigured", id="last-one-counts"),
        pytest.param("ALLOW_DEV_AUTH\n", "unconfigured", id="name-without-value"),
        pytest.param(OAUTH.replace("\n", "\r\n"), "oauth", id="windows-line-ends"),
        pytest.param("REAL=true\nALLOW_DEV_AUTH=${REAL}\n", "unconfigured", id="nothing-is-expanded"),
        pytest.param("ALLOW_DEV_AUTH=$ALLOW\nALLOW=true\n", "unconfigured", id="nothing-is-expanded-bare"),
    ],
)
def test_mode_is_the_first_that_matches(text: str, mode: str) -> None:
    assert parse_env(text, file=".env").mode == mode


def test_every_mode_is_a_shipped_profile() -> None:
    modes = {parse_env(text, file=".env").mode for text in ("", OAUTH, ADMIN, OAUTH + ADMIN, DEV)}
    assert modes == set(profile_names())


def test_dollars_are_kept_wherever_the_hash_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bcrypt hash is full of dollars; were one expanded, the hash would be empty and the mode another."""
    monkeypatch.setenv("b", "")
    quoted = "ADMIN_USERNAME=d\nADMIN_PASSWORD_HASH='$b'\n"
    assert parse_env(quoted, file=".env").mode == "credentials"
    assert parse_env(quoted.replace("'", ""), file=".env").mode == "credentials"


def test_environment_of_this_process_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_DEV_AUTH", "true")
    monkeypatch.setenv("WEB_HOST_PORT", "9")
    env = parse_env("", file=".env")
    assert (env.mode, env.ports["web"]) == ("unconfigured", 3000)


# --- what may not go out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "conflict"),
    [
        pytest.param(
            DEV + GITHUB,
            "ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID and AUTH_GITHUB_SECRET: "
            "one of the two modes is not meant",
            id="both",
        ),
        pytest.param(
            DEV + "AUTH_GITHUB_ID=a\nAUTH_GITHUB_SECRET=\n",
            "ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID: one of the two modes is not meant",
            id="one",
        ),
        pytest.param(
            "ALLOW_DEV_AUTH=TRUE\n" + OAUTH,
            "ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID and AUTH_GITHUB_SECRET: "
            "one of the two modes is not meant",
            id="whole-oauth",
        ),
        pytest.param(OAUTH, None, id="oauth-alone"),
        pytest.param(DEV, None, id="dev-alone"),
        pytest.param(DEV + EMPTY_GITHUB, None, id="trap-is-no-conflict"),
        pytest.param(OAUTH + "ALLOW_DEV_AUTH=false\n", None, id="dev-false"),
        pytest.param(DEV + ADMIN, None, id="credentials-and-dev"),
    ],
)  # fmt: skip
def test_two_modes_in_one_file_are_a_conflict(text: str, conflict: str | None) -> None:
    assert parse_env(text, file=".env").conflict == conflict


@pytest.mark.parametrize(
    ("text", "trap"),
    [
        pytest.param(
            DEV + EMPTY_GITHUB,
            "AUTH_GITHUB_ID and AUTH_GITHUB_SECRET are there but empty, beside ALLOW_DEV_AUTH=true: "
            "it looks like OAuth, and the server takes the dev shim",
            id="both-empty",
        ),
        pytest.param(
            DEV + "AUTH_GITHUB_ID=''\n",
            "AUTH_GITHUB_ID is there but empty, beside ALLOW_DEV_AUTH=true: "
            "it looks like OAuth, and the server takes the dev shim",
            id="one-empty",
        ),
        pytest.param(
            DEV + "AUTH_GITHUB_ID=a\nAUTH_GITHUB_SECRET=\n",
            "AUTH_GITHUB_SECRET is there but empty, beside ALLOW_DEV_AUTH=true: "
            "it looks like OAuth, and the server takes the dev shim",
            id="one-empty-beside-one-that-is-set",
        ),
        pytest.param(DEV + GITHUB, None, id="both-set-is-a-conflict-and-no-trap"),
        pytest.param(DEV, None, id="not-there-at-all"),
        pytest.param(EMPTY_GITHUB, None, id="without-dev"),
        pytest.param(DEV + EMPTY_GITHUB + ADMIN, None, id="another-mode-wins"),
        pytest.param(DEV + "#AUTH_GITHUB_ID=\n", None, id="commented-out"),
    ],
)
def test_empty_names_beside_the_dev_shim_are_a_trap(text: str, trap: str | None) -> None:
    assert parse_env(text, file=".env").trap == trap


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        pytest.param("", False, id="unset"),
        pytest.param("ALLOW_DEV_AUTH_IN_PRODUCTION=true\n", True, id="true"),
        pytest.param("ALLOW_DEV_AUTH_IN_PRODUCTION=True\n", True, id="any-case"),
        pytest.param("ALLOW_DEV_AUTH_IN_PRODUCTION=1\n", False, id="1-is-not-true"),
        pytest.param("ALLOW_DEV_AUTH=true\n", False, id="the-other-variable"),
    ],
)
def test_dev_shim_in_production_is_allowed_only_by_its_own_variable(text: str, *, allowed: bool) -> None:
    assert parse_env(text, file=".env").dev_auth_in_production is allowed


@pytest.mark.parametrize(
    ("text", "required"),
    [
        pytest.param("", True, id="unset"),
        pytest.param("REGISTRATION_REQUIRES_VOUCHER=\n", True, id="empty"),
        pytest.param("REGISTRATION_REQUIRES_VOUCHER=true\n", True, id="true"),
        pytest.param("REGISTRATION_REQUIRES_VOUCHER=no\n", True, id="anything-else"),
        pytest.param("REGISTRATION_REQUIRES_VOUCHER=false\n", False, id="false"),
        pytest.param("REGISTRATION_REQUIRES_VOUCHER='FALSE'\n", False, id="any-case"),
    ],
)
def test_voucher_is_required_unless_the_file_says_false(text: str, *, required: bool) -> None:
    assert parse_env(text, file=".env").requires_voucher is required


# --- ports ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "web", "mcp"),
    [
        pytest.param("", 3000, 3100, id="defaults"),
        pytest.param("WEB_HOST_PORT=8080\n", 8080, 3100, id="web"),
        pytest.param("MCP_HOST_PORT='8081'\n", 3000, 8081, id="mcp-quoted"),
        pytest.param("WEB_HOST_PORT=\nMCP_HOST_PORT= # later\n", 3000, 3100, id="empty-is-unset"),
        pytest.param("WEB_HOST_PORT=1\nMCP_HOST_PORT=65535\n", 1, 65535, id="lowest-and-highest"),
    ],
)
def test_ports_are_those_of_the_file_or_the_platforms_own(text: str, web: int, mcp: int) -> None:
    assert parse_env(text, file=".env").ports == {"web": web, "mcp": mcp}


@pytest.mark.parametrize("said", ["0", "65536", "-1", "80a", "127.0.0.1:3000", "3.5", "'8 0'", "٣"])
@pytest.mark.parametrize("name", ["WEB_HOST_PORT", "MCP_HOST_PORT"])
def test_what_is_no_port_is_a_usage_error_that_does_not_repeat_it(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_env(f"{name}={said}\n", file="x/.env")
    assert str(caught.value) == (
        f"error: x/.env: {name} is not a port\n  fix: write a number from 1 to 65535, or remove it"
    )


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("A=1\nFOO BAR\n", 2, id="two-words"),
        pytest.param('A="open\nB=2\n', 1, id="quote-that-is-never-closed"),
        pytest.param("A='open\nALLOW_DEV_AUTH=true\n", 1, id="quote-that-would-hide-the-mode"),
        pytest.param("A=1\n\n# said\nFOO BAR=1\n", 4, id="name-of-two-words"),
    ],
)
def test_line_that_cannot_be_read_is_an_error_and_not_passed_over(text: str, line: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse_env(text, file=".env")
    assert str(caught.value) == (
        f"error: .env:{line}: this is not NAME=VALUE\n  fix: close its quotes, or make it a comment"
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"A=caf\xe9\n", "error: {path} is not UTF-8\n  fix: save the file as UTF-8", id="latin-1"),
        pytest.param(
            b"#" * (1024 * 1024 + 1),
            "error: {path} is larger than 1 MiB\n  fix: give the deployment's .env",
            id="large",
        ),
    ],
)
def test_file_that_is_no_env_is_a_usage_error(raw: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(raw)
    with pytest.raises(UsageError) as caught:
        load_env_file(path)
    assert str(caught.value) == message.replace("{path}", str(path))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("missing", "No such file or directory", id="missing"),
        pytest.param(".", "Is a directory", id="folder"),
    ],
)
def test_file_that_cannot_be_read_is_a_usage_error(name: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_env_file(tmp_path / name)
    assert str(caught.value) == (
        f"error: cannot read {tmp_path / name}: {why}\n"
        "  fix: run in the folder of the deployment's .env, or give a --profile"
    )


def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfALLOW_DEV_AUTH=true\n")
    assert load_env_file(path).mode == "dev-shim"


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_and_no_value_is_shown(text: str) -> None:
    secret = "s3cr3t-v4lue"
    shown = ""
    try:
        shown = str(parse_env(f"AUTH_SECRET={secret}\n{text}", file=".env"))
    except UsageError as error:
        shown = str(error)
    assert shown
    assert secret not in shown
