"""The keys of a surface: one file of routes."""

from __future__ import annotations

from prober.definitions.keys.route import ROUTE
from prober.definitions.keys.shapes import FLAG, NAME, TEXT, list_of
from prober.definitions.keys.table import Key, Table

SURFACE = Table(
    name="surface-file",
    of="a surface",
    title="A surface",
    about=(
        "A named group of routes: one file in a folder that `probes` in prober.yaml names. A route names only its "
        "guard; the profile says how the guard answers."
    ),
    where="a file of its own",
    keys=(
        Key(name="surface", shape=NAME, required=True, about="The surface's name, which no other surface may have."),
        Key(name="about", shape=TEXT, required=True, about="What these routes are, in a sentence."),
        Key(name="service", shape=NAME, about="The service that its routes are on.", default="web"),
        Key(
            name="by-name-only",
            shape=FLAG,
            about="Probed only when it is named: never because it happens to be there.",
            default="false",
        ),
        Key(
            name="routes",
            shape=list_of(ROUTE, shown="list of [routes](#a-route)"),
            required=True,
            about="The routes; at least one.",
        ),
    ),
)
