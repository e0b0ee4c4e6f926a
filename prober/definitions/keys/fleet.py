"""The keys of a fleet: the list of deployments that `prober fleet` probes, and what they have in common."""

from __future__ import annotations

from prober.definitions.keys.deployment import DEPTH
from prober.definitions.keys.service import SERVICES
from prober.definitions.keys.shapes import NAME, PROFILE_OR_FILE, SECRET_SOURCE, TEXT, list_of, mapping_of, whole_number
from prober.definitions.keys.table import Key, Range, Shape, Table

AT_LEAST = Range(least=1, most=1_000_000)
RATE = Range(least=0.01, most=1_000_000)  # requests a second; slower ones would have a run wait for ever

_RATE = Shape(
    shown=f"number, {RATE.least:g} to {RATE.most:,.0f}",
    schema={"type": "number", "minimum": RATE.least, "maximum": int(RATE.most)},
    range=RATE,
)
_HOLD = mapping_of(SECRET_SOURCE, shown="mapping of name to `env:NAME` or `file:PATH`")
_LABELS = Shape(
    shown="mapping of name to text",
    schema={
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": TEXT,
    },
)

FLEET_DEFAULTS = Table(
    name="fleet-defaults",
    of="'defaults'",
    title="The defaults of a fleet",
    about="Defaults for each deployment that does not override them.",
    where="`defaults` in a fleet",
    keys=(
        Key(
            name="deployment",
            shape=TEXT,
            about="An ordinary prober.yaml that every deployment starts from, relative to the fleet's file.",
            examples=("./base.yaml",),
        ),
        Key(name="profile", shape=PROFILE_OR_FILE, about="The auth mode, in place of the one that prober.yaml names."),
        Key(
            name="depth",
            shape=DEPTH,
            about="How many requests a run may send.",
            default="that of prober.yaml, else `quick`",
        ),
        Key(
            name="hold",
            shape=_HOLD,
            about=(
                "Where each secret is stored; `{name}`, `{NAME}` (in capitals, with `_`) and labels are filled in "
                "after `env:`, but no label after `file:`."
            ),
            examples=("{session-secret: 'env:NEXTAUTH_SECRET_{NAME}'}",),
        ),
    ),
)

FLEET_HOST = Table(
    name="fleet-host",
    of="an entry of 'hosts'",
    title="A host of a fleet",
    about="What hosts with such a name have in common: a pace, or one limiter in front of all of them.",
    where="an entry of `hosts` in a fleet",
    keys=(
        Key(
            name="match",
            shape=TEXT,
            required=True,
            about="A glob of host names.",
            examples=("'*.preview.example.com'",),
        ),
        Key(
            name="together",
            shape=NAME,
            about="A name for what these hosts share: only one deployment behind it is probed at a time.",
            examples=("preview-edge",),
        ),
        Key(name="rate", shape=_RATE, about="Requests a second, at most, to these hosts.", examples=("3",)),
    ),
    rules={"anyOf": [{"required": ["together"]}, {"required": ["rate"]}]},
)

FLEET_ENTRY = Table(
    name="fleet-entry",
    of="an entry of 'deployments'",
    title="An entry of a fleet",
    about=(
        "One deployment (`name` with `services`, `deployment` or both), or many: `files` for a glob of prober.yaml "
        "files, `sd` for targets in the format of Prometheus' service discovery."
    ),
    where="an entry of `deployments` in a fleet",
    keys=(
        Key(
            name="name",
            shape=TEXT,
            about=(
                "The deployment's name, of small letters, digits, '-' and '.'; with `files` and `sd` a template of "
                "labels, of which `files` gives `folder` and `sd` gives `instance`."
            ),
            default="`{folder}` with `files`, `{instance}` with `sd`",
            examples=("shop-prod", "'{app}-{env}-{tenant}'"),
        ),
        Key(name="services", shape=SERVICES, about="The origin of each service, in place of those of prober.yaml."),
        Key(name="deployment", shape=TEXT, about="Its prober.yaml, in place of the one of `defaults`."),
        Key(name="profile", shape=PROFILE_OR_FILE, about="The auth mode, in place of the one of `defaults`."),
        Key(name="depth", shape=DEPTH, about="How many requests a run may send, in place of that of `defaults`."),
        Key(name="hold", shape=_HOLD, about="Where each secret is stored; added to those of `defaults`."),
        Key(
            name="labels",
            shape=_LABELS,
            about="Labels, for `--label`, for the report and for templates.",
            examples=("{app: shop, env: prod}",),
        ),
        Key(
            name="files",
            shape=TEXT,
            about="A glob of prober.yaml files, relative to the fleet's file; one that matches nothing is an error.",
            examples=("../apps/*/prober.yaml",),
        ),
        Key(
            name="sd",
            shape=TEXT,
            about="A file of targets (Prometheus' file_sd), or the URL that answers with them (http_sd).",
            examples=("targets.json",),
        ),
        Key(name="service", shape=NAME, about="The service that each target of `sd` is.", default="web"),
    ),
    rules={
        "oneOf": [
            {"required": ["sd"], "not": {"anyOf": [{"required": ["services"]}, {"required": ["files"]}]}},
            {
                "required": ["files"],
                "not": {"anyOf": [{"required": [name]} for name in ("services", "deployment", "service", "sd")]},
            },
            {
                "required": ["name"],
                "anyOf": [{"required": ["services"]}, {"required": ["deployment"]}],
                "not": {"anyOf": [{"required": [name]} for name in ("files", "sd", "service")]},
            },
        ]
    },
)

FLEET_EXPECT = Table(
    name="fleet-expect",
    of="'expect'",
    title="What a fleet expects",
    about="What must be true of the inventory; otherwise the fleet has no verdict.",
    where="`expect` in a fleet",
    keys=(
        Key(
            name="at-least",
            shape=whole_number(AT_LEAST),
            required=True,
            about="The least number of deployments: an inventory that has shrunk is no verdict.",
            examples=("2800",),
        ),
    ),
)

FLEET = Table(
    name="fleet-file",
    of="a fleet",
    title="A fleet",
    about="All deployments that `prober fleet` probes.",
    where="a file of its own",
    keys=(
        Key(name="fleet", shape=NAME, required=True, about="The fleet's name.", examples=("acme",)),
        Key(name="defaults", shape=FLEET_DEFAULTS, about="What holds for each deployment that says nothing else."),
        Key(
            name="hosts",
            shape=list_of(FLEET_HOST, shown="list of [hosts](#a-host-of-a-fleet)"),
            about="Hosts that share a pace.",
            examples=("[{match: '*.preview.example.com', together: preview-edge, rate: 3}]",),
        ),
        Key(
            name="deployments",
            shape=list_of(FLEET_ENTRY, shown="list of [entries](#an-entry-of-a-fleet)"),
            required=True,
            about="The deployments, and where more of them are listed.",
        ),
        Key(
            name="expect",
            shape=FLEET_EXPECT,
            about="What must be true of the inventory.",
            examples=("{at-least: 2800}",),
        ),
    ),
)  # fmt: skip
