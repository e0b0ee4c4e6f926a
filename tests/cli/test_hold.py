"""Held secrets from the command line to the wire: who gets them, what is refused before a request, what is never shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.demo.doors import door_named
from prober.demo.server import Demo, running
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBER = Path(sys.executable).parent / "prober"
HELD = ("session-secret", "member-session", "machine-key", "mcp-token", "mcp-token-2", "witness")


def run(*options: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    return subprocess.run(
        [PROBER, "run", "--profile", "oauth", *options], capture_output=True, text=True, cwd=cwd, env={**clean, **env},
        timeout=60, check=False,
    )  # fmt: skip


def options_of(demo: Demo, *names: str) -> tuple[list[str], dict[str, str]]:
    env = {name.upper().replace("-", "_"): demo.held[name] for name in names}
    said = [word for name in names for word in ("--hold", f"{name}=env:{name.upper().replace('-', '_')}")]
    return [*said, "--base-url", demo.web_url, "--mcp-url", demo.mcp_url], env


@pytest.fixture
def demo() -> Iterator[Demo]:
    with running("oauth") as started:
        yield started


def findings_of(ended: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    return {finding["id"]: finding for finding in json.loads(ended.stdout)["findings"]}


def test_a_healthy_deployment_refuses_each_key_that_is_not_its_doors_and_takes_the_witness(
    demo: Demo, tmp_path: Path
) -> None:
    options, env = options_of(demo, *HELD)
    ended = run(*options, "--surface", "all", "--format", "json", cwd=tmp_path, **env)
    assert (ended.returncode, ended.stderr) == (0, "")
    found = findings_of(ended)
    for finding in (
        "migrate: POST /api/migrate [session-secret]", "admin: GET /api/admin/users [member-session]",
        "admin: GET /api/admin/users [machine-key]", "members: GET /api/org/members [member-session]",
        "admin-pages: GET /admin/users [member-session]", "me: GET /api/me [witness]",
        "mcp: POST /mcp initialize [session-binding]",
    ):  # fmt: skip
        assert (found[finding]["verdict"], found[finding]["reason"]) == ("locked", "as-promised"), finding
    assert [value for value in env.values() if value in ended.stdout] == []


@pytest.mark.parametrize("form", ["table", "json"])
def test_no_secret_is_shown_although_the_deployment_repeats_it(demo: Demo, tmp_path: Path, form: str) -> None:
    secret = demo.held["session-secret"]
    with running("oauth", doors=[door_named("migrations-by-session-secret")]) as opened:
        opened_secret = opened.held["session-secret"]
        ended = run(
            "--hold", "session-secret=env:KEPT", "--surface", "migrate", "--surface", "auth", "--format", form, "-v",
            "--base-url", opened.web_url, cwd=tmp_path, KEPT=opened_secret,
        )  # fmt: skip
    assert ended.returncode == ExitStatus.LEAK
    assert "POST /api/migrate" in ended.stdout
    assert {secret in ended.stdout, opened_secret in ended.stdout, opened_secret in ended.stderr} == {False}
    assert '"$SESSION_SECRET"' in ended.stdout.replace('\\"', '"') or form == "table"


def test_a_secret_that_the_deployment_does_not_run_with_is_skipped_in_sight(demo: Demo, tmp_path: Path) -> None:
    ask = ("--surface", "migrate", "--surface", "auth", "--format", "json", "--base-url", demo.web_url)
    ended = run("--hold", "session-secret=env:KEPT", *ask, cwd=tmp_path, KEPT="another-deployments-secret")
    finding = findings_of(ended)["migrate: POST /api/migrate [session-secret]"]
    assert (ended.returncode, finding["verdict"], finding["reason"]) == (0, "skipped", "not-live")
    required = ("--require", "migrate: * [session-secret]")
    ended = run("--hold", "session-secret=env:KEPT", *ask, *required, cwd=tmp_path, KEPT="another-deployments-secret")
    assert ended.returncode == ExitStatus.NO_VERDICT


def test_a_required_probe_whose_secret_was_not_given_is_no_verdict(demo: Demo, tmp_path: Path) -> None:
    ask = ("--surface", "migrate", "--surface", "auth", "--base-url", demo.web_url)
    assert run(*ask, cwd=tmp_path).returncode == ExitStatus.LOCKED
    ended = run(*ask, "--require", "migrate: * [session-secret]", cwd=tmp_path)
    assert ended.returncode == ExitStatus.NO_VERDICT
    assert "required, but skipped: migrate: POST /api/migrate [session-secret]" in " ".join(ended.stdout.split())


def test_a_witness_that_nobody_lets_in_is_no_verdict(tmp_path: Path) -> None:
    with running("oauth", doors=[door_named("nobody-gets-in")]) as demo:
        options, env = options_of(demo, "witness")
        ended = run(*options, "--surface", "me", "--surface", "auth", "--format", "json", cwd=tmp_path, **env)
    finding = findings_of(ended)["me: GET /api/me [witness]"]
    assert (ended.returncode, finding["verdict"], finding["reason"]) == (2, "unproven", "key-refused")


def test_prober_yaml_says_where_secrets_are_kept_and_the_flag_wins(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "prober.yaml").write_text("hold: {session-secret: env:NOT_SET_ANYWHERE}\n", encoding="utf-8")
    ask = ("--surface", "migrate", "--surface", "auth", "--base-url", demo.web_url)
    assert run(*ask, cwd=tmp_path).returncode == ExitStatus.USAGE
    ended = run(*ask, "--hold", "session-secret=env:KEPT", cwd=tmp_path, KEPT=demo.held["session-secret"])
    assert ended.returncode == ExitStatus.LOCKED


@pytest.mark.parametrize(
    ("said", "url", "what"),
    [
        ("session-secret=env:UNSET", "http://127.0.0.1:9", "the environment has no 'UNSET'"),
        ("session-secret=env:EMPTY", "http://127.0.0.1:9", "'env:EMPTY' is empty"),
        ("session-secret=env:SHORT", "http://127.0.0.1:9", "'env:SHORT' is shorter than 8 letters"),
        ("session-secret=the-value-itself", "http://127.0.0.1:9", "the source must be env:NAME, file:PATH or -"),
        ("session-secret", "http://127.0.0.1:9", "--hold is not a NAME=SOURCE"),
        ("sesion-secret=env:KEPT", "http://127.0.0.1:9", "no route uses --hold 'sesion-secret'"),
        ("session-secret=env:KEPT", "http://192.0.2.1", "a held secret would go to service 'web' without TLS"),
    ],
)
def test_a_mistake_is_a_usage_error_before_any_request(tmp_path: Path, said: str, url: str, what: str) -> None:
    env = {"EMPTY": "", "SHORT": "1234567", "KEPT": "kept-for-a-test-only"}
    ended = run("--hold", said, "--surface", "migrate", "--base-url", url, cwd=tmp_path, **env)
    assert (ended.returncode, ended.stdout, what in ended.stderr) == (ExitStatus.USAGE, "", True)
    assert "the-value-itself" not in ended.stderr or said.endswith("the-value-itself")
    assert "kept-for-a-test-only" not in ended.stderr


def test_one_secret_under_two_names_tells_nothing_apart(tmp_path: Path) -> None:
    said = ("--hold", "mcp-token=env:KEPT", "--hold", "mcp-token-2=env:KEPT")
    ended = run(*said, "--surface", "mcp", "--mcp-url", "http://127.0.0.1:9", cwd=tmp_path, KEPT="kept-for-a-test-only")
    assert (ended.returncode, "is the same as another held secret" in ended.stderr) == (ExitStatus.USAGE, True)
