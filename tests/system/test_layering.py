"""The import table of the design: the rooms of the middle floor stand beside each other and never reach across."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from prober.cli.audit import AUDITS
from prober.cli.main import COMMANDS

ROOT = Path(__file__).parents[2] / "prober"
MODULES = sorted(path for path in ROOT.rglob("*.py") if "shipped" not in path.parts)
IDS = [path.relative_to(ROOT).as_posix() for path in MODULES]

MIDDLE = ("definitions", "environment", "plan", "transport", "judge", "report", "audit", "discovery")
GROUND = {"prober", "model", "errors"}  # `prober` itself holds the version and nothing else
ENGINE = GROUND | {"plan", "transport", "judge", "engine"}
APP = ENGINE | {*MIDDLE, "canary", "app"}

# What each room may import; a room that is not here has no place in the design.
MAY_IMPORT = {
    "prober": {"app", "errors", "model"},  # the public API, imported when it is used
    "model": {"model"},
    "errors": {"model"},
    **{room: {"model", "errors", room} for room in MIDDLE},
    "environment": {"model", "errors", "environment", "definitions"},  # compose files, by the strict reader of YAML
    "discovery": {"model", "errors", "discovery", "audit"},  # a Next.js source, by the parser of the audit
    "engine": ENGINE,  # a plan in, observations out
    "canary": GROUND | {"engine", "canary", "report", "transport"},
    "demo": {"model", "errors", "definitions", "demo"},
    "app": APP | {"demo"},  # the demo for the selftest alone
    "cli": APP | {"demo", "cli"},
    "__main__": {"cli"},
}

# Libraries that one place knows, so that the rest can be read, and tested, without them.
KEPT_TO = {
    "httpx": {"transport/http.py"},
    "tenacity": {"transport/rate_limit.py"},
    "yaml": {"definitions/document.py", "definitions/node.py"},
    "dotenv": {"environment/dotenv_lines.py"},
    "jwt": {"plan/credential_values.py", "demo/doors_tokens.py"},
    "psutil": {"audit/ports/listeners.py"},
    "h11": {"canary/status/http_server.py", "demo/protocol.py"},
    "prometheus_client": {"canary/metrics.py"},
}

# Libraries that cost much to import and that few runs need; never a module of ours, which could dodge the table so.
LATE_LIBRARIES = {
    "audit/source/analysis/syntax.py": {"tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript"},
    "plan/credential_values.py": {"jwt"},
    "canary/database.py": {"psycopg", "sqlalchemy"},
    "canary/receivers.py": {"apprise"},
}


@dataclass(frozen=True)
class Import:
    """One import: what it names, where, and whether it stands in a function, or is for type checkers alone."""

    name: str
    line: int
    late: bool
    typing: bool


def imports_of(path: Path) -> list[Import]:
    """Every import of a module, also those in functions and under TYPE_CHECKING, with relative ones made whole."""
    package = ["prober", *path.relative_to(ROOT).parent.parts]
    found: list[Import] = []

    def visit(node: ast.AST, *, late: bool, typing: bool) -> None:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found.extend(Import(name=name, line=node.lineno, late=late, typing=typing) for name in names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            # `from prober import errors` names a module, `from prober.errors import nearest` does not
            names = [f"prober.{alias.name}" for alias in node.names] if module == "prober" else [module]
            found.extend(Import(name=name, line=node.lineno, late=late, typing=typing) for name in names)
        inside = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        checked = typing or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for child in ast.iter_child_nodes(node):
            visit(child, late=inside, typing=checked)

    visit(ast.parse(path.read_text(encoding="utf-8")), late=False, typing=False)
    return found


def room_of(name: str) -> str:
    """The room that a dotted name lies in; `prober.__version__` lies in none of them."""
    first = f"{name}.".split(".")[1]
    return first if (ROOT / first).is_dir() or (ROOT / f"{first}.py").is_file() else "prober"


def home_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "prober" if parts == ("__init__",) else parts[0]


def our_rooms(path: Path) -> set[str]:
    return {room_of(found.name) for found in imports_of(path) if found.name.partition(".")[0] == "prober"}


def libraries(path: Path) -> set[str]:
    return {found.name.partition(".")[0] for found in imports_of(path)} - {"prober"}


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_module_imports_only_what_its_room_may(path: Path) -> None:
    assert our_rooms(path) <= MAY_IMPORT[home_of(path)]


@pytest.mark.parametrize("room", MIDDLE)
def test_rooms_of_the_middle_floor_are_there(room: str) -> None:
    """A table of rooms that were renamed would hold for ever."""
    assert [path for path in MODULES if home_of(path) == room and path.name != "__init__.py"]


@pytest.mark.parametrize("room", ["model", "errors"])
def test_ground_floor_imports_the_standard_library_only(room: str) -> None:
    used = {library for path in MODULES if home_of(path) == room for library in libraries(path)}
    assert used
    assert used <= sys.stdlib_module_names


@pytest.mark.parametrize("library", KEPT_TO)
def test_library_is_known_in_one_place(library: str) -> None:
    users = {path.relative_to(ROOT).as_posix() for path in MODULES if library in libraries(path)}
    assert users == KEPT_TO[library]


def test_command_line_is_known_in_the_command_line_alone() -> None:
    users = {home_of(path) for path in MODULES if libraries(path) & {"click", "tabulate"}}
    assert users - {"cli", "report"} == set()
    assert "cli" in users
    assert [
        IDS[n] for n, path in enumerate(MODULES) if "click" in libraries(path) and home_of(path) not in {"cli", "app"}
    ] == []


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_no_module_of_a_room_imports_late_to_dodge_the_table(path: Path) -> None:
    meant = LATE_LIBRARIES.get(path.relative_to(ROOT).as_posix(), set())
    late = [f"{path.name}:{i.line} {i.name}" for i in imports_of(path) if i.late and i.name not in meant]
    allowed = {"cli": late, "demo": late, "app": late, "prober": late}
    assert late == allowed.get(home_of(path), [])


@pytest.mark.parametrize("module", LATE_LIBRARIES)
def test_library_that_is_imported_late_is_not_ours_and_still_needed(module: str) -> None:
    late = {found.name for found in imports_of(ROOT / module) if found.late}
    assert late == LATE_LIBRARIES[module]
    assert not {name for name in late if name.partition(".")[0] == "prober"}


LATE = [(path, found.line) for path in MODULES for found in imports_of(path) if found.late]


@pytest.mark.parametrize(("path", "line"), LATE, ids=[f"{p.relative_to(ROOT).as_posix()}-{n}" for p, n in LATE])
def test_late_import_is_marked_as_meant(path: Path, line: int) -> None:
    assert "# noqa: PLC0415" in path.read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_no_module_imports_by_name_at_run_time_but_the_table_of_commands(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    dynamic = (named | called) & {"import_module", "__import__", "exec", "eval"}
    meant = {"cli/main.py": {"import_module"}, "__init__.py": {"import_module"}}  # the public API is imported when used
    assert dynamic == meant.get(path.relative_to(ROOT).as_posix(), set())


def test_every_command_is_a_module_of_the_command_line() -> None:
    assert {module.rpartition(".")[0] for module in (*COMMANDS.values(), *AUDITS.values())} == {"prober.cli"}
    assert [
        module
        for module in (*COMMANDS.values(), *AUDITS.values())
        if not (ROOT / "cli" / f"{module.split('.')[-1]}.py").is_file()
    ] == []


def test_no_room_is_imported_in_a_circle() -> None:
    """As Python loads them: what is imported for type checkers alone may look back."""
    modules = {
        ".".join(["prober", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__"): path
        for path in MODULES
    }
    waiting = {
        name: {found.name for found in imports_of(path) if not found.late and not found.typing} & modules.keys()
        for name, path in modules.items()
    }
    loaded: set[str] = set()
    for _ in modules:
        loaded |= {name for name, needs in waiting.items() if needs <= loaded}
    assert set(modules) - loaded == set()


SAMPLES = {
    "import prober.judge.verdicts": {"judge"},
    "from prober.judge import judge": {"judge"},
    "from prober import judge": {"judge"},
    "from prober import __version__": {"prober"},
    "from prober.errors import nearest": {"errors"},
    "from ..judge import judge": {"judge"},
    "from .. import judge": {"judge"},
    "from . import globs": {"plan"},
    "from .globs import matches": {"plan"},
    "def f():\n    from prober.transport.http import Connection": {"transport"},
    "if TYPE_CHECKING:\n    from prober.engine.run import Run": {"engine"},
    "class A:\n    async def f(self):\n        import prober.cli.main as m": {"cli"},
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_form_of_import_escapes_this_file(sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    for room in ("plan", "judge", "transport", "engine", "cli"):
        (tmp_path / room).mkdir()
    (tmp_path / "errors.py").touch()
    path = tmp_path / "plan" / "sample.py"
    path.write_text(sample, encoding="utf-8")
    assert our_rooms(path) == SAMPLES[sample]
