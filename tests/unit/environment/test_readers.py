"""How bash, docker compose and @next/env read one .env file: bash is asked here, the others were measured."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.environment.readers import bash, compose, next_env

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

OPTIONS = 'set -a; . "$0" 2>/dev/null </dev/null; printf \'%s\\0\' "${A-unset}" "${B-unset}"'

# A file, and what bash 5.2, compose-go 2.13 and @next/env 16.4.6 make of A in it; None is that A is not set.
CASES = [
    ("bcrypt in single quotes", r"A='$2b$12$abc/d'", r"$2b$12$abc/d", r"$2b$12$abc/d", "/d"),
    ("bcrypt in double quotes with backslashes", r'A="\$2b\$12\$abc/d"', r"$2b$12$abc/d", r"$2b$12$abc/d", r"$2b$12$abc/d"),
    ("bcrypt with backslashes and no quotes", r"A=\$2b\$12\$abc/d", r"$2b$12$abc/d", r"\$2b\$12\/d", r"$2b$12$abc/d"),
    ("bcrypt in double quotes", r'A="$2b$12$abc/d"', "b2/d", r"$2b$12/d", "/d"),
    ("bcrypt alone", r"A=$2b$12$abc/d", "b2/d", r"$2b$12/d", "/d"),
    ("plain", "A=plain", "plain", "plain", "plain"),
    ("empty", "A=", "", "", ""),
    ("empty in quotes", "A=''", "", "", ""),
    ("exported", "export A=x", "x", "x", "x"),
    ("spaces around", "A = x", None, "x", "x"),
    ("as in yaml", "A: x", None, "x", "x"),
    ("two words", "A=x y", None, "x y", "x y"),
    ("hash after a space", "A=x # y", "x", "x", "x"),
    ("hash at once", "A=x#y", "x#y", "x#y", "x"),
    ("hash in quotes", "A='x # y' # z", "x # y", "x # y", "x # y"),
    ("earlier name", "B=x\nA=$B.", "x.", "x.", "x."),
    ("earlier name in braces", 'B=x\nA="${B}y"', "xy", "xy", "xy"),
    ("earlier name in single quotes", "B=x\nA='${B}y'", "${B}y", "${B}y", "xy"),
    ("later name", "A=$B.\nB=x", ".", ".", "x."),
    ("default", "A=${C:-d}", "d", "d", "d"),
    ("default of what is set", "B=x\nA=${B:-d}", "x", "x", "d"),
    ("backslash n in double quotes", r'A="x\ny"', r"x\ny", "x\ny", "x\ny"),
    ("backslash n in single quotes", r"A='x\ny'", r"x\ny", r"x\ny", r"x\ny"),
    ("line break in quotes", "A='x\ny'", "x\ny", "x\ny", "x\ny"),
    ("quote in double quotes", r'A="x\"y"', 'x"y', 'x"y', r"x\"y"),
    ("quotes within a word", "A=x'y'", "xy", "x'y'", "x'y'"),
    ("two at once", "A=x B=y", "x", "x B=y", "x B=y"),
    ("dollar and brace left open", "A=${B", None, "refused", ""),
    ("quote left open", "A='x", None, "refused", "'x"),
    ("command", "A=$(id)", None, "$(id)", "$(id)"),
    ("command in backticks", "A=`id`", None, "`id`", "id"),
    ("home", "A=~/x", None, "~/x", "~/x"),
    ("commented out", "#A=x", None, None, None),
    ("windows line end", "A=x\r\nB=y", "x\r", "x", "x"),
    ("twice", "A=x\nA=y", "y", "y", "y"),
    ("name of what it means", "A=x$A", "x", "x", "refused"),
    ("after a semicolon", "B=x;A=y", "y", None, None),
    ("after a line that opens a quote", "it's\nA=x", None, "refused", "x"),
]  # fmt: skip
IDS = [name for name, *_ in CASES]


def value(read: dict[str, str | None] | None) -> str | None:
    return "refused" if read is None else read.get("A")


@pytest.mark.parametrize(("text", "wanted"), [(text, told) for _, text, told, _, _ in CASES], ids=IDS)
def test_bash_reads_it_so(text: str, wanted: str | None) -> None:
    assert value(bash.read(text + "\n")) == wanted


# What bash makes of what would run a command, or of what is never closed, depends on more than the text.
ASKED = [(text, told) for _, text, told, _, _ in CASES if told is not None]


@pytest.mark.integration
@pytest.mark.parametrize(("text", "wanted"), ASKED, ids=[name for name, _, told, _, _ in CASES if told is not None])
def test_bash_itself_says_the_same(text: str, wanted: str, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_bytes(f"{text}\n".encode())
    done = subprocess.run(["bash", "-c", OPTIONS, str(file)], capture_output=True, env={}, check=False, timeout=20)
    assert done.stdout.decode().split("\0")[0] == wanted


@pytest.mark.parametrize(("text", "wanted"), [(text, told) for _, text, _, told, _ in CASES], ids=IDS)
def test_compose_reads_it_so(text: str, wanted: str | None) -> None:
    assert value(compose.read(text + "\n")) == wanted


@pytest.mark.parametrize(("text", "wanted"), [(text, told) for _, text, _, _, told in CASES], ids=IDS)
def test_next_reads_it_so(text: str, wanted: str | None) -> None:
    assert value(next_env.read(text + "\n")) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("${A}", "a", id="set"),
        pytest.param("$A-$A", "a-a", id="without-braces"),
        pytest.param("${B}", "<B>", id="missing"),
        pytest.param("${B:-b}", "b", id="default"),
        pytest.param("${E:-b}", "b", id="default-of-empty"),
        pytest.param("${E-b}", "", id="default-of-unset-only"),
        pytest.param("${B:-${A}}", "a", id="default-is-a-name"),
        pytest.param("${A:+x}", "x", id="instead"),
        pytest.param("${E:+x}", "", id="instead-of-empty"),
        pytest.param("${A:?said}", "a", id="required"),
        pytest.param("$$A", "$A", id="dollar"),
        pytest.param("$2b", "$2b", id="no-name"),
    ],
)
def test_names_are_filled_in_as_compose_does(text: str, wanted: str) -> None:
    assert compose.substitute(text, {"A": "a", "E": ""}, missing=lambda name: f"<{name}>") == wanted


@pytest.mark.parametrize("text", ["${A", "${}", "${1}", "${B:?}", "${E:?said}", "${A!}", "${B:-" * 30 + "}" * 30])
def test_what_compose_refuses_is_refused(text: str) -> None:
    with pytest.raises(compose.RefusedError):
        compose.substitute(text, {"A": "a", "E": ""})


@given(st.text(alphabet="AB='\"$\\{}#: \n\r\t;`~()-x2", max_size=60))
def test_any_text_is_read_or_refused_in_time(text: str) -> None:
    for reader in (bash, compose, next_env):
        read = reader.read(text)
        assert read is None or all(isinstance(name, str) for name in read)


@pytest.mark.parametrize("reader", [bash, compose, next_env])
@pytest.mark.parametrize(
    "text", ["\n" * 100_000, "A=1\n" * 20_000, "A='" * 3_000, "A=" + "$A" * 3_000, "A='\\" * 3_000]
)
def test_no_text_takes_long(reader: ModuleType, text: str) -> None:
    reader.read(text)
