"""The shapes of values that several tables of keys share. Patterns are those of JSON Schema: anchored at both ends."""

from __future__ import annotations

from prober.definitions.keys.table import Fragment, Range, Shape, Table, Unit

HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
NO_CONTROLS = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]+$"
DAY = 86_400.0
_SEGMENT = (
    r"(:[A-Za-z][A-Za-z0-9]*(<(uuid|int|slug|file)>)?|(?!:)[\u0021\u0022\u0024-\u002e\u0030-\u003e\u0040-\u007e]*)"
)
_PATH = rf"(/{_SEGMENT})+(\?[\u0021\u0022\u0024-\u007e]*)?"


FILLED = Shape(
    name="filled-text",
    shown="text",
    about="Text that is not blank.",
    schema={"type": ["string", "number"], "allOf": [{"pattern": NO_CONTROLS}, {"pattern": r"\S"}]},
)
DATE = Shape(
    shown="date",
    schema={
        "type": "string",
        "format": "date",
        "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    },
)


def words(name: str, *, shown: str, about: str) -> Shape:
    """Make a shape whose words the program has elsewhere."""
    comment = "The words are filled in by `prober schema`, from where the program itself has them."
    return Shape(name=name, shown=shown, about=about, schema={"$comment": comment, "enum": []})


def list_of(entry: Shape | Table, *, shown: str, unique: bool = False) -> Shape:
    """Make a shape of a list with at least one entry."""
    return Shape(shown=shown, schema=_list(entry, unique=unique))


def one_or_more(entry: Shape | Table, *, shown: str, unique: bool = False) -> Shape:
    """Make a shape of one value, or of a list of them."""
    return Shape(shown=shown, schema={"anyOf": [entry, _list(entry, unique=unique)]})


def mapping_of(value: Fragment, *, shown: str) -> Shape:
    """Make a shape of a mapping whose keys are the user's own."""
    return Shape(shown=shown, schema={"type": "object", "minProperties": 1, "additionalProperties": value})


def either(*parts: Fragment, shown: str) -> Shape:
    """Make a shape of one of several."""
    return Shape(shown=shown, schema={"anyOf": list(parts)})


def whole_number(within: Range) -> Shape:
    """Make a shape of a whole number within a range."""
    least, most = int(within.least), int(within.most)
    schema: dict[str, Fragment] = {"type": "integer", "minimum": least, "maximum": most}
    return Shape(shown=f"number, {least} to {most}", schema=schema, range=within)


def duration(within: Range) -> Shape:
    """Make a shape of a duration; JSON Schema cannot hold it to the range."""
    least, most = (shortest(seconds) for seconds in (within.least, within.most))
    zero: Fragment = [DURATION, {"const": 0}, {"const": "0"}]
    schema = {"anyOf": zero} if within.or_zero else DURATION
    return Shape(shown=f"duration, {least} to {most}{' or 0' * within.or_zero}", schema=schema, range=within)


def shortest(number: float) -> str:
    """Write a number of seconds as a duration, in the largest unit that fits."""
    unit, many = next(((unit, many) for unit, many in (("d", DAY), ("h", 3_600)) if number >= many), ("s", 1))
    return f"{number / many:g}{unit}"


def seconds(*, least: float, most: float, or_zero: bool = False) -> Range:
    """Make the range of a duration."""
    return Range(least=least, most=most, unit=Unit.SECONDS, or_zero=or_zero)


def _list(entry: Shape | Table, *, unique: bool) -> dict[str, Fragment]:
    return {"type": "array", "minItems": 1, **({"uniqueItems": True} if unique else {}), "items": entry}


TEXT = Shape(
    name="text",
    shown="text",
    about="Text without control characters. YAML reads a plain yes, no, on or off as true or false: quote it.",
    schema={"type": ["string", "number"], "pattern": NO_CONTROLS},
)
TEXTS = Shape(
    name="texts", shown="text, or a list", about="A text, or a list of texts.",
    schema={"anyOf": [TEXT, _list(TEXT, unique=False)]},
)  # fmt: skip
NAME = Shape(
    name="name",
    shown="name",
    about="Small letters, digits, '-' and '.', as in mcp-token.",
    schema={"type": ["string", "integer"], "minimum": 0, "pattern": "^[a-z0-9]+([.-][a-z0-9]+)*$"},
)
FLAG = Shape(name="flag", shown="`true` or `false`", about="true or false.", schema={"type": "boolean"})
FILE = Shape(
    name="file",
    shown="file",
    about="The name of a file: with a slash, or ending in .yaml or .yml.",
    schema={"type": "string", "pattern": r"^[^\u0000-\u001f\u007f]*(/[^\u0000-\u001f\u007f]*|\.ya?ml)$"},
)
PATH = Shape(
    name="path",
    shown="path",
    about=(
        "A path on the service's own origin, with its query, as in /api/auth/csrf. A parameter is a whole segment, as "
        "in /:id."
    ),
    schema={"type": "string", "pattern": f"^{_PATH}$"},
)
METHOD_AND_PATH = Shape(shown="method and path", schema={"type": "string", "pattern": rf"^[A-Z]+(-[A-Z]+)* {_PATH}$"})
STATUS = Shape(
    name="status",
    shown="status",
    about="A number such as 401, or a class such as 4xx.",
    schema={"anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string", "pattern": "^[1-5]xx$"}]},
)
DURATION = Shape(
    name="duration",
    shown="duration",
    about="Seconds, or a number and its unit: 300, 30s, 5m, 6h, 90d.",
    schema={"type": ["string", "number"], "minimum": 0, "pattern": r"^[0-9]{1,9}(\.[0-9]{1,6})?[smhd]?$"},
)
SECRET_SOURCE = Shape(
    name="secret-source",
    shown="`env:NAME` or `file:PATH`",
    about="Where a secret is stored, never the secret itself: env:NAME or file:PATH.",
    schema={"type": "string", "pattern": "^(env|file):."},
)
LOCK_KEEPER = words("lock-keeper", shown="intermediary, or `gateway`", about="Who may keep a lock in front.")
SHIPPED_PROFILE = words("shipped-profile", shown="profile", about="A profile that comes with the tool.")
PROFILE_OR_FILE = either(SHIPPED_PROFILE, FILE, shown="name of a shipped profile, or a file")
