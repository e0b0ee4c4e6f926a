"""JavaScript and TypeScript as syntax trees, by tree-sitter. Reads text; knows no file and no meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.audit.source.analysis.mending import mended, without_awaited_types, without_tag_types
from prober.errors import UsageError, install_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node, Parser, QueryCursor

MOST_TRIES = 4  # to mend what the grammar cannot read
SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
FUNCTIONS = frozenset({
    "function_declaration", "generator_function_declaration", "function_expression", "generator_function",
    "arrow_function", "method_definition",
})  # fmt: skip
# What stands round an expression and changes nothing of it.
WRAPPINGS = frozenset({
    "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion",
    "instantiation_expression",
})  # fmt: skip


# What rules look at; the grammar finds them ten times as fast as a walk in Python.
_LOOKED_AT = (
    "assignment_expression", "assignment_pattern", "augmented_assignment_expression", "binary_expression",
    "call_expression", "expression_statement", "function_declaration", "member_expression", "method_definition",
    "object_assignment_pattern", "optional_parameter", "required_parameter", "ternary_expression",
    "variable_declarator",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grammar:
    """What reads a dialect."""

    parser: Parser
    cursor: QueryCursor  # finds the nodes that rules look at


@lru_cache(maxsize=3)
def _grammar(dialect: str) -> _Grammar:
    try:
        # An extra that other commands do without, and 20 ms to load.
        import tree_sitter  # noqa: PLC0415
        import tree_sitter_javascript  # noqa: PLC0415
        import tree_sitter_typescript  # noqa: PLC0415
    except ImportError as error:
        what = f"reading JavaScript and TypeScript needs '{error.name}', which is not installed"
        raise UsageError(what, fix=install_of("audit")) from None
    makers: dict[str, Callable[[], object]] = {
        "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
    }
    language = tree_sitter.Language(makers[dialect]())
    kinds = [kind for kind in _LOOKED_AT if language.id_for_node_kind(kind, True) is not None]  # noqa: FBT003
    query = tree_sitter.Query(language, " ".join(f"({kind}) @{kind}" for kind in kinds))
    return _Grammar(parser=tree_sitter.Parser(language), cursor=tree_sitter.QueryCursor(query))


def _dialect(suffix: str) -> str:
    return {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx"}.get(suffix, "javascript")


def parse(raw: bytes, suffix: str) -> Node:
    """Parse a file of this suffix; what cannot be parsed, and is not mended, shows as errors in the tree."""
    parser = _grammar(_dialect(suffix)).parser
    plain = raw
    if _dialect(suffix) != "javascript":
        plain = without_tag_types(plain) if b">`" in raw else plain
        plain = without_awaited_types(plain) if b">(" in raw else plain
    root = parser.parse(plain).root_node
    if root.has_error and plain != raw:
        root = parser.parse(raw).root_node
        plain = raw
    first, tries = root, 0
    while root.has_error and tries < MOST_TRIES and (better := mended(plain, root)) is not None:
        root, plain, tries = parser.parse(better).root_node, better, tries + 1
    return first if root.has_error else root


def looked_at(root: Node, suffix: str) -> Mapping[str, list[Node]]:
    """Give the nodes of the kinds that rules look at, by their kind, each in the order of the text."""
    return _grammar(_dialect(suffix)).cursor.captures(root)


def text(node: Node | None) -> str:
    """Give a node's own text."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    """Give the line where a node begins."""
    return node.start_point[0] + 1


def parts(node: Node) -> list[Node]:
    """Give the named children, without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def field(node: Node, name: str) -> Node | None:
    """Give a field of a node."""
    return node.child_by_field_name(name)


def bare(node: Node) -> Node:
    """Take away parentheses, types and assertions."""
    while node.type in WRAPPINGS:
        inner = parts(node)
        if not inner:
            return node
        node = inner[-1] if node.type == "type_assertion" else inner[0]
    return node


def items(node: Node) -> list[tuple[int, Node]]:
    """Give the items of a list or of its pattern, each with its place: one may be left out, as in [, second]."""
    found, place = [], 0
    for child in node.children:
        if child.type == ",":
            place += 1
        elif child.is_named and child.type != "comment":
            found.append((place, child))
    return found


def string(node: Node | None) -> str | None:
    """Give the value of a string that is written out, or of a template without parts; None for all else."""
    if node is None:
        return None
    node = bare(node)
    if node.type not in {"string", "template_string"} or any(
        child.type == "template_substitution" for child in parts(node)
    ):
        return None
    return text(node)[1:-1]


def number(node: Node | None) -> int | None:
    """Give a whole number that is written out."""
    if node is None or bare(node).type != "number":
        return None
    said = text(bare(node)).replace("_", "")
    return int(said) if said.isdecimal() else None


def is_empty(node: Node) -> bool:
    """Say whether an expression is an empty list or an empty object, which tells nobody anything."""
    node = bare(node)
    return node.type in {"array", "object"} and not parts(node)


def is_async(function: Node) -> bool:
    """Say whether a function gives a promise by its own word."""
    return any(child.type == "async" for child in function.children)


def every(node: Node, *, into_functions: bool = True) -> Iterator[Node]:
    """Give a node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if into_functions or one is node or one.type not in FUNCTIONS:
            waiting.extend(reversed(one.named_children))


def dotted(node: Node | None) -> tuple[str, ...]:
    """Give the names of a chain such as prisma.user.findMany; empty where it is no such chain."""
    names: list[str] = []
    while node is not None:
        node = bare(node)
        if node.type in {"identifier", "this", "property_identifier", "super"}:
            return (text(node), *reversed(names))
        if node.type == "member_expression":
            names.append(text(field(node, "property")))
        elif node.type == "subscript_expression" and (key := string(field(node, "index"))) is not None:
            names.append(key)
        else:
            return ()
        node = field(node, "object")
    return ()


_CHAINED = {"call_expression": "function", "member_expression": "object", "await_expression": "argument"}


def root_name(node: Node) -> str | None:
    """Give the name that a chain of calls begins with: app of app.use(a).get(b)."""
    end: Node | None = node
    while end is not None and end.type in _CHAINED:
        end = field(end, _CHAINED[end.type])
    return text(end) if end is not None and end is not node and end.type == "identifier" else None


def environment_name(node: Node | None) -> str | None:
    """Give X of process.env.X, process.env['X'] and import.meta.env.X."""
    if node is None:
        return None
    chain = dotted(node)
    if chain[:2] == ("process", "env") and len(chain) == 3:  # noqa: PLR2004 - process, env and the name
        return chain[2]
    return None
