"""The import table of ARCHITECTURE.md: the rooms of the middle floor import themselves and the ground floor, never each other."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from prober.cli.audit import AUDITS
from prober.cli.fleet import FLEET_COMMANDS
from prober.cli.main import COMMANDS

ROOT = Path(__file__).parents[2] / "prober"
MODULES = sorted(path for path in ROOT.rglob("*.py") if "shipped" not in path.parts)

MIDDLE = ("definitions", "environment", "plan", "transport", "judge", "report", "audit", "discovery")
GROUND = {"prober", "model", "errors"}  # `prober` itself holds the version and nothing else
ENGINE = GROUND | {"plan", "transport", "judge", "engine"}
APP = ENGINE | {"bounded_read", *MIDDLE, "canary", "app"}

# What each room may import; a room that is not here does not exist.
MAY_IMPORT = {
    "prober": {"app", "errors", "model", "report"},  # the public API, imported when it is used
    "model": {"model"},
    "errors": {"model"},
    "bounded_read": set(),
    **{room: {"model", "errors", room} for room in MIDDLE},
    "definitions": {"model", "errors", "definitions", "bounded_read"},
    "audit": {"model", "errors", "audit", "bounded_read"},
    "environment": {
        "model",
        "errors",
        "environment",
        "definitions",
        "bounded_read",
    },  # compose files, by the strict reader of YAML
    "discovery": {"model", "errors", "discovery", "audit"},  # a Next.js source, by the parser of the audit
    "engine": ENGINE,  # a plan in, observations out
    "canary": GROUND | {"engine", "canary", "judge", "report", "transport"},
    "demo": {"model", "errors", "definitions", "demo"},
    "app": APP | {"demo"},  # the demo for the selftest alone
    "fleet": APP | {"fleet"},  # stands on what the commands do for one deployment; only the commands know it
    "cli": APP | {"demo", "cli", "fleet"},
    "__main__": {"cli"},
    "pytest_plugin": {"prober", "pytest_plugin"},  # the public API, as somebody else's plugin would use it
}

# Libraries that one place knows, so that the rest can be read, and tested, without them.
KEPT_TO = {
    "httpx": {"transport/httpx_transport.py", "canary/http_client.py"},  # the deployment, and the receivers of alerts
    "yaml": {"definitions/document.py", "definitions/node.py"},
    "dotenv": {"environment/dotenv_lines.py"},
    "jwt": {"demo/doors_tokens.py"},
    "psutil": {"audit/ports/listeners.py"},
    "h2": {"transport/http2_connection.py"},
    "h11": {"transport/http1_connection.py", "canary/status/http_server.py", "demo/protocol.py"},
    "prometheus_client": {"canary/metrics.py"},
    "distributed": {"fleet/cluster.py"},  # imported for --cluster alone
    "pytest": {"pytest_plugin/__init__.py", "pytest_plugin/collect.py", "pytest_plugin/fixtures.py"},
}

# Libraries that cost much to import and that few runs need; never a module of ours, which could dodge the table so.
LATE_LIBRARIES = {
    "transport/http2_connection.py": {"h2.config", "h2.connection", "h2.events", "h2.exceptions", "h2.settings"},
    "transport/httpx_transport.py": {"httpx", "httpcore"},
    "environment/dotenv_lines.py": {"dotenv.parser"},
    "audit/source/analysis/syntax.py": {"tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript"},
    "canary/database.py": {"psycopg", "sqlalchemy"},
    "canary/receivers.py": {"apprise"},
    "transport/decoding.py": {"brotli", "zstandard"},
    "transport/rate_limit.py": {"tenacity"},
}


@dataclass(frozen=True)
class Import:
    """One import: what it names, where, and whether it stands in a function, or is for type checkers alone."""

    name: str
    line: int
    late: bool
    typing: bool


@cache
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
    """The room that a dotted name lies in; `prober` and `prober.__version__` lie in none of them."""
    first = f"{name}.".split(".")[1]
    return first if (first and (ROOT / first).is_dir()) or (ROOT / f"{first}.py").is_file() else "prober"


def home_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "prober" if parts == ("__init__",) else parts[0]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def names_in(path: Path) -> set[str]:
    """Every name and attribute that a module uses."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def our_rooms(path: Path) -> set[str]:
    return {room_of(found.name) for found in imports_of(path) if found.name.partition(".")[0] == "prober"}


def libraries(path: Path) -> set[str]:
    return {found.name.partition(".")[0] for found in imports_of(path)} - {"prober"}


# --- the facts --------------------------------------------------------------------------------------------------------


def test_a_room_imports_only_what_the_table_allows() -> None:
    """Every room of the table must be there: a table of rooms that were renamed would always hold."""
    assert {home_of(path) for path in MODULES} == set(MAY_IMPORT)
    too_much = {name_of(path): our_rooms(path) - MAY_IMPORT[home_of(path)] for path in MODULES}
    assert {name: rooms for name, rooms in too_much.items() if rooms} == {}


