"""Routes in lists whose lines need those above them: trees, and blocks of named lines. Pure.

Fastify's `printRoutes`, `litestar routes`, `falcon-inspect-app` and `rails routes --expanded`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Written = tuple[int, str, str]  # the line, what holds the methods, and the path

_BRANCH = re.compile(r"^(?P<lead>[\u2502 \t]*)[\u251c\u2514]\u2500\u2500 (?P<text>.*)$")
_WIDTH = 4  # columns of a level of Fastify's tree
_SEGMENT = re.compile(r"^(?P<path>\S*) \((?P<methods>[A-Z]+(?:, [A-Z]+)*)\)")  # test (GET, HEAD)
_EMPTY = "(empty root node)"
_LITESTAR = re.compile(r"^(?P<path>/\S*) \((?:HTTP|WS|ASGI)\)\s*$")
_FALCON = re.compile(r"^\s*\u21d2 (?P<path>/\S*) - ")
_EXPANDED = re.compile(r"^--\[ Route \d+ \]-", re.MULTILINE)
_FIELD = re.compile(r"^(?P<name>Verb|URI)\s*\| ?(?P<value>\S*)")


def routes_in_tree(text: str) -> list[Written] | None:
    """Give the line, the methods and the path of each route; None where the text is no such list."""
    if _EXPANDED.search(text):
        return list(_expanded(text))
    lines = text.splitlines()
    for head in (_LITESTAR, _FALCON):
        if any(head.match(line) for line in lines):
            return list(_below_heads(lines, head))
    return list(_nested(lines)) if any(_BRANCH.match(line) for line in lines) else None


def _expanded(text: str) -> Iterator[Written]:
    """Read Rails' blocks, in which the verb stands above the path."""
    verb = ""
    for number, line in enumerate(text.splitlines(), start=1):
        field = _FIELD.match(line)
        if field is None:
            continue
        if field["name"] == "Verb":
            verb = field["value"]
        elif field["value"].startswith("/"):
            yield number, verb, field["value"]


def _below_heads(lines: list[str], head: re.Pattern[str]) -> Iterator[Written]:
    """Read a path with its handlers below it; a handler may name a path of its own."""
    path = ""
    for number, line in enumerate(lines, start=1):
        named, branch = head.match(line), _BRANCH.match(line)
        if named is not None:
            path = named["path"]
        elif branch is not None and path:
            first, _, rest = branch["text"].partition(" ")
            own = first.startswith("/")
            yield number, rest if own else branch["text"], first if own else path


def _nested(lines: list[str]) -> Iterator[Written]:
    """Read a tree of which each branch goes on with the path of the one above it."""
    above: list[str] = []
    for number, line in enumerate(lines, start=1):
        branch = _BRANCH.match(line)
        if branch is None:
            again = _SEGMENT.match(line.strip("\u2502 \t"))  # the same branch for other methods
            if above and again is not None and again["path"] == above[-1]:
                yield number, again["methods"].replace(",", " "), "".join(above)
            continue
        depth, text = len(branch["lead"]) // _WIDTH, branch["text"].rstrip()
        segment = _SEGMENT.match(text)
        part = segment["path"] if segment else text.removeprefix(_EMPTY)
        above = [*above[:depth], part]
        path = "".join(above)
        if segment is not None and path.startswith("/"):
            yield number, segment["methods"].replace(",", " "), path
