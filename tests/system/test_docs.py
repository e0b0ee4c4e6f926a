"""Each command and each definition in the docs is tried: no option in them is gone, and no key; no link is dead."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.definitions.builtin import load_profile, load_starter
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.definitions.fleet import parse_fleet
from prober.definitions.profile import parse_profile
from prober.definitions.surface import parse_surface
from prober.definitions.waivers import parse_waivers
from prober.model import ExitStatus, Reason
from prober.plan.credential_names import credential_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.definitions.node import Node

ROOT = Path(__file__).parents[2]
PROBER = Path(sys.executable).with_name("prober")
PAGES = sorted((ROOT / "docs").glob("*.md"))
FRONT = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")]
BLOCKS = [
    (page.name, kind, text)
    for page in PAGES
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]
COMMANDS = [pytest.param(line, id=f"{name}-{n}") for n, (name, kind, text) in enumerate(BLOCKS) if kind == "sh" for line in text.splitlines() if line]  # fmt: skip
YAML = [pytest.param(text, id=f"{name}-{n}") for n, (name, kind, text) in enumerate(BLOCKS) if kind == "yaml"]
HERE = {"brain.example.com:443": "127.0.0.1", "mcp.brain.example.com:443": "127.0.0.1"}  # nobody: no host is asked

REPORT = {
    "schema": 1, "run": "0123abcd", "started_at": "2026-11-22T10:00:00Z", "profile": "oauth", "depth": "standard",
    "interrupted": False, "services": {"web": {"url": "https://brain.example.com"}},
    "findings": [{"id": "me: GET /api/me [anonymous]", "verdict": "leak", "reason": "granted"}],
}  # fmt: skip
INPUTS = {  # what a command of the docs reads
    "profile.yaml": next(
        text for name, kind, text in BLOCKS if kind == "yaml" and text.startswith("profile: mcp-public")
    ),
    "waivers.yaml": next(text for name, kind, text in BLOCKS if kind == "yaml" and text.startswith("waivers:")),
    **dict.fromkeys(["accepted.json", "before.json", "after.json"], json.dumps(REPORT)),
}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_one_that_the_prober_takes(line: str, tmp_path: Path) -> None:
    program, *words = shlex.split(line)
    assert program == "prober"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    kept = {name: f"kept-for-a-test-{name}" for name in re.findall(r"env:([A-Z_]+)", line)}
    if words[0] in {"run", "watch"}:
        words = [word for word in words if not word.startswith("brain.example.com:443:")]
        words = [word for word in words if word != "--resolve"]
        hosts = {place: where for place, where in HERE.items() if f"https://{place.removesuffix(':443')}" in line}
        resolved = [option for place, where in hosts.items() for option in ("--resolve", f"{place}:{where}")]
        words += [*resolved, "--attempts", "1", "--timeout", "1", "--deadline", "5"]
    assert [(tmp_path / name).write_text(text, encoding="utf-8") for name, text in INPUTS.items()]
    done = subprocess.run([PROBER, *words], capture_output=True, text=True, cwd=tmp_path, env={**clean, **kept}, timeout=60, check=False)  # fmt: skip
    assert done.stderr == ""
    assert done.returncode in {ExitStatus.LOCKED, ExitStatus.NO_VERDICT}


def parse_profile_of_docs(node: Node) -> object:
    names = credential_names()
    return parse_profile(
        node,
        base=lambda said: load_profile(said.word(of="'extends'"), credentials=names),
        starter=lambda: load_starter(credentials=names),
        credentials=names,
    )


PARSERS: dict[str, Callable[[Node], object]] = {
    "surface": parse_surface, "profile": parse_profile_of_docs, "waivers": parse_waivers, "deployment": parse_deployment,
    "fleet": parse_fleet,
}  # fmt: skip


@pytest.mark.parametrize("text", YAML)
def test_a_definition_is_one_that_the_prober_reads(text: str) -> None:
    first = next(line.partition(":")[0] for line in text.splitlines() if line and not line.startswith("#"))
    deployment = "services:" in text and first != "fleet"
    PARSERS["deployment" if deployment else first if first in PARSERS else "deployment"](
        parse_document(text, file="docs")
    )


def test_every_reason_is_explained() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == [reason.value for reason in Reason]


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in [*FRONT, *PAGES]])
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in [*FRONT, *PAGES]])
def test_every_file_of_ours_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"`((?:prober|tests|probes|profiles|docs)/[^`\s<:]+)`", page.read_text(encoding="utf-8")))
    assert [name for name in sorted(named) if not [*ROOT.glob(name.rstrip("/"))]] == []


def test_every_page_is_in_the_list_of_pages() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "README.md" and f"({page.name})" not in text] == []


def test_there_are_commands_and_deployments_to_try() -> None:
    assert len(COMMANDS) >= 5
    assert len(YAML) >= 3


def test_each_test_that_the_assurance_case_names_is_there() -> None:
    text = (ROOT / "docs" / "assurance.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[^`:]+)::(\w+)`", text)
    assert len(named) > 20
    missing = [name for file, name in named if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")]
    assert missing == []


def test_every_file_of_the_program_and_the_tests_that_a_page_names_is_there() -> None:
    """`<name>` and `*` in a path stand for any name."""
    texts = [page.read_text(encoding="utf-8") for page in (*FRONT, *PAGES)]
    named = {path for text in texts for path in re.findall(r"`((?:prober|tests|probes)/[\w./<>*-]+)`", text)}
    assert len(named) > 40
    assert [path for path in sorted(named) if not any(ROOT.glob(re.sub(r"<\w+>", "*", path).rstrip("/")))] == []