def test_the_ground_floor_imports_the_standard_library_only() -> None:
    used = {room: {library for path in MODULES if home_of(path) == room for library in libraries(path)} for room in ("model", "errors")}  # fmt: skip
    assert all(used.values())
    assert {room: names - sys.stdlib_module_names for room, names in used.items()} == {"model": set(), "errors": set()}


def test_a_library_is_known_in_one_place() -> None:
    users = {library: {name_of(path) for path in MODULES if library in libraries(path)} for library in KEPT_TO}
    assert users == KEPT_TO
    assert {home_of(path) for path in MODULES if "click" in libraries(path)} == {"cli"}
    assert {home_of(path) for path in MODULES if "tabulate" in libraries(path)} == {"cli", "report"}


def test_only_what_is_slow_and_not_always_needed_is_imported_late() -> None:
    """The commands import late, each marked as meant; elsewhere only these libraries, and never a module of ours."""
    late = [(path, found) for path in MODULES for found in imports_of(path) if found.late]
    outside = defaultdict(set)
    for path, found in late:
        if home_of(path) not in {"cli", "demo", "app", "prober"}:
            outside[name_of(path)].add(found.name)
    assert outside == LATE_LIBRARIES
    assert "prober" not in {name.partition(".")[0] for names in LATE_LIBRARIES.values() for name in names}
    unmarked = [
        f"{name_of(path)}:{found.line}"
        for path, found in late
        if "# noqa: PLC0415" not in path.read_text(encoding="utf-8").splitlines()[found.line - 1]
    ]
    assert unmarked == []


def test_only_commands_formats_and_the_public_api_are_imported_by_name() -> None:
    dynamic = {name_of(path): names_in(path) & {"import_module", "__import__", "exec", "eval"} for path in MODULES}
    meant = {f"{name}.py": {"import_module"} for name in ("cli/main", "report/formats", "__init__")}
    assert {name: used for name, used in dynamic.items() if used} == meant
    commands = (*COMMANDS.values(), *AUDITS.values(), *FLEET_COMMANDS.values())
    assert [module for module in commands if module not in {f"prober.cli.{path.stem}" for path in MODULES if home_of(path) == "cli"}] == []  # fmt: skip
    prefix = [node.value for node in ast.walk(ast.parse((ROOT / "report/formats.py").read_text(encoding="utf-8"))) if isinstance(node, ast.Constant) and str(node.value).startswith("prober.")]  # fmt: skip
    assert prefix == ["prober.report."]  # a format lives in the room of its table


# The values of the interpreter and its state name each other's types; nothing else may.
TYPES_IN_A_CIRCLE = {
    f"prober.audit.source.analysis.{name}"
    for name in ("module", "pack", "project", "routers", "state", "values", "variables")
}


def modules_in_circles(*, with_types: bool) -> set[str]:
    """The modules that import themselves by way of others."""
    modules = {
        ".".join(["prober", *path.relative_to(ROOT).with_suffix("").parts]).removesuffix(".__init__"): path
        for path in MODULES
    }
    needs = {
        name: {
            found.name for found in imports_of(path) if not found.late and (with_types or not found.typing)
        } & modules.keys()
        for name, path in modules.items()
    }  # fmt: skip
    users: dict[str, set[str]] = defaultdict(set)
    for name, needed in needs.items():
        for one in needed:
            users[one].add(name)
    left = set(needs)
    for neighbours in (needs, users):  # what leads into no circle, and then what comes out of none
        while free := {name for name in left if not neighbours.get(name, set()) & left}:
            left -= free
    return left


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert modules_in_circles(with_types=False) == set()


def test_no_modules_name_each_others_types_in_a_circle() -> None:
    """Also of imports for type checkers alone, of which a reader has to follow each."""
    assert modules_in_circles(with_types=True) - TYPES_IN_A_CIRCLE == set()


def test_the_table_of_the_architecture_page_is_the_one_that_holds() -> None:
    """Each room's row names all that it may import beside itself and the version; `all but` names the rest."""
    page = (ROOT.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .+ \| ([^|]+) \|$", page, re.MULTILINE)
    known = set(MAY_IMPORT) - {"__main__", "prober"}
    written = {room: set(re.findall(r"`(\w+)`", cell)) for room, cell in rows}
    starts = {room: known - written[room] if cell.startswith("all") else written[room] for room, cell in rows}
    assert {room: rooms - {room} for room, rooms in starts.items()} == {
        room: rooms - {room, "prober"} for room, rooms in MAY_IMPORT.items() if room != "__main__"
    }


# --- the reader of imports itself -------------------------------------------------------------------------------------

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
