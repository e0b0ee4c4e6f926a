"""Paths at which a GET often acts: schedulers and platforms call their jobs by GET. Pure."""

from __future__ import annotations

import re

# Parts of a path, whole: what the frameworks' guides and the reports on open jobs call them.
_PARTS = re.compile(
    r"crons?|cron-?jobs?|jobs?|tasks?|workers?|schedulers?|scheduled|(web-?)?hooks?|migrate|migrations?|seed|reset|flush"
    r"|purge|prune|clean-?up|clear|reindex|backfill|rebuild|revalidate|trigger",
    re.IGNORECASE,
)


def is_path_of_job(path: str) -> bool:
    """Say whether a part of this path is what jobs are called, so that a GET of it may well act."""
    return any(_PARTS.fullmatch(part) for part in path.partition("?")[0].split("/"))
