"""Paths at which a GET often acts: schedulers and platforms call their jobs by GET. Pure."""

from __future__ import annotations

import re

# Parts of a path, whole: what the frameworks' guides and the reports on open jobs call them.
_PARTS = re.compile(
    r"crons?|cron-?jobs?|jobs?|tasks?|workers?|schedulers?|scheduled|(web-?)?hooks?|migrate|migrations?|seed|reset|flush"
    r"|purge|prune|clean-?up|clear|reindex|backfill|rebuild|revalidate|trigger",
    re.IGNORECASE,
)
# What a stranger resets there is a password, by a page that reads: Django's /accounts/reset/done/.
_ACCOUNT = re.compile(r"accounts?|auth|users?|members?|passwords?", re.IGNORECASE)


def is_path_of_job(path: str) -> bool:
    """Say whether a part of this path is what jobs are called, so that a GET of it may well act."""
    parts = path.partition("?")[0].split("/")
    named = {part.lower() for part in parts if _PARTS.fullmatch(part)}
    return bool(named - {"reset"} if any(_ACCOUNT.fullmatch(part) for part in parts) else named)
