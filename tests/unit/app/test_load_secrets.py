"""Where secrets come from: the environment, a file, standard input, headers that pass a wall."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from prober.app.secrets import read_headers, read_source
from prober.definitions.service import parse_service
from prober.errors import UsageError

WEB = {"web": parse_service("web", "https://brain.example")}
PLAIN = {"web": parse_service("web", "http://brain.example")}
LOOPBACK = {"web": parse_service("web", "http://127.0.0.1:3000")}


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


# --- where a secret is kept -------------------------------------------------------------------------------------------


def test_source_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYPASS", " s3cr3t ")
    assert read_source("env:BYPASS", of="it") == "s3cr3t"


def test_source_is_read_from_a_file() -> None:
    Path("kept").write_text("s3cr3t\n", encoding="utf-8")
    assert read_source("file:kept", of="it") == "s3cr3t"


def test_source_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cr3t\nmore\n"))
    assert read_source("-", of="it") == "s3cr3t"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "s3cr3t",
            "error: it: the source must be env:NAME, file:PATH or -\n  fix: name where the value is stored",
            id="literal",
        ),
        pytest.param(
            "",
            "error: it: the source must be env:NAME, file:PATH or -\n  fix: name where the value is stored",
            id="nothing",
        ),
        pytest.param(
            "env:",
            "error: it: the source must be env:NAME, file:PATH or -\n  fix: name where the value is stored",
            id="env-without-a-name",
        ),
        pytest.param(
            "file:",
            "error: it: the source must be env:NAME, file:PATH or -\n  fix: name where the value is stored",
            id="file-without-a-path",
        ),
        pytest.param(
            "vault:BYPASS",
            "error: it: the source must be env:NAME, file:PATH or -\n  fix: name where the value is stored",
            id="unknown-kind",
        ),
        pytest.param(
            "env:NOT_SET",
            "error: it: the environment has no 'NOT_SET'\n  fix: export NOT_SET, or name another source",
            id="unset",
        ),
        pytest.param(
            "env:EMPTY", "error: it: 'env:EMPTY' is empty\n  fix: set it: an empty secret proves nothing", id="empty"
        ),
        pytest.param(
            "env:BLANK", "error: it: 'env:BLANK' is empty\n  fix: set it: an empty secret proves nothing", id="blank"
        ),
        pytest.param(
            "env:LINES",
            "error: it: 'env:LINES' holds what no header can\n  fix: keep to printable ASCII on one line",
            id="two-lines",
        ),
        pytest.param(
            "env:UMLAUT",
            "error: it: 'env:UMLAUT' holds what no header can\n  fix: keep to printable ASCII on one line",
            id="not-ascii",
        ),
        pytest.param(
            "file:missing", "error: it: cannot read 'missing'\n  fix: check the path and its permissions", id="missing"
        ),
        pytest.param("file:.", "error: it: cannot read '.'\n  fix: check the path and its permissions", id="folder"),
        pytest.param(
            "file:bytes", "error: it: cannot read 'bytes'\n  fix: check the path and its permissions", id="not-utf-8"
        ),
    ],
)
def test_source_that_gives_no_secret_is_a_usage_error_that_shows_no_value(
    source: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("BLANK", " \t ")
    monkeypatch.setenv("LINES", "one-secret\nx-injected: two")
    monkeypatch.setenv("UMLAUT", "gehe\u00efm")
    Path("bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError) as caught:
        read_source(source, of="it")
    assert str(caught.value) == message


# --- headers that pass a wall -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("services", [pytest.param(WEB, id="over-tls"), pytest.param(LOOPBACK, id="to-this-machine")])
def test_header_is_read_from_its_source(services: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYPASS", "s3cr3t")
    said = ("x-vercel-protection-bypass: env:BYPASS", "CF_Access:env:BYPASS")
    assert read_headers(said, services) == (("x-vercel-protection-bypass", "s3cr3t"), ("CF_Access", "s3cr3t"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        pytest.param("x-bypass", "--header is not 'NAME: SOURCE'", id="no-source"),
        pytest.param(": env:BYPASS", "--header is not 'NAME: SOURCE'", id="no-name"),
        pytest.param("x bypass: env:BYPASS", "--header is not 'NAME: SOURCE'", id="name-with-a-space"),
        pytest.param("x-b\u00efpass: env:BYPASS", "--header is not 'NAME: SOURCE'", id="name-not-ascii"),
        pytest.param("x\r\nbad: env:BYPASS", "--header is not 'NAME: SOURCE'", id="name-of-two-lines"),
        pytest.param(
            "Authorization: env:BYPASS", "--header 'Authorization' would change what every probe presents", id="auth"
        ),
        pytest.param("Host: env:BYPASS", "--header 'Host' would change what every probe presents", id="host"),
        pytest.param(
            "x-bypass: s3cr3t",
            "--header 'x-bypass': the source must be env:NAME, file:PATH or -",
            id="literal-value",
        ),
    ],
)
def test_header_that_cannot_be_sent_is_a_usage_error_without_its_value(
    said: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYPASS", "s3cr3t")
    with pytest.raises(UsageError) as caught:
        read_headers((said,), WEB)
    assert caught.value.what == message
    assert "s3cr3t" not in str(caught.value)


def test_a_cookie_may_pass_a_wall_and_none_may_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALL", "staging=open-sesame; theme=dark")
    assert read_headers(("Cookie: env:WALL",), WEB, ("sid",)) == (("Cookie", "staging=open-sesame; theme=dark"),)
    with pytest.raises(UsageError) as caught:
        read_headers(("Cookie: env:WALL",), WEB, ("sid", "theme"))
    assert caught.value.what == "--header 'Cookie' holds 'theme', which would sign every probe in"
    assert "open-sesame" not in str(caught.value)


def test_header_is_a_secret_and_does_not_go_out_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYPASS", "s3cr3t")
    with pytest.raises(UsageError) as caught:
        read_headers(("x-bypass: env:BYPASS",), {**WEB, "mcp": PLAIN["web"]})
    assert str(caught.value) == (
        "error: --header 'x-bypass' would go to service 'web' without TLS\n  fix: use https for it"
    )
