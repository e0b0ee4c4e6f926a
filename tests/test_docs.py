"""Each command and each deployment in the docs is tried: no option in them is gone, and no key."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.model import ExitStatus

ROOT = Path(__file__).parent.parent
PROBER = Path(sys.executable).with_name("prober")
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCKS = [
    (page.name, kind, text)
    for page in PAGES
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]
COMMANDS = [pytest.param(line, id=f"{name}-{n}") for n, (name, kind, text) in enumerate(BLOCKS) if kind == "sh" for line in text.splitlines() if line]  # fmt: skip
YAML = [pytest.param(text, id=f"{name}-{n}") for n, (name, kind, text) in enumerate(BLOCKS) if kind == "yaml"]
HERE = {"brain.example.com:443": "127.0.0.1", "mcp.brain.example.com:443": "127.0.0.1"}  # nobody: no host is asked


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_one_that_the_prober_takes(line: str, tmp_path: Path) -> None:
    program, *words = shlex.split(line)
    assert program == "prober"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    kept = {name: f"kept-for-a-test-{name}" for name in re.findall(r"env:([A-Z_]+)", line)}
    if words[0] == "run":
        words = [word for word in words if not word.startswith("brain.example.com:443:")]
        words = [word for word in words if word != "--resolve"]
        hosts = {place: where for place, where in HERE.items() if f"https://{place.removesuffix(':443')}" in line}
        resolved = [option for place, where in hosts.items() for option in ("--resolve", f"{place}:{where}")]
        words += [*resolved, "--attempts", "1", "--timeout", "1", "--deadline", "5"]
    done = subprocess.run([PROBER, *words], capture_output=True, text=True, cwd=tmp_path, env={**clean, **kept}, timeout=60, check=False)  # fmt: skip
    assert done.stderr == ""
    assert done.returncode in {ExitStatus.LOCKED, ExitStatus.NO_VERDICT}


@pytest.mark.parametrize("text", YAML)
def test_a_deployment_is_one_that_the_prober_reads(text: str) -> None:
    parse_deployment(parse_document(text, file="docs"))


def test_there_are_commands_and_deployments_to_try() -> None:
    assert len(COMMANDS) >= 5
    assert len(YAML) >= 3
