"""Expressions that hold a secret: fallback chains, defaults, and texts built around one. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.model.audit import Rule

ENVIRONMENT_LIKE = re.compile(r"[A-Z][A-Z0-9_]+")
SECRET_LIKE = re.compile(r"secret|token|password|api_?key|private_?key", re.IGNORECASE)
SESSION_SECRETS = frozenset({"NEXTAUTH_SECRET", "AUTH_SECRET"})  # two names of one secret, as Auth.js has them
_SESSION_LIKE = re.compile(r"(auth|session|jwt)", re.IGNORECASE)
FALLBACK_OPERATORS = frozenset({"??", "||"})


def operands(node: Node) -> Iterator[Node]:
    """Give the operands of a fallback chain, from the left."""
    node = syntax.bare(node)
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    if (
        node.type == "binary_expression"
        and syntax.text(syntax.field(node, "operator")) in FALLBACK_OPERATORS
        and left
        and right
    ):
        yield from operands(left)
        yield right
    else:
        yield node


def is_inner_operand(node: Node) -> bool:
    """Say whether a node is the left operand of a longer chain, which is checked as a whole."""
    above = node.parent
    while above is not None and above.type in syntax.WRAPPINGS:
        above = above.parent
    return (
        above is not None
        and above.type == "binary_expression"
        and syntax.text(syntax.field(above, "operator")) in FALLBACK_OPERATORS
        and (left := syntax.field(above, "left")) is not None
        and left.start_byte <= node.start_byte < left.end_byte
    )


def are_same_secret(first: str, second: str) -> bool:
    """Say whether two variables are one secret, as NEXTAUTH_SECRET and AUTH_SECRET are."""
    return first == second or {first, second} <= SESSION_SECRETS


def parameter_default(node: Node) -> Iterator[tuple[Rule, str]]:
    """Check the default of a parameter, or of a destructured name."""
    left = syntax.field(node, "left") or syntax.field(node, "pattern")
    right = syntax.field(node, "right") or syntax.field(node, "value")
    if left is None or right is None or left.type in {"object_pattern", "array_pattern"}:
        return
    name = syntax.text(left)
    read, written = syntax.environment_name(syntax.bare(right)), syntax.string(right)
    taken = node.type == "object_assignment_pattern" and bool(ENVIRONMENT_LIKE.fullmatch(name)) and is_secret_name(name)
    if written and (taken or SECRET_LIKE.search(name)):
        yield rules.FALLBACK, f"{name} falls back to a text in the source"
        return
    other = taken and read is not None and not are_same_secret(name, read)
    if read is not None and is_secret_name(read) and (
        other or (read in SESSION_SECRETS and not taken and not _SESSION_LIKE.search(name))
    ):  # fmt: skip
        yield rules.FALLBACK, f"{name} falls back to {read}"


def schema_default(node: Node) -> Iterator[tuple[Rule, str]]:
    """Check a default in a schema of the environment: MIGRATION_SECRET: z.string().default('dev')."""
    above = node.parent
    while above is not None and above.type not in {"pair", "statement_block", "program"}:
        above = above.parent
    name = syntax.text(syntax.field(above, "key")) if above is not None and above.type == "pair" else ""
    if ENVIRONMENT_LIKE.fullmatch(name) and is_secret_name(name):
        yield rules.FALLBACK, f"{name} falls back to a text in the source"


def builds_text(node: Node) -> bool:
    """Say whether a node builds a text: a template with substitutions, or a concatenation."""
    node = syntax.bare(node)
    if node.type == "template_string":
        return any(part.type == "template_substitution" for part in syntax.parts(node))
    if node.type != "binary_expression" or syntax.text(syntax.field(node, "operator")) != "+":
        return False
    left, right = syntax.field(node, "left"), syntax.field(node, "right")
    return syntax.string(left) is not None or syntax.string(right) is not None


def text_when_unset(around: Node) -> str:
    """Show the text with an unset secret."""
    around = syntax.bare(around)
    if around.type != "template_string":
        return "...undefined"
    said = syntax.text(around)[1:-1]
    return re.sub(r"\$\{[^}]*\}", "undefined", said)[:40]


def enclosing_function(node: Node) -> Node | None:
    """Give the function around a node; None at the top of a file."""
    above = node.parent
    while above is not None and above.type not in syntax.FUNCTIONS:
        above = above.parent
    return above
