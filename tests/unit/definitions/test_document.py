"""Every mistake that the language can have, with the exact message; and files that only a hostile hand writes."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.builtin import load_profile
from prober.definitions.deployment import (
    parse_deployment,
)
from prober.definitions.document import MOST_BYTES, load_document, parse_document
from prober.definitions.fleet import parse_fleet
from prober.definitions.node import MOST_DEPTH
from prober.definitions.surface import parse_surface
from prober.definitions.waivers import parse_waivers
from prober.errors import DefinitionError, ProberError, UsageError
from prober.plan.credential_names import credential_names
from tests.support.mistakes import ALL, MISTAKES

if TYPE_CHECKING:
    from collections.abc import Callable

# A wrong definition's name begins with what it is a definition of; profiles are loaded whole, since they extend others.
LOADERS: dict[str, Callable[[str], object]] = {
    "surface": lambda name: parse_surface(load_document(Path(name))),
    "profile": lambda name: load_profile(name, credentials=credential_names()),
    "deployment": lambda name: parse_deployment(load_document(Path(name))),
    "waivers": lambda name: parse_waivers(load_document(Path(name))),
    "fleet": lambda name: parse_fleet(load_document(Path(name))),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every wrong definition as a file: some extend each other."""
    made = tmp_path_factory.mktemp("bad")
    for mistake in MISTAKES.values():
        (made / f"{mistake.case}.yaml").write_text(mistake.text, encoding="utf-8")
    return made


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_refused_with_its_exact_message(case: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(DefinitionError) as caught:
        LOADERS[MISTAKES[case].kind](f"{case}.yaml")
    assert str(caught.value) == MISTAKES[case].message


def test_every_wrong_definition_has_a_name_of_its_own_that_says_its_kind() -> None:
    assert len(MISTAKES) > 280
    assert len(MISTAKES) == sum(len(cases) for cases in ALL.values())
    assert [(kind, m.case) for kind, cases in ALL.items() for m in cases if m.kind != kind] == []


@pytest.mark.parametrize("case", MISTAKES)
def test_message_names_a_line_and_gives_one_fix(case: str) -> None:
    mistake = MISTAKES[case]
    assert 1 <= mistake.line <= mistake.text.count("\n") + 1
    assert "\n" not in mistake.what + mistake.fix
    assert not mistake.what.endswith(".")
    assert not mistake.fix.endswith(".")


# --- what is no small file in git -------------------------------------------------------------------------------------

# Nine lists of nine of the one before: 9^9 words, if aliases were followed.
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(
            b"surface: big\nabout: '" + b"x" * MOST_BYTES + b"'\n",
            "x.yaml:1: the file is larger than 1 MiB\n  fix: split it into several files",
            id="larger-than-1-mib",
        ),
        pytest.param(
            b"#" * MOST_BYTES,
            "x.yaml:1: the file is empty\n  fix: write a definition",
            id="just-1-mib-is-read",
        ),
        pytest.param(
            b"surface: broken\nabout: caf\xe9\n",
            "x.yaml:2: byte 0xe9 is not UTF-8\n  fix: save the file as UTF-8",
            id="latin-1",
        ),
        pytest.param(
            "surface: broken\n".encode("utf-16"),
            "x.yaml:1: byte 0xff is not UTF-8\n  fix: save the file as UTF-8",
            id="utf-16",
        ),
        pytest.param(
            b"surface: broken\nabout: a\x00b\n",
            "x.yaml:2: the file contains a control character (0x00)\n  fix: remove it",
            id="nul",
        ),
        pytest.param(
            b"\x7fELF\x02\x01\x01\n",
            "x.yaml:1: the file contains a control character (0x7f)\n  fix: remove it",
            id="a-program",
        ),
        pytest.param(
            b"[" * 100_000,
            "x.yaml:1: nested deeper than 50 levels\n  fix: flatten it",
            id="100000-brackets",
        ),
        pytest.param(
            b"{a: " * 100_000,
            "x.yaml:1: nested deeper than 50 levels\n  fix: flatten it",
            id="100000-braces",
        ),
        pytest.param(
            b"- " * 100_000,
            "x.yaml:1: nested deeper than 50 levels\n  fix: flatten it",
            id="100000-dashes",
        ),
        pytest.param(
            BOMB.encode(),
            "x.yaml:2: alias '*a' is not part of the language\n  fix: write it out where it is needed",
            id="billion-laughs",
        ),
        pytest.param(
            b"&a [*a]\n",
            "x.yaml:1: alias '*a' is not part of the language\n  fix: write it out where it is needed",
            id="a-list-in-itself",
        ),
    ],
)
def test_hostile_file_is_refused_at_once(raw: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    started = time.monotonic()
    with pytest.raises(DefinitionError) as caught:
        load_document(path, file="x.yaml")
    assert str(caught.value) == message
    assert time.monotonic() - started < 1


@pytest.mark.integration
def test_hostile_depth_does_not_crash_the_process(tmp_path: Path) -> None:
    """In a process of its own: a stack that overflows in C would take this one with it."""
    path = tmp_path / "deep.yaml"
    path.write_bytes(b"[" * 1_000_000)
    program = "import pathlib, sys, prober.definitions.document as d; d.load_document(pathlib.Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False, timeout=10
    )
    assert done.returncode == 1
    assert "deep.yaml:1: nested deeper than 50 levels\n" in done.stderr


