"""The schemas of the definitions know the keys that the parsers know, place by place."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prober.cli.schema import schema_of
from prober.definitions.keys import DOCUMENTS, tables_of
from prober.errors import DefinitionError
from tests.support.schemas import PARSERS

ROUTE = "{surface: a, about: a, routes: [{route: GET /, guard: g, why: w, fix: f, %s}]}"
GUARD = "{profile: a, about: a, guards: {g: %s}}"
FLEET = "{fleet: a, deployments: [{name: a, deployment: a.yaml}], %s}"
KEY = "zzzzzzzz: 1"

# Where a mapping of known keys may stand, and the definition of the schema that it is there.
PLACES = [
    pytest.param("surface", None, f"{{{KEY}}}", id="a-surface"),
    pytest.param("surface", "route", f"{{surface: a, about: a, routes: [{{{KEY}}}]}}", id="a-route"),
    pytest.param("surface", "payload-facts", ROUTE % f"send: {{{KEY}}}", id="what-is-sent"),
    pytest.param("surface", "never-facts", ROUTE % f"never: {{{KEY}}}", id="never"),
    pytest.param("deployment", "canary", f"canary: {{{KEY}}}", id="a-canary"),
    pytest.param("surface", "limit", ROUTE % f"limit: {{{KEY}}}", id="a-limit"),
    pytest.param("surface", "answer-facts", ROUTE % f"limit: {{max: 1, per: 1h, signal: {{{KEY}}}}}", id="a-signal"),
    pytest.param("profile", None, f"{{{KEY}}}", id="a-profile"),
    pytest.param("profile", "answer-facts", GUARD % f"[{{{KEY}}}]", id="an-answer"),
    pytest.param("profile", "never-facts", f"{{profile: a, about: a, guards: {{g: 401}}, never: {{{KEY}}}}}", id="never-of-a-mode"),
    pytest.param(
        "profile", "carrier", f"{{profile: a, about: a, guards: {{g: 401}}, presents: {{g: {{{KEY}}}}}}}", id="a-carrier"
    ),
    pytest.param("deployment", None, f"{{{KEY}}}", id="a-deployment"),
    pytest.param("deployment", "limit", f"{{limits: {{POST /: {{{KEY}}}}}}}", id="a-limit-of-a-deployment"),
    pytest.param("deployment", "service", f"{{services: {{web: {{{KEY}}}}}}}", id="a-service"),
    pytest.param("deployment", "release", f"{{release: {{{KEY}}}}}", id="a-release"),
    pytest.param("deployment", "source", f"{{source: {{{KEY}}}}}", id="a-source"),
    pytest.param("deployment", "guard-function", f"{{source: {{guards: [{{{KEY}}}]}}}}", id="a-guard-function"),
    pytest.param("deployment", "public-route", f"{{source: {{public: [{{{KEY}}}]}}}}", id="a-public-route"),
    pytest.param("waivers", None, f"{{{KEY}}}", id="a-file-of-waivers"),
    pytest.param("waivers", "waiver", f"{{waivers: [{{{KEY}}}]}}", id="a-waiver"),
    pytest.param("fleet", None, f"{{{KEY}}}", id="a-fleet"),
    pytest.param("fleet", "fleet-defaults", FLEET % f"defaults: {{{KEY}}}", id="the-defaults-of-a-fleet"),
    pytest.param("fleet", "fleet-host", FLEET % f"hosts: [{{{KEY}}}]", id="a-host-of-a-fleet"),
    pytest.param("fleet", "fleet-entry", f"{{fleet: a, deployments: [{{{KEY}}}]}}", id="an-entry-of-a-fleet"),
    pytest.param("fleet", "fleet-expect", FLEET % f"expect: {{{KEY}}}", id="what-a-fleet-expects"),
    pytest.param("inventory", None, f"{{{KEY}}}", id="an-inventory"),
    pytest.param("inventory", "accepted", f"{{accepted: {{{KEY}}}}}", id="who-accepted-it"),
]  # fmt: skip


def keys_of(kind: str, name: str | None) -> set[str]:
    schema: Any = schema_of(kind)
    return set((schema["$defs"][name] if name else schema)["properties"])


def complaint(kind: str, text: str) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        PARSERS[kind](text)
    return caught.value


@pytest.mark.parametrize(("kind", "name", "text"), PLACES)
def test_a_schema_has_the_keys_of_its_parser(kind: str, name: str | None, text: str) -> None:
    """The parser itself names them, to whoever gives it another."""
    known = complaint(kind, text).fix.removeprefix("remove it, or use one of: ").split(", ")
    assert keys_of(kind, name) == set(known)


def test_a_guard_of_the_schema_has_the_keys_of_its_parser() -> None:
    fix = complaint("profile", GUARD % f"{{{KEY}}}").fix
    known = re.findall(r"[a-z-]+", fix.partition("(")[2].partition(")")[0])
    assert keys_of("profile", "answer-facts") | keys_of("profile", "skip") == set(known)


def test_no_table_of_keys_is_left_out() -> None:
    tables = {table.of for document in DOCUMENTS.values() for table in tables_of(document)}
    assert tables == {
        complaint(str(kind), str(text)).what.partition(" in ")[2]
        for kind, _, text in (place.values for place in PLACES)
    }
