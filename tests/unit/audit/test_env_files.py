"""Several environment files, and who may read them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from prober.audit.env import audit as env_audit
from prober.model import Source
from prober.model.audit import Environment, FileFacts, Setting
from tests.support.env_audit import ALL, DEV, GITHUB, OAUTH, SESSION, URL, broken, git, load, made, write

if TYPE_CHECKING:
    from pathlib import Path

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
