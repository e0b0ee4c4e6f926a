"""What gets into an installation and who says so: locks, pins, the SBOM, advisories and the workflow of a release."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from prober import __version__
from tools.lock_file import Pin, pins_of
from tools.release_notes import CHANGELOG, notes_of
from tools.sbom import bom_of
from tools.vulnerabilities import LOCKS, verdict_on

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RELEASE: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
RECIPES = [
    ROOT / "action.yml",
    *sorted((ROOT / ".github" / "workflows").iterdir()),
    *sorted((ROOT / "docs").glob("*/workflow.yml")),
]


def run(*words: str | Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    kept = {**pip, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder), **env}
    return subprocess.run(words, cwd=folder, env=kept, capture_output=True, text=True, timeout=300, check=False)


# --- locks ------------------------------------------------------------------------------------------------------------


def names_in(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[ ]", requirement)[0] for requirement in requirements}


BASE = names_in(PROJECT["project"]["dependencies"])
EXTRAS = {name for entry in PROJECT["project"]["optional-dependencies"].values() for name in names_in(entry)}
BUILD = names_in(PROJECT["build-system"]["requires"])


@pytest.mark.parametrize(
    ("file", "wanted"),
    [("requirements.lock", BASE), ("requirements-extras.lock", BASE | EXTRAS), ("requirements-build.lock", BUILD)],
)
def test_whatever_is_installed_is_pinned_with_hashes(file: str, wanted: set[str]) -> None:
    pins = pins_of(ROOT / file)
    assert wanted <= {pin.name for pin in pins}
    assert [pin.name for pin in pins if not pin.hashes] == []


def test_a_package_without_one_version_is_no_pin(tmp_path: Path) -> None:
    (tmp_path / "some.lock").write_text("loose>=1.0 \\\n    --hash=sha256:00\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not pinned to one version: loose"):
        pins_of(tmp_path / "some.lock")


def test_the_build_tools_are_those_that_the_project_names() -> None:
    assert names_in(PROJECT["dependency-groups"]["build"]) == BUILD


@pytest.mark.parametrize(
    "file", ["docs/ci/Dockerfile", "docs/ci/gitlab-ci.yml", *(str(p.relative_to(ROOT)) for p in RECIPES)]
)
def test_no_recipe_installs_by_a_name_that_anybody_could_register(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"pip\S* install", text)
    if "release" not in file:
        assert "scripts/install" in text or "uses: your-org/lockdown-prober@" in text


def test_no_page_tells_to_install_by_that_name() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert [page.name for page in pages if re.search(r"pip install '?lockdown-prober", page.read_text("utf-8"))] == []


# --- scripts/install --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_script_installs_what_the_lock_pins_and_this_checkout(tmp_path: Path) -> None:
    done = run(ROOT / "scripts" / "install", tmp_path / "gate", folder=tmp_path, PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    assert __version__ in run(tmp_path / "gate" / "bin" / "prober", "--version", folder=tmp_path).stdout
    listed = run(tmp_path / "gate" / "bin" / "pip", "list", "--format", "json", folder=tmp_path)
    versions = {str(canonicalize_name(entry["name"])): entry["version"] for entry in json.loads(listed.stdout)}
    assert {pin.name: versions.get(pin.name) for pin in pins_of(ROOT / "requirements.lock")} == {
        pin.name: pin.version for pin in pins_of(ROOT / "requirements.lock")
    }


@pytest.mark.slow
def test_the_script_takes_no_package_with_another_hash(tmp_path: Path) -> None:
    names = (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "requirements.lock",
        "requirements-build.lock",
        "scripts",
        "prober",
    )
    for name in (*names, "probes", "profiles"):
        (tmp_path / name).symlink_to(ROOT / name)
    lock = (ROOT / "requirements-build.lock").read_text(encoding="utf-8")
    (tmp_path / "requirements-build.lock").unlink()
    (tmp_path / "requirements-build.lock").write_text(
        re.sub(r"sha256:\w{8}", "sha256:00000000", lock), encoding="utf-8"
    )
    (tmp_path / "scripts").unlink()
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "install").write_bytes((ROOT / "scripts" / "install").read_bytes())
    done = run("sh", tmp_path / "scripts" / "install", tmp_path / "gate", folder=tmp_path, PYTHON=sys.executable)
    assert done.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert not (tmp_path / "gate" / "bin" / "prober").exists()


@pytest.mark.parametrize("words", [(), ("",), ("one", "two"), ("--all-extras",)])
def test_the_script_says_how_it_is_called(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run("sh", ROOT / "scripts" / "install", *words, folder=tmp_path)
    assert (done.returncode, done.stderr) == (64, "usage: scripts/install [--all-extras] FOLDER\n")
    assert list(tmp_path.iterdir()) == []


# --- workflows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_workflow_has_nothing_that_zizmor_knows(path: Path, tmp_path: Path) -> None:
    done = run("zizmor", "--offline", "--no-progress", "--format", "plain", path, folder=tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_action_is_pinned_to_a_commit_and_one_action_to_one(path: Path) -> None:
    used = re.findall(r"uses: (\S+)@(\S+)(?: # (v\S+))?", path.read_text(encoding="utf-8"))
    assert used
    assert [name for name, commit, tag in used if not re.fullmatch(r"[0-9a-f]{40}", commit) or not tag] == []
    everywhere = {use for recipe in RECIPES for use in re.findall(r"uses: (\S+)@(\S+)", recipe.read_text("utf-8"))}
    assert len({name for name, _ in everywhere}) == len(everywhere)


def test_a_release_is_published_after_it_was_checked_built_and_attested() -> None:
    jobs = RELEASE["jobs"]
    assert RELEASE["permissions"] == {}
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "check": None,
        "build": "check",
        "attest": "build",
        "publish": "attest",
        "page": "publish",
    }
    writing = {
        name: {key for key, value in job["permissions"].items() if value == "write"} for name, job in jobs.items()
    }
    assert writing == {
        "check": set(),
        "build": set(),
        "attest": {"attestations", "id-token"},
        "publish": {"id-token"},
        "page": {"contents"},
    }


# --- what a release consists of ---------------------------------------------------------------------------------------

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


def sbom(pins: list[Pin]) -> str:
    return JsonV1Dot6(bom_of(pins, MADE_AT)).output_as_string()


def test_the_sbom_is_cyclonedx_and_lists_what_the_lock_pins() -> None:
    pins = pins_of(ROOT / "requirements.lock")
    text = sbom(pins)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["purl"] == f"pkg:pypi/lockdown-prober@{__version__}"
    listed = {entry["purl"]: {digest["content"] for digest in entry["hashes"]} for entry in document["components"]}
    assert listed == {f"pkg:pypi/{pin.name}@{pin.version}": set(pin.hashes) for pin in pins}


def test_the_sbom_says_who_wants_a_package() -> None:
    wanted = {
        entry["ref"]: set(entry.get("dependsOn", ()))
        for entry in json.loads(sbom(pins_of(ROOT / "requirements.lock")))["dependencies"]
    }
    assert {reference.partition("==")[0] for reference in wanted["lockdown-prober"]} == BASE
    [httpx] = [of for reference, of in wanted.items() if reference.startswith("httpx==")]
    assert {reference.partition("==")[0] for reference in httpx} == {"anyio", "certifi", "httpcore", "idna"}


def test_the_same_lock_and_time_give_the_same_bytes() -> None:
    pins = pins_of(ROOT / "requirements.lock")
    assert sbom(pins) == sbom(pins)
    assert sbom(pins) != sbom(pins[:-1])


def test_the_notes_of_a_release_are_its_section_alone() -> None:
    changelog = "# C\n\n## Unreleased\n\n- new\n\n## 1.1.0 (2026-02-01)\n\n- a\n- b\n\n## 1.0.0\n\n- first\n"
    assert notes_of("1.1.0", changelog) == "- a\n- b\n"
    assert notes_of("1.0.0", changelog) == "- first\n"
    assert notes_of("2.0.0", changelog) == "- new\n"
    assert notes_of(__version__, CHANGELOG.read_text(encoding="utf-8")).startswith("### ")


@pytest.mark.slow
def test_a_built_wheel_is_the_same_twice(tmp_path: Path) -> None:
    wheels = []
    for folder in ("one", "two"):
        words = ("-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path / folder)
        done = run(sys.executable, *words, ROOT, folder=tmp_path, SOURCE_DATE_EPOCH="1767225600")
        assert done.returncode == 0, done.stderr
        [wheel] = (tmp_path / folder).iterdir()
        wheels.append(wheel)
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
    assert zipfile.ZipFile(wheels[0]).infolist()[0].date_time[0] == 2026


# --- advisories -------------------------------------------------------------------------------------------------------


def advisory(name: str, *ids: str, fixed: list[str] | None = None) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": [{"id": one, "fix_versions": fixed or []} for one in ids]}


@pytest.mark.parametrize(
    ("output", "good", "lines"),
    [
        pytest.param(
            {"dependencies": [advisory("a"), advisory("b", "PYSEC-1", fixed=["1.1", "2.0"])]},
            False,
            ["some.lock: b 1.0: PYSEC-1 (fixed in 1.1, 2.0)", "some.lock: 2 packages looked up, 1 known vulnerabilities"],
            id="one",
        ),
        pytest.param(
            {"dependencies": [advisory("b", "PYSEC-1", "PYSEC-2")]},
            False,
            ["some.lock: b 1.0: PYSEC-1", "some.lock: b 1.0: PYSEC-2", "some.lock: 1 packages looked up, 2 known vulnerabilities"],
            id="two-of-one",
        ),
        pytest.param({"dependencies": [advisory("a")]}, True, ["some.lock: 1 packages looked up, 0 known vulnerabilities"], id="none"),
        pytest.param(
            {"dependencies": [advisory("a"), {"name": "b", "skip_reason": "not found"}]},
            True,
            [
                "some.lock: 1 packages looked up, 0 known vulnerabilities",
                "some.lock: skipped: the service of advisories does not know 1 of 2 packages",
            ],
            id="not-known-there",
        ),
    ],
)  # fmt: skip
def test_a_known_vulnerability_fails_and_what_was_not_looked_up_is_said(
    output: dict[str, Any], *, good: bool, lines: list[str]
) -> None:
    assert verdict_on("some.lock", json.dumps(output)) == (good, lines)


def test_a_service_that_does_not_answer_is_said() -> None:
    assert verdict_on("some.lock", "") == (True, ["some.lock: skipped: the service of advisories does not answer"])


def test_every_lock_is_looked_up() -> None:
    assert set(LOCKS) == {path.name for path in ROOT.glob("*.lock")}
