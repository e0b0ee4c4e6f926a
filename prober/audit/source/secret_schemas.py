"""Schemas of an environment: which secrets an application cannot start without. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.audit.source.analysis import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

    from prober.audit.source.analysis.module import Declared, Module

# What parses the environment and throws where it is wrong, as the documentation of zod and of @t3-oss/env-nextjs shows.
_PARSES = re.compile(r"\.parse\(\s*process\.env\b|\bcreateEnv\(")
_SKIPS = re.compile(r"\bskipValidation\s*:\s*(?!false\b)|\bSKIP_ENV_VALIDATION\b")
_SET = re.compile(r"\.(min\(\s*[1-9]|nonempty\(|length\(|uuid\(|url\(|email\(|regex\(|startsWith\()")
_MAY_BE_UNSET = re.compile(r"\.(optional|nullish|nullable|default|catch|or|prefault|preprocess|transform)\(")


def is_demanded(environment: tuple[Module, Declared] | None, name: str) -> bool:
    """Say whether an object holds the environment as parsed by a schema in which a name is never missing or empty."""
    if environment is None or environment[0].broken is not None:
        return False
    module, declared = environment
    return _PARSES.search(syntax.text(declared.value)) is not None and name in _demanded(module.root)


@lru_cache(maxsize=16)
def _demanded(root: Node) -> frozenset[str]:
    text = syntax.text(root)
    if _SKIPS.search(text):
        return frozenset()
    found: set[str] = set()
    loose: set[str] = set()
    for node in syntax.every(root):
        if node.type != "pair" or (value := syntax.field(node, "value")) is None or value.type != "call_expression":
            continue
        schema = syntax.text(value)
        name = syntax.string(key := syntax.field(node, "key")) or syntax.text(key)
        (found if _SET.search(schema) and not _MAY_BE_UNSET.search(schema) else loose).add(name)
    return frozenset(found - loose)
