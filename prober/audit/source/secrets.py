"""Secrets in source: what they fall back to, what they are compared with, and how. Each finding is of one rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import COMPARING, is_secret_name
from prober.audit.source.secret_checks import is_asked_for
from prober.audit.source.secret_nodes import (
    ENVIRONMENT_LIKE,
    FALLBACK_OPERATORS,
    SECRET_LIKE,
    are_same_secret,
    builds_text,
    enclosing_function,
    is_inner_operand,
    operands,
    parameter_default,
    schema_default,
    text_when_unset,
)
from prober.model import Source
from prober.model.audit import AuditFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.model.audit import Rule

_OPEN = re.compile(r"NEXT_PUBLIC_\w*(SECRET|PASSWORD|PRIVATE|SERVICE_ROLE|SIGNING)")
_ENUM = re.compile(
    r"(?!Env|Config|Settings|Secrets)[A-Z][a-z]\w*|[A-Z_]*(TABS?|KEYS|ROUTES|EVENTS|FLAGS|KINDS|TYPES|STEPS|FIELDS|LABELS)"
)
_EQUALS = frozenset({"===", "!==", "==", "!="})
_KINDS = (
    "binary_expression", "ternary_expression", "object_assignment_pattern", "assignment_pattern", "required_parameter",
    "optional_parameter", "augmented_assignment_expression", "assignment_expression", "call_expression",
    "member_expression",
)  # fmt: skip
_HASHES = re.compile(r"hash|digest|hmac|sha\d", re.IGNORECASE)
_DIGESTS = frozenset({"digest", "length", "byteLength"})


def secret_findings(module: Module) -> Iterator[AuditFinding]:
    """Find fallbacks, unsafe comparisons and exposures of the secrets of a file."""
    secrets = _Secrets(module)
    for node in module.nodes(*_KINDS):
        for rule, detail in secrets.check(node):
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

    def check(self, node: Node) -> Iterator[tuple[Rule, str]]:
        """Check one node."""
        if node.type == "binary_expression":
            operator = syntax.text(syntax.field(node, "operator"))
            if operator in FALLBACK_OPERATORS and not is_inner_operand(node):
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
            yield from parameter_default(node)
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
        leftmost, *others = operands(node)
        first = self._name(leftmost)
        for other in others:
            if (
                first is not None
                and (fallback := self._fallback(other)) is not None
                and not are_same_secret(first, fallback)
            ):
                yield rules.FALLBACK, f"{first} falls back to {fallback}"
                return

    def _chosen(self, node: Node) -> Iterator[tuple[Rule, str]]:
        condition, then, other = (syntax.field(node, name) for name in ("condition", "consequence", "alternative"))
        if condition is None or then is None or other is None:
            return
        tested = {name for part in syntax.every(condition) if (name := self._name(part)) is not None}
        for one, two in ((then, other), (other, then)):
            first = self._name(one)
            fallback = self._fallback(two)
            if first is not None and first in tested and fallback is not None and not are_same_secret(first, fallback):
                yield rules.FALLBACK, f"{first} falls back to {fallback}"
                return

    def _assigned(self, node: Node) -> Iterator[tuple[Rule, str]]:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is None or right is None:
            return
        first, fallback = self._name(left), self._fallback(right)
        previous = self._values.get(syntax.text(left), []) if left.type == "identifier" else []
        previous_name = (
            first if first is not None else next((name for value in previous if (name := self._name(value))), None)
        )
        plain = node.type == "assignment_expression"
        if (
            previous_name is not None
            and fallback is not None
            and not are_same_secret(previous_name, fallback)
            and (not plain or self._name(right))
        ):
            yield rules.FALLBACK, f"{previous_name} falls back to {fallback}"

    def _name(self, node: Node) -> str | None:
        """Give the environment variable that a node reads, if it is a secret."""
        node = syntax.bare(node)
        chain = syntax.dotted(node)
        name = syntax.environment_name(node) or (chain[-1] if chain and ENVIRONMENT_LIKE.fullmatch(chain[-1]) else "")
        if chain and len(chain) > 1 and _ENUM.fullmatch(chain[0]) and not syntax.environment_name(node):
            return None  # Tabs.PASSWORD, Keys.ENTER_KEY
        if name and is_secret_name(name):
            return name if syntax.environment_name(node) or not self._is_written_out(name) else None
        if node.type == "identifier":
            values = self._values.get(syntax.text(node), [])
            names = {
                value_name
                for value in values
                if syntax.bare(value).type != "identifier" and (value_name := self._name(value))
            }
            return names.pop() if len(names) == 1 else None
        return None

    def _is_written_out(self, name: str) -> bool:
        """Say whether a name is a constant of the file whose every value is a text: no secret of the environment."""
        values = self._values.get(name, [])
        return bool(values) and all(syntax.string(value) is not None for value in values)

    def _fallback(self, node: Node) -> str | None:
        """Describe the value that a secret falls back to; None for an empty value, or one that may refuse."""
        name = self._name(node)
        if name is not None:
            return name
        written = syntax.string(node)
        if written is not None:
            return "a text in the source" if written else None
        return syntax.text(node) if syntax.bare(node).type in {"identifier", "member_expression"} and (
            SECRET_LIKE.search(syntax.text(node)) or syntax.environment_name(node)
        ) else None  # fmt: skip

    # --- comparisons --------------------------------------------------------------------------------------------------
    def _compared(self, node: Node) -> Iterator[tuple[Rule, str]]:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is None or right is None:
            return
        secrets = [self._secret_of(left), self._secret_of(right)]
        if all(secrets) or not any(secrets):
            return
        other = syntax.bare(right if secrets[0] else left)
        if other.type in {"string", "number", "null", "undefined", "true", "false", "unary_expression"}:
            return
        secret = secrets[0] or secrets[1]
        if secret is None or syntax.text(other) == "undefined":
            return
        name, around = secret
        yield rules.TIMED, f"{name} is compared with {syntax.text(syntax.field(node, 'operator'))}"
        if around is not None and not self._is_checked(around, node):
            yield rules.UNPROVEN_SECRET, f"if {name} is unset, the text is '{text_when_unset(around)}'"

    def _secret_of(self, node: Node) -> tuple[str, Node | None] | None:
        """Give the secret in a side of a comparison, and the text that contains it."""
        node = syntax.bare(node)
        name = self._name(node)
        if name is not None and (syntax.environment_name(node) or node.type == "identifier"):
            around = next((value for value in self._values.get(syntax.text(node), []) if builds_text(value)), None)
            return name, around
        if builds_text(node):
            inner_name = next(
                (name for part in syntax.every(node) if part is not node and (name := self._name(part))), None
            )
            return (inner_name, node) if inner_name is not None else None
        if node.type == "identifier":
            for value in self._values.get(syntax.text(node), []):
                if builds_text(value):
                    return self._secret_of(value)
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
        if len(given) > 1 and name and ENVIRONMENT_LIKE.fullmatch(name) and is_secret_name(name):
            fallback = self._fallback(given[1])
            if (
                fallback is not None
                and re.search("env|config|get", called[-1], re.IGNORECASE)
                and not are_same_secret(name, fallback)
            ):
                yield rules.FALLBACK, f"{name} falls back to {fallback}"
        if called[-1] == "default" and syntax.string(given[0]):
            yield from schema_default(node)

    def _by_function(self, node: Node, called: str, given: list[Node]) -> Iterator[tuple[Rule, str]]:
        function = enclosing_function(node) or self._root
        names = {syntax.text(part) for part in syntax.every(function) if part.type == "property_identifier"}
        hashes = any(_HASHES.search(syntax.text(syntax.field(part, "function")))
                     for part in syntax.every(function) if part.type == "call_expression")  # fmt: skip
        if called == "timingSafeEqual" and not names & _DIGESTS and not hashes:
            yield rules.LENGTHS, "neither a digest nor a length is compared"
        for part in given:
            for inner in syntax.every(part):
                if not builds_text(inner) and inner.type != "identifier":
                    continue
                secret = self._secret_of(inner)
                if secret is not None and secret[1] is not None and not self._is_checked(secret[1], node):
                    yield rules.UNPROVEN_SECRET, f"if {secret[0]} is unset, the text is '{text_when_unset(secret[1])}'"
                    return
