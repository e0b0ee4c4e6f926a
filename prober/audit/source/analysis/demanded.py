"""Functions that throw unless a variable of the environment is set: need('CRON_SECRET'). Pure but for a cache."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.analysis.parameters import patterns_of
from prober.audit.source.analysis.values import Value
from prober.audit.source.known_names import is_secret_name
from prober.audit.source.secret_checks import names_set_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prober.audit.source.analysis.values import Function

_BY_NAME, _BY_VALUE = "name", "value"


def demanded(function: Function, values: Sequence[Value]) -> Value | None:
    """Give the secret that a function has made sure of; None where it does not only that."""
    asked = _asks_for(function.node) if values and not function.asynchronous else None
    if asked == _BY_VALUE:
        return replace(values[0], certain=True) if values[0].secret and values[0].bare else None
    literal = values[0].literal if asked == _BY_NAME else None
    if literal is None or not literal.startswith('"') or not is_secret_name(literal[1:]):
        return None
    return Value(secret=True, certain=True)


@lru_cache(maxsize=256)
def _asks_for(function: Node) -> str | None:
    """Say whether a function takes a variable's name, or its value, and comes back only where that is set.

    Only this form counts: perhaps a constant that is read from process.env[name], an if that throws, a return.
    """
    body, patterns = syntax.field(function, "body"), patterns_of(function)
    if body is None or body.type != "statement_block" or not patterns or patterns[0].type != "identifier":
        return None
    given, statements = syntax.text(patterns[0]), syntax.parts(body)
    held = _read_by(statements.pop(0), given) if len(statements) == 3 else given  # noqa: PLR2004 - with the constant
    if held is None or [one.type for one in statements] != ["if_statement", "return_statement"]:
        return None
    check, last = statements
    then, returned = syntax.field(check, "consequence"), syntax.parts(last)
    throws = then is not None and _throws(then) and syntax.field(check, "alternative") is None
    if (
        not throws
        or held not in names_set_after(check)
        or not returned
        or syntax.text(syntax.bare(returned[0])) != held
    ):
        return None
    return _BY_VALUE if held == given else _BY_NAME


def _read_by(statement: Node, name: str) -> str | None:
    """Give the constant that is read from process.env[name] by a statement; None for all else."""
    declarators = syntax.parts(statement)
    if not syntax.text(statement).startswith("const ") or len(declarators) != 1:
        return None
    value, held = syntax.field(declarators[0], "value"), syntax.field(declarators[0], "name")
    if (
        value is None
        or held is None
        or held.type != "identifier"
        or (value := syntax.bare(value)).type != ("subscript_expression")
    ):
        return None
    read = (syntax.text(syntax.field(value, "object")), syntax.text(syntax.field(value, "index")))
    return syntax.text(held) if read == ("process.env", name) else None


def _throws(branch: Node) -> bool:
    """Say whether a branch does nothing but throw."""
    inner = syntax.parts(branch) if branch.type == "statement_block" else [branch]
    return [one.type for one in inner] == ["throw_statement"]