def test_deepest_nesting_that_is_allowed_is_read() -> None:
    inner = MOST_DEPTH - 1
    assert parse_document(f"a: {'[' * inner}{']' * inner}", file="x.yaml").is_mapping


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("missing.yaml", "error: cannot read missing.yaml: No such file or directory", id="missing"),
        pytest.param("folder", "error: cannot read folder: Is a directory", id="a-folder"),
        pytest.param("file/x.yaml", "error: cannot read file/x.yaml: Not a directory", id="below-a-file"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        load_document(Path(name))
    assert str(caught.value) == f"{message}\n  fix: check the path and its permissions"


def test_unreadable_file_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Root may read what nobody may, so that the refusal of the system is staged."""

    def refuse(path: Path, most: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(path), most)

    monkeypatch.setattr("prober.definitions.document.read_bounded", refuse)
    with pytest.raises(UsageError, match=r"cannot read x\.yaml: Permission denied"):
        load_document(tmp_path / "x.yaml", file="x.yaml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_message_and_never_a_crash(text: str) -> None:
    outcome: object = None
    try:
        outcome = parse_surface(parse_document(text, file="x.yaml"))
    except ProberError as error:
        outcome = error
    assert isinstance(outcome, DefinitionError)  # no such text is a surface
    assert str(outcome).startswith("x.yaml:")


@given(st.text(alphabet=":-[]{}#&*!|>'\"%@`,? \n\tab01yesno~<", max_size=80))
def test_any_jumble_of_yaml_is_read_or_refused_with_a_message(text: str) -> None:
    with pytest.raises(DefinitionError, match=r"\Ax\.yaml:\d+: .+\n  fix: .+"):
        parse_surface(parse_document(text, file="x.yaml"))


# --- what is right ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("v: -1", -1, id="negative"),
        pytest.param("v: 0", 0, id="zero"),
        pytest.param("v: 999999999999999999", 999999999999999999, id="18-digits"),
        pytest.param("v: 1.5", 1.5, id="fraction"),
        pytest.param("v: true", True, id="true"),
        pytest.param("v: false", False, id="false"),
        pytest.param("v: null", None, id="null"),
        pytest.param("v: ~", None, id="tilde"),
        pytest.param("v: '0401'", "0401", id="quoted-number"),
        pytest.param("v: 'no'", "no", id="quoted-no"),
        pytest.param("v: ''", "", id="empty-text"),
        pytest.param("v: 2025-06-18", "2025-06-18", id="date-stays-text"),
        pytest.param("v: [1, {a: b}, []]", [1, {"a": "b"}, []], id="nested"),
        pytest.param("v: {}", {}, id="empty-object"),
        pytest.param('v: "\\u0000\\e"', "\x00\x1b", id="control-characters-as-json-escapes-them"),
    ],
)
def test_json_value_is_what_json_would_make_of_it(text: str, value: object) -> None:
    [(_, node)] = parse_document(text, file="x.yaml").pairs(of="it")
    assert node.json() == value
    assert type(node.json()) is type(value)


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfsurface: a\r\nabout: b\r\n")
    pairs = load_document(path).pairs(of="it")
    assert [(name, node.word(of="it"), node.source.line) for name, node in pairs] == [
        ("surface", "a", 1),
        ("about", "b", 2),
    ]


def test_a_node_knows_its_file_and_line() -> None:
    pairs = parse_document("a: 1\n\n# said\nb:\n  - x\n  - y\n", file="f.yaml").pairs(of="it")
    assert [str(node.source) for _, node in pairs] == ["f.yaml:1", "f.yaml:5"]
    assert [str(node.source) for node in pairs[1][1].items(of="b")] == ["f.yaml:5", "f.yaml:6"]
