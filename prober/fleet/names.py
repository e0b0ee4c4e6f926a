"""Templates of a fleet: names made of labels, and secrets' sources made of names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.definitions.fleet import HOW_TO_NAME, NAME
from prober.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Source

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OF_NAME = frozenset({"name", "NAME"})


def name_of(template: str, labels: Mapping[str, str], *, source: Source) -> str:
    """Fill labels into a name; what names cannot hold becomes '-', and a name that is none is an error."""
    filled = _filled(template, labels, source=source)
    name = re.sub(r"[^a-z0-9.-]+", "-", filled.lower()).strip("-.")
    name = re.sub(r"[.-]{2,}", "-", name)
    if not NAME.fullmatch(name):
        raise DefinitionError(f"'{template}' gives '{filled}', which is not a name", fix=HOW_TO_NAME, source=source)
    return name


def hold_of(
    hold: tuple[str, ...], *, name: str, labels: Mapping[str, str], source: Source, is_listed_elsewhere: bool
) -> tuple[str, ...]:
    """Fill the name and labels into where secrets are stored, NAME=SOURCE each.

    A label never gives a part of a file's path; neither does a name that was made of labels (`is_listed_elsewhere`).
    """
    words = {**labels, "name": name, "NAME": as_variable(name)}
    filled: list[str] = []
    for entry in hold:
        secret, _, where = entry.partition("=")
        used = set(_PLACEHOLDER.findall(where))
        if where.startswith("file:") and (used - _OF_NAME or (used and is_listed_elsewhere)):
            what = f"'{secret}' takes a part of its path from a label"
            raise DefinitionError(what, fix="use env:, or write the path out", source=source)
        value = _filled(where, {**words, **_as_variables(where, labels)}, source=source)
        filled.append(f"{secret}={value}")
    return tuple(filled)


def uses_name(where: str) -> bool:
    """Say whether a template of a secret's source holds the deployment's name, and so gives each its own."""
    return bool(set(_PLACEHOLDER.findall(where)) & _OF_NAME)


def as_variable(name: str) -> str:
    """Write a name as the name of an environment variable has it."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _as_variables(where: str, labels: Mapping[str, str]) -> Mapping[str, str]:
    """Give labels as a variable's name can hold them: nothing else may come into the source of a secret."""
    return (
        {key: re.sub(r"[^A-Za-z0-9]", "_", value) for key, value in labels.items()} if where.startswith("env:") else {}
    )


def _filled(template: str, words: Mapping[str, str], *, source: Source) -> str:
    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            fix = did_you_mean(match[1], words, otherwise=f"use one of: {', '.join(words) or 'no label is there'}")
            raise DefinitionError(f"'{template}' names a label '{match[1]}' that is not there", fix=fix, source=source)
        return words[match[1]]

    filled = _PLACEHOLDER.sub(word, template)
    if "{" in _PLACEHOLDER.sub("", template) or "}" in _PLACEHOLDER.sub("", template):
        raise DefinitionError(f"'{template}' has a brace without its other one", fix="write {name}", source=source)
    return filled
