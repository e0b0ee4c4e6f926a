"""Secrets in source: what they fall back to, what they are compared with, and how. Each finding is of one rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import COMPARING, SECRET
from prober.audit.source.secret_checks import is_asked_for
from prober.model import Source
from prober.model.audit import AuditFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.model.audit import Rule

_ENVIRONMENT_LIKE = re.compile(r"[A-Z][A-Z0-9_]+")
_SECRET_LIKE = re.compile(r"secret|token|password|api_?key|private_?key", re.IGNORECASE)
_SESSION = frozenset({"NEXTAUTH_SECRET", "AUTH_SECRET"})  # two names of one secret, as Auth.js has them
_SESSION_LIKE = re.compile(r"(auth|session|jwt)", re.IGNORECASE)
_OPEN = re.compile(r"NEXT_PUBLIC_\w*(SECRET|PASSWORD|PRIVATE|SERVICE_ROLE|SIGNING)")
_EQUALS = frozenset({"===", "!==", "==", "!="})
_KINDS = (
    "binary_expression", "ternary_expression", "object_assignment_pattern", "assignment_pattern", "required_parameter",
    "optional_parameter", "augmented_assignment_expression", "assignment_expression", "call_expression",
    "member_expression",
)  # fmt: skip
_FALLING = frozenset({"??", "||"})
_HASHES = re.compile(r"hash|digest|hmac|sha\d", re.IGNORECASE)
_DIGESTS = frozenset({"digest", "length", "byteLength"})


def secret_findings(module: Module) -> Iterator[AuditFinding]:
    """Find fallbacks, unsafe comparisons and exposures of the secrets of a file."""
    secrets = _Secrets(module)
    for node in module.nodes(*_KINDS):
        for rule, detail in secrets.of(node):
            yield AuditFinding(rule=rule, what=detail, source=Source(file=module.file, line=syntax.line(node)))


class _Secrets:
    """The variables of a file that hold a secret of the environment, or a text that contains one."""

    def __init__(self, module: Module) -> None:
        """Collect the initial value of each variable."""
        self._values: dict[str, list[Node]] = {}
        self._root = module.root
        for node in module.nodes("variable_declarator"):
            name, value = syntax.field(node, "name"), syntax.field(node, "value")
            if name is not None and value is not None and name.type == "identifier":
                self._values.setdefault(syntax.text(name), []).append(value)

    def of(self, node: Node) -> Iterator[tuple[Rule, str]]:
        """Check one node."""
        if node.type == "binary_expression":
            operator = syntax.text(syntax.field(node, "operator"))
            if operator in _FALLING and not _is_inner(node):
                yield from self._falling(node)
            elif operator in _EQUALS:
                yield from self._compared(node)
        elif node.type == "ternary_expression":
            yield from self._chosen(node)
        elif node.type in {
            "object_assignment_pattern",
            "assignment_pattern",
            "required_parameter",
            "optional_parameter",
        }:
            yield from _defaulted(node)
        elif node.type in {"augmented_assignment_expression", "assignment_expression"}:
            yield from self._assigned(node)
        elif node.type == "call_expression":
            yield from self._called(node)
        elif node.type == "member_expression":
            name = syntax.environment_name(node)
            if name is not None and _OPEN.match(name):
                yield rules.PUBLIC_SECRET, name

    # --- fallbacks ----------------------------------------------------------------------------------------------------
    def _falling(self, node: Node) -> Iterator[tuple[Rule, str]]:
        operands = list(_operands(node))
        first = self._name(operands[0])
        for other in operands[1:]:
            if first is not None and (falls := self._fallback(other)) is not None and not _are_one(first, falls):
                yield rules.FALLBACK, f"{first} falls back to {falls}"
                return

    def _chosen(self, node: Node) -> Iterator[tuple[Rule, str]]:
        condition, then, other = (syntax.field(node, name) for name in ("condition", "consequence", "alternative"))
        if condition is None or then is None or other is None:
            return
        asked = {name for part in syntax.every(condition) if (name := self._name(part)) is not None}
        for one, two in ((then, other), (other, then)):
            first = self._name(one)
            falls = self._fallback(two)
            if first is not None and first in asked and falls is not None and not _are_one(first, falls):
                yield rules.FALLBACK, f"{first} falls back to {falls}"
                return

    def _assigned(self, node: Node) -> Iterator[tuple[Rule, str]]:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is None or right is None:
            return
        first, falls = self._name(left), self._fallback(right)
        kept = self._values.get(syntax.text(left), []) if left.type == "identifier" else []
        had = first if first is not None else next((name for value in kept if (name := self._name(value))), None)
        plain = node.type == "assignment_expression"
        if had is not None and falls is not None and not _are_one(had, falls) and (not plain or self._name(right)):
            yield rules.FALLBACK, f"{had} falls back to {falls}"

    def _name(self, node: Node) -> str | None:
        """Give the environment variable that a node reads, if it is a secret."""
        node = syntax.bare(node)
        chain = syntax.dotted(node)
        name = syntax.environment_name(node) or (chain[-1] if chain and _ENVIRONMENT_LIKE.fullmatch(chain[-1]) else "")
        if name and SECRET.search(name) and not name.startswith("NEXT_PUBLIC_"):
            return name
        if node.type == "identifier":
            held = self._values.get(syntax.text(node), [])
            names = {
                found for value in held if syntax.bare(value).type != "identifier" and (found := self._name(value))
            }
            return names.pop() if len(names) == 1 else None
        return None

    def _fallback(self, node: Node) -> str | None:
        """Describe the value that a secret falls back to; None for an empty value, or one that may refuse."""
        name = self._name(node)
        if name is not None:
            return name
        written = syntax.string(node)
        if written is not None:
            return "a text in the source" if written else None
        return syntax.text(node) if syntax.bare(node).type in {"identifier", "member_expression"} and (
            _SECRET_LIKE.search(syntax.text(node)) or syntax.environment_name(node)
        ) else None  # fmt: skip

    # --- comparisons --------------------------------------------------------------------------------------------------
    def _compared(self, node: Node) -> Iterator[tuple[Rule, str]]:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is None or right is None:
            return
        held = [self._held(left), self._held(right)]
        if all(held) or not any(held):
            return
        other = syntax.bare(right if held[0] else left)
        if other.type in {"string", "number", "null", "undefined", "true", "false", "unary_expression"}:
            return
        secret = held[0] or held[1]
        if secret is None or syntax.text(other) == "undefined":
            return
        name, around = secret
        yield rules.TIMED, f"{name} is compared with {syntax.text(syntax.field(node, 'operator'))}"
        if around is not None and not self._is_checked(around, node):
            yield rules.UNPROVEN_SECRET, f"if {name} is unset, the text is '{_unset(around)}'"

    def _held(self, node: Node) -> tuple[str, Node | None] | None:
        """Give the secret in a side of a comparison, and the text that contains it."""
        node = syntax.bare(node)
        name = self._name(node)
        if name is not None and (syntax.environment_name(node) or node.type == "identifier"):
            around = next((value for value in self._values.get(syntax.text(node), []) if _is_text(value)), None)
            return name, around
        if _is_text(node):
            found = next((name for part in syntax.every(node) if part is not node and (name := self._name(part))), None)
            return (found, node) if found is not None else None
        if node.type == "identifier":
            for value in self._values.get(syntax.text(node), []):
                if _is_text(value):
                    return self._held(value)
        return None

    def _is_checked(self, secret: Node, compared: Node) -> bool:
        above: Node | None = compared
        while above is not None:
            if above.type in syntax.FUNCTIONS and is_asked_for(secret, compared, above):
                return True
            above = above.parent
        return any(
            is_asked_for(secret, compared, part) for part in syntax.parts(self._root) if part.type == "if_statement"
        )

    def _called(self, node: Node) -> Iterator[tuple[Rule, str]]:
        function, arguments = syntax.field(node, "function"), syntax.field(node, "arguments")
        given = syntax.parts(arguments) if arguments is not None else []
        called = syntax.dotted(function) or (syntax.text(syntax.field(function, "property")) if function else "",)
        if not called[-1] or not given:
            return
        if COMPARING.search(called[-1]):
            yield from self._by_function(node, called[-1], given)
        name = syntax.string(given[0])
        if len(given) > 1 and name and _ENVIRONMENT_LIKE.fullmatch(name) and SECRET.search(name):
            falls = self._fallback(given[1])
            if (
                falls is not None
                and re.search("env|config|get", called[-1], re.IGNORECASE)
                and not _are_one(name, falls)
            ):
                yield rules.FALLBACK, f"{name} falls back to {falls}"
        if called[-1] == "default" and syntax.string(given[0]):
            yield from _schema_default(node)

    def _by_function(self, node: Node, called: str, given: list[Node]) -> Iterator[tuple[Rule, str]]:
        function = _enclosing(node) or self._root
        names = {syntax.text(part) for part in syntax.every(function) if part.type == "property_identifier"}
        hashes = any(_HASHES.search(syntax.text(syntax.field(part, "function")))
                     for part in syntax.every(function) if part.type == "call_expression")  # fmt: skip
        if called == "timingSafeEqual" and not names & _DIGESTS and not hashes:
            yield rules.LENGTHS, "neither a digest nor a length is compared"
        for part in given:
            for inner in syntax.every(part):
                if not _is_text(inner) and inner.type != "identifier":
                    continue
                held = self._held(inner)
                if held is not None and held[1] is not None and not self._is_checked(held[1], node):
                    yield rules.UNPROVEN_SECRET, f"if {held[0]} is unset, the text is '{_unset(held[1])}'"
                    return


def _operands(node: Node) -> Iterator[Node]:
    node = syntax.bare(node)
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if node.type == "binary_expression" and syntax.text(syntax.field(node, "operator")) in _FALLING and left and right:
        yield from _operands(left)
        yield right
    else:
        yield node


def _is_inner(node: Node) -> bool:
    """Say whether a node is the left operand of a longer chain, which is checked as a whole."""
    above = node.parent
    while above is not None and above.type in syntax.WRAPPINGS:
        above = above.parent
    return (
        above is not None
        and above.type == "binary_expression"
        and syntax.text(syntax.field(above, "operator")) in _FALLING
        and (left := syntax.field(above, "left")) is not None
        and left.start_byte <= node.start_byte < left.end_byte
    )


def _are_one(first: str, second: str) -> bool:
    return first == second or {first, second} <= _SESSION


def _defaulted(node: Node) -> Iterator[tuple[Rule, str]]:
    """Check the default of a parameter, or of a destructured name."""
    left = syntax.field(node, "left") or syntax.field(node, "pattern")
    right = syntax.field(node, "right") or syntax.field(node, "value")
    if left is None or right is None or left.type in {"object_pattern", "array_pattern"}:
        return
    name = syntax.text(left)
    read, written = syntax.environment_name(syntax.bare(right)), syntax.string(right)
    taken = (
        node.type == "object_assignment_pattern"
        and bool(_ENVIRONMENT_LIKE.fullmatch(name))
        and bool(SECRET.search(name))
    )
    if written and (taken or _SECRET_LIKE.search(name)):
        yield rules.FALLBACK, f"{name} falls back to a text in the source"
        return
    other = taken and read is not None and not _are_one(name, read)
    if read is not None and SECRET.search(read) and (
        other or (read in _SESSION and not taken and not _SESSION_LIKE.search(name))
    ):  # fmt: skip
        yield rules.FALLBACK, f"{name} falls back to {read}"


def _schema_default(node: Node) -> Iterator[tuple[Rule, str]]:
    """Check a default in a schema of the environment: MIGRATION_SECRET: z.string().default('dev')."""
    above = node.parent
    while above is not None and above.type not in {"pair", "statement_block", "program"}:
        above = above.parent
    name = syntax.text(syntax.field(above, "key")) if above is not None and above.type == "pair" else ""
    if _ENVIRONMENT_LIKE.fullmatch(name) and SECRET.search(name) and not name.startswith("NEXT_PUBLIC_"):
        yield rules.FALLBACK, f"{name} falls back to a text in the source"


def _is_text(node: Node) -> bool:
    """Say whether a node builds a text: a template with substitutions, or a concatenation."""
    node = syntax.bare(node)
    if node.type == "template_string":
        return any(part.type == "template_substitution" for part in syntax.parts(node))
    if node.type != "binary_expression" or syntax.text(syntax.field(node, "operator")) != "+":
        return False
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    return syntax.string(left) is not None or syntax.string(right) is not None


def _unset(around: Node) -> str:
    """Show the text with an unset secret."""
    around = syntax.bare(around)
    if around.type != "template_string":
        return "...undefined"
    said = syntax.text(around)[1:-1]
    return re.sub(r"\$\{[^}]*\}", "undefined", said)[:40]


def _enclosing(node: Node) -> Node | None:
    above = node.parent
    while above is not None and above.type not in syntax.FUNCTIONS:
        above = above.parent
    return above
