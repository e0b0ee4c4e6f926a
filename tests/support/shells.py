"""The shells that completion is written for, each driven on a terminal of its own, and what completion answers to a line."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

SCRIPTS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]

# Each shell is told to say what its command was given, in place of running it; the completion still asks the program.
POSIX = """
say() { printf 'GOT<%s>\\n' "$@"; printf 'EN%s\\n' D; }
prober() { say "$@"; }
verify-lockdown() { say "$@"; }
"""
FISH = """
prober completion fish | source
function say; for word in $argv; printf 'GOT<%s>\\n' $word; end; printf 'EN%s\\n' D; end
function prober; say $argv; end
function verify-lockdown; say $argv; end
"""
SHELLS = {
    "bash": (["bash", "--noprofile", "--rcfile", "{rc}", "-i"], f'eval "$(prober completion bash)"{POSIX}'),
    "zsh": (["zsh", "-i"], f'autoload -Uz compinit; compinit -D -u; eval "$(prober completion zsh)"{POSIX}'),
    "fish": (["fish", "--no-config", "--init-command", "source {rc}", "--interactive"], FISH),
}


def given(shell: str, keys: str, folder: Path) -> list[str]:
    """The words that the command is given when these keys are pressed at a terminal, and then Enter."""
    words, setup = SHELLS[shell]
    rc = folder / ".zshrc"
    rc.write_text(setup)
    words = [word.replace("{rc}", str(rc)) for word in words]
    env = {
        "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb",
        "LANG": "C.UTF-8", "TO_BE_HELD": "x",
    }  # fmt: skip
    leader, follower = pty.openpty()
    words = ["setsid", "--ctty", *words]  # the terminal is the shell's own
    with subprocess.Popen(words, stdin=follower, stdout=follower, stderr=follower, cwd=folder, env=env) as process:
        os.close(follower)
        try:
            os.write(leader, keys.encode() + b"\n")
            seen = _until(leader, "END")
        finally:
            process.kill()
            os.close(leader)
    said = [line.partition("GOT<")[2] for line in seen.replace("\r", "").split("\n") if "GOT<" in line]
    return [word.rpartition(">")[0] for word in said]


def _until(leader: int, mark: str) -> str:
    seen, deadline = b"", time.monotonic() + 20
    while mark.encode() not in seen and time.monotonic() < deadline:
        if select.select([leader], [], [], 1)[0]:
            seen += os.read(leader, 4096)
    assert mark.encode() in seen, seen.decode(errors="replace")
    return seen.decode()


# --- what is offered --------------------------------------------------------------------------------------------------


def answered(line: str, *words: str, shell: str = "fish", **env: str) -> subprocess.CompletedProcess[str]:
    """What a shell's script gets when TAB is pressed at the end of this line."""
    return run(*words, _PROBER_COMPLETE=f"{shell}_complete", COMP_WORDS=line, **env)


# --- the command ------------------------------------------------------------------------------------------------------


def run(*words: str, program: str = "prober", **env: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], **env}
    return subprocess.run(
        [SCRIPTS / program, *words], env=clean, capture_output=True, text=True, timeout=60, check=False
    )
