"""Where Next.js puts a file: the path that a route or a page is served at, by its folders. Pure.

The rules are those of the documentation of Next.js: groups and slots are no part of the path, private folders and
intercepting ones are no place at all, and the first of app/ and src/app/ wins.
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
_APP = re.compile(r"^(?:(?:apps|packages)/[^/]+/)?(?:src/)?app/")
_PAGES = re.compile(r"^(?:(?:apps|packages)/[^/]+/)?(?:src/)?pages/")
_PARAMETER = re.compile(r"\[([^\[\].]+)\]")
_ALL = re.compile(r"\[\.\.\.([^\[\].]+)\]")
_OPTIONAL = re.compile(r"\[\[\.\.\.([^\[\].]+)\]\]")
_INTERCEPTS = re.compile(r"\((\.|\.\.|\.\.\.)\)")
_INNER = ("_app", "_document", "_error", "404", "500")


class Sort(StrEnum):
    """What stands in a file."""

    ROUTE = "route"
    PAGE = "page"
    PAGES_API = "pages-api"
    PAGES_PAGE = "pages-page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a file serves, and where: a path whose segments may be ':id', ':rest+' (one or more) or ':rest*'."""

    file: str
    sort: Sort
    path: str
    application: str  # the folder that app/ or pages/ is in, as seen from the folder of the audit


def place_of(file: str) -> Place | None:
    """Say what a file serves, or None where Next.js serves nothing by it."""
    if (found := _APP.match(file)) is not None:
        sort = Sort.ROUTE if _ROUTE.fullmatch(PurePosixPath(file).name) else Sort.PAGE
        if sort is Sort.PAGE and not _PAGE.fullmatch(PurePosixPath(file).name):
            return None
        folders = PurePosixPath(file[found.end() :]).parent.parts
    elif (found := _PAGES.match(file)) is not None:
        inside = PurePosixPath(re.sub(_SUFFIX, "", file[found.end() :]))
        if inside.parts[0] in _INNER and len(inside.parts) == 1:
            return None
        sort = Sort.PAGES_API if inside.parts[0] == "api" else Sort.PAGES_PAGE
        folders = inside.parts[:-1] if inside.name == "index" else inside.parts
    else:
        return None
    path = _path_of(folders, app=sort in {Sort.ROUTE, Sort.PAGE})
    if path is None:
        return None
    return Place(file=file, sort=sort, path=path, application=_home(found[0]))


def _home(prefix: str) -> str:
    return re.sub(r"(src/)?(app|pages)/$", "", prefix).rstrip("/")


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
        if (found := pattern.fullmatch(folder)) is not None:
            return f":{parameter(found[1])}{end}"
    return unquote(folder)


def parameter(name: str) -> str:
    """Give a parameter's name as definitions have it: letters and digits only."""
    head, *rest = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part] or ["id"]
    camel = head + "".join(part[:1].upper() + part[1:] for part in rest)
    return camel if camel[:1].isalpha() else f"p{camel}"


def normal(path: str) -> str:
    """Give a path as it is compared: parameters without their names, in this notation or in that of Next.js."""
    parts = [part for part in path.split("?", 1)[0].split("/") if part]
    return "/" + "/".join(re.sub(r"^:[^+*]+", ":", _segment(part)) for part in parts)


def matches(pattern: str, path: str) -> bool:
    """Say whether a route of this pattern serves this path, whose own parameters stand for any one value."""
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
    """Order patterns as Next.js chooses among them: what is written out goes before what varies."""
    return tuple(
        2 if part[-1] in "+*" and part.startswith(":") else 1 if part.startswith(":") else 0 for part in _split(pattern)
    )
