"""The one table of keys of the YAML language: readers, JSON Schemas, the reference and options come from it.

A new key is one entry in the table of its kind, and the line of the reader that reads its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prober.definitions.keys.deployment import DEPLOYMENT
from prober.definitions.keys.fleet import FLEET
from prober.definitions.keys.inventory import INVENTORY
from prober.definitions.keys.profile import PROFILE
from prober.definitions.keys.surface import SURFACE
from prober.definitions.keys.table import Fragment, Shape, Table
from prober.definitions.keys.waivers import WAIVERS

# The kinds of file.
DOCUMENTS: Mapping[str, Table] = {
    "surface": SURFACE, "profile": PROFILE, "deployment": DEPLOYMENT, "waivers": WAIVERS,
    "inventory": INVENTORY, "fleet": FLEET,
}  # fmt: skip


def tables_of(fragment: Fragment) -> Iterator[Table]:
    """Give every table that a table, a shape or a schema leads to, itself first; some more than once."""
    if isinstance(fragment, Table):
        yield fragment
        for key in fragment.keys:
            yield from tables_of(key.shape)
    elif isinstance(fragment, Shape):
        yield from tables_of(fragment.schema)
    elif isinstance(fragment, Mapping):
        for value in fragment.values():
            yield from tables_of(value)
    elif not isinstance(fragment, (str, int, float, type(None))):
        for entry in fragment:
            yield from tables_of(entry)
