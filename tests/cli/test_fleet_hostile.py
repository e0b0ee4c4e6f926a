"""Wrong and hostile fleets: each is refused with its place and what to do, in time, without a traceback, and never with 0."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEB = "services: {web: 'http://127.0.0.1:9'}"
ONE = f"deployments:\n  - {{name: a, {WEB}}}\n"
TOKEN = "ghp_" + "0123456789abcdefghij" + "ABCDEFGHIJ456789"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """The text of fleet.yaml, what else is there (a name that ends in '/' is a folder), and what is said about it."""

    text: str | bytes
    says: str
    status: int = 78
    files: dict[str, str | bytes] = field(default_factory=dict)


def sd(targets: object, says: str, *, more: str = "", status: int = 78) -> Wrong:
    text = targets if isinstance(targets, str) else json.dumps(targets)
    return Wrong(text=f"fleet: a\ndeployments:\n  - {{sd: t.json{more}}}\n", says=says, status=status, files={"t.json": text})  # fmt: skip


def entry(text: str, says: str, *, status: int = 78, **files: str | bytes) -> Wrong:
    named = {name.replace("_", "."): content for name, content in files.items()}
    return Wrong(text=f"fleet: a\ndeployments:\n  - {{{text}}}\n", says=says, status=status, files=named)


BOMB = "".join(f"x{i}: &x{i} [{','.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 10))
CASES = {
    "empty": Wrong(text="", says="fleet.yaml:1: the file is empty"),
    "nothing": Wrong(text="null\n", says="a fleet must be a mapping"),
    "a-list": Wrong(text="- a\n", says="a fleet must be a mapping, not a list"),
    "a-nul": Wrong(text=b"fleet: a\x00b\n", says="contains a control character (0x00)"),
    "another-encoding": Wrong(text="fleet: acme\n".encode("utf-16"), says="is not UTF-8"),
    "too-large": Wrong(text="fleet: a\n#" + "x" * 2_000_000, says="larger than 1 MiB"),
    "too-deep": Wrong(text=f"fleet: a\ndeployments: {'[' * 20_000}{']' * 20_000}\n", says="nested deeper than"),
    "a-bomb": Wrong(text=f"fleet: a\nx0: &x0 [a]\n{BOMB}{ONE}", says="is not part of the language"),
    "a-cycle": Wrong(text="fleet: a\ndeployments: &d\n  - *d\n", says="alias '*d' is not part of the language"),
    "code": Wrong(text="fleet: a\ndeployments: !!python/object/apply:os.system ['touch x']\n", says="remove the tag"),
    "two-documents": Wrong(text=f"fleet: a\n{ONE}---\nfleet: b\n", says="a second document begins here"),
    "a-key-twice": Wrong(text=f"fleet: a\nfleet: b\n{ONE}", says="'fleet' is given twice"),
    "no-deployment": Wrong(text="fleet: a\ndeployments: []\n", says="'deployments' is an empty list"),
    "a-name-twice": Wrong(text=f"fleet: a\n{ONE}  - {{name: a, {WEB}}}\n", says="the first at fleet.yaml:3"),
    "a-name-that-looks-like-another": entry(f"name: 'ѕhop', {WEB}", "is not a name"),  # noqa: RUF001 - that is the case
    "a-name-that-is-a-path": entry(f"name: ../../etc/x, {WEB}", "'../../etc/x' is not a name"),
    "a-name-without-end": entry(f"name: {'a' * 5000}, {WEB}", "at most 200"),
    "a-label-that-paints": entry(f'name: a, {WEB}, labels: {{env: "\\e[31m"}}', "contains a control character (0x1b)"),
    "a-secret-as-label": entry(f"name: a, {WEB}, labels: {{key: {TOKEN}}}", "label 'key' of 'a' holds a GitHub token"),
    "a-secret-in-full": entry(f"name: a, {WEB}, hold: {{k: hunter2hunter2}}", "'k' must name where the secret is"),
    "half-a-template": entry(f"name: a, {WEB}, hold: {{k: 'env:K_{{NAME'}}", "has a brace without its other one"),
    "a-glob-of-nothing": entry("files: no/*.yaml", "no file matches 'no/*.yaml'"),
    "a-glob-of-folders": entry("files: 's*'", "cannot read", status=64, sub_="/"),
    "a-glob-of-itself": entry("files: '*.yaml'", "unknown key 'fleet' in a deployment"),
    "a-glob-of-bytes": entry("files: '*.bin'", "is not UTF-8", a_bin=b"\xf9\xff" * 500),
    "a-glob-of-two-alike": Wrong(
        text="fleet: a\ndeployments:\n  - {files: '**/prober.yaml'}\n",
        files={"x/app/prober.yaml": f"{WEB}\n", "y/app/prober.yaml": f"{WEB}\n"},
        says="give 'name:' a label that sets them apart",
    ),
    "a-file-that-is-not-there": entry("name: a, deployment: none.yaml", "cannot read", status=64),
    "a-folder-as-file": entry("name: a, deployment: .", "Is a directory", status=64),
    "a-fleet-as-its-own-base": Wrong(
        text=f"fleet: a\ndefaults: {{deployment: fleet.yaml}}\n{ONE}", says="unknown key 'fleet'"
    ),
    "a-rate-without-end": Wrong(text=f"fleet: a\nhosts: [{{match: '*', rate: 1.0e-320}}]\n{ONE}", says="from 0.01"),
    "a-rate-that-is-none": Wrong(
        text=f"fleet: a\nhosts: [{{match: '*', rate: .nan}}]\n{ONE}", says="is not a JSON number"
    ),
    "a-number-without-end": Wrong(
        text=f"fleet: a\nexpect: {{at-least: {'9' * 9999}}}\n{ONE}", says="not a plain decimal"
    ),
    "a-url-with-a-password": entry(
        "name: a, services: {web: 'https://u:hunter2hunter2@x.example'}", "remove everything before the '@'"
    ),
    "no-targets": sd([], "there is no target"),
    "targets-of-null": sd("null", "the targets are not a list"),
    "targets-too-deep": sd("[" * 100_000, "nested deeper than"),
    "targets-that-are-no-text": sd([{"targets": [{"a": 1}]}], "a target is not text"),
    "targets-by-line": sd('{"targets": ["a"]}\n{"targets": ["b"]}\n', "not YAML"),
    "a-target-of-two-lines": sd([{"targets": ["https://a.example/\r\nX: y"]}], "is not a URL"),
    "a-target-with-half-a-bracket": sd([{"targets": ["[::1"]}], "is not a URL"),
    "a-target-with-a-password": sd([{"targets": ["https://u:hunter2hunter2@a.example"]}], "before the '@'"),
    "two-targets-of-a-name": sd(
        [{"targets": ["a.example", "b.example"], "labels": {"e": "x"}}],
        "called 'x': https://a.example and https://b.example",
        more=", name: '{e}'",
    ),
    "a-secret-in-the-label-of-a-target": sd(
        [{"targets": ["a.example"], "labels": {"k": TOKEN}}], "holds a GitHub token"
    ),
    "a-key-of-targets-twice": sd(
        '[{"targets": ["a.example"], "targets": ["b.example"]}]', "t.json:1: not YAML: 'targets' is given twice"
    ),
    "targets-without-number": sd([{"targets": ["a.example"] * 100_001}], "more than 100,000 targets"),
    "targets-of-a-folder": entry("sd: .", "Is a directory", status=64),
    "targets-of-another-scheme": entry("sd: 'file:///etc/passwd'", "cannot read", status=64),
    "targets-of-no-port": entry("sd: 'http://127.0.0.1:port/'", "write it as https://host[:port]/path", status=64),
    "targets-of-half-a-bracket": entry("sd: 'http://[::1/t'", "write it as https://host[:port]/path", status=64),
    "targets-of-nobody": entry(
        "sd: 'http://127.0.0.1:9/t?token=hunter2hunter2'", "no targets from http://127.0.0.1:9/t:", status=64
    ),
}


def refused(folder: Path, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:  # fmt: skip
    monkeypatch.chdir(folder)
    status = exit_with(prober, ["fleet", command, "fleet.yaml"], name="prober")
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "\n  fix: " in said.err
    assert [secret for secret in ("hunter2", TOKEN) if secret in said.err] == []
    return status, said.err


@pytest.mark.parametrize("command", ["plan", "run", "watch"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_wrong_fleet_is_refused_before_anything_is_sent(
    case: Wrong, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = case.text if isinstance(case.text, bytes) else case.text.encode()
    (tmp_path / "fleet.yaml").write_bytes(raw)
    for name, content in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content == "/":
            path.mkdir()
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    status, said = refused(tmp_path, command, capsys, monkeypatch)
    assert status == case.status
    assert case.says in said


@pytest.mark.parametrize("what", ["fleet.yaml", "p/prober.yaml", "t.json"])
def test_a_pipe_that_nobody_writes_is_refused_in_time(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prober.bounded_read.PATIENCE", 0.1)
    (tmp_path / "p").mkdir()
    os.mkfifo(tmp_path / what)
    if what != "fleet.yaml":
        kind = f"files: {what}" if what.startswith("p/") else f"sd: {what}"
        (tmp_path / "fleet.yaml").write_text(f"fleet: a\ndeployments:\n  - {{{kind}}}\n")
    status, said = refused(tmp_path, "run", capsys, monkeypatch)
    assert (status, "did not end in" in said) == (64, True)


def test_a_glob_that_searches_for_ever_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prober.fleet.files.PATIENCE", 0.2)
    (tmp_path / "fleet.yaml").write_text("fleet: a\ndeployments:\n  - {files: /**/no-such-file.yaml}\n")
    started = time.monotonic()
    status, said = refused(tmp_path, "run", capsys, monkeypatch)
    assert (status, "were not found within 0.2 s" in said) == (78, True)
    assert time.monotonic() - started < 5


def test_a_glob_of_too_many_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prober.fleet.files.MOST_FILES", 3)
    for number in range(5):
        (tmp_path / f"{number}.yml").write_text("")
    (tmp_path / "fleet.yaml").write_text("fleet: a\ndeployments:\n  - {files: '*.yml'}\n")
    status, said = refused(tmp_path, "run", capsys, monkeypatch)
    assert (status, "more than 3 files match '*.yml'" in said) == (78, True)


def test_a_link_that_leads_in_a_circle_gives_each_file_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apps" / "shop").mkdir(parents=True)
    (tmp_path / "apps" / "shop" / "round").symlink_to("..")
    (tmp_path / "apps" / "shop" / "prober.yaml").write_text(f"profile: oauth\n{WEB}\n")
    (tmp_path / "fleet.yaml").write_text("fleet: a\ndeployments:\n  - {files: 'apps/**/prober.yaml'}\n")
    monkeypatch.chdir(tmp_path)
    assert exit_with(prober, ["fleet", "plan", "fleet.yaml"], name="prober") == 0
    assert "1 deployment at 1 host" in capsys.readouterr().out


@contextmanager
def answering(kind: str) -> Iterator[str]:
    """Serve targets in a way that they should not be served in."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if kind == "redirect":
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                return
            self.send_response(500 if kind == "broken" else 200)
            if kind == "cut":
                self.send_header("Content-Length", "1000")
            self.end_headers()
            body = {"html": b"<html>sign in</html>", "drips": b"[" * 200, "cut": b"- targets: [a.example]\n"}.get(
                kind, b"[]"
            )
            for byte in body if kind == "drips" else [body]:
                self.wfile.write(bytes([byte]) if isinstance(byte, int) else byte)
                time.sleep(0.1 if kind == "drips" else 0)

        def log_message(self, *_: object) -> None: ...

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/targets"
    server.shutdown()
    server.server_close()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        pytest.param("redirect", 64, "no targets from", id="a-redirect"),
        pytest.param("broken", 64, "no targets from", id="an-error"),
        pytest.param("html", 78, "the targets are not a list", id="a-sign-in-page"),
        pytest.param("empty", 78, "there is no target", id="nobody"),
        pytest.param("cut", 64, "the answer broke off", id="cut-short"),
        pytest.param("drips", 64, "no end within 0.5 s", id="byte-by-byte"),
    ],
)
def test_a_url_that_gives_no_targets_is_refused(
    kind: str, status: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("prober.fleet.targets.PATIENCE", 0.5)
    with answering(kind) as url:
        (tmp_path / "fleet.yaml").write_text(f"fleet: a\ndeployments:\n  - {{sd: '{url}?token=hunter2hunter2'}}\n")
        assert refused(tmp_path, "run", capsys, monkeypatch)[0] == status
        assert says in (refused(tmp_path, "run", capsys, monkeypatch)[1])


@pytest.mark.parametrize(
    ("option", "says"),
    [
        pytest.param(["--journal", "."], "Is a directory", id="a-folder-as-journal"),
        pytest.param(["--journal", "pipe"], "it is not a regular file", id="a-pipe-as-journal"),
        pytest.param(["--journal", "fleet.yaml", "--resume"], "begin a new journal", id="another-file-as-journal"),
        pytest.param(["--records", "fleet.yaml"], "--records cannot make 'fleet.yaml'", id="a-file-as-folder"),
        pytest.param(["--report", "json=no/such/file"], "--report cannot write", id="a-report-nowhere"),
        pytest.param(["--total-rate", "1e-300"], "is not in the range", id="a-rate-without-end"),
        pytest.param(["--shard", "2/1"], "is not I/N", id="no-shard"),
        pytest.param(["--resume"], "need a journal", id="nothing-to-go-on-with"),
    ],
)
def test_an_option_that_cannot_be_right_is_refused(
    option: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    (tmp_path / "fleet.yaml").write_text(f"fleet: a\n{ONE}")
    status = exit_with(prober, ["fleet", "run", "fleet.yaml", *option], name="prober")
    said = capsys.readouterr().err
    assert status in {64, 78}
    assert says in said
    assert "\n  fix: " in said
