"""The files of a source folder: which there are, and which file an import means. Reads disk; judges nothing."""

from __future__ import annotations

import json
import os
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.module import read_module
from prober.bounded_read import read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.audit.source.analysis.module import Module

MOST_BYTES = 1024 * 1024  # of one file; what is larger was not written by hand
MOST_KEPT = 200  # modules that are kept parsed: what routes share, and not the routes themselves
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_INSIDE = ("src/index", "index", "src/main", "main")


@dataclass(slots=True, kw_only=True)
class Project:
    """The source files of a folder, by their path in it, and those of them that have been read."""

    folder: Path
    files: frozenset[str] = frozenset()
    manifests: tuple[str, ...] = ()  # the package.json files
    configurations: tuple[str, ...] = ()  # the next.config files
    left_out: list[str] = field(default_factory=list)  # folders and files that nobody wrote by hand
    unread: list[tuple[str, str]] = field(default_factory=list)  # what was not looked at, and why
    unparsed: dict[str, str] = field(default_factory=dict)  # files that were read and cannot be parsed, and why
    needed: set[str] = field(default_factory=set)  # those of them that a handler imports
    _kept: OrderedDict[str, Module | None] = field(default_factory=OrderedDict)
    _aliases: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = field(default_factory=dict)
    _packages: dict[str, str] | None = None

    def raw(self, file: str) -> bytes | None:
        """Read a file; None, with a note, where it is too large or cannot be read."""
        try:
            raw = read_bounded(self.folder / file, MOST_BYTES + 1)
        except OSError as error:
            self._note(file, f"cannot be read: {error.strerror}")
            return None
        if len(raw) > MOST_BYTES:
            self._note(file, "is larger than 1 MiB")
            return None
        return raw

    def _note(self, file: str, why: str) -> None:
        if (file, why) not in self.unread:
            self.unread.append((file, why))

    def module(self, file: str, *, raw: bytes | None = None, keep: bool = True) -> Module | None:
        """Give a file parsed; None where it cannot be read."""
        if file in self._kept:
            self._kept.move_to_end(file)
            return self._kept[file]
        raw = self.raw(file) if raw is None else raw
        module = read_module(raw, file) if raw is not None else None
        if keep:
            self._kept[file] = module
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return module

    def find(self, specifier: str, *, of: str) -> str | None:
        """Give the file that an import of a file means; None where it is none of this folder."""
        if specifier.startswith("."):
            return self._file(_joined(str(PurePosixPath(of).parent), specifier))
        for pattern, targets in self._aliases_for(of):
            head, star, tail = pattern.partition("*")
            if star and specifier.startswith(head) and specifier.endswith(tail):
                inner = specifier[len(head) : len(specifier) - len(tail)]
            elif specifier == pattern:
                inner = ""
            else:
                continue
            for target in targets:
                if (found := self._file(_joined("", target.replace("*", inner)))) is not None:
                    return found
        return self._in_workspace(specifier)

    def _file(self, path: str | None) -> str | None:
        if path is None:
            return None
        if path in self.files:
            return path
        stem, _, suffix = path.rpartition(".")
        tries = [path + end for end in syntax.SUFFIXES] + [f"{path}/index{end}".lstrip("/") for end in syntax.SUFFIXES]
        if suffix in {"js", "jsx", "mjs", "cjs"}:  # what TypeScript writes in an import of a .ts file
            tries += [stem + end for end in (".ts", ".tsx", ".mts", ".cts")]
        return next((one for one in tries if one in self.files), None)

    def dependencies(self) -> frozenset[str]:
        """Give what the package.json files of the folder depend on; empty where there is none."""
        found: set[str] = set()
        for file in self.manifests:
            said = json_of(self, file)
            for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
                listed = said.get(key)
                found.update(listed if isinstance(listed, dict) else ())
        return frozenset(found)

    def _in_workspace(self, specifier: str) -> str | None:
        """Find a package of the same repository by its name."""
        if self._packages is None:
            self._packages = dict(_packages(self.folder))
        for name, home in self._packages.items():
            if specifier == name:
                return next((found for inside in _INSIDE if (found := self._file(_joined(home, inside)))), None)
            if specifier.startswith(f"{name}/"):
                rest = specifier[len(name) + 1 :]
                return self._file(_joined(home, f"src/{rest}")) or self._file(_joined(home, rest))
        return None

    def _aliases_for(self, file: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give the paths of the nearest tsconfig.json or jsconfig.json above a file, relative to the folder."""
        home = str(PurePosixPath(file).parent)
        if home not in self._aliases:
            found = self._aliases_in(home)
            above = str(PurePosixPath(home).parent)
            self._aliases[home] = found if found is not None else self._aliases_for(home) if above != home else ()
        return self._aliases[home]

    def _aliases_in(self, home: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
        for name in ("tsconfig.json", "jsconfig.json"):
            if (self.folder / home / name).is_file():
                return self._read_aliases(_joined(home, name) or name, depth=0)
        return None

    def _read_aliases(self, file: str, *, depth: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
        raw = self.raw(file)
        said = _relaxed_json(raw.decode("utf-8", "replace")) if raw is not None else None
        if not isinstance(said, dict) or depth > 5:  # noqa: PLR2004 - configurations that extend each other in a ring
            return ()
        home = str(PurePosixPath(file).parent)
        options = said.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        paths, base = options.get("paths"), options.get("baseUrl")
        home_of_paths = (_joined(home, base) if isinstance(base, str) else home) or ""
        plain = (("*", (f"{home_of_paths}/*".lstrip("/"),)),) if isinstance(base, str) else ()
        if isinstance(paths, dict):
            aliases = tuple(
                (
                    pattern,
                    tuple(kept for target in targets if (kept := _joined(home_of_paths, str(target))) is not None),
                )
                for pattern, targets in sorted(paths.items(), key=lambda item: -len(item[0].partition("*")[0]))
                if isinstance(targets, list)
            )
            return (*aliases, *plain)
        if plain:
            return plain
        extended = said.get("extends")
        if isinstance(extended, str) and extended.startswith("."):
            above = _joined(home, extended if extended.endswith(".json") else f"{extended}.json")
            return self._read_aliases(above, depth=depth + 1) if above is not None else ()
        return ()


def _joined(home: str, path: str) -> str | None:
    """Join a path to a folder, both as seen from the folder of the audit; None where it leads out of it."""
    joined = os.path.normpath(f"{home}/{path}" if home else path)
    return None if joined.startswith(("..", "/")) else "" if joined == "." else joined


def _relaxed_json(said: str) -> object:
    """Read JSON with comments and trailing commas, as configurations of TypeScript have them; None where it is none."""
    plain = _TRAILING.sub(lambda found: found[1] or "", _COMMENT.sub(lambda found: found[1] or "", said))
    try:
        loaded: object = json.loads(plain.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return loaded


def _packages(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the packages of a workspace and where they are."""
    for pattern in ("packages/*/package.json", "apps/*/package.json", "libs/*/package.json"):
        for path in sorted(folder.glob(pattern)):
            said = _relaxed_json(read_bounded(path, MOST_BYTES).decode("utf-8", "replace"))
            name = said.get("name") if isinstance(said, dict) else None
            if isinstance(name, str) and name:
                yield name, path.parent.relative_to(folder).as_posix()


def json_of(library: Project, file: str) -> Mapping[str, object]:
    """Read an object of JSON from a file of the folder; empty where there is none."""
    raw = library.raw(file) if (library.folder / file).is_file() else None
    said = _relaxed_json(raw.decode("utf-8", "replace")) if raw is not None else None
    return said if isinstance(said, dict) else {}
