"""Rules of the files themselves: who may read them, who owns them, who else has them. Changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from prober.audit.env.view import EnvRule, is_secret
from prober.model import Source
from prober.model.audit import FileFacts, Rule, Severity

if sys.platform != "win32":
    import grp
    import pwd

if TYPE_CHECKING:
    from prober.audit.env.view import Broken, View

_RCLONE = "rclone.conf"
_RCLONE_ENCRYPTED = b"RCLONE_ENCRYPT_V"
_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PATIENCE = 10.0  # seconds for git


def look_at(file: str, *, private: bool = True) -> FileFacts:
    """Look at a file, through its links: `stat -c %a` of a link says 777 of what is 600."""
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
    """Say whether others may put another file in this one's place; a sticky folder keeps them from it."""
    facts = folder.stat()
    if facts.st_mode & stat.S_ISVTX:
        return False
    by_group = facts.st_mode & stat.S_IWGRP and not _is_own_group(facts.st_uid, facts.st_gid)
    return bool(facts.st_mode & stat.S_IWOTH or by_group)


def _is_own_group(user: int, group: int) -> bool:
    """Say whether a group is the user's alone, as many systems make one of the same name for each."""
    if sys.platform == "win32":
        return False
    try:
        name, told = pwd.getpwuid(user).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return told.gr_name == name and not {*told.gr_mem} - {name}


def _tracked(path: Path) -> bool | None:
    """Ask git whether the file is in the repository; None where there is one and git cannot say."""
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
    return path.name == _RCLONE and _RCLONE_ENCRYPTED not in path.read_bytes()


def _at(facts: FileFacts) -> Source:
    return Source(file=facts.file, line=1)


def _mode(view: View) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.mode is not None and facts.mode & _TO_OTHERS:
            yield f"others may use it: its mode is {facts.mode:03o}", _at(facts)


def _owner(view: View) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.owner is not None and facts.owner not in facts.owners:
            yield f"it belongs to user {facts.owner}, who is neither you, root nor its folder's owner", _at(facts)


def _folder(view: View) -> Broken:
    for facts in view.environment.files:
        for folder in facts.open_folders if facts.private else ():
            yield f"others may write to its folder {folder}", _at(facts)


def _leads_out(view: View) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.leads_to is not None:
            yield f"it is a link to {facts.leads_to}", _at(facts)


def _in_git(view: View) -> Broken:
    literal = {s.source.file for s in view.environment.settings if s.literal and s.value and is_secret(s.name)}
    for facts in view.environment.files:
        if facts.tracked and (facts.private or facts.file in literal):
            yield "git has it", _at(facts)


def _rclone(view: View) -> Broken:
    for facts in view.environment.files:
        if facts.rclone_plain:
            yield "its passwords are obscured, not encrypted", _at(facts)


def _untold(view: View) -> Broken:
    for facts in view.environment.files:
        if facts.private and facts.mode is None:
            yield "this system does not say who may read it", _at(facts)
        if facts.tracked is None:
            yield "git does not say whether it has it", _at(facts)


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV070", severity=Severity.LEAK, title="the file is not for its owner alone (mode 600, through links)",
            why="Everybody with an account on the machine reads the secrets, or writes their own.",
            fix="Set the mode of the file that the link leads to: chmod 600.",
            source="003:111", facts=(201, 202, 320),
        ),
        check=_mode,
    ),
    EnvRule(
        rule=Rule(
            id="ENV071", severity=Severity.DRIFT, title="the file belongs to somebody else",
            why="Whoever can write to it owns the admin account.",
            fix="Give it to the user that deploys, with chown.",
            source="003:111", facts=(204,),
        ),
        check=_owner,
    ),
    EnvRule(
        rule=Rule(
            id="ENV072", severity=Severity.LEAK, title="somebody else may write to its folder",
            why="They need not write to the file: they can put another one in its place.",
            fix="Take the right to write from group and others: chmod go-w.",
            source="003:111", facts=(203, 204),
        ),
        check=_folder,
    ),
    EnvRule(
        rule=Rule(
            id="ENV073", severity=Severity.NOTE, title="a link leads out of its folder",
            why="Whoever may write where it leads to decides what is deployed.",
            fix="See that its target is as well kept as this folder.",
            source="003:111", facts=(203,),
        ),
        check=_leads_out,
    ),
    EnvRule(
        rule=Rule(
            id="ENV074", severity=Severity.LEAK, title="git has the file",
            why="Everybody who ever cloned the repository has the secrets, and removing the file takes none back.",
            fix="Take it out with git rm --cached, add it to .gitignore, and replace every secret in it.",
            source="003:265", facts=(5, 319),
        ),
        check=_in_git,
    ),
    EnvRule(
        rule=Rule(
            id="ENV075", severity=Severity.NOTE, title="rclone.conf is not encrypted",
            why="What rclone obscures anybody reads back with 'rclone reveal'; only its mode keeps it.",
            fix="Encrypt it with 'rclone config encryption set', or keep its mode at 600.",
            source="003:269", facts=(320,),
        ),
        check=_rclone,
    ),
    EnvRule(
        rule=Rule(
            id="ENV076", severity=Severity.UNPROVEN, title="the system does not say who may read the file",
            why="Without that, nobody can tell from here whether it is kept.",
            fix="Audit it on the machine that it is deployed on.",
            source="003:111", facts=(201, 204),
        ),
        check=_untold,
    ),
)  # fmt: skip
