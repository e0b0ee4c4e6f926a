"""Sessions that an application looks up in a table of its own, by what the client has sent, and not for ever.

Such a look-up is a guard only where all of this can be seen: the table is one of sessions; what the client has sent is
compared with its token or id, and nothing else would do instead; an empty token finds nobody; and the same function
looks at when it expires.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.values import LENGTH, RESULTS, GuardKind, GuardStyle, Proof, Value
from prober.audit.source.known_names import SESSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope

_TOKENS = re.compile(r"(session|access|auth|hashed)?_?(token|id|key|hash|secret)(_?hash)?", re.IGNORECASE)
_EXPIRY = re.compile(r"expir|valid_?until", re.IGNORECASE)
_EXPIRED = re.compile(r"expired|^is(Past|Before|After|Valid)$", re.IGNORECASE)
_LATER = frozenset({">", ">=", "<", "<="})
_UNIQUE = {"findUnique": False, "findUniqueOrThrow": True}  # whether they throw; findFirst finds one of no token too
_OTHERWISE = frozenset({"OR", "NOT", "or", "not", "ne", "orWhere", "union", "unionAll", "rightJoin", "fullJoin"})
_ROW = {"get": False, "executeTakeFirst": False, "executeTakeFirstOrThrow": True}
_TABLE, _FOUND = "sessions", "found sessions"  # parts: rows of the table, and those that a token has found


def session_of(
    walk: Walk, node: Node, scope: Scope, chain: Sequence[str], values: list[Value], rows: Value
) -> Value:  # fmt: skip
    """Give what a store gave as a session, where it is one: of Prisma, of Drizzle's queries, or of a named table."""
    name, table = chain[-1], chain[-2] if len(chain) > 1 else ""
    if name == "selectFrom":
        named = values[0].literal if values else None
        return replace(rows, part=_TABLE) if named is not None and SESSIONS.fullmatch(named[1:]) else rows
    if not SESSIONS.fullmatch(table) or not _looks_at_expiry(node):
        return rows
    where = _where(node)
    if name in _UNIQUE and where is not None and where.type == "object":
        asked = ((values[0].members or {})["where"].members or {}) if values else {}
        by_token = any(_TOKENS.fullmatch(key) and one.credential for key, one in asked.items())
        if by_token and not _OTHERWISE & asked.keys():
            return _row(walk, node, ".".join(chain), rows, throws=_UNIQUE[name], undefined=False)
    if chain[-3:-2] == ("query",) and name == "findFirst" and where is not None and _is_by_token(walk, where, scope):
        return _row(walk, node, ".".join(chain), rows, throws=False)
    return rows


def further(
    walk: Walk, node: Node, scope: Scope, name: str, holder: Value, values: list[Value], rows: Value
) -> Value:  # fmt: skip
    """Give what a method of a query of sessions comes to; the rows as they are where it is none."""
    given = syntax.parts(arguments) if (arguments := syntax.field(node, "arguments")) is not None else []
    if name == "from" and holder.part is None and given and SESSIONS.fullmatch((syntax.dotted(given[0]) or ("",))[-1]):
        return replace(rows, part=_TABLE)
    if holder.part not in {_TABLE, _FOUND} or name in _OTHERWISE:
        return replace(rows, part=None) if holder.part in {_TABLE, _FOUND} else rows
    if holder.part == _TABLE and name == "where" and _looks_at_expiry(node):
        written = len(values) > 2 and values[1].literal == '"=' and values[2].credential  # noqa: PLR2004 - Kysely's three
        named = values[0].literal if written else None
        if (named is not None and _TOKENS.fullmatch(named[1:].rpartition(".")[2])) or (
            len(given) == 1 and _is_by_token(walk, given[0], scope)
        ):
            walk.note_guard(node, "a look-up in the table of sessions", GuardStyle.VALUE, GuardKind.SESSION)
            return _listed(replace(rows, part=_FOUND))
    if holder.part == _FOUND and name in _ROW:
        return _row(walk, node, f"sessions.{name}", rows, throws=_ROW[name])
    if holder.part == _FOUND and name == "then" and values and values[0].function is not None:
        return walk.enter(walk, values[0].function, [holder], node)
    return _listed(rows) if holder.part == _FOUND else rows


