"""The files of docs/ci, and a command in a process of its own with little in its environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CI = ROOT / "docs" / "ci"
SCRIPTS = Path(sys.executable).parent


def run(*words: str | Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command with little but PATH in its environment, and where pip finds its packages."""
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    kept = {**pip, "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "HOME": str(folder), **env}
    return subprocess.run(words, cwd=folder, env=kept, capture_output=True, text=True, timeout=300, check=False)


LINES = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (CI / "Dockerfile").read_text(), flags=re.MULTILINE)).splitlines()
WORDS = [line.split() for line in LINES if line.strip()]


def copy(names: list[str], folder: Path) -> Path:
    folder.mkdir()
    for path in (ROOT / name for name in names):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


SOURCES = [name for words in WORDS if words[0] == "COPY" and not words[1].startswith("--") for name in words[1:-1]]
