"""From what the user said to a plan: sources of secrets, headers that pass a wall, deployments that may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from prober.app.load import load
from prober.app.options import ProbeOptions
from prober.app.prepare import PreparedRun, prepare
from prober.errors import DefinitionError, UsageError
from prober.model import Depth

URL = "http://127.0.0.1:1"


def prepared(options: ProbeOptions) -> PreparedRun:
    return prepare(load(options))


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


# --- deployments that may not be --------------------------------------------------------------------------------------

DEV = "ALLOW_DEV_AUTH=true\n"
CONFLICT = DEV + "AUTH_GITHUB_ID=a\n"
TRAP = DEV + "AUTH_GITHUB_ID=\n"
OUTSIDE = "profile 'dev-shim' lets everybody in, and service 'web' (brain.example) is not on this machine"


@pytest.mark.parametrize(
    ("env", "profile", "url", "refusal"),
    [
        pytest.param(DEV, None, URL, None, id="dev-shim-here"),
        pytest.param(DEV, None, "https://brain.example", OUTSIDE, id="dev-shim-elsewhere"),
        pytest.param(
            DEV + "ALLOW_DEV_AUTH_IN_PRODUCTION=true\n", None, "https://brain.example", None, id="elsewhere-on-purpose"
        ),
        pytest.param("", "dev-shim", "https://brain.example", OUTSIDE, id="named-and-elsewhere"),
        pytest.param("", "dev-shim", URL, None, id="named-and-here"),
        pytest.param("", "oauth", "https://brain.example", None, id="another-mode-elsewhere"),
        pytest.param(
            CONFLICT, None, URL,
            ".env: ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID: one of the two modes is not meant",
            id="conflict",
        ),
        pytest.param(
            CONFLICT, "oauth", URL,
            ".env: ALLOW_DEV_AUTH=true stands beside AUTH_GITHUB_ID: one of the two modes is not meant",
            id="conflict-whatever-is-named",
        ),
        pytest.param(
            TRAP, None, URL,
            ".env: AUTH_GITHUB_ID is there but empty, beside ALLOW_DEV_AUTH=true: it looks like OAuth, and the server "
            "takes the dev shim",
            id="trap",
        ),
        pytest.param(TRAP, "dev-shim", URL, None, id="trap-and-the-dev-shim-is-meant"),
    ],
)  # fmt: skip
def test_deployment_is_refused_before_the_first_request(
    env: str, profile: str | None, url: str, refusal: str | None
) -> None:
    Path(".env").write_text(env, encoding="utf-8")
    run = prepared(ProbeOptions(profile=profile, env_file=".env", base_url=url, surface=("health",)))
    assert run.refusal == refusal


def test_dev_shim_elsewhere_is_refused_without_an_env_file_too() -> None:
    options = ProbeOptions(profile="dev-shim", base_url="https://brain.example", surface=("health",))
    assert prepared(options).refusal == OUTSIDE


def test_service_that_is_not_probed_is_no_reason_to_refuse() -> None:
    options = ProbeOptions(profile="dev-shim", base_url=URL, mcp_url="https://brain.example", surface=("health",))
    assert prepared(options).refusal is None


# --- which wish wins --------------------------------------------------------------------------------------------------

FILE = """\
profile: credentials
services: {web: 'http://127.0.0.1:7', mcp: 'http://127.0.0.1:8'}
surfaces: [health, mcp]
depth: quick
require: ['mcp: *']
cookies: [mis_session]
"""


@pytest.fixture
def _file() -> None:
    Path("prober.yaml").write_text(FILE, encoding="utf-8")


@pytest.mark.usefixtures("_file")
def test_file_of_this_folder_gives_the_defaults() -> None:
    run = prepared(ProbeOptions())
    assert (run.plan.profile.name, run.plan.depth, run.require) == ("credentials", Depth.QUICK, ("mcp: *",))
    assert {name: service.port for name, service in run.services.items()} == {"web": 7, "mcp": 8}
    assert run.plan.declared == {"health", "mcp"}
    assert "mis_session" in run.plan.cookies


@pytest.mark.usefixtures("_file")
def test_flag_wins_over_the_file() -> None:
    options = ProbeOptions(profile="oauth", base_url="http://127.0.0.1:9", surface=("mcp",), depth="standard")
    run = prepared(options)
    assert (run.plan.profile.name, run.plan.depth) == ("oauth", Depth.STANDARD)
    assert {name: service.port for name, service in run.services.items()} == {"web": 9, "mcp": 8}
    assert run.plan.declared == {"mcp"}


@pytest.mark.usefixtures("_file")
def test_requirements_of_file_and_flag_add_up() -> None:
    assert prepared(ProbeOptions(require=("health",))).require == ("mcp: *", "health")


@pytest.mark.usefixtures("_file")
def test_mode_of_an_env_file_wins_over_the_profile_of_the_deployment() -> None:
    Path(".env").write_text("WEB_HOST_PORT=9\n", encoding="utf-8")
    run = prepared(ProbeOptions(env_file=".env"))
    assert run.plan.profile.name == "unconfigured"
    assert run.services["web"].port == 7  # the deployment's own URL, not the port of .env


def test_env_file_gives_mode_and_ports_of_this_machine() -> None:
    Path(".env").write_text("WEB_HOST_PORT=9\n", encoding="utf-8")
    run = prepared(ProbeOptions(env_file=".env"))
    assert {name: service.url for name, service in run.services.items()} == {
        "web": "http://localhost:9",
        "mcp": "http://localhost:3100",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ProbeOptions(base_url=""), "service 'web': '' does not start with http:// or https://", id="base-url"
        ),
        pytest.param(
            ProbeOptions(mcp_url=""), "service 'mcp': '' does not start with http:// or https://", id="mcp-url"
        ),
        pytest.param(ProbeOptions(deployment=""), "cannot read .: Is a directory", id="deployment"),
        pytest.param(ProbeOptions(env_file=""), "cannot read .: Is a directory", id="env-file"),
        pytest.param(ProbeOptions(only=("",)), "--only '' matches no probe", id="only"),
    ],
)
@pytest.mark.usefixtures("_file")
def test_option_that_is_given_empty_is_no_leave_to_take_the_default(options: ProbeOptions, message: str) -> None:
    """`--base-url "$URL"` with an unset variable must not probe whatever prober.yaml names."""
    with pytest.raises(UsageError) as caught:
        prepared(options)
    assert caught.value.what == message


@pytest.mark.usefixtures("_file")
def test_profile_that_is_given_empty_is_none() -> None:
    with pytest.raises(UsageError, match=r"no profile '' \(there are"):
        prepared(ProbeOptions(profile=""))


def test_paths_in_a_deployment_are_relative_to_its_folder() -> None:
    folder = Path("lockdown")
    (folder / "probes").mkdir(parents=True)
    (folder / "mode.yaml").write_text("profile: mine\nabout: A.\nguards: {mine: 418}\n", encoding="utf-8")
    (folder / "probes/mine.yaml").write_text(
        "surface: mine\nabout: A.\nroutes:\n  - {route: GET /mine, guard: mine, why: w, fix: f}\n", encoding="utf-8"
    )
    (folder / "prober.yaml").write_text(
        f"profile: mode.yaml\nprobes: [./probes]\nsurfaces: [mine]\nservices: {{web: '{URL}'}}\n", encoding="utf-8"
    )
    run = prepared(ProbeOptions(deployment="lockdown/prober.yaml"))
    assert run.plan.profile.name == "mine"
    assert {str(probe.route.source) for probe in run.plan.probes} == {"lockdown/probes/mine.yaml:4"}


def test_shipped_profile_is_named_from_any_folder() -> None:
    Path("lockdown").mkdir()
    Path("lockdown/prober.yaml").write_text(f"profile: oauth\nservices: {{web: '{URL}'}}\n", encoding="utf-8")
    assert prepared(ProbeOptions(deployment="lockdown/prober.yaml")).plan.profile.name == "oauth"


def test_profile_on_the_command_line_is_relative_to_where_the_user_stands() -> None:
    Path("mode.yaml").write_text("profile: mine\nabout: A.\nextends: oauth\n", encoding="utf-8")
    assert prepared(ProbeOptions(profile="mode.yaml", base_url=URL)).plan.profile.name == "mine"


def test_mistake_in_a_deployment_is_told_at_its_line() -> None:
    Path("prober.yaml").write_text(f"profile: oauth\nsurfces: [pages]\nservices: {{web: '{URL}'}}\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        prepared(ProbeOptions())
    assert str(caught.value) == (
        "prober.yaml:2: unknown key 'surfces' in a deployment\n  fix: did you mean 'surfaces'?"
    )


def test_two_runs_have_two_names() -> None:
    options = ProbeOptions(profile="oauth", base_url=URL)
    one, other = prepared(options), prepared(options)
    assert one.run != other.run
    assert len(one.run) == 8
