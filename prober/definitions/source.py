"""Reads `source:` in prober.yaml: guards, wrappers and public routes for the audit of a source. Strict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.definitions.keys.source import GUARD_FUNCTION, PUBLIC_ROUTE, SOURCE
from prober.model import GuardName, PublicDoor, Refusal, SourceGuards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.definitions.node import Node

_FUNCTION = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*")
_ROUTE = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) (/[^\s*?#]*)")
_ACTION = re.compile(r"[^\s#*?]+\.[cm]?[jt]sx?#[\w$-]+")


def parse_guarding(node: Node) -> SourceGuards:
    """Parse the section 'source' of a deployment."""
    fields = node.fields(SOURCE)
    guards = tuple(_guard(entry) for entry in fields["guards"].items(of="'guards'")) if "guards" in fields else ()
    public = tuple(_public(entry) for entry in fields["public"].items(of="'public'")) if "public" in fields else ()
    return SourceGuards(
        guards=guards, wrappers=_names(fields, "wrappers"), harmless=_names(fields, "harmless"), public=public
    )


def _names(fields: Mapping[str, Node], key: str) -> tuple[str, ...]:
    return tuple(_function(entry) for entry in fields[key].items(of=f"'{key}'")) if key in fields else ()


def _function(node: Node) -> str:
    name = node.word(of="a function")
    if not _FUNCTION.fullmatch(name):
        raise node.wrong(f"'{name}' is not a function name", fix="write its name alone, without '()'")
    return name


def _guard(node: Node) -> GuardName:
    if not node.is_mapping:
        return GuardName(name=_function(node))
    fields = node.fields(GUARD_FUNCTION)
    refusal = None
    if "refuses" in fields:
        refuses = "null" if fields["refuses"].is_null else fields["refuses"].name(
            list(Refusal), of="'refuses'", kind="a way to refuse"
        )  # fmt: skip
        refusal = Refusal(refuses)
    return GuardName(
        name=_function(fields["name"]),
        refusal=refusal,
        module=fields["from"].word(of="'from'") if "from" in fields else None,
    )


def _public(node: Node) -> PublicDoor:
    fields = node.fields(PUBLIC_ROUTE)
    given = [key for key in ("route", "action") if key in fields]
    if len(given) != 1:
        raise node.wrong("a public route needs either 'route' or 'action'", fix="give exactly one of them")
    where = fields[given[0]]
    name = where.word(of=f"'{given[0]}'")
    if given == ["route"] and not _ROUTE.fullmatch(name):
        fix = "write one method and one exact path, as in: POST /api/auth/forgot-password"
        raise where.wrong(f"'{name}' is not a method and exact path", fix=fix)
    if given == ["action"] and not _ACTION.fullmatch(name):
        raise where.wrong(
            f"'{name}' is not a server action", fix="write its file and its name, as in: app/actions.ts#save"
        )
    return PublicDoor(name=name, why=fields["why"].word(of="'why'"), source=where.source)
