"""Reads a profile: the answers that one auth mode expects of each guard. Strict; no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.definitions.answer import parse_never, parse_promise
from prober.definitions.keys.answer import ANSWER_TABLE, SKIP_TABLE
from prober.definitions.keys.profile import PROFILE
from prober.errors import Mistakes, did_you_mean
from prober.model import Family, Kind, Profile, Promise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.definitions.node import Node

_FACTS = (*ANSWER_TABLE.names, *SKIP_TABLE.names)
_NOTHING = "nothing"


def parse_profile(root: Node, *, base: Callable[[Node], Profile], credentials: Iterable[str]) -> Profile:
    """Parse one profile; `base` loads the one that it extends, `credentials` are the names that an answer may have."""
    fields = root.fields(PROFILE)
    if "guards" not in fields and "extends" not in fields:
        raise root.wrong("a profile has no 'guards'", fix="add 'guards:', or 'extends:' another profile")
    extended = base(fields["extends"]) if "extends" in fields else None
    selectors = {*credentials, *Kind}
    own: dict[str, dict[str, Promise]] = {}
    mistakes = Mistakes()
    for guard, node in fields["guards"].pairs(of="'guards'") if "guards" in fields else ():
        with mistakes.of_part():
            own[guard] = _parse_guard(node, selectors)
    mistakes.raise_any()
    never = (
        tuple(parse_never(entry) for entry in fields["never"].one_or_more(of="'never'")) if "never" in fields else ()
    )
    guards = {**(extended.guards if extended else {}), **own}
    presents = dict(extended.presents) if extended else {}
    if "presents" in fields:
        for guard, node in fields["presents"].pairs(of="'presents'"):
            if guard not in guards:
                fix = did_you_mean(guard, guards, otherwise="name a guard of this profile")
                raise node.wrong(f"'presents' names guard '{guard}', which this profile does not have", fix=fix)
            presents[guard] = _parse_families(node)
    return Profile(
        name=fields["profile"].word(of="'profile'"),
        about=fields["about"].word(of="'about'"),
        guards=guards,
        presents=presents,
        loopback_only=(
            fields["loopback-only"].flag(of="'loopback-only'")
            if "loopback-only" in fields
            else extended is not None and extended.loopback_only
        ),
        never=(*(extended.never if extended else ()), *never),
        source=fields["profile"].source,
    )


def _parse_guard(node: Node, selectors: set[str]) -> dict[str, Promise]:
    """A mapping is one answer, unless its keys are credentials or kinds of them: then an answer for each."""
    if not node.is_mapping:
        return {"": parse_promise(node)}
    pairs = node.pairs(of="a guard")
    if any(name in _FACTS for name, _ in pairs):
        return {"": parse_promise(node)}
    promises: dict[str, Promise] = {}
    for name, value in pairs:
        if name not in selectors:
            known = (*sorted(selectors), *_FACTS)
            fix = did_you_mean(name, known, otherwise=f"use a fact ({', '.join(_FACTS)}) or a credential's name")
            raise value.wrong(f"unknown key '{name}' in a guard's answer", fix=fix)
        promises[name] = parse_promise(value)
    return promises


def _parse_families(node: Node) -> tuple[Family, ...]:
    entries = node.one_or_more(of="'presents'")
    words = (*Family, _NOTHING)
    names = [entry.name(words, of="'presents'", kind="a kind of credential") for entry in entries]
    if _NOTHING in names and len(names) > 1:
        raise node.wrong("'nothing' cannot be combined with other kinds of credential", fix="remove one or the other")
    for number, (name, entry) in enumerate(zip(names, entries, strict=True)):
        if name in names[:number]:
            raise entry.wrong(f"'{name}' is given twice", fix="remove one of them")
    return tuple(Family(name) for name in names if name != _NOTHING)
