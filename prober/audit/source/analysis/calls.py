"""Calls: of guards, of what can be followed, of effects, and of what nobody can tell. Each is one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.guard_kinds import OF_REFUSAL, refuses_somebody, style_of
from prober.audit.source.analysis.names import look_up, member
from prober.audit.source.analysis.responses import leads_to_sign_in, of_response, of_status
from prober.audit.source.analysis.state import GuardCall
from prober.audit.source.analysis.values import (
    ANSWER,
    NOTHING,
    OPAQUE,
    OTHER,
    OURS,
    REFUSED,
    RESULTS,
    GuardStyle,
    Proof,
    Shape,
    Value,
)
from prober.audit.source.known_names import (
    COMPARING,
    DATABASES,
    EFFECT_CALLS,
    EFFECT_METHODS,
    EFFECT_MODULES,
    GUARD_LIKE,
    HARMLESS_CALLS,
    HARMLESS_METHODS,
    HARMLESS_MODULES,
    HARMLESS_ROOTS,
    LENIENT,
    LIMITERS,
    MUTATING,
    REFUSING,
    STOPPING,
    STRICT,
)
from prober.audit.source.secret_checks import is_checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope
    from prober.model import GuardName

_RESPONSES = frozenset({"Response", "NextResponse"})
_PARSING = frozenset({"parse", "safeParse", "parseAsync", "safeParseAsync", "validate"})
_SAYING = frozenset({"json", "send", "end", "write", "redirect", "sendStatus", "revalidate"})


def settle(walk: Walk, value: Value) -> Value:
    """Await a value: what a promise proves is proven now."""
    if value.passes is None:
        return value
    walk.prove(value.passes)
    return value.settles or OTHER


def call(walk: Walk, node: Node, scope: Scope) -> Value:
    """Run a call: what is called, then what it is given, then the call itself."""
    function, arguments = syntax.field(node, "function"), syntax.field(node, "arguments")
    if function is None or arguments is None:
        return OTHER
    function = syntax.bare(function)
    given = [] if arguments.type == "template_string" else syntax.parts(arguments)
    if function.type == "member_expression":
        owner = syntax.field(function, "object")
        holder = walk.evaluate(walk, owner, scope) if owner is not None else OTHER
        values = [walk.evaluate(walk, part, scope) for part in given] or _of_template(walk, arguments, scope)
        return _of_member(walk, node, scope, function, holder, given, values)
    if function.type == "identifier":
        name = syntax.text(function)
        target = look_up(walk, name, scope)
        values = [walk.evaluate(walk, part, scope) for part in given] or _of_template(walk, arguments, scope)
        imported = target.origin.name if target is not None and target.origin is not None else name
        named = name if imported == "default" else imported
        return _of_name(walk, node, scope, named, target, given, values)
    target = walk.evaluate(walk, function, scope)
    values = [walk.evaluate(walk, part, scope) for part in given]
    if target.wrapped and values and values[0].function is not None:  # withAuth({role})(handler)
        return replace(values[0], wrapped=target.wrapped)
    if target.function is not None:
        return walk.enter(walk, target.function, values, node)
    if function.type == "import":
        return OPAQUE
    return _opaque(walk, node, scope, syntax.text(function)[:40], values)


def _of_template(walk: Walk, arguments: Node, scope: Scope) -> list[Value]:
    return [walk.evaluate(walk, arguments, scope)] if arguments.type == "template_string" else []


# --- by a name --------------------------------------------------------------------------------------------------------
def _of_name(
    walk: Walk, node: Node, scope: Scope, name: str, target: Value | None, given: Sequence[Node], values: list[Value]
) -> Value:
    foreign = target is None or target.origin is not None
    if foreign and (guard := _guard(walk, name, target)) is not None:
        if values and values[0].function is not None and guard.name == "auth":  # it says who came, and lets all pass
            return replace(values[0], given=(Value(members={"auth": RESULTS[GuardStyle.VALUE]}, ours=True),))
        return _of_guard(walk, node, guard, target, given)
    if foreign and name in walk.guarding.wrappers:
        return _of_wrapper(walk, node, target, given, values)
    module = target.origin.module if target is not None and target.origin is not None else ""
    if name in STOPPING and foreign and module in {"next/navigation", ""}:
        return _stop(walk, node, scope, name, given)
    if foreign and (name in walk.guarding.harmless or LIMITERS.search(name)):
        return _run_callbacks(walk, values, OURS)
    if COMPARING.search(name) and (found := _compared(walk, node, given, values)) is not None:
        return found
    if target is not None and target.function is not None:
        return walk.enter(walk, target.function, [*target.given, *values], node)
    return _of_unread(walk, node, scope, name, target, values)


def _of_unread(walk: Walk, node: Node, scope: Scope, name: str, target: Value | None, values: list[Value]) -> Value:
    """A function whose definition is not in the folder: what its name and its module say of it."""
    module = target.origin.module if target is not None and target.origin is not None else ""
    foreign = target is None or target.origin is not None
    if (foreign and name in EFFECT_CALLS) or EFFECT_MODULES.search(module) or DATABASES.fullmatch(name):
        return _effect(walk, node, scope, name, values)
    if HARMLESS_MODULES.match(module) or (target is None and name in HARMLESS_CALLS):
        return _run_callbacks(walk, values, _tainted(OURS, values))
    if REFUSING.search(name) and foreign:
        return _run_callbacks(walk, values, REFUSED)
    if target is not None and target.ours:
        return _run_callbacks(walk, values, OURS)
    return _from(target, _opaque(walk, node, scope, name, values))


def _from(target: Value | None, result: Value) -> Value:
    """Keep where a result is from, as of NextAuth()."""
    return result if target is None or target.origin is None else replace(result, origin=target.origin)


def _guard(walk: Walk, name: str, target: Value | None) -> GuardName | None:
    """Find the guard of this name, imported from where it has to be."""
    module = target.origin.module if target is not None and target.origin is not None else None
    for guard in walk.guards.get(name, ()):
        if guard.module is None or (module is not None and module.endswith(guard.module)):
            return guard
    return None


def _of_guard(walk: Walk, node: Node, guard: GuardName, target: Value | None, given: Sequence[Node]) -> Value:
    function = target.function if target is not None else None
    style = OF_REFUSAL[guard.refusal] if guard.refusal is not None else GuardStyle.UNSEEN
    if target is not None and target.origin is not None and target.origin.module.startswith("@clerk/"):
        style = GuardStyle.RESULT  # its auth() always gives an object
    if function is not None:
        seen = style_of(walk, function)
        style = style if seen is GuardStyle.UNSEEN else seen
    if target is None or any(_is_lenient(part) for part in given) or _may_be_missing(node):
        style = GuardStyle.UNSEEN
    walk.called.append(GuardCall(name=guard.name, line=syntax.line(node), style=style))
    passes = {GuardStyle.THROWS: Proof.YES, GuardStyle.UNSEEN: Proof.MAYBE}.get(style, Proof.NO)
    result = RESULTS[style] if target is not None else replace(OTHER, true=Proof.MAYBE)
    if function is not None and not function.asynchronous and _is_plain(function.node):
        walk.prove(passes)
        return result
    return Value(passes=passes, settles=result, ours=True)


def _may_be_missing(node: Node) -> bool:
    return any(child.type == "optional_chain" or syntax.text(child) == "?." for child in node.children)


def _is_plain(function: Node) -> bool:
    """Say whether a function that is not async gives no promise either."""
    body = syntax.field(function, "body")
    if body is None:
        return False
    ends = [body] if body.type != "statement_block" else [
        part
        for node in syntax.every(body, into_functions=False) if node.type == "return_statement"
        for part in syntax.parts(node)
    ]  # fmt: skip
    for end in ends:
        end = syntax.bare(end)  # noqa: PLW2901 - the same, without its wrappings
        called = syntax.dotted(syntax.field(end, "function")) if end.type == "call_expression" else ()
        if end.type == "call_expression" and called[:1] not in {("Response",), ("NextResponse",)}:
            return False
        if end.type == "new_expression" and syntax.text(syntax.field(end, "constructor")) == "Promise":
            return False
    return True


def _is_lenient(argument: Node) -> bool:
    """Say whether an argument takes the edge off a guard: {optional: true}, {required: false}, and the like."""
    argument = syntax.bare(argument)
    if argument.type != "object":
        return False
    for part in syntax.parts(argument):
        key = syntax.text(syntax.field(part, "key"))
        value = syntax.text(syntax.field(part, "value"))
        if (key in LENIENT and value != "false") or (key in STRICT and value != "true"):
            return True
    return False


def _of_wrapper(walk: Walk, node: Node, target: Value | None, given: Sequence[Node], values: list[Value]) -> Value:
    handler = next((value for value in values if value.function is not None), None)
    function = target.function if target is not None else None
    if function is not None and not refuses_somebody(walk, function):
        return walk.enter(walk, function, values, node)
    sure = Proof.MAYBE if target is None or any(_is_lenient(part) for part in given) else Proof.YES
    if handler is None:
        return Value(wrapped=sure)
    return replace(handler, wrapped=sure)


def _stop(walk: Walk, node: Node, scope: Scope, name: str, given: Sequence[Node]) -> Value:
    if (
        name in {"redirect", "permanentRedirect"}
        and given
        and not _is_written(given[0])
        and not leads_to_sign_in(given[0])
    ):
        walk.expose(node, scope, f"leads to what {name}() is given", certain=False)
    walk.proof = None
    return NOTHING


def _is_written(node: Node) -> bool:
    return syntax.string(node) is not None


def _compared(walk: Walk, node: Node, given: Sequence[Node], values: Sequence[Value]) -> Value | None:
    """A comparison by a function, of a secret with what came."""
    for part, value in zip(given, values, strict=False):
        if value.secret:
            certain = value.certain or is_checked(walk, part, node)
            return Value(true=Proof.YES if certain else Proof.MAYBE, ours=True)
    return None


# --- by a member ------------------------------------------------------------------------------------------------------
def _of_member(
    walk: Walk, node: Node, scope: Scope, function: Node, holder: Value, given: Sequence[Node], values: list[Value]
) -> Value:
    name, chain = syntax.text(syntax.field(function, "property")), syntax.dotted(function)
    root = chain[0] if chain else ""
    if root in _RESPONSES and len(chain) == 2:  # noqa: PLR2004 - Response.json and the like
        return of_response(given, name)
    if holder.responds:
        return _of_responder(walk, node, scope, name, holder, given)
    if holder.passes is not None or (root == "Promise" and len(chain) == 2):  # noqa: PLR2004
        return _of_promise(walk, name, holder, values) if root != "Promise" else _of_promises(walk, name, values)
    if holder.function is not None and name in {"bind", "call", "apply"}:
        return holder if name == "bind" else walk.enter(walk, holder.function, values[1:], node)
    if holder.origin is not None and holder.origin.name == "*":
        target = member(walk, holder, name, optional=True, module=scope.module)
        return _of_name(walk, node, scope, name, target, given, values)
    if (held := (holder.members or {}).get(name)) is not None and held.function is not None:
        return walk.enter(walk, held.function, values, node)
    return _of_owner(walk, node, scope, chain or (name,), holder, given, values)


def _of_owner(
    walk: Walk,
    node: Node,
    scope: Scope,
    chain: tuple[str, ...],
    holder: Value,
    given: Sequence[Node],
    values: list[Value],
) -> Value:
    """A method of something that is not known member by member."""
    name = chain[-1]
    guard = _guard(walk, name, holder) or _guard(walk, ".".join(chain[-2:]), holder)
    if guard is not None and (holder.origin is not None or holder.shape is Shape.OPAQUE or "." in guard.name):
        return _of_guard(walk, node, guard, holder, given)
    if name in walk.guarding.harmless or LIMITERS.search(".".join(chain)):
        return _run_callbacks(walk, values, OURS)
    if COMPARING.search(name) and (found := _compared(walk, node, given, values)) is not None:
        return found
    return _of_method(walk, node, scope, chain, holder, values)


def _of_method(
    walk: Walk, node: Node, scope: Scope, chain: tuple[str, ...], holder: Value, values: list[Value]
) -> Value:
    name, root = chain[-1], chain[0]
    shown = ".".join(chain)
    module = holder.origin.module if holder.origin is not None else ""
    known = len(chain) > 1 and root in HARMLESS_ROOTS
    database = any(DATABASES.fullmatch(part) for part in chain[:-1]) and not known
    if database or name in EFFECT_METHODS or EFFECT_MODULES.search(module):
        return _effect(walk, node, scope, shown, values)
    if name in _PARSING and not known:
        walk.validates = True
    if known or holder.ours or name in HARMLESS_METHODS or HARMLESS_MODULES.match(module):
        return _run_callbacks(walk, values, _tainted(OURS, [holder, *values]))
    if holder.shape is Shape.ANSWER or holder.secret:
        return _run_callbacks(walk, values, _tainted(OURS, [holder, *values]))
    if REFUSING.search(name):
        return _run_callbacks(walk, values, REFUSED)
    return _opaque(walk, node, scope, shown, values)


def _of_responder(walk: Walk, node: Node, scope: Scope, name: str, holder: Value, given: Sequence[Node]) -> Value:
    """The response object of pages/api: an answer goes out when it is told so."""
    status = holder.status
    if name in {"status", "writeHead", "sendStatus"}:
        said = syntax.number(given[0]) if given else None
        status = 0 if said is None else said
    if name == "redirect":
        status = 307 if given and leads_to_sign_in(given[-1]) else 0
    if name not in _SAYING or (name == "end" and not given):  # an end without a body tells nothing
        return replace(holder, status=status)
    if status == 0:
        walk.expose(node, scope, f"answers by res.{name}() with a status that cannot be told", certain=False)
    elif of_status(status or 200) is ANSWER:
        walk.expose(node, scope, "answers", certain=True)
    return NOTHING


def _of_promises(walk: Walk, name: str, values: Sequence[Value]) -> Value:
    """All of several promises: that none failed proves what each proves."""
    items = list((values[0].members or {}).values()) if values else []
    members = {str(index): item.settles or item for index, item in enumerate(items)}
    proven = max((item.passes for item in items if item.passes is not None), default=Proof.NO)
    if name == "all":
        return Value(passes=proven, settles=Value(members=members), ours=True)
    return _run_callbacks(walk, list(values), OURS)


def _of_promise(walk: Walk, name: str, holder: Value, values: list[Value]) -> Value:
    """A promise's own methods: what comes after it, and what swallows its failure."""
    settled = holder.settles or OTHER
    if name == "catch":
        swallowed = replace(
            settled, style=GuardStyle.VALUE, true=max(settled.true, holder.passes or Proof.NO), false=Proof.NO
        )
        return Value(passes=Proof.NO, settles=_run_callbacks(walk, values, swallowed), ours=True)
    if name == "finally":
        return _run_callbacks(walk, values, holder)
    before = walk.proof
    walk.prove(holder.passes or Proof.NO)
    for value in values:
        if value.function is not None:
            walk.enter(walk, value.function, [settled], value.function.node)
    walk.proof = before
    return Value(passes=holder.passes if len(values) < 2 else Proof.NO, settles=OTHER, ours=True)  # noqa: PLR2004


