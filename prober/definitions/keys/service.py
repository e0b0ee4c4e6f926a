"""The keys of a service: where it is, and what in front of it keeps its locks."""

from __future__ import annotations

from prober.definitions.keys.shapes import LOCK_KEEPER, mapping_of, one_or_more
from prober.definitions.keys.table import Key, Shape, Table

_HOST = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
_PORT_AND_PATH = r"(:([1-9][0-9]{0,4})?)?(/[\u0021\u0022\u0024-\u003e\u0040-\u007e]*)?"
_ORIGIN = Shape(
    name="origin",
    shown="URL",
    about=(
        "A URL up to the path under which it is served, without user, query and fragment; or a socket, as in "
        "unix:/run/app.sock."
    ),
    schema={
        "type": "string",
        "pattern": rf"^(https?://({_HOST}|\[[0-9A-Fa-f:.]+\]){_PORT_AND_PATH}|unix:(//)?/[\u0020-\u007e]+)$",
    },
)
_ORIGINS = one_or_more(_ORIGIN, shown="URL, or a list")
SERVICES = mapping_of(_ORIGINS, shown="mapping of name to URL, or to a list")

SERVICE = Table(
    name="service",
    of="a service",
    title="A service",
    about="Where a service is, and what in front of it keeps its locks.",
    where="an entry of `services` in prober.yaml, in place of its URL",
    keys=(
        Key(name="url", shape=_ORIGINS, required=True, about="Its origin; further origins are probed too."),
        Key(
            name="behind",
            shape=LOCK_KEEPER,
            about=(
                "Who in front of the application keeps its locks, for every answer without a `by`: a refusal by it or "
                "by the application is expected, one by anybody else is no verdict."
            ),
            default="the application alone",
            examples=("oauth2-proxy", "gateway"),
        ),
    ),
)
SERVICES_OR_ORIGINS = mapping_of(
    {"anyOf": [_ORIGINS, SERVICE]}, shown="mapping of name to URL, to a list, or to [a service](#a-service)"
)
