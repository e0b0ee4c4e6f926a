"""What a call does that is neither a guard nor can be followed: an effect, a read, or nobody can tell."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.session_lookups import further, session_of
from prober.audit.source.analysis.state import Exposure
from prober.audit.source.analysis.values import OPAQUE, OURS, Proof, Shape, Value
from prober.audit.source.known_names import (
    CREDENTIAL_LIKE,
    GUARD_LIKE,
    MUTATING,
    QUERYING,
    READING,
    RECORDS,
    SELECTS,
    SESSIONS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope

_DEEPEST = 4  # of objects in an argument in which a credential is looked for
_MOST_SHOWN = 60  # characters of a call


def effect(walk: Walk, node: Node, scope: Scope, chain: Sequence[str], values: list[Value]) -> Value:
    """Reach what acts, or leaves this application."""
    shown = ".".join(chain)
    walk.expose(node, scope, f"reaches {shown}()", certain=True)
    if MUTATING.match(chain[-1]):
        walk.mutates = True
    return run_callbacks(walk, values, Value(store=True))


def of_store(walk: Walk, node: Node, scope: Scope, chain: Sequence[str], values: list[Value]) -> Value:
    """Reach a database: a write is an effect, a read is one once its rows are in an answer."""
    name, shown = chain[-1], ".".join(chain)
    upkeep = walk.looked_up and any(SESSIONS.fullmatch(part) for part in (*chain[1:-1], *_first_name(node)))
    logged = any(RECORDS.fullmatch(part) for part in chain[1:-1]) and not name.startswith(("delete", "remove"))
    recorded = upkeep or logged
    if not recorded and not _only_reads(node, name):
        return effect(walk, node, scope, chain, values)
    if logged and not _only_reads(node, name) and walk.proof is not Proof.YES and not walk.loading:
        line = syntax.line(node)
        walk.records.append(Exposure(what=f"reaches {shown}()", file=scope.module.file, line=line, certain=False))
    walk.note_read(node, scope, f"reaches {shown}()")
    credential = any(holds_credential(value) for value in values)
    walk.looked_up = walk.looked_up or credential
    asked = Proof.MAYBE if credential or walk.believing else Proof.NO
    rows = Value(true=asked, read=shown, store=True, shape=Shape.OPAQUE, credential=credential)
    return run_callbacks(walk, values, session_of(walk, node, scope, chain, values, rows))


def _first_name(call: Node) -> tuple[str, ...]:
    """Give the name that a call is given first, as drizzle has it: db.delete(sessions)."""
    arguments = syntax.field(call, "arguments")
    return syntax.dotted(next(iter(syntax.parts(arguments)), None))[-1:] if arguments is not None else ()


def of_rows(walk: Walk, node: Node, scope: Scope, chain: Sequence[str], holder: Value, values: list[Value]) -> Value:
    """Call a method of what a database gave: of its rows, or of a query that is still being built."""
    name = chain[-1]
    if MUTATING.match(name):
        return effect(walk, node, scope, chain, values)
    asked = Proof.MAYBE if any(holds_credential(value) for value in values) else Proof.NO
    rows = replace(holder, true=max(holder.true, asked), cases=(), members=None)
    found = further(walk, node, scope, name, holder, values, rows)
    return found if name == "then" and found is not rows else run_callbacks(walk, values, found)


def _only_reads(node: Node, name: str) -> bool:
    if MUTATING.match(name):
        return False
    if name not in QUERYING:
        return bool(READING.match(name))
    text = statement_of(node)
    return text is not None and (bool(SELECTS.match(text)) or text.isidentifier())  # a table's name begins a query


def statement_of(call: Node) -> str | None:
    """Give the SQL that a call is given, where it is written out."""
    arguments = syntax.field(call, "arguments")
    first = arguments
    if arguments is not None and arguments.type == "arguments":
        first = next(iter(syntax.parts(arguments)), None)
    if first is None:
        return None
    first = syntax.bare(first)
    if first.type == "call_expression":  # db.execute(sql`select 1`)
        return statement_of(first)
    return syntax.text(first)[1:-1] if first.type in {"template_string", "string"} else None


def holds_credential(value: Value, *, depth: int = 0) -> bool:
    """Say whether a value is made of a cookie or a header of the request."""
    if value.credential:
        return True
    inner = value.members.values() if value.members is not None and depth < _DEEPEST else ()
    return any(holds_credential(one, depth=depth + 1) for one in inner)


def read_in(value: Value, *, depth: int = 0) -> str | None:
    """Give what was read from a store to make a value, or a member of it."""
    if value.read is not None or value.members is None or depth >= _DEEPEST:
        return value.read
    return next((read for one in value.members.values() if (read := read_in(one, depth=depth + 1))), None)


def opaque(walk: Walk, node: Node, scope: Scope, shown: str, values: list[Value]) -> Value:
    """Call what cannot be followed: it may be an effect, and it may be a guard."""
    shown = re.sub(r"\s+", " ", shown)[:_MOST_SHOWN]
    walk.expose(node, scope, f"calls {shown}(), which cannot be followed", certain=False)
    guard_like = bool(GUARD_LIKE.search(shown)) and not CREDENTIAL_LIKE.search(shown)
    asks = guard_like or walk.believing
    result = Value(shape=Shape.OPAQUE, true=Proof.MAYBE, false=Proof.MAYBE) if asks else OPAQUE
    inner = run_callbacks(walk, values, result)
    if any(value.function is not None for value in values):  # it may wrap a handler
        return inner
    return Value(shape=Shape.OPAQUE, passes=Proof.MAYBE if guard_like else Proof.NO, settles=inner)


def run_callbacks(walk: Walk, values: Sequence[Value], result: Value) -> Value:
    """Run the functions that are given to a call: it may call them, and what they prove is not proven after it."""
    before = walk.proof
    for value in values:
        if value.function is not None:
            walk.enter(walk, value.function, [OURS] * 3, value.function.node)
            walk.proof = before
    return result


def tainted(result: Value, values: Sequence[Value]) -> Value:
    """Give a result what its arguments hold: a secret, a credential, or what was read."""
    held = [value for value in values if value.secret]
    read = next((read for value in values if (read := read_in(value))), None)
    credential, sent = any(value.credential for value in values), any(value.sent for value in values)
    if not held and read is None and not credential and not sent:
        return result
    certain = bool(held) and all(value.certain for value in held)
    return replace(result, secret=bool(held), certain=certain, read=read, credential=credential, sent=sent)
