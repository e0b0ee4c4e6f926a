"""Rules for the files: permissions, owners, links, and whether git tracks them. Changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from prober.audit.env.view import EnvRule, is_secret
from prober.bounded_read import read_bounded
from prober.model import Source
from prober.model.audit import FileFacts, Rule, Severity

if sys.platform != "win32":
    import grp
    import pwd

if TYPE_CHECKING:
    from prober.audit.env.view import Broken, EnvironmentView

_RCLONE = "rclone.conf"
_RCLONE_ENCRYPTED = b"RCLONE_ENCRYPT_V"
_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PATIENCE = 10.0  # seconds for git


def look_at(file: str, *, private: bool = True) -> FileFacts:
    """Read the facts of a file, through its links: `stat -c %a` of a link says 777 for a target of 600."""
    path = Path(file)
    if os.name != "posix":
        return FileFacts(file=file, private=private, tracked=_tracked(path), rclone_plain=_is_plain_rclone(path))
    target = path.resolve()
    facts = target.stat()
    folders = dict.fromkeys([path.absolute().parent, target.parent])
    owner_of_folder = target.parent.stat().st_uid
    return FileFacts(
        file=file,
        private=private,
        mode=stat.S_IMODE(facts.st_mode),
        owner=facts.st_uid,
        owners=frozenset({0, os.geteuid(), owner_of_folder}),
        open_folders=tuple(str(folder) for folder in folders if _is_open(folder)),
        leads_to=str(target) if path.is_symlink() and target.parent != path.absolute().parent.resolve() else None,
        tracked=_tracked(path) or _tracked(target),
        rclone_plain=_is_plain_rclone(path),
    )


def _is_open(folder: Path) -> bool:
    """Say whether other users may replace files in this folder; a sticky folder prevents it."""
    facts = folder.stat()
    if facts.st_mode & stat.S_ISVTX:
        return False
    by_group = facts.st_mode & stat.S_IWGRP and not _is_own_group(facts.st_uid, facts.st_gid)
    return bool(facts.st_mode & stat.S_IWOTH or by_group)


def _is_own_group(user: int, group: int) -> bool:
    """Say whether a group has only this user, as many systems create one for each user."""
    if sys.platform == "win32":
        return False
    try:
        name, entry = pwd.getpwuid(user).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return entry.gr_name == name and not {*entry.gr_mem} - {name}


def _tracked(path: Path) -> bool | None:
    """Ask git whether it tracks the file; None if there is a repository and git cannot say."""
    folder = path.absolute().parent
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return False
    git = shutil.which("git")
    if git is None:
        return None
    asked = [git, "-C", str(folder), "ls-files", "--error-unmatch", "--", path.name]
    try:
        done = subprocess.run(asked, capture_output=True, check=False, timeout=_PATIENCE)  # noqa: S603 - git, by its path
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {0: True, 1: False}.get(done.returncode)


def _is_plain_rclone(path: Path) -> bool:
    return path.name == _RCLONE and _RCLONE_ENCRYPTED not in read_bounded(path, 1024 * 1024)


def _at(facts: FileFacts) -> Source:
    return Source(file=facts.file, line=1)


def _mode(view: EnvironmentView) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.mode is not None and facts.mode & _TO_OTHERS:
            yield f"other users have access: its mode is {facts.mode:03o}", _at(facts)


def _owner(view: EnvironmentView) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.owner is not None and facts.owner not in facts.owners:
            yield f"its owner is user {facts.owner}, who is not you, root or the owner of its folder", _at(facts)


def _folder(view: EnvironmentView) -> Broken:
    for facts in view.environment.files:
        for folder in facts.open_folders if facts.private else ():
            yield f"other users may write to its folder {folder}", _at(facts)


def _leads_out(view: EnvironmentView) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.leads_to is not None:
            yield f"it is a link to {facts.leads_to}", _at(facts)


def _in_git(view: EnvironmentView) -> Broken:
    literal = {s.source.file for s in view.environment.settings if s.literal and s.value and is_secret(s.name)}
    for facts in view.environment.files:
        if facts.tracked and (facts.private or facts.file in literal):
            yield "git tracks it", _at(facts)


def _rclone(view: EnvironmentView) -> Broken:
    for facts in view.environment.files:
        if facts.rclone_plain:
            yield "its passwords are obscured, not encrypted", _at(facts)


def _untold(view: EnvironmentView) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.mode is None:
            yield "this system does not report its permissions", _at(facts)
        if facts.tracked is None:
            yield "git does not say whether it tracks it", _at(facts)


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV070", severity=Severity.LEAK, title="users other than the owner have access to the file",
            why="Everyone with an account on the machine can read the secrets, or replace them.",
            fix="Set the mode of the file, or of the target of the link: chmod 600.",
            source="003:111", facts=(201, 202, 320),
        ),
        check=_mode,
    ),
    EnvRule(
        rule=Rule(
            id="ENV071", severity=Severity.DRIFT, title="the file belongs to another user",
            why="A user who can write to it controls the admin account.",
            fix="Make the deploying user its owner, with chown.",
            source="003:111", facts=(204,),
        ),
        check=_owner,
    ),
    EnvRule(
        rule=Rule(
            id="ENV072", severity=Severity.LEAK, title="another user may write to its folder",
            why="They need not write to the file: they can replace it.",
            fix="Remove write access of group and others: chmod go-w.",
            source="003:111", facts=(203, 204),
        ),
        check=_folder,
    ),
    EnvRule(
        rule=Rule(
            id="ENV073", severity=Severity.NOTE, title="a link leads out of its folder",
            why="A user who may write to its target decides what is deployed.",
            fix="Protect the target as well as this folder.",
            source="003:111", facts=(203,),
        ),
        check=_leads_out,
    ),
    EnvRule(
        rule=Rule(
            id="ENV074", severity=Severity.LEAK, title="git tracks the file",
            why="Everyone who has cloned the repository has the secrets, and removing the file does not undo that.",
            fix="Remove it with git rm --cached, add it to .gitignore, and replace every secret in it.",
            source="003:265", facts=(5, 319),
        ),
        check=_in_git,
    ),
    EnvRule(
        rule=Rule(
            id="ENV075", severity=Severity.NOTE, title="rclone.conf is not encrypted",
            why="Anyone can read what rclone obscures with 'rclone reveal'; only the file mode protects it.",
            fix="Encrypt it with 'rclone config encryption set', or keep its mode at 600.",
            source="003:269", facts=(320,),
        ),
        check=_rclone,
    ),
    EnvRule(
        rule=Rule(
            id="ENV076", severity=Severity.UNPROVEN, title="the system does not report who may read the file",
            why="Without that, it is unknown whether the file is protected.",
            fix="Run the audit on the machine where it is deployed.",
            source="003:111", facts=(201, 204),
        ),
        check=_untold,
    ),
)  # fmt: skip
