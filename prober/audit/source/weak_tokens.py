"""Finds codes and tokens that can be predicted or guessed, and records that may be lost."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from prober.audit.source import rules
from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import EFFECT_MODULES
from prober.model import Source
from prober.model.audit import AuditFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module
    from prober.model.audit import Rule

LEAST_BITS = 40  # eight letters of an alphabet of 32
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_GUESSED = frozenset({
    "code", "codes", "token", "tokens", "secret", "password", "otp", "pin", "nonce", "voucher", "invite", "salt",
    "csrf", "session", "passcode",
})  # fmt: skip
_CODES = frozenset({"pairing", "voucher", "invite", "invitation", "pair"})
_TELLING = frozenset({"status", "error", "country", "language", "exit", "zip", "postal", "currency", "http", "hash"})
_NAMED = ("variable_declarator", "function_declaration", "method_definition")
_MAKING = frozenset({"generate", "make", "create", "new", "random", "gen", "mint", "issue"})
_ALPHABETS = frozenset({"alphabet", "chars", "charset", "characters", "letters"})
_PLAIN = 32  # of an alphabet that is not written out
_AUDITS = re.compile(r"^(write|record|log|create|append|insert)_?audit", re.IGNORECASE)


def words_of(name: str) -> set[str]:
    """Split a name such as pairingCode or PAIRING_CODE into its words."""
    return {word.lower() for word in _WORD.findall(name)}


def randomness_findings(module: Module) -> Iterator[AuditFinding]:
    """Find predictable or short codes, audit records that may be lost, and databases in client components."""
    if "use client" in module.directives:
        for imported in module.imports.values():
            if EFFECT_MODULES.search(imported.module) and "client" not in imported.module:
                yield _broken(rules.CLIENT_DATABASE, module, module.root, f"imports '{imported.module}'")
                break
    sizes = _sizes(module)
    for node in module.nodes("call_expression", "expression_statement", *_NAMED):
        if node.type == "call_expression" and syntax.dotted(syntax.field(node, "function")) == ("Math", "random"):
            made = _name_of_random_value(node, module.file)
            if made is not None:
                yield _broken(rules.RANDOM, module, node, f"'{made}' is made with Math.random()")
        elif node.type == "expression_statement" and (name := _unawaited(node)) is not None:
            yield _broken(rules.UNAWAITED_AUDIT, module, node, f"{name}() is not awaited")
        else:
            bits = _bits_of(node, sizes)
            if bits is not None and bits[1] < LEAST_BITS:
                yield _broken(
                    rules.SHORT_CODE, module, node, f"'{bits[0]}' has {bits[1]:.0f} bits, but needs {LEAST_BITS}"
                )


def _broken(rule: Rule, module: Module, node: Node, detail: str) -> AuditFinding:
    return AuditFinding(rule=rule, what=detail, source=Source(file=module.file, line=syntax.line(node)))


def _name_of_random_value(node: Node, file: str) -> str | None:
    """Give the name of the secret that a random number becomes a part of, the nearest first; None if there is none."""
    above = node.parent
    while above is not None:
        named = syntax.field(above, "name") or syntax.field(above, "key")
        if above.type in {"variable_declarator", "pair", "function_declaration", "method_definition"} or (
            above.type == "assignment_expression" and (named := syntax.field(above, "left")) is not None
        ):
            name = syntax.text(named)
            if words_of(name) & _GUESSED and "status" not in words_of(name):
                return name
        above = above.parent
    stem = file.rpartition("/")[2].partition(".")[0]
    return stem if words_of(stem) & _GUESSED else None


def _unawaited(node: Node) -> str | None:
    inner = syntax.parts(node)
    one = inner[0] if inner else None
    if one is not None and one.type == "unary_expression" and syntax.text(syntax.field(one, "operator")) == "void":
        one = syntax.field(one, "argument")
    if one is None or one.type != "call_expression":
        return None
    called = syntax.dotted(syntax.field(one, "function"))
    return called[-1] if called and _AUDITS.match(called[-1]) else None


# --- how many guesses -------------------------------------------------------------------------------------------------
def _sizes(module: Module) -> dict[str, int]:
    """Give the values of a file's numeric constants, and the sizes of its alphabets."""
    sizes: dict[str, int] = {}
    for node in module.nodes("variable_declarator"):
        name, value = syntax.text(syntax.field(node, "name")), syntax.field(node, "value")
        name_words = syntax.string(value)
        if (number := syntax.number(value)) is not None:
            sizes[name] = number
        elif name_words is not None and words_of(name) & _ALPHABETS:
            sizes[name] = len(set(name_words))
    return sizes


