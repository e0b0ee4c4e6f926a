"""The page of every path excuses a request that could act only where its handler would have rejected it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.page_of_every_path import Unknown, is_of_every_path, may_be_of_every_path
from prober.model import Effect, Probe, Request, Variant
from tests.support.judging import HTML, REFUSED, SHELL, answer, probe, promise

VARIANT = Variant(name="double-slash", headers=(), catches="")
COUNTERPART = Request(service="web", method="POST", target="//api/lockdown-probe-1")
OTHER_NAMES = answer(200, SHELL.body, HTML, ("x-handler", "notes"))


def posted(effect: Effect, *, inert: bool = False, beyond: bool = False) -> Probe:
    made = probe(promise(REFUSED), method="POST", variant=VARIANT)
    route = replace(made.route, effect=effect, inert=inert)
    return replace(made, route=route, counterpart=COUNTERPART, is_beyond_inert=beyond)


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        pytest.param(posted(Effect.NONE), True, id="no-effect"),
        pytest.param(posted(Effect.TRACE), True, id="a-trace"),
        pytest.param(posted(Effect.REPEATS), False, id="it-acts"),
        pytest.param(posted(Effect.REPEATS, inert=True), True, id="inert"),
        pytest.param(posted(Effect.REPEATS, inert=True, beyond=True), False, id="beyond-what-is-inert"),
    ],
)
def test_only_what_takes_no_effect_may_be_excused(asked: Probe, *, may: bool) -> None:
    assert may_be_of_every_path(asked, SHELL) is may


@pytest.mark.parametrize(
    ("unknown", "excused"),
    [
        pytest.param(Unknown(same=SHELL, read=SHELL), True, id="both-get-the-page"),
        pytest.param(Unknown(same=SHELL), False, id="no-read-was-asked"),
        pytest.param(Unknown(same=SHELL, read=OTHER_NAMES), True, id="a-read-is-compared-by-its-page"),
        pytest.param(Unknown(same=OTHER_NAMES, read=SHELL), False, id="other-headers"),
        pytest.param(Unknown(same=answer(404, SHELL.body, HTML), read=SHELL), False, id="another-status"),
    ],
)
def test_unknown_path_must_get_the_page_by_both_methods(unknown: Unknown, *, excused: bool) -> None:
    assert is_of_every_path(posted(Effect.TRACE), SHELL, unknown) is excused
