"""A secret goes to this machine, or over TLS to an origin that is named outside the checkout; never where a checkout alone says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.app.destinations import is_here
from prober.app.load import load
from prober.app.options import ProbeOptions, SendOptions
from prober.app.prepare import PreparedRun, prepare
from prober.app.run import network_of
from prober.cli.main import exit_with, prober
from prober.definitions.service import parse_service
from prober.errors import UsageError
from prober.model import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

SURFACE = """
surface: own
about: A surface of the checkout's own.
routes:
  - {route: GET /api/own, guard: session, refuse: [deploy-key], why: w., fix: f.}
"""
OURS = "https://brain.example"


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CI_KEY", "ci-key-0123456789")
    for name in os.environ:
        if name.startswith(("PROBER_", "BASE_URL", "MCP_URL")):
            monkeypatch.delenv(name)


@pytest.fixture
def checkout() -> Callable[..., None]:
    """Write what a pull request may write: the host, and where the secret is kept."""

    def write(url: str = OURS, source: str | None = "env:CI_KEY") -> None:
        hold = f"hold: {{deploy-key: '{source}'}}\n" if source else ""
        text = f"profile: oauth\nservices: {{web: '{url}'}}\nsurfaces: [own]\nprobes: [./probes]\n{hold}"
        Path("prober.yaml").write_text(text, encoding="utf-8")
        Path("probes").mkdir(exist_ok=True)
        Path("probes/own.yaml").write_text(SURFACE, encoding="utf-8")

    return write


def prepared(sending: SendOptions | None = None, **options: object) -> PreparedRun:
    given = ProbeOptions(**options)  # type: ignore[arg-type]
    return prepare(load(given), sending or SendOptions())


def sends_the_key(run: PreparedRun) -> bool:
    return any(probe.carries_secret for probe in run.plan.probes)


# --- which origins ----------------------------------------------------------------------------------------------------


def test_an_origin_that_the_checkout_alone_names_gets_no_secret(checkout: Callable[..., None]) -> None:
    checkout()
    with pytest.raises(UsageError) as caught:
        prepared()
    assert str(caught.value) == (
        "error: a secret would go to https://brain.example:443, which prober.yaml alone names\n"
        "  fix: if it may have the secret, say so outside the checkout: --hold-for https://brain.example:443, "
        "PROBER_HOLD_FOR, or a line in ~/.config/lockdown-prober/hold-for"
    )


def test_a_secret_of_the_command_line_does_not_go_there_either(checkout: Callable[..., None]) -> None:
    checkout(source=None)
    with pytest.raises(UsageError, match="alone names"):
        prepared(hold=("deploy-key=env:CI_KEY",))


def test_nor_does_a_header_that_passes_a_wall(checkout: Callable[..., None]) -> None:
    checkout(source=None)
    assert prepared().plan.probes != ()
    with pytest.raises(UsageError, match="alone names"):
        prepared(SendOptions(header=("x-bypass: env:CI_KEY",)))


@pytest.mark.parametrize(
    "origin", [OURS, "https://brain.example:443", "https://brain.example/", "https://Brain.example."]
)
def test_an_origin_of_hold_for_gets_it(origin: str, checkout: Callable[..., None]) -> None:
    checkout()
    assert sends_the_key(prepared(hold_for=(origin,)))


@pytest.mark.parametrize(
    "origin",
    ["https://other.example", "https://brain.example:8443", "http://brain.example:443", "https://x.brain.example"],
)
def test_another_origin_of_hold_for_does_not_help(origin: str, checkout: Callable[..., None]) -> None:
    checkout()
    with pytest.raises(UsageError, match="alone names"):
        prepared(hold_for=(origin,))


def test_a_line_of_the_users_own_file_does(checkout: Callable[..., None], tmp_path: Path) -> None:
    checkout()
    (tmp_path / "config" / "lockdown-prober").mkdir(parents=True)
    file = tmp_path / "config" / "lockdown-prober" / "hold-for"
    file.write_text(f"# ours\n\n{OURS}  # the app\n", encoding="utf-8")
    assert sends_the_key(prepared())
    file.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(UsageError, match="alone names"):
        prepared()


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
def test_a_file_in_the_checkout_is_not_the_users_own(
    variable: str, checkout: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some runners have their home in the checkout, where a pull request writes."""
    checkout()
    config = Path(".config" if variable == "HOME" else "config")
    (config / "lockdown-prober").mkdir(parents=True)
    (config / "lockdown-prober" / "hold-for").write_text(f"{OURS}\n", encoding="utf-8")
    Path(".git").mkdir()
    Path("deploy").mkdir()
    text = Path("prober.yaml").read_text(encoding="utf-8").replace("./probes", "../probes")
    Path("deploy/prober.yaml").write_text(text, encoding="utf-8")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv(variable, str(Path.cwd() / ("" if variable == "HOME" else "config")))
    for deployment in (None, "deploy/prober.yaml"):
        with pytest.raises(UsageError, match="is in the checkout, and allows nothing"):
            prepared(deployment=deployment)


