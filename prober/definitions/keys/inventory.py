"""The keys of an inventory, which `prober accept` writes."""

from __future__ import annotations

from prober.definitions.keys.shapes import DATE, FILLED, list_of
from prober.definitions.keys.table import Key, Table

ACCEPTED = Table(
    name="accepted",
    of="'accepted'",
    title="Who accepted it",
    about="Who accepted the inventory, when, and of which release.",
    where="`accepted` in an inventory",
    keys=(
        Key(name="at", shape=DATE, required=True, about="The day, UTC.", examples=("2026-12-31",)),
        Key(name="by", shape=FILLED, required=True, about="Who accepted it.", examples=("Jane Doe",)),
        Key(name="release", shape=FILLED, about="The release that answered, where the report knows it."),
    ),
)

_ROUTES = list_of(FILLED, shown="list of routes", unique=True)

INVENTORY = Table(
    name="inventory-file",
    of="an inventory",
    title="An inventory",
    about="Which routes a deployment has: `lockdown.lock.yaml` beside prober.yaml, written by `prober accept`.",
    where="a file of its own",
    keys=(
        Key(name="accepted", shape=ACCEPTED, required=True, about="Who accepted it, when, and of which release."),
        Key(
            name="there",
            shape=_ROUTES,
            about="The routes that are there; one that is missing later has vanished.",
            examples=("['knowledge: GET /api/knowledge']",),
        ),
        Key(
            name="absent",
            shape=_ROUTES,
            about="The routes that are not there: they may be missing, and one that answers later has appeared.",
            examples=("['knowledge: POST /api/knowledge/reset']",),
        ),
    ),
)
