"""The source files of a folder: what somebody wrote by hand, and what is left out. Reads disk; judges nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.project import Project

MOST_FILES = 50_000
_NEVER = frozenset({"node_modules", ".next", ".git"})
_BUILT = frozenset({"dist", "build", "out", "coverage", "storybook-static", "__tests__", "__mocks__", "e2e"})
_VENDORED = frozenset({"vendor", "vendors", "vendored", "third_party", "third-party", "bower_components", "generated",
                       "__generated__", ".yarn"})  # fmt: skip
_MINIFIED = re.compile(r"[.-](min|bundle|umd|prod)\.[cm]?js$|\.(generated|gen)\.[cm]?[jt]sx?$")
_GENERATED = re.compile(rb"@generated\b|code generated .* do not edit|eslint-disable \*/ /\* tslint", re.IGNORECASE)
_LONG_LINE = 5_000  # bytes; nobody writes such a line, but for one table of data
_MANIFEST = re.compile(
    r"package\.json|pyproject\.toml|requirements.*\.txt|Pipfile|setup\.(py|cfg)|Gemfile|composer\.json|pom\.xml"
    r"|build\.gradle(\.kts)?|.*\.csproj|mix\.exs|go\.mod|Cargo\.toml"
)
_CONFIGURATION = re.compile(r"next\.config\.[cm]?[jt]s")
MOST_MANIFESTS = 300
_ROUTED = frozenset({"app", "pages"})  # below these a folder is a part of a path, whatever it is called
_TEST = re.compile(r"\.(test|spec|stories|d)\.[cm]?[jt]sx?$")


def open_project(folder: Path) -> Project:
    """List the source files of a folder: never what is installed or built, never a folder twice, never outside."""
    library = Project(folder=folder)
    top = folder.resolve()
    seen: set[Path] = set()
    files: list[str] = []
    manifests: list[str] = []
    configurations: list[str] = []
    for home, folders, names in os.walk(folder, followlinks=True):
        here = Path(home).resolve()
        if here in seen or not here.is_relative_to(top):
            if here not in seen:
                library.unread.append((Path(home).relative_to(folder).as_posix(), "is a link out of the folder"))
            folders.clear()
            continue
        seen.add(here)
        inside = Path(home).relative_to(folder)
        routed = not _ROUTED.isdisjoint(inside.parts)
        vendored = [] if routed else sorted(name for name in folders if name in _VENDORED)
        library.left_out += [f"{(inside / name).as_posix()}/" for name in vendored]
        folders[:] = sorted(
            name for name in folders if name not in {*_NEVER, *vendored} and (routed or not _is_built(name))
        )
        manifests += [(inside / name).as_posix() for name in sorted(names) if _MANIFEST.fullmatch(name)]
        configurations += [(inside / name).as_posix() for name in sorted(names) if _CONFIGURATION.fullmatch(name)]
        minified = [name for name in names if name.endswith(syntax.SUFFIXES) and _MINIFIED.search(name)]
        library.left_out += [(inside / name).as_posix() for name in sorted(minified)]
        names = sorted(set(names) - set(minified))  # noqa: PLW2901 - without them
        files += [
            (inside / name).as_posix()
            for name in sorted(names)
            if name.endswith(syntax.SUFFIXES) and not _TEST.search(name) and (Path(home) / name).is_file()
        ]
        if len(files) > MOST_FILES:
            library.unread.append((".", f"has more than {MOST_FILES} source files"))
            files = files[:MOST_FILES]
            break
    library.files = frozenset(files)
    library.manifests, library.configurations = tuple(manifests[:MOST_MANIFESTS]), tuple(configurations)
    return library


def _is_built(name: str) -> bool:
    return name in _BUILT or name.startswith(".")


def is_by_hand(raw: bytes) -> bool:
    """Say whether somebody wrote a file: no generator's mark is at its beginning, and no line is too long for that."""
    if _GENERATED.search(raw[:400]):
        return False
    return len(raw) < _LONG_LINE or max(map(len, raw.split(b"\n"))) < _LONG_LINE
