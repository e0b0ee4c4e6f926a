"""The comment beside a handler that says it is public: // prober: public REASON. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

_NOTE = re.compile(r"^(?://|/\*+)\s*prober:\s*public\b[\s:,-]*(?P<reason>.*?)\s*(?:\*/)?$")
_HOLDS_STATEMENTS = frozenset({"program", "statement_block", "class_body", "object"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineNote:
    """What the comment says; an empty reason is refused."""

    reason: str
    line: int


def inline_note(node: Node) -> InlineNote | None:
    """Find the comment right above a handler's statement, or at the end of its first line."""
    if node.type == "program":
        return None
    statement = node
    while statement.parent is not None and statement.parent.type not in _HOLDS_STATEMENTS:
        statement = statement.parent
    beside = statement.next_sibling
    last: Node | None = statement
    while last is not None and last.type != "comment" and last.children:  # the grammar may take it into the statement
        last = last.children[-1]
    if last is not None and last.type == "comment" and (note := _read(last)) is not None:
        return note
    at_its_end = beside is not None and beside.type == "comment" and beside.start_point[0] == statement.end_point[0]
    if beside is not None and at_its_end and (note := _read(beside)) is not None:
        return note
    above, line = statement.prev_sibling, statement.start_point[0]
    while above is not None and above.type == "comment" and above.end_point[0] >= line - 1:
        before, top = above.prev_sibling, above.start_point[0]
        if before is not None and before.type != "comment" and before.end_point[0] == top:
            return None  # it stands at the end of the statement before
        if (note := _read(above)) is not None:
            return note
        above, line = before, top
    return None


def _read(comment: Node) -> InlineNote | None:
    match = _NOTE.match(syntax.text(comment).strip())
    return InlineNote(reason=match["reason"], line=syntax.line(comment)) if match is not None else None
