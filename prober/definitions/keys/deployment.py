"""The keys of prober.yaml: what is probed, and the defaults of a run."""

from __future__ import annotations

from prober.definitions.keys.answer import LIMIT_TABLE
from prober.definitions.keys.canary import CANARY
from prober.definitions.keys.service import SERVICES_OR_ORIGINS
from prober.definitions.keys.shapes import (
    HEADER_NAME,
    PROFILE_OR_FILE,
    TEXT,
    TEXTS,
    mapping_of,
    one_or_more,
    whole_number,
    words,
)
from prober.definitions.keys.source import SOURCE
from prober.definitions.keys.table import Key, Range, Shape, Table

PORTS = Range(least=1, most=65_535)

_PREFIX = Shape(
    shown="path", schema={"type": "string", "pattern": r"^/[\u0021\u0022\u0024-\u0039\u003b-\u003e\u0040-\u007e]*$"}
)
_PORT = Shape(name="port", shown="port", about="1 to 65535.", schema=whole_number(PORTS).schema)
_SURFACE = Shape(
    name="surface",
    shown="surface",
    about="A shipped surface, one of your own, or `all`.",
    schema={"anyOf": [words("shipped-surface", shown="surface", about="A surface that comes with the tool."), TEXT]},
)
_PACK = words("pack", shown="pack", about="The shipped surfaces of one application.")
DEPTH = words("depth", shown="`quick`, `standard` or `deep`", about="How many requests a run may send.")

RELEASE = Table(
    name="release",
    of="'release'",
    title="The release",
    about="Where an open route names the release that answers: in a header, or in its JSON.",
    where="`release` in prober.yaml; one of `header` and `json` is required",
    keys=(
        Key(
            name="header",
            shape=Shape(shown="header name", schema={"type": "string", "pattern": HEADER_NAME}),
            about="The header that names it.",
            examples=("x-release",),
        ),
        Key(
            name="json",
            shape=Shape(shown="JSON path", schema={"type": "string", "pattern": r"^[^.]+(\.[^.]+)*$"}),
            about="The path to it in the JSON body: keys joined by dots.",
            examples=("app.version",),
        ),
        Key(
            name="service",
            shape=TEXT,
            about="The service whose answers are read.",
            default="the first that has a health route",
        ),
    ),
    rules={"oneOf": [{"required": ["header"]}, {"required": ["json"]}]},
)

DEPLOYMENT = Table(
    name="deployment-file",
    of="a deployment",
    title="A deployment",
    about="prober.yaml: what is probed, and the defaults of a run. A flag on the command line wins over each key.",
    where="prober.yaml",
    keys=(
        Key(
            name="profile",
            shape=PROFILE_OR_FILE,
            about=(
                "The auth mode that the deployment should be running in: a shipped profile, or a file beside this one "
                "(with a slash, or ending in .yaml)."
            ),
            examples=("oauth",),
        ),
        Key(
            name="services",
            shape=SERVICES_OR_ORIGINS,
            about="The origin of each service; further origins of a service are probed too.",
            examples=(
                "{web: 'https://brain.example.com'}",
                "{web: {url: 'https://brain.example.com', behind: nginx}}",
            ),
        ),
        Key(
            name="mcp-path",
            shape=_PREFIX,
            about="The path of the MCP endpoint below the URL of the service `mcp`, for the shipped surfaces of MCP.",
            default="/mcp",
            examples=("/api/agents",),
        ),
        Key(
            name="surfaces",
            shape=one_or_more(_SURFACE, shown="name, or a list"),
            about="The surfaces that must be there; `all` for every shipped one.",
            default=(
                "those of `probes` and `packs` are tried, or all shipped ones without either; those that are not "
                "served are skipped and reported"
            ),
            examples=("[me, mcp]",),
        ),
        Key(
            name="packs",
            shape=one_or_more(_PACK, shown="name, or a list"),
            about=(
                "Applications whose shipped surfaces are tried too; those that are not served are skipped and reported."
            ),
            default="none",
            examples=("[brain-platform]",),
        ),
        Key(
            name="probes",
            shape=TEXTS,
            about="Folders with surfaces of your own, relative to this file.",
            examples=("[./lockdown/probes]",),
        ),
        Key(
            name="depth",
            shape=DEPTH,
            about=(
                "How many requests a run may send: `quick` for the canary, `standard` for a release, `deep` by hand "
                "before one."
            ),
            default="standard",
        ),
        Key(
            name="require",
            shape=TEXTS,
            about=(
                "Globs of probes that must be probed and locked, whatever narrows the run; if one is skipped, there is "
                "no verdict."
            ),
            examples=("['migrate: * [session-secret]']",),
        ),
        Key(
            name="cookies",
            shape=TEXTS,
            about="Names of the application's own session cookies, in which garbage and held sessions are sent.",
            examples=("[sid]",),
        ),
        Key(
            name="key-headers",
            shape=TEXTS,
            about="Names of the application's own headers for API keys, in which bogus and held keys are sent.",
            examples=("[X-Shop-Key]",),
        ),
        Key(
            name="blanket",
            shape=Shape(
                shown="`application`, or a path, or a list of paths",
                schema={"anyOf": [{"const": "application"}, one_or_more(_PREFIX, shown="", unique=True)]},
            ),
            about=(
                "`application`: the application itself gives every path the same refusal, also paths that do not "
                "exist (a path such as `/api`: all below that one); without this such a refusal proves nothing."
            ),
            examples=("application", "[/api, /internal]"),
        ),
        Key(
            name="limits",
            shape=mapping_of(LIMIT_TABLE, shown="mapping of method and path to [rate limit](#a-rate-limit)"),
            about="Rate limits of routes.",
            examples=("{POST /api/login: {max: 10, per: 1h, signal: 429}}",),
        ),
        Key(
            name="hold",
            shape=mapping_of(
                {"type": "string", "pattern": "^(env|file):"}, shown="mapping of name to `env:NAME` or `file:PATH`"
            ),
            about=(
                "Where each secret is stored that the run may use, never the secret itself; a file must be below the "
                "folder of prober.yaml, and `--hold-for` must name the origin that gets it."
            ),
            examples=("{session-secret: 'env:NEXTAUTH_SECRET'}",),
        ),
        Key(
            name="closed-ports",
            shape=one_or_more(_PORT, shown="port, or a list", unique=True),
            about="Ports that must not accept connections from where the prober runs.",
            examples=("[5432, 6379]",),
        ),
        Key(
            name="waivers",
            shape=TEXT,
            about="A file of accepted findings, relative to this file.",
            examples=("waivers.yaml",),
        ),
        Key(
            name="release",
            shape=RELEASE,
            about="Where an open route names the release that answers.",
            examples=("{header: x-release}",),
        ),
        Key(
            name="source",
            shape=SOURCE,
            about="What `prober audit source` treats as a guard, and what is public on purpose.",
        ),
        Key(
            name="canary",
            shape=CANARY,
            about="How `prober watch` probes the deployment.",
            examples=("{every: 5m, alerts: 'env:ALERT_URL'}",),
        ),
    ),
)
