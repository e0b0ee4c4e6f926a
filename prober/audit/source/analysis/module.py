"""One file of source: what it imports, declares and exports, by name. Reads its tree; judges nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from prober.audit.source.analysis.values import Value

_FLOW = re.compile(rb"@flow\b")  # the comment by which a file says so
_HEAD = 1_000  # bytes in which that comment stands
_NAMED = frozenset({
    "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A name that another module gives: 'default', '*' for all of it, or the name there."""

    module: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A name of the file's own: a function, a class, or a variable with its pattern and its first value."""

    node: Node
    pattern: Node | None = None
    value: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A name that the file gives others: a local name, an expression, or another module's."""

    node: Node
    local: str | None = None
    value: Node | None = None
    source: Imported | None = None


@dataclass(slots=True, kw_only=True)
class Module:
    """A file's names. `broken` says why nothing may be told of it."""

    file: str  # as seen from the folder of the audit
    root: Node
    broken: str | None
    directives: frozenset[str]
    imports: dict[str, Imported] = field(default_factory=dict)
    declared: dict[str, Declared] = field(default_factory=dict)
    exports: dict[str, Exported] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)  # modules of which all is exported
    values: dict[str, Value | None] = field(default_factory=dict)  # what is known already of its names
    changes: dict[str, set[str]] | None = None  # names that are given something else later, once somebody has asked
    _looked_at: Mapping[str, list[Node]] | None = None

    def is_fixed(self, name: str) -> bool:
        """Say whether one of its names is a const, or nothing that can be given another value."""
        return name in self.declared and is_constant(self.declared[name].node)

    def nodes(self, *kinds: str) -> list[Node]:
        """Give all nodes of these kinds, of those that rules look at."""
        if self._looked_at is None:
            self._looked_at = syntax.looked_at(self.root, self.file[self.file.rfind(".") :])
        return [node for kind in kinds for node in self._looked_at.get(kind, ())]


def read_module(raw: bytes, file: str) -> Module:
    """Read a file's names; a file that cannot be read whole says so, and nothing is told of it."""
    suffix = file[file.rfind(".") :]
    broken = _unreadable(raw)
    root = syntax.parse(raw if broken is None else b"", suffix)
    if broken is None and root.has_error:
        wrong = next((node for node in syntax.every(root) if node.is_error or node.is_missing), root)
        flow = " (it is written in Flow, which is not read)" if _FLOW.search(raw[:_HEAD]) else ""
        broken = f"line {syntax.line(wrong)} cannot be parsed{flow}"
    module = Module(file=file, root=root, broken=broken, directives=frozenset(directives(root)))
    for node in syntax.parts(root):
        _read_statement(module, node)
    return module


def _unreadable(raw: bytes) -> str | None:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return f"byte 0x{raw[error.start]:02x} in line {raw.count(10, 0, error.start) + 1} is not UTF-8"
    return "it holds null bytes" if b"\0" in raw else None


def directives(body: Node) -> list[str]:
    """Give the directives that a file or a function begins with, such as 'use server'."""
    found: list[str] = []
    for node in syntax.parts(body):
        only = syntax.parts(node)
        if node.type != "expression_statement" or len(only) != 1 or only[0].type != "string":
            break
        found.append(syntax.text(only[0])[1:-1])
    return found


def _read_statement(module: Module, node: Node) -> None:
    if node.type == "import_statement":
        _read_import(module, node)
    elif node.type == "export_statement":
        _read_export(module, node)
    else:
        _declare(module, node)


def _read_import(module: Module, node: Node) -> None:
    source = syntax.string(syntax.field(node, "source"))
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    if source is None or clause is None or any(child.type == "type" for child in node.children):
        return
    for part in syntax.parts(clause):
        if part.type == "identifier":
            module.imports[syntax.text(part)] = Imported(module=source, name="default")
        elif part.type == "namespace_import":
            module.imports[syntax.text(syntax.parts(part)[0])] = Imported(module=source, name="*")
        else:
            for one in syntax.parts(part):
                if one.type != "import_specifier" or any(child.type == "type" for child in one.children):
                    continue
                name, alias = syntax.field(one, "name"), syntax.field(one, "alias")
                module.imports[syntax.text(alias or name)] = Imported(module=source, name=_name(name))


def _name(node: Node | None) -> str:
    return syntax.string(node) or syntax.text(node)


def _declare(module: Module, node: Node) -> list[str]:
    """Note what a statement declares, and give the names."""
    if node.type in _NAMED:
        name = syntax.text(syntax.field(node, "name"))
        module.declared[name] = Declared(node=node)
        return [name]
    if node.type not in {"lexical_declaration", "variable_declaration"}:
        return []
    names: list[str] = []
    for declarator in syntax.parts(node):
        pattern = syntax.field(declarator, "name")
        if declarator.type != "variable_declarator" or pattern is None:
            continue
        for name in names_of(pattern):
            module.declared[name] = Declared(node=declarator, pattern=pattern, value=syntax.field(declarator, "value"))
            names.append(name)
    return names


def is_constant(declared: Node) -> bool:
    """Say whether a declaration is of a const: it has one value for ever."""
    above = declared.parent
    return above is not None and syntax.text(syntax.field(above, "kind")) == "const"


def names_of(pattern: Node) -> list[str]:
    """Give the names that a pattern binds."""
    if pattern.type in {"identifier", "shorthand_property_identifier_pattern"}:
        return [syntax.text(pattern)]
    if pattern.type in {"object_assignment_pattern", "assignment_pattern"}:
        left = syntax.field(pattern, "left")
        return names_of(left) if left is not None else []
    if pattern.type == "pair_pattern":
        value = syntax.field(pattern, "value")
        return names_of(value) if value is not None else []
    if pattern.type in {"object_pattern", "array_pattern", "rest_pattern"}:
        return [name for child in syntax.parts(pattern) for name in names_of(child)]
    return []


def _read_export(module: Module, node: Node) -> None:
    if any(child.type == "type" for child in node.children):
        return
    source = syntax.string(syntax.field(node, "source"))
    declaration, value = syntax.field(node, "declaration"), syntax.field(node, "value")
    default = any(child.type == "default" for child in node.children)
    if declaration is not None:
        names = _declare(module, declaration)
        if default:
            exported = Exported(node=declaration, local=names[0] if names and names[0] else None, value=declaration)
            module.exports["default"] = exported
            return
        module.exports |= {name: Exported(node=declaration, local=name) for name in names}
        return
    if value is not None:
        module.exports["default" if default else "export="] = Exported(node=value, value=value)
        return
    clause = next((child for child in node.named_children if child.type == "export_clause"), None)
    namespace = next((child for child in node.named_children if child.type == "namespace_export"), None)
    if clause is not None:
        for one in syntax.parts(clause):
            name, alias = syntax.field(one, "name"), syntax.field(one, "alias")
            local = _name(name)
            given = Imported(module=source, name=local) if source is not None else None
            module.exports[_name(alias or name)] = Exported(node=one, local=None if given else local, source=given)
    elif namespace is not None and source is not None:
        whole = _name(syntax.parts(namespace)[0])
        module.exports[whole] = Exported(node=namespace, source=Imported(module=source, name="*"))
    elif source is not None:
        module.stars.append(source)
