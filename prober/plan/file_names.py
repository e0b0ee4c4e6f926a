"""Routes that take the name of a file: matchers of middleware often leave out whatever has a dot in it. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import IMPOSSIBLE_ID, IMPOSSIBLE_IDS, IdType

if TYPE_CHECKING:
    from prober.model import Request, Route
    from prober.plan.request_mutations import MutationContext

_NAMES = re.compile(
    r"(file|document|attachment|asset|image|photo|media|download|upload|export|object)?(file)?(name|path|key)?"
)
_ID = re.compile(r"(^:i|I)d$")  # an id has no dot
_FOLDERS = re.compile(
    r"files?|documents?|docs|attachments?|assets?|images?|photos?|pictures?|avatars?|media|downloads?|uploads?|exports?"
    r"|storage|static|public|reports?|invoices?|receipts?|backups?|recordings?"
)


def takes_file_name(route: Route) -> bool:
    """Say whether the last part of a path may be the name of a file, and nothing says which."""
    *before, last = route.path.partition("?")[0].split("/")
    given = {*dict(route.payload.parameters), *dict(route.id_types)}
    if not last.startswith(":") or last[1:] in given or _ID.search(last):
        return False
    folder = next((part for part in reversed(before) if part and not part.startswith(":")), "")
    return bool(_NAMES.fullmatch(last[1:].lower()) or _FOLDERS.fullmatch(folder.lower()))


def with_file_name(plain: Request, _: MutationContext) -> Request | None:
    """Ask for a file that cannot exist, whose name has a dot; not applicable where the path ends otherwise."""
    path, mark, query = plain.target.partition("?")
    if not path.endswith(f"/{IMPOSSIBLE_ID}"):
        return None
    return replace(plain, target=path.removesuffix(IMPOSSIBLE_ID) + IMPOSSIBLE_IDS[IdType.FILE] + mark + query)
