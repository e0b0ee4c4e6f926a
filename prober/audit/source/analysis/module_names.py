"""What a file declares by a name through its imports, and what a namespace that it imports holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.audit.source.analysis.names import MOST_HOPS, of_import

if TYPE_CHECKING:
    from prober.audit.source.analysis.module import Declared, Module
    from prober.audit.source.analysis.state import Walk
    from prober.audit.source.analysis.values import Scope, Value


def declared(walk: Walk, scope: Scope, name: str) -> tuple[Module, Declared] | None:
    """Give the declaration of a name that a file uses, through its imports; None where that is not in the folder."""
    module: Module | None = scope.module
    for _ in range(MOST_HOPS):
        if module is None or name in module.declared:
            return (module, module.declared[name]) if module is not None else None
        imported = module.imports.get(name)
        exported = module.exports.get(name)
        source = imported or (exported.source if exported is not None else None)
        if source is None:
            return None
        file = walk.project.find(source.module, of=module.file)
        module, name = walk.project.module(file) if file is not None else None, source.name
    return None


def opened(walk: Walk, module: Module, value: Value) -> Value:
    """Give a namespace, import * as songs, as an object of what its file exports; every other value as it is."""
    if value.origin is None or value.origin.name != "*" or value.members is not None:
        return value
    file = walk.project.find(value.origin.module, of=module.file)
    other = walk.project.module(file) if file is not None else None
    if other is None or other.broken is not None or other.stars:
        return value
    members = {name: of_import(walk, module, value.origin.module, name) for name in other.exports}
    return replace(value, members=members)