def test_a_relative_folder_of_settings_is_none(
    checkout: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout()
    monkeypatch.setenv("XDG_CONFIG_HOME", "config")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    Path("config/lockdown-prober").mkdir(parents=True)
    Path("config/lockdown-prober/hold-for").write_text(f"{OURS}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="alone names"):
        prepared()


def test_a_url_of_the_command_line_is_outside_the_checkout(checkout: Callable[..., None]) -> None:
    checkout("https://evil.example")
    assert sends_the_key(prepared(base_url=OURS))
    assert sends_the_key(prepared(service=(f"web={OURS}",)))


def test_a_bare_url_that_is_not_used_names_nothing(checkout: Callable[..., None]) -> None:
    checkout("https://evil.example")
    with pytest.raises(UsageError, match="evil"):
        prepared(base_url=OURS, yielding=frozenset({"base_url"}), origins={"base_url": "BASE_URL"})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000", "unix:/run/a.sock"]
)
def test_this_machine_is_free(url: str, checkout: Callable[..., None]) -> None:
    checkout(url)
    assert sends_the_key(prepared())


def test_a_run_without_a_secret_needs_no_word(checkout: Callable[..., None]) -> None:
    checkout(source=None)
    assert prepared().plan.probes != ()


@pytest.mark.integration
def test_the_command_line_and_its_variable_say_it(
    checkout: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout()
    fast = ["--attempts", "1", "--timeout", "0.2", "--resolve", "brain.example:443:127.0.0.2", "--only", "own"]
    assert exit_with(prober, ["run", *fast[:-4], "--only", "own"], name="prober") == ExitStatus.USAGE
    assert "--hold-for https://brain.example:443" in capsys.readouterr().err
    monkeypatch.setenv("PROBER_HOLD_FOR", OURS)
    assert exit_with(prober, ["run", *fast], name="prober") == ExitStatus.NO_VERDICT


# --- the address that is really connected to --------------------------------------------------------------------------

HOST = parse_service("web", "http://brain.example")
LOCAL = parse_service("web", "http://localhost:3000")


@pytest.mark.parametrize(
    ("service", "sending", "here"),
    [
        pytest.param(LOCAL, SendOptions(), True, id="localhost"),
        pytest.param(LOCAL, SendOptions(resolve=("localhost:3000:203.0.113.7",)), False, id="localhost-elsewhere"),
        pytest.param(LOCAL, SendOptions(proxy="http://127.0.0.1:8080"), False, id="localhost-by-a-proxy"),
        pytest.param(HOST, SendOptions(), False, id="a-name"),
        pytest.param(HOST, SendOptions(resolve=("brain.example:80:127.0.0.1",)), True, id="a-name-here"),
        pytest.param(HOST, SendOptions(resolve=("brain.example:80:[::1]",)), True, id="a-name-here-ipv6"),
        pytest.param(
            parse_service("web", "http://127.0.0.1:3000"), SendOptions(resolve=("127.0.0.1:3000:203.0.113.7",)), False,
            id="an-address-elsewhere",
        ),
    ],
)  # fmt: skip
def test_this_machine_is_told_by_the_address_that_is_connected_to(
    service: object, sending: SendOptions, here: bool  # noqa: FBT001 - a table of cases
) -> None:  # fmt: skip
    assert is_here(service, sending) is here  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sending", [SendOptions(resolve=("localhost:3000:203.0.113.7",)), SendOptions(proxy="http://127.0.0.1:8")]
)
def test_a_secret_for_localhost_without_tls_does_not_leave_this_machine(
    sending: SendOptions, checkout: Callable[..., None]
) -> None:
    checkout("http://localhost:3000")
    with pytest.raises(UsageError, match="without TLS"):
        prepared(sending, hold_for=("http://localhost:3000",))


def test_nor_does_a_header(checkout: Callable[..., None]) -> None:
    checkout("http://localhost:3000", source=None)
    sending = SendOptions(resolve=("localhost:3000:203.0.113.7",), header=("x-bypass: env:CI_KEY",))
    with pytest.raises(UsageError, match="without TLS"):
        network_of(sending, prepared(sending, hold_for=("http://localhost:3000",)))


def test_a_mode_for_this_machine_alone_is_a_leak_where_localhost_is_elsewhere() -> None:
    options: dict[str, object] = {"profile": "dev-shim", "base_url": "http://localhost:3000", "surface": ("me",)}
    assert prepared(None, **options).refusal is None
    elsewhere = prepared(SendOptions(resolve=("localhost:3000:203.0.113.7",)), **options)
    assert elsewhere.refusal is not None
    assert "not on this machine" in elsewhere.refusal


# --- where a checkout may read ----------------------------------------------------------------------------------------


def test_a_file_below_the_checkout_is_read(checkout: Callable[..., None]) -> None:
    Path("key").write_text("key-in-a-file-0123", encoding="utf-8")
    checkout("http://127.0.0.1:3000", source="file:./key")
    assert sends_the_key(prepared())


@pytest.mark.parametrize("where", ["../outside", "{tmp}/outside", "link", "./sub/../../outside"])
def test_a_file_elsewhere_is_not_although_a_link_leads_there(
    where: str, checkout: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "outside").write_text("key-of-the-user-0123", encoding="utf-8")
    Path("link").symlink_to(tmp_path / "outside")
    Path("sub").mkdir()
    where = where.replace("{tmp}", str(tmp_path))
    checkout("http://127.0.0.1:3000", source=f"file:{where}")
    with pytest.raises(UsageError, match="not below the folder") as caught:
        prepared()
    assert f"--hold deploy-key=file:{where}" in str(caught.value)
    assert sends_the_key(prepared(hold=(f"deploy-key=file:{where}",)))
