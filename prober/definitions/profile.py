"""Reads a profile: the answers that one auth mode expects of each guard. Strict; no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.definitions.answer import parse_never, parse_promise
from prober.definitions.keys.answer import ANSWER_TABLE, SKIP_TABLE
from prober.definitions.keys.profile import PROFILE
from prober.definitions.presents import parse_presents
from prober.errors import Mistakes, did_you_mean
from prober.model import Kind, Profile, Promise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prober.definitions.node import Node
    from prober.model import Carrier, Family

_FACTS = (*ANSWER_TABLE.names, *SKIP_TABLE.names)


def parse_profile(
    root: Node, *, base: Callable[[Node], Profile], starter: Callable[[], Profile], credentials: Iterable[str]
) -> Profile:
    """Parse one profile.

    `base` loads the one that it extends, `starter` the one with the guards that it may take, and `credentials` are the
    names that an answer may have.
    """
    fields = root.fields(PROFILE)
    if not fields.keys() & {"guards", "extends", "take"}:
        raise root.wrong("a profile has no 'guards'", fix="add 'guards:', or 'extends:' another profile")
    extended = base(fields["extends"]) if "extends" in fields else None
    taken = _take(fields["take"], starter()) if "take" in fields else {}
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
    guards = {**(extended.guards if extended else {}), **{guard: kit.answers for guard, kit in taken.items()}, **own}
    presents = {**(extended.presents if extended else {}), **{guard: kit.families for guard, kit in taken.items()}}
    carriers = {**(extended.carriers if extended else {}), **{guard: kit.carriers for guard, kit in taken.items()}}
    if "presents" in fields:
        for guard, node in fields["presents"].pairs(of="'presents'"):
            if guard not in guards:
                fix = did_you_mean(guard, guards, otherwise="name a guard of this profile")
                raise node.wrong(f"'presents' names guard '{guard}', which this profile does not have", fix=fix)
            presents[guard], carriers[guard] = parse_presents(node)
    return Profile(
        name=fields["profile"].word(of="'profile'"),
        about=fields["about"].word(of="'about'"),
        guards=guards,
        presents=presents,
        carriers={guard: own for guard, own in carriers.items() if own},
        loopback_only=(
            fields["loopback-only"].flag(of="'loopback-only'")
            if "loopback-only" in fields
            else extended is not None and extended.loopback_only
        ),
        never=(*(extended.never if extended else ()), *never),
        source=fields["profile"].source,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _GuardAnswers:
    """A generic guard: its answers, and what it is presented with."""

    answers: Mapping[str, Promise]
    families: tuple[Family, ...]
    carriers: tuple[Carrier, ...]


def _take(node: Node, starter: Profile) -> dict[str, _GuardAnswers]:
    """Take generic guards by their names."""
    names = [entry.name(starter.guards, of="'take'", kind="a generic guard") for entry in node.one_or_more(of="'take'")]
    for name in names:
        if names.count(name) > 1:
            raise node.wrong(f"'{name}' is given twice", fix="remove one of them")
    return {
        name: _GuardAnswers(
            answers=starter.guards[name], families=starter.presents[name], carriers=starter.carriers.get(name, ())
        )
        for name in names
    }


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
            fix = did_you_mean(
                name,
                known,
                otherwise=f"use a fact ({', '.join(_FACTS)}), a credential's name, or 'held' for every held secret",
            )
            raise value.wrong(f"unknown key '{name}' in a guard's answer", fix=fix)
        promises[name] = parse_promise(value)
    return promises