# --- what is left -----------------------------------------------------------------------------------------------------
def _effect(walk: Walk, node: Node, scope: Scope, shown: str, values: list[Value]) -> Value:
    walk.expose(node, scope, f"reaches {shown}()", certain=True)
    if MUTATING.match(shown.rpartition(".")[2]):
        walk.mutates = True
    return _run_callbacks(walk, values, OTHER)


def _opaque(walk: Walk, node: Node, scope: Scope, shown: str, values: list[Value]) -> Value:
    """What cannot be followed may be an effect, and it may be a guard."""
    walk.expose(node, scope, f"calls {shown}(), which cannot be followed", certain=False)
    guard_like = bool(GUARD_LIKE.search(shown))
    result = Value(shape=Shape.OPAQUE, true=Proof.MAYBE, false=Proof.MAYBE) if guard_like else OPAQUE
    inner = _run_callbacks(walk, values, result)
    if any(value.function is not None for value in values):  # it may wrap a handler
        return inner
    return Value(shape=Shape.OPAQUE, passes=Proof.MAYBE if guard_like else Proof.NO, settles=inner)


def _run_callbacks(walk: Walk, values: list[Value], result: Value) -> Value:
    """Run the functions that are given to a call: it may call them, and what they prove is not proven after it."""
    before = walk.proof
    for value in values:
        if value.function is not None:
            walk.enter(walk, value.function, [OURS] * 3, value.function.node)
            walk.proof = before
    return result


def _tainted(result: Value, values: Sequence[Value]) -> Value:
    held = [value for value in values if value.secret]
    return replace(result, secret=True, certain=all(value.certain for value in held)) if held else result
