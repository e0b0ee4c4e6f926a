"""The path at which Next.js serves a route or a page, by the folders of its file. Pure.

The rules are those of the documentation of Next.js: groups and slots are not part of the path, private and intercepting
folders serve nothing, and the first of app/ and src/app/ wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANY = "ANY"  # of pages/api: one function for every method
_SUFFIX = r"\.(tsx?|jsx?|mjs|mts|cjs|cts)$"
_ROUTE = re.compile("route" + _SUFFIX)
_PAGE = re.compile("page" + _SUFFIX)
_APP = re.compile(r"^(?:src/)?app/")
_PAGES = re.compile(r"^(?:src/)?pages/")
_USUAL = re.compile(r"^(apps|packages)/[^/]+(?=/)")  # where an application may be without saying so
_PARAMETER = re.compile(r"\[([^\[\].]+)\]")
_ALL = re.compile(r"\[\.\.\.([^\[\].]+)\]")
_OPTIONAL = re.compile(r"\[\[\.\.\.([^\[\].]+)\]\]")
_INTERCEPTS = re.compile(r"\((\.|\.\.|\.\.\.)\)")
_INNER = ("_app", "_document", "_error", "404", "500")


class FileKind(StrEnum):
    """What a file defines."""

    ROUTE = "route"
    PAGE = "page"
    PAGES_API = "pages-api"
    PAGES_PAGE = "pages-page"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFile:
    """A file that is served, and its path, whose segments may be ':id', ':rest+' (one or more) or ':rest*'."""

    file: str
    kind: FileKind
    path: str
    application: str  # the folder that app/ or pages/ is in, as seen from the folder of the audit


def route_file_of(file: str, homes: Iterable[str] = ()) -> RouteFile | None:
    """Give the route of a file; None if Next.js does not serve it. `homes` are the folders of applications."""
    usual = _USUAL.match(file)
    inside_of = {"", *([usual[0]] if usual else []), *(home for home in homes if file.startswith(f"{home}/"))}
    for home in sorted(inside_of, key=len, reverse=True):
        inside = file[len(home) + 1 :] if home else file
        if (found := _route_in(inside, file, home)) is not None:
            return found
    return None


def _route_in(inner: str, whole: str, home: str) -> RouteFile | None:
    file = inner
    if (match := _APP.match(file)) is not None:
        kind = FileKind.ROUTE if _ROUTE.fullmatch(PurePosixPath(file).name) else FileKind.PAGE
        if kind is FileKind.PAGE and not _PAGE.fullmatch(PurePosixPath(file).name):
            return None
        folders = PurePosixPath(file[match.end() :]).parent.parts
    elif (match := _PAGES.match(file)) is not None:
        inside = PurePosixPath(re.sub(_SUFFIX, "", file[match.end() :]))
        if inside.parts[0] in _INNER and len(inside.parts) == 1:
            return None
        kind = FileKind.PAGES_API if inside.parts[0] == "api" else FileKind.PAGES_PAGE
        folders = inside.parts[:-1] if inside.name == "index" else inside.parts
    else:
        return None
    path = _path_of(folders, app=kind in {FileKind.ROUTE, FileKind.PAGE})
    if path is None:
        return None
    return RouteFile(file=whole, kind=kind, path=path, application=home)


def _path_of(folders: Iterable[str], *, app: bool) -> str | None:
    segments: list[str] = []
    for folder in folders:
        if app and (folder.startswith("_") or _INTERCEPTS.match(folder)):
            return None
        if app and (folder.startswith("@") or (folder.startswith("(") and folder.endswith(")"))):
            continue
        segments.append(_segment(folder))
    return "/" + "/".join(segments)


def _segment(folder: str) -> str:
    for pattern, end in ((_OPTIONAL, "*"), (_ALL, "+"), (_PARAMETER, "")):
        if (match := pattern.fullmatch(folder)) is not None:
            return f":{parameter(match[1])}{end}"
    return unquote(folder)


def parameter(name: str) -> str:
    """Give a parameter's name in the notation of definitions: only letters and digits."""
    head, *rest = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part] or ["id"]
    camel = head + "".join(part[:1].upper() + part[1:] for part in rest)
    return camel if camel[:1].isalpha() else f"p{camel}"


def normal(path: str) -> str:
    """Normalize a path for comparison: parameters without names, from this notation or that of Next.js."""
    parts = [part for part in path.split("?", 1)[0].split("/") if part]
    return "/" + "/".join(re.sub(r"^:[^+*]+", ":", _segment(part)) for part in parts)


def matches(pattern: str, path: str) -> bool:
    """Say whether a route with this pattern serves this path, whose own parameters stand for any value."""
    return _matches(_split(pattern), _split(path))


def _split(path: str) -> list[str]:
    return [part for part in path.split("?", 1)[0].split("/") if part]


def _matches(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return not path
    head, *rest = pattern
    if head.startswith(":") and head[-1] in "+*":
        return head[-1] == "*" or bool(path)
    if not path:
        return False
    if head.startswith(":"):
        return _matches(rest, path[1:])
    return head == path[0] and _matches(rest, path[1:])


def weight(pattern: str) -> tuple[int, ...]:
    """Give the sort key by which Next.js chooses among patterns: literal segments first."""
    return tuple(
        2 if part[-1] in "+*" and part.startswith(":") else 1 if part.startswith(":") else 0 for part in _split(pattern)
    )
