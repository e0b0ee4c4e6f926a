"""What a process imports before it does its work: the part of its start that does not depend on the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from prober.cli.audit import AUDITS
from prober.cli.main import COMMANDS

pytestmark = pytest.mark.integration

COMMAND_MODULES = frozenset({*COMMANDS.values(), *AUDITS.values()})
SENDING = frozenset({"asyncio", "httpx", "httpcore", "h11", "ssl"})
DEFINITIONS = frozenset({"yaml", "prober.definitions.document"})
SELDOM = frozenset({"jwt", "httpx", "httpcore", "tabulate", "dotenv", "tenacity", "psutil", "prober.report.html.page", "prober.report.sarif", "prober.report.har"})  # fmt: skip
BESIDES = frozenset({"shutil", "tempfile"})  # for terminals and files
CLOSED = "http://127.0.0.1:1"


def imported_by(arguments: list[str], environment: dict[str, str] | None = None) -> frozenset[str]:
    """Run `prober` and give the modules that were there at its end."""
    code = "import sys; from prober.cli import main; main.leave = lambda _: print(*sys.modules, file=sys.stderr); main.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})},
    )  # fmt: skip
    modules = frozenset(done.stderr.split())
    assert "prober.cli.main" in modules, done.stderr
    return modules


def completing(line: str) -> dict[str, str]:
    return {"_PROBER_COMPLETE": "bash_complete", "COMP_WORDS": line}


@pytest.mark.parametrize(
    ("arguments", "environment", "unwanted"),
    [
        pytest.param(["--version"], {}, COMMAND_MODULES | SENDING | DEFINITIONS | {"prober.model"}, id="version"),
        pytest.param(["--help"], {}, COMMAND_MODULES | SENDING | DEFINITIONS | {"prober.model"}, id="help"),
        pytest.param(["audit", "--help"], {}, frozenset(AUDITS.values()) | SENDING | DEFINITIONS, id="help-of-a-group"),
        pytest.param(["run", "--help"], {}, SENDING | DEFINITIONS | SELDOM, id="help-of-run"),
        pytest.param([], completing("prober "), COMMAND_MODULES - {COMMANDS["completion"]} | SENDING | DEFINITIONS, id="completing-a-command"),
        pytest.param([], completing("prober run --profile o"), SENDING | DEFINITIONS | SELDOM, id="completing-a-profile"),
        pytest.param([], completing("prober run --surface m"), SENDING | DEFINITIONS | SELDOM, id="completing-a-surface"),
        pytest.param([], completing("verify-lockdown --de"), SENDING | DEFINITIONS | SELDOM, id="completing-an-option"),
        pytest.param(["run", "-q", "--profile", "oauth", "--base-url", CLOSED, "--attempts", "1"], {}, SELDOM | BESIDES, id="a-quiet-run"),
    ],
)  # fmt: skip
def test_a_process_imports_only_what_it_needs(
    arguments: list[str], environment: dict[str, str], unwanted: frozenset[str]
) -> None:
    assert imported_by(arguments, environment) & unwanted == set()
