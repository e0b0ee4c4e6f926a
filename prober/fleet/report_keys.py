"""The keys of a fleet's JSON report, as one table: its schema, its tables in docs/ and the check of `merge` follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from prober.definitions.keys.table import Key, Shape, Table
from prober.definitions.reference import anchor
from prober.fleet.tasks import FleetVerdict

if TYPE_CHECKING:
    from prober.definitions.keys.table import Fragment

TEXT = Shape(shown="text", schema={"type": "string"})
TEXT_OR_NULL = Shape(shown="text or null", schema={"type": ["string", "null"]})
COUNT = Shape(shown="number", schema={"type": "integer", "minimum": 0})
COUNT_OR_NULL = Shape(shown="number or null", schema={"type": ["integer", "null"], "minimum": 0})
FLAG = Shape(shown="`true` or `false`", schema={"type": "boolean"})
STATUS = Shape(shown="0, 1 or 2", schema={"type": "integer", "enum": [0, 1, 2]})
NAMES = Shape(shown="list of texts", schema={"type": "array", "items": TEXT})
VERDICT = Shape(shown="a verdict", schema={"type": "string", "enum": [str(verdict) for verdict in FleetVerdict]})
LABELS = Shape(shown="mapping of name to text", schema={"type": "object", "additionalProperties": TEXT})
FAILING = Shape(shown="`leak` or `drift`", schema={"type": "string", "enum": ["leak", "drift"]})


def _key(name: str, shape: Shape | Table, about: str) -> Key:
    return Key(name=name, shape=shape, about=about, required=True)


def _list(table: Table) -> Shape:
    """Make the shape of a list of these, which may be empty."""
    return Shape(shown=f"list of [{table.of}]({anchor(table)})", schema={"type": "array", "items": table})


_CAUSE = (
    _key("surface", TEXT, "The surface; empty where the deployment as a whole is wrong."),
    _key("route", TEXT, "The route."),
    _key("verdict", FAILING, "What it is."),
    _key("reason", TEXT, "Why, as `prober explain` knows it."),
)
CAUSE = Table(
    name="fleet-cause", of="a cause", title="A cause of a deployment", about="What is wrong at a route.",
    where="`causes` of a deployment", keys=_CAUSE,
)  # fmt: skip
CAUSE_GROUP = Table(
    name="fleet-cause-group", of="a cause", title="A cause of a fleet",
    about="What is wrong at a route, and how many deployments have it.", where="`causes` of the report",
    keys=(
        *_CAUSE,
        _key("deployments", COUNT, "How many deployments have it."),
        _key("apart", TEXT_OR_NULL, "The label that sets them apart; null where none does."),
        _key("names", NAMES, "The first 20 of them."),
    ),
)  # fmt: skip
UNKNOWN_GROUP = Table(
    name="fleet-unknown-group", of="a cause of no verdict", title="A cause of no verdict",
    about="Why nothing is known of deployments.", where="`no_verdicts` of the report",
    keys=(
        _key("why", TEXT, "The cause, worded alike for all of them."),
        _key("deployments", COUNT, "How many deployments have it."),
        _key("names", NAMES, "The first 20 of them."),
    ),
)  # fmt: skip
DEPLOYMENT = Table(
    name="fleet-deployment", of="a deployment", title="A deployment of a report", about="What one deployment came to.",
    where="`deployments` of the report",
    keys=(
        _key("name", TEXT, "Its name in the fleet."),
        _key("labels", LABELS, "Its labels."),
        _key("verdict", VERDICT, "What it came to."),
        _key("why", TEXT_OR_NULL, "The cause of no verdict."),
        _key("sentence", TEXT_OR_NULL, "The last line of its own report; null where it is locked."),
        _key("requests", COUNT, "Requests that were sent to it."),
        _key("run", TEXT_OR_NULL, "The run's own id, which every request of it carried; null where it is locked."),
        _key("causes", _list(CAUSE), "What is wrong; of one that is wide open, the first 40."),
    ),
)  # fmt: skip
TOOL = Table(
    name="fleet-tool", of="the tool", title="The tool of a report", about="What wrote the report.",
    where="`tool` of the report", keys=(_key("name", TEXT, "Its name."), _key("version", TEXT, "Its version.")),
)  # fmt: skip
COUNTS = Table(
    name="fleet-counts", of="the counts", title="The counts of a report",
    about="Deployments by their verdict; together they are all of `deployments`.", where="`counts` of the report",
    keys=tuple(_key(verdict, COUNT, f"How many are {verdict}.") for verdict in FleetVerdict),
)  # fmt: skip
REPORT = Table(
    name="fleet-report", of="the report of a fleet", title="The report of a fleet",
    about="What `--report json=PATH` of `prober fleet` writes. Every key is always there; what is not known is null.",
    where="a file of its own",
    keys=(
        _key("schema", Shape(shown="1", schema={"const": 1}), "The version of this form."),
        _key("tool", TOOL, "Who made the report."),
        _key("fleet", TEXT, "The fleet's name."),
        _key("run", TEXT, "The id of the run over the fleet."),
        _key("digest", TEXT, "What the results depend on: the fleet, its definitions, the version of the prober."),
        _key("shard", TEXT_OR_NULL, "Which part of the fleet this is, I/N; null for all of it."),
        _key("started_at", TEXT, "When it started, in UTC."),
        _key("elapsed_ms", COUNT, "How long it took, in milliseconds."),
        _key("verdict", VERDICT, "The fleet's verdict."),
        _key("exit_status", STATUS, "The exit status that follows from it."),
        _key("interrupted", FLAG, "Whether a signal ended it."),
        _key("inventory", COUNT, "How many deployments the whole fleet has."),
        _key("at_least", COUNT_OR_NULL, "How many it expects at least."),
        _key("names", NAMES, "Of a shard: the names of the whole fleet, from which `fleet merge` starts."),
        _key("counts", COUNTS, "Deployments by their verdict."),
        _key("requests", COUNT, "Requests that were sent."),
        _key("causes", _list(CAUSE_GROUP), "What is wrong, leaks first, then the most frequent."),
        _key("no_verdicts", _list(UNKNOWN_GROUP), "Why deployments have no verdict, the most frequent first."),
        _key("deployments", _list(DEPLOYMENT), "Every deployment."),
    ),
)  # fmt: skip


def misfit(value: object, shape: Fragment | Shape | Table, at: str = "the report") -> str | None:
    """Name the first place where a value read from JSON is not as the table has it; None where all of it is."""
    if isinstance(shape, Table):
        return _misfit_of_mapping(value, shape, at)
    if isinstance(shape, Shape):
        return misfit(value, shape.schema, at)
    schema: Mapping[str, Fragment] = shape if isinstance(shape, Mapping) else {}
    kinds = schema.get("type", ())
    names = (kinds,) if isinstance(kinds, str) else tuple(map(str, kinds)) if isinstance(kinds, Sequence) else ()
    if names and not any(_IS[name](value) for name in names):
        return at
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(allowed, Sequence) and (value not in allowed or isinstance(value, bool)):
        return at
    least = schema.get("minimum")
    if isinstance(least, int) and isinstance(value, int) and value < least:
        return at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = schema.get("items", schema.get("additionalProperties"))
    return next((where for key, part in parts if (where := misfit(part, inner, f"{at}: {key}")) is not None), None)


def _misfit_of_mapping(value: object, table: Table, at: str) -> str | None:
    if not isinstance(value, dict) or value.keys() != set(table.names):
        return at
    return next(
        (where for key in table.keys if (where := misfit(value[key.name], key.shape, f"{at}: {key.name}")) is not None),
        None,
    )


_IS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