def _row(walk: Walk, node: Node, shown: str, rows: Value, *, throws: bool, undefined: bool = True) -> Value:
    walk.note_guard(node, shown, GuardStyle.THROWS if throws else GuardStyle.VALUE, GuardKind.SESSION)
    found = replace(
        rows, style=GuardStyle.VALUE, true=Proof.YES, false=Proof.NO, part=None, members=None, undefined=undefined
    )  # fmt: skip
    return Value(passes=Proof.YES, settles=found) if throws else found


def _listed(rows: Value) -> Value:
    """Give the list of what a token has found: it is always there, and its first row or its length says who came."""
    user = replace(RESULTS[GuardStyle.VALUE], undefined=True)
    length = replace(RESULTS[GuardStyle.VALUE], part=LENGTH)
    return replace(
        rows, style=GuardStyle.ALWAYS, true=Proof.NO, false=Proof.DEAD, members={"0": user, "length": length}
    )  # fmt: skip


def _where(node: Node) -> Node | None:
    """Give the condition of a call's first argument: {where: ...}; the body of a function that gives it."""
    arguments = syntax.field(node, "arguments")
    first = next(iter(syntax.parts(arguments)), None) if arguments is not None else None
    for part in syntax.parts(syntax.bare(first)) if first is not None else []:
        if syntax.text(syntax.field(part, "key")) == "where" and (value := syntax.field(part, "value")) is not None:
            value = syntax.bare(value)
            body = syntax.field(value, "body") if value.type == "arrow_function" else value
            return syntax.bare(body) if body is not None else None
    return None


def _is_by_token(walk: Walk, condition: Node, scope: Scope) -> bool:
    """Say whether a condition of Drizzle compares a token with what came: eq(sessions.token, token), and more."""
    condition = syntax.bare(condition)
    named = syntax.dotted(syntax.field(condition, "function")) if condition.type == "call_expression" else ()
    arguments = syntax.field(condition, "arguments")
    given = syntax.parts(arguments) if arguments is not None else []
    if named[-1:] == ("and",):
        return any(_is_by_token(walk, one, scope) for one in given)
    if named[-1:] != ("eq",) or len(given) != 2:  # noqa: PLR2004
        return False
    column, value = syntax.dotted(given[0]), syntax.bare(given[1])
    if len(column) < 2 or not _TOKENS.fullmatch(column[-1]):  # noqa: PLR2004 - of a table
        return False
    return value.type in {"identifier", "member_expression"} and walk.evaluate(walk, value, scope).credential


def _looks_at_expiry(node: Node) -> bool:
    """Say whether the function that a call stands in looks at when something expires."""
    above: Node | None = node
    while above is not None and above.type not in syntax.FUNCTIONS:
        above = above.parent
    return above is not None and any(_compares_expiry(one) for one in syntax.every(above))


def _compares_expiry(node: Node) -> bool:
    if node.type == "binary_expression":
        return syntax.text(syntax.field(node, "operator")) in _LATER and bool(_EXPIRY.search(syntax.text(node)))
    if node.type == "pair":  # {expires: {gt: new Date()}}
        key, value = (syntax.text(syntax.field(node, name)) for name in ("key", "value"))
        return _EXPIRY.search(key) is not None and re.match(r"\{\s*gte?:", value) is not None
    if node.type != "call_expression":
        return False
    called = (syntax.dotted(syntax.field(node, "function")) or ("",))[-1]
    asks = called in {"gt", "gte", "where"} or _EXPIRED.search(called) is not None
    return asks and bool(_EXPIRY.search(syntax.text(syntax.field(node, "arguments")) + called))
