"""The keys of what a route sends: a body, headers, values of parameters."""

from __future__ import annotations

from itertools import combinations

from prober.definitions.keys.shapes import HEADER_NAME, TEXT
from prober.definitions.keys.table import Fragment, Key, Shape, Table

_PRINTABLE: Fragment = {"pattern": r"^[\u0020-\u007e]+$"}
_SENT_VALUES = Shape(
    name="sent-values",
    shown="mapping of name to text",
    about="Texts by name, in printable ASCII.",
    schema={
        "type": "object",
        "minProperties": 1,
        "propertyNames": _PRINTABLE,
        "additionalProperties": {"type": ["string", "number"], "pattern": r"^[\u0020-\u007e]+$"},
    },
)
_SENT_HEADERS = Shape(
    shown="mapping of header to text", schema={"allOf": [_SENT_VALUES, {"propertyNames": {"pattern": HEADER_NAME}}]}
)
_FORM_VALUES = Shape(
    name="form-values",
    shown="mapping of name to text",
    about="Texts by name, in printable ASCII; `''` is a field that was left empty.",
    schema={
        "type": "object",
        "minProperties": 1,
        "propertyNames": _PRINTABLE,
        "additionalProperties": {"type": ["string", "number"], "pattern": r"^[\u0020-\u007e]*$"},
    },
)
BODIES = ("json", "form", "multipart", "text")

PAYLOAD_TABLE = Table(
    name="payload-facts",
    of="what is sent",
    title="What is sent",
    about="At most one body (json, form, multipart or text), headers, and values of the path's parameters.",
    where="`send`, `inert`, `well-formed` and `indistinguishable` of a route",
    keys=(
        Key(name="json", shape=Shape(shown="any value", schema={}), about="The body, sent as application/json."),
        Key(
            name="form",
            shape=_FORM_VALUES,
            about="The body, sent as application/x-www-form-urlencoded.",
            examples=("{email: '', password: x}",),
        ),
        Key(name="multipart", shape=_FORM_VALUES, about="The body, sent as multipart/form-data, as with an upload."),
        Key(name="text", shape=TEXT, about="The body, sent as text/plain unless the headers name another type."),
        Key(
            name="headers",
            shape=_SENT_HEADERS,
            about="Headers that are sent besides the credential.",
            examples=("{X-Retry: 3}",),
        ),
        Key(
            name="path",
            shape=_SENT_VALUES,
            about="Values of the path's parameters; a parameter without a value gets an id that cannot exist.",
            examples=("{id: '1'}",),
        ),
    ),
    rules={
        "not": {"anyOf": [{"required": list(pair)} for pair in combinations(BODIES, 2)]},
    },
)
IMPOSSIBLE_ID: Fragment = {"const": "impossible-id"}
PAYLOAD = Shape(
    name="payload",
    shown="[mapping](#what-is-sent), or `impossible-id`",
    about=(
        "A mapping of a body, headers and parameters; or `impossible-id`, where the route takes nothing but the "
        "parameters of its path."
    ),
    schema={"anyOf": [IMPOSSIBLE_ID, PAYLOAD_TABLE]},
)
