"""A service with several origins is probed at each, and a door that is open at one of them only says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prober.definitions.service import origins_of
from prober.demo.doors import door_named
from prober.demo.server import running
from prober.errors import UsageError

PROBER = Path(sys.executable).parent / "prober"
ME = "me: GET /api/me"


def run(*options: str, cwd: Path) -> tuple[int, dict[str, dict], dict]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROBER_")}
    done = subprocess.run(
        [PROBER, "run", "--profile", "oauth", "--surface", "me", "--surface", "health", "--format", "json", *options],
        capture_output=True, text=True, cwd=cwd, env=clean, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    report = json.loads(done.stdout)
    return done.returncode, {finding["id"]: finding for finding in report["findings"]}, report


def test_a_door_that_is_open_at_the_origin_only_is_a_leak_that_says_so(tmp_path: Path) -> None:
    with running("oauth") as front, running("oauth", doors=[door_named("dev-shim-behind-oauth")]) as origin:
        status, found, report = run(
            "--service", f"web={front.web_url}", "--service", f"web={origin.web_url}", cwd=tmp_path
        )
    assert status == 1
    assert (found[f"{ME} [anonymous]"]["verdict"], found[f"{ME} [anonymous]"]["service"]) == ("locked", "web")
    leak = found[f"{ME} @web-2 [anonymous]"]
    assert (leak["verdict"], leak["service"]) == ("leak", "web-2")
    assert leak["detail"] == f"got 200, expected 401; at {front.web_url} it is locked"
    assert leak["curl"].endswith(f"{origin.web_url}/api/me")
    assert {name: entry["url"] for name, entry in report["services"].items()} == {
        "web": front.web_url, "web-2": origin.web_url,
    }  # fmt: skip


def test_all_origins_locked_is_locked_and_prober_yaml_names_them(tmp_path: Path) -> None:
    with running("oauth") as front, running("oauth") as origin:
        (tmp_path / "prober.yaml").write_text(
            f"services:\n  web: [{front.web_url}, {origin.web_url}]\n", encoding="utf-8"
        )
        status, found, _ = run(cwd=tmp_path)
    assert status == 0
    assert {finding["service"] for finding in found.values()} == {"web", "web-2"}
    assert len(found) == 2 * len([name for name in found if "@web-2" not in name])


def test_an_origin_that_is_not_there_is_no_verdict_although_the_other_is_locked(tmp_path: Path) -> None:
    with running("oauth") as front:
        status, found, _ = run("--service", f"web={front.web_url}", "--service", "web=http://127.0.0.1:9", cwd=tmp_path)
    assert (status, found[f"{ME} @web-2 [anonymous]"]["verdict"]) == (2, "unreachable")


def test_a_flag_takes_the_place_of_all_that_prober_yaml_names(tmp_path: Path) -> None:
    (tmp_path / "prober.yaml").write_text(
        "services:\n  web: ['http://127.0.0.1:9', 'http://127.0.0.1:10']\n", encoding="utf-8"
    )
    with running("oauth") as here:
        status, found, _ = run("--base-url", here.web_url, cwd=tmp_path)
    assert (status, {finding["service"] for finding in found.values()}) == (0, {"web"})


@pytest.mark.parametrize("second", ["https://app.test", "https://app.test:443/", "https://app.test:443"])
def test_an_origin_given_twice_is_a_mistake(second: str) -> None:
    with pytest.raises(UsageError, match="has an origin twice"):
        origins_of("web", ["https://app.test", second])
