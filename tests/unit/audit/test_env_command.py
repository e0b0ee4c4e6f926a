"""prober audit env: exit status, formats and usage errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from prober.audit.env import audit as env_audit
from prober.cli.audit_report import choose_rules
from prober.errors import UsageError
from prober.model import ExitStatus
from prober.model.audit import Severity
from tests.support.env_audit import ALL, DEV, OAUTH, RIGHT, SESSION, bcrypt, broken, made, write

PROBER = Path(sys.executable).with_name("prober")


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
