"""Secrets in source: what they fall back to, what they are compared with, and how. Each finding is of one rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import COMPARING, is_secret_name
from prober.audit.source.secret_checks import is_asked_for
from prober.audit.source.secret_names import SecretNames
from prober.audit.source.secret_nodes import (
    ENVIRONMENT_LIKE,
    FALLBACK_OPERATORS,
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
    """The checks of one file."""

    def __init__(self, module: Module) -> None:
        """Collect the variables of the file."""
        self._names = SecretNames(module)
        self._root = module.root
        self._lengths: dict[int, bool] = {}  # functions: whether they compare digests or lengths

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
        first = self._names.name_of(leftmost)
        for other in others:
            if (
                first is not None
                and (fallback := self._names.fallback_of(other)) is not None
                and not are_same_secret(first, fallback)
            ):
                yield rules.FALLBACK, f"{first} falls back to {fallback}"
                return

    def _chosen(self, node: Node) -> Iterator[tuple[Rule, str]]:
        condition, then, other = (syntax.field(node, name) for name in ("condition", "consequence", "alternative"))
        if condition is None or then is None or other is None:
            return
        tested = {name for part in syntax.every(condition) if (name := self._names.name_of(part)) is not None}
        for one, two in ((then, other), (other, then)):
            first = self._names.name_of(one)
            fallback = self._names.fallback_of(two)
            if first is not None and first in tested and fallback is not None and not are_same_secret(first, fallback):
                yield rules.FALLBACK, f"{first} falls back to {fallback}"
                return

    def _assigned(self, node: Node) -> Iterator[tuple[Rule, str]]:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is None or right is None:
            return
        first, fallback = self._names.name_of(left), self._names.fallback_of(right)
        previous = self._names.values.get(syntax.text(left), []) if left.type == "identifier" else []
        previous_name = (
            first
            if first is not None
            else next((name for value in previous if (name := self._names.name_of(value))), None)
        )
        plain = node.type == "assignment_expression"
        if (
            previous_name is not None
            and fallback is not None
            and not are_same_secret(previous_name, fallback)
            and (not plain or self._names.name_of(right))
        ):
            yield rules.FALLBACK, f"{previous_name} falls back to {fallback}"

    # --- comparisons --------------------------------------------------------------------------------------------------
    def _compared(self, node: Node) -> Iterator[tuple[Rule, str]]:
        left, right = syntax.field(node, "left"), syntax.field(node, "right")
        if left is None or right is None:
            return
        secrets = [self._names.secret_of(left), self._names.secret_of(right)]
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

    def _is_checked(self, secret: Node, compared: Node) -> bool:
        return is_asked_for(secret, compared, self._root)

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
            fallback = self._names.fallback_of(given[1])
            if (
                fallback is not None
                and re.search("env|config|get", called[-1], re.IGNORECASE)
                and not are_same_secret(name, fallback)
            ):
                yield rules.FALLBACK, f"{name} falls back to {fallback}"
        if called[-1] == "default" and syntax.string(given[0]):
            yield from schema_default(node)

    def _compares_lengths(self, function: Node) -> bool:
        """Say whether a function compares digests or lengths; read once, however often it compares."""
        if function.id not in self._lengths:
            parts = list(syntax.every(function))
            names = {syntax.text(part) for part in parts if part.type == "property_identifier"}
            calls = (syntax.field(part, "function") for part in parts if part.type == "call_expression")
            self._lengths[function.id] = bool(names & _DIGESTS) or any(
                _HASHES.search(syntax.text(one)) for one in calls
            )
        return self._lengths[function.id]

    def _by_function(self, node: Node, called: str, given: list[Node]) -> Iterator[tuple[Rule, str]]:
        if called == "timingSafeEqual" and not self._compares_lengths(enclosing_function(node) or self._root):
            yield rules.LENGTHS, "neither a digest nor a length is compared"
        for part in given:
            for inner in syntax.every(part):
                if not builds_text(inner) and inner.type != "identifier":
                    continue
                secret = self._names.secret_of(inner)
                if secret is not None and secret[1] is not None and not self._is_checked(secret[1], node):
                    yield rules.UNPROVEN_SECRET, f"if {secret[0]} is unset, the text is '{text_when_unset(secret[1])}'"
                    return
