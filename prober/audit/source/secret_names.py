"""The names by which a file knows secrets of the environment, and the texts that contain one. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax
from prober.audit.source.known_names import is_secret_name
from prober.audit.source.secret_nodes import ENVIRONMENT_LIKE, SECRET_LIKE, builds_text

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.module import Module

_ENUM = re.compile(
    r"(?!Env|Config|Settings|Secrets)[A-Z][a-z]\w*|[A-Z_]*(TABS?|KEYS|ROUTES|EVENTS|FLAGS|KINDS|TYPES|STEPS|FIELDS|LABELS)"
)


class SecretNames:
    """The variables of a file that hold a secret of the environment, or a text that contains one."""

    def __init__(self, module: Module) -> None:
        """Collect the initial value of each variable."""
        self.values: dict[str, list[Node]] = {}
        # By variable, read once: a file may declare one name in a thousand functions.
        self._named: dict[str, str | None] = {}
        self._texts: dict[str, Node | None] = {}
        for node in module.nodes("variable_declarator"):
            name, value = syntax.field(node, "name"), syntax.field(node, "value")
            if name is not None and value is not None and name.type == "identifier":
                self.values.setdefault(syntax.text(name), []).append(value)

    def name_of(self, node: Node) -> str | None:
        """Give the environment variable that a node reads, if it is a secret."""
        node = syntax.bare(node)
        chain = syntax.dotted(node)
        name = syntax.environment_name(node) or (chain[-1] if chain and ENVIRONMENT_LIKE.fullmatch(chain[-1]) else "")
        if chain and len(chain) > 1 and _ENUM.fullmatch(chain[0]) and not syntax.environment_name(node):
            return None  # Tabs.PASSWORD, Keys.ENTER_KEY
        if name and is_secret_name(name):
            return name if syntax.environment_name(node) or not self._is_written_out(name) else None
        if node.type == "identifier":
            variable = syntax.text(node)
            if variable not in self._named:
                self._named[variable] = self._only_name(self.values.get(variable, []))
            return self._named[variable]
        return None

    def _only_name(self, values: list[Node]) -> str | None:
        """Give the secret that a variable holds; None where its values hold none, or several."""
        read = [value for value in values if syntax.bare(value).type != "identifier"]
        names = {name for value in read if (name := self.name_of(value))}
        return names.pop() if len(names) == 1 else None

    def _text_of(self, variable: str) -> Node | None:
        """Give the first value of a variable that builds a text."""
        if variable not in self._texts:
            self._texts[variable] = next((value for value in self.values.get(variable, []) if builds_text(value)), None)
        return self._texts[variable]

    def _is_written_out(self, name: str) -> bool:
        """Say whether a name is a constant of the file whose every value is a text: no secret of the environment."""
        values = self.values.get(name, [])
        return bool(values) and all(syntax.string(value) is not None for value in values)

    def fallback_of(self, node: Node) -> str | None:
        """Describe the value that a secret falls back to; None for an empty value, or one that may refuse."""
        name = self.name_of(node)
        if name is not None:
            return name
        written = syntax.string(node)
        if written is not None:
            return "a text in the source" if written else None
        return syntax.text(node) if syntax.bare(node).type in {"identifier", "member_expression"} and (
            SECRET_LIKE.search(syntax.text(node)) or syntax.environment_name(node)
        ) else None  # fmt: skip

    def secret_of(self, node: Node) -> tuple[str, Node | None] | None:
        """Give the secret in a side of a comparison, and the text that contains it."""
        node = syntax.bare(node)
        name = self.name_of(node)
        if name is not None and (syntax.environment_name(node) or node.type == "identifier"):
            return name, self._text_of(syntax.text(node))
        if builds_text(node):
            inner_name = next(
                (name for part in syntax.every(node) if part is not node and (name := self.name_of(part))), None
            )
            return (inner_name, node) if inner_name is not None else None
        text = self._text_of(syntax.text(node)) if node.type == "identifier" else None
        return self.secret_of(text) if text is not None else None