def _alphabet(sizes: dict[str, int]) -> int:
    return next((size for name, size in sizes.items() if words_of(name) & _ALPHABETS), _PLAIN)


def _bits_of(node: Node, sizes: dict[str, int]) -> tuple[str, float] | None:
    """Give the name and the bits of a code, by a constant for its length, or by the function that makes it."""
    if node.type not in _NAMED:
        return None
    name = syntax.text(syntax.field(node, "name"))
    name_words = words_of(name)
    if node.type == "variable_declarator":
        length = syntax.number(syntax.field(node, "value"))
        if (
            length
            and name_words & {"length", "len", "size"}
            and (name_words & _CODES or "code" in name_words)
            and not name_words & _TELLING
        ):
            return name, length * math.log2(max(_alphabet(sizes), 2))
    value = syntax.field(node, "value") if node.type == "variable_declarator" else node
    value = syntax.bare(value) if value is not None else None
    if (
        value is None
        or not (name_words & _CODES or ("code" in name_words and name_words & _MAKING))
        or name_words & _TELLING
    ):
        return None
    if value.type in syntax.FUNCTIONS and (body := syntax.field(value, "body")) is not None:
        bit_counts = [bits for part in syntax.every(body) if (bits := _entropy(part, sizes)) is not None]
    elif value.type == "call_expression":
        bit_counts = [bits for part in syntax.every(value) if (bits := _entropy(part, sizes)) is not None]
    else:
        return None
    return (name, min(bit_counts)) if bit_counts else None


def _entropy(node: Node, sizes: dict[str, int]) -> float | None:
    if node.type == "for_statement":
        condition = next((part for part in syntax.every(node) if part.type == "binary_expression"), None)
        length = _size(syntax.field(condition, "right"), sizes) if condition is not None else None
        return length * math.log2(max(_alphabet(sizes), 2)) if length else None
    if node.type != "call_expression":
        return None
    called = syntax.dotted(syntax.field(node, "function"))
    function, arguments = syntax.field(node, "function"), syntax.field(node, "arguments")
    name = called[-1] if called else syntax.text(syntax.field(function, "property")) if function is not None else ""
    sizes_given = [_size(part, sizes) for part in syntax.parts(arguments)] if arguments is not None else []
    first, last = (sizes_given[0], sizes_given[-1]) if sizes_given else (None, None)
    if name == "randomBytes" and first:
        return first * 8.0
    if name == "randomInt" and last and last > 1:
        return math.log2(last - (first or 0) if len(sizes_given) > 1 else last)
    if name == "nanoid" and first:
        return first * 6.0
    if name == "customAlphabet" and last:
        alphabet = syntax.string(syntax.parts(arguments)[0]) if arguments is not None else None
        return last * math.log2(max(len(set(alphabet)) if alphabet else _alphabet(sizes), 2))
    if name in {"slice", "substring", "substr"} and len(sizes_given) == 2 and last:  # noqa: PLR2004 - from and to
        length = last if name == "substr" else last - (first or 0)
        called_text = syntax.text(function)
        return max(length, 0) * (
            4.0 if "hex" in called_text else math.log2(36) if "36" in called_text else math.log2(_alphabet(sizes))
        )
    if name == "from" and called == ("Array", "from") and arguments is not None:
        length_pair = next((part for part in syntax.every(arguments) if part.type == "pair"
                            and syntax.text(syntax.field(part, "key")) == "length"), None)  # fmt: skip
        length_said = _size(syntax.field(length_pair, "value"), sizes) if length_pair is not None else None
        return length_said * math.log2(max(_alphabet(sizes), 2)) if length_said else None
    return None


def _size(node: Node | None, sizes: dict[str, int]) -> int | None:
    if node is None:
        return None
    number = syntax.number(node)
    return number if number is not None else sizes.get(syntax.text(node))
