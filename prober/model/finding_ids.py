"""The ids of findings: `surface: METHOD /path [credential, variant]`."""

from __future__ import annotations


def route_of_id(finding_id: str) -> str:
    """Give the name of the route that an id begins with."""
    return finding_id.partition(" [")[0]
