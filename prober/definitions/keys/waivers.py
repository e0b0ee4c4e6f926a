"""The keys of a file of waivers, and of a waiver."""

from __future__ import annotations

from prober.definitions.keys.shapes import DATE, FILLED, list_of
from prober.definitions.keys.table import Key, Table

WAIVER = Table(
    name="waiver",
    of="a waiver",
    title="A waiver",
    about="Which findings are accepted (`finding` or `surface`, one of the two), why, by whom and until when.",
    where="an entry of `waivers` in a file of waivers",
    keys=(
        Key(
            name="finding",
            shape=FILLED,
            about="The id of a finding, a route, or a glob of them.",
            examples=("'migrate: POST /api/migrate [*]'",),
        ),
        Key(
            name="surface",
            shape=FILLED,
            about="A whole surface, by its name; a key of its own, so that no glob covers a surface by accident.",
            examples=("login",),
        ),
        Key(name="reason", shape=FILLED, required=True, about="Why the finding is accepted for now."),
        Key(name="owner", shape=FILLED, required=True, about="Who has accepted the risk."),
        Key(
            name="expires",
            shape=DATE,
            required=True,
            about="The last day on which the waiver is valid.",
            examples=("2026-12-31",),
        ),
    ),
    rules={"oneOf": [{"required": ["finding"]}, {"required": ["surface"]}]},
)

WAIVERS = Table(
    name="waivers-file",
    of="a file of waivers",
    title="A file of waivers",
    about="Accepted findings, each with an owner and an expiry date: for --waivers, or `waivers` in prober.yaml.",
    where="a file of its own",
    keys=(
        Key(
            name="waivers",
            shape=list_of(WAIVER, shown="list of [waivers](#a-waiver)"),
            required=True,
            about="The waivers; at least one.",
        ),
    ),
)
