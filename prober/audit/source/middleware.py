"""The middleware of Next.js (the proxy, since 16): which paths its matcher leaves out. Pure.

A matcher is written as path-to-regexp has it: '/settings/:path*', '/((?!api|_next).*)'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.model import Source
from prober.model.audit import AuditFinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module

_FILE = re.compile(r"^(?P<home>.*?)(?:(?<![^/])src/)?(?:middleware|proxy)\.(ts|js|mjs|mts)$")
_NESTED = re.compile(r"(?:^|/)(?:app|pages)/(?:.*/)?_?middleware\.(ts|js|mjs|mts)$")
_USUAL = re.compile(r"(apps|packages)/[^/]+")
_NAME = re.compile(r":([A-Za-z_]\w*)")
_SAMPLE = "x1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """The paths for which a middleware runs. Without patterns it runs for every path."""

    file: str
    line: int
    patterns: tuple[re.Pattern[str], ...]
    conditional: tuple[tuple[int, re.Pattern[str]], ...] = ()  # only for some requests, by what the client sends
    unread: str | None = None

    def covers(self, path: str) -> bool:
        """Say whether the middleware is run for every request for a path."""
        return not (self.patterns or self.conditional) or any(one.match(sample(path)) for one in self.patterns)

    def covers_some(self, path: str) -> bool:
        """Say whether it is run for some requests for a path, by what the client sends."""
        return any(one.match(sample(path)) for _, one in self.conditional)


def home_of(file: str, homes: Iterable[str]) -> str | None:
    """Give the application that a middleware's file belongs to; None where it is no such file."""
    match = _FILE.match(file)
    if match is None:
        return None
    home = match["home"].rstrip("/")
    return home if not home or home in homes or _USUAL.fullmatch(home) else None


def is_not_run(file: str, raw: bytes) -> bool:
    """Say whether a file is written as a middleware, and lies where Next.js does not run it."""
    return _NESTED.search(file) is not None and b"NextResponse.next(" in raw


def sample(path: str) -> str:
    """Give an example of a path that matches this pattern."""
    return "/" + "/".join(_SAMPLE if part.startswith(":") else part for part in path.split("/") if part)


def matcher_of(module: Module) -> Matcher:
    """Read the matcher of a middleware's file."""
    config = module.declared.get("config")
    value = syntax.bare(config.value) if config is not None and config.value is not None else None
    if value is None:
        return Matcher(file=module.file, line=1, patterns=())
    pair = next((part for part in syntax.parts(value) if syntax.text(syntax.field(part, "key")) == "matcher"), None)
    value_node = syntax.field(pair, "value") if pair is not None else None
    if value_node is None:
        return Matcher(file=module.file, line=syntax.line(value), patterns=())
    patterns: list[re.Pattern[str]] = []
    conditional: list[tuple[int, re.Pattern[str]]] = []
    unread = None
    value_node = syntax.bare(value_node)
    for entry in syntax.parts(value_node) if value_node.type == "array" else [value_node]:
        text, depends = _entry(syntax.bare(entry))
        pattern = pattern_of(text) if text is not None else None
        if pattern is None:
            unread = f"matcher {syntax.text(entry)[:60]} cannot be read"
        elif depends:
            conditional.append((syntax.line(entry), pattern))
        else:
            patterns.append(pattern)
    return Matcher(
        file=module.file, line=syntax.line(value_node), patterns=tuple(patterns), conditional=tuple(conditional),
        unread=unread,
    )  # fmt: skip


def _entry(node: Node) -> tuple[str | None, bool]:
    if node.type != "object":
        written = syntax.string(node)
        return (_unescaped(written) if written is not None else None), False
    keys = {syntax.text(syntax.field(part, "key")): syntax.field(part, "value") for part in syntax.parts(node)}
    written = syntax.string(keys.get("source"))
    return (_unescaped(written) if written is not None else None), bool(keys.keys() & {"has", "missing"})


def _unescaped(written: str) -> str:
    return written.replace("\\\\", "\\")


def pattern_of(text: str) -> re.Pattern[str] | None:
    """Convert a path-to-regexp pattern to a regular expression; None if it cannot be read."""
    if not text.startswith("/"):
        return None
    out, position = "", 0
    while position < len(text):
        prefix = "/" if text[position] == "/" else ""
        ahead = position + len(prefix)
        named = _NAME.match(text, ahead)
        inner = "[^/]+?"
        if named is not None:
            ahead = named.end()
        if ahead < len(text) and text[ahead] == "(":
            end = _closing_parenthesis(text, ahead)
            if end is None:
                return None
            inner, ahead = text[ahead + 1 : end], end + 1
        elif named is None:
            out += re.escape(text[position])
            position += 1
            continue
        modifier = text[ahead] if ahead < len(text) and text[ahead] in "?*+" else ""
        group = f"{prefix}(?:{inner})"
        out += {"": group, "?": f"(?:{group})?", "*": f"(?:{group})*", "+": f"(?:{group})+"}[modifier]
        position = ahead + len(modifier)
    try:
        return re.compile(f"^(?:{out})/?$")
    except re.error:
        return None


def _closing_parenthesis(text: str, start: int) -> int | None:
    depth, position = 0, start
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] in "()":
            depth += 1 if text[position] == "(" else -1
            if depth == 0:
                return position
        position += 1
    return None


def loose_exemptions(module: Module) -> Iterator[AuditFinding]:
    """Find branches that let a request pass by a path prefix that does not end in a slash."""
    for node in syntax.every(module.root):
        if node.type != "if_statement":
            continue
        condition, then = syntax.field(node, "condition"), syntax.field(node, "consequence")
        if condition is None or then is None or not _lets_through(then):
            continue
        for part in syntax.every(condition):
            prefix = _prefix(part)
            if prefix is not None:
                detail = f"paths that begin with '{prefix}' bypass it"
                source = Source(file=module.file, line=syntax.line(part))
                yield AuditFinding(rule=rules.LOOSE_EXEMPTION, what=detail, source=source)


def _prefix(node: Node) -> str | None:
    if node.type != "call_expression" or node.parent is None or node.parent.type == "unary_expression":
        return None
    function, arguments = syntax.field(node, "function"), syntax.field(node, "arguments")
    method = syntax.text(syntax.field(function, "property")) if function is not None else ""
    if method not in {"startsWith", "includes"} or arguments is None or not syntax.parts(arguments):
        return None
    text = syntax.string(syntax.parts(arguments)[0])
    loose = text is not None and text.startswith("/") and len(text) > 1 and not text.endswith("/")
    return text if loose and "_next" not in (text or "") else None


def _lets_through(then: Node) -> bool:
    for node in syntax.every(then, into_functions=False):
        if node.type == "return_statement":
            given = syntax.parts(node)
            return not given or syntax.text(given[0]).startswith("NextResponse.next(")
    return False
