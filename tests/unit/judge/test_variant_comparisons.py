"""What a variant's success is compared with, and where there is nothing to compare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.fingerprint import fingerprint
from prober.judge.variant_diff import is_nothing_new, is_without_comparison
from prober.judge.verdicts import judge
from prober.model import Answered, Probe, Reason, Variant, Verdict
from tests.support.judging import REFUSED, probe, promise, status
from tests.support.variant_probes import API, DATA, HTML, JSON, NOT_FOUND, PAGE, answer, controls, known, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import ServiceControls

TO_SIGN_IN = ("x-nextjs-redirect", "/signin")
PLACEHOLDER = answer(200, '0:{"b":"x"}\n', ("content-type", "text/x-component"))
ELSEWHERE = answer(200, "<html><title>Elsewhere</title>another page</html>", HTML)


@pytest.mark.parametrize(
    ("words", "answered", "nothing"),
    [
        pytest.param(f"{PAGE} nextjs-data", answer(200, "{}\n", JSON, TO_SIGN_IN), True, id="redirected-with-a-newline"),
        pytest.param(f"{PAGE} nextjs-data", answer(200, DATA.text, JSON, TO_SIGN_IN), False, id="data-beside-the-redirect"),
        pytest.param(f"{PAGE} rsc", PLACEHOLDER, True, id="a-flight-without-the-page"),
    ],
)  # fmt: skip
def test_redirect_of_the_router_excuses_no_data(
    asked: Callable[[str], Probe], words: str, answered: Answered, *, nothing: bool
) -> None:
    assert is_nothing_new(asked(words), answered, known()) is nothing


def dressed(*, own: bool, headers: tuple[tuple[str, str], ...] = ()) -> Probe:
    return probe(promise(REFUSED), variant=Variant(name="v", headers=headers, catches="", own_control=own))


BESIDE, OTHER = seen(NOT_FOUND, prefix="/api/"), seen(ELSEWHERE, prefix="/other/")


@pytest.mark.parametrize(
    ("asked_for", "about", "nothing"),
    [
        pytest.param(dressed(own=False), known(BESIDE, OTHER), True, id="a-spelling-may-lie-in-another-folder"),
        pytest.param(dressed(own=True), known(BESIDE, OTHER), False, id="one-with-a-control-of-its-own-does-not"),
        pytest.param(dressed(own=True), known(BESIDE, variant_not_found={"v": OTHER}), True, id="by-its-own-control"),
        pytest.param(
            replace(dressed(own=True), variant=None), known(BESIDE, OTHER), True, id="without-a-variant-any-folder"
        ),
    ],
)
def test_success_is_compared_with_what_unknown_paths_get(
    asked_for: Probe, about: ServiceControls, *, nothing: bool
) -> None:
    assert is_nothing_new(asked_for, ELSEWHERE, about) is nothing


def test_variant_without_a_control_of_its_own_yet_is_compared_with_all() -> None:
    assert is_nothing_new(dressed(own=True), ELSEWHERE, known(OTHER))


def repeats(path: str) -> Answered:
    return answer(200, f"<html><title>Open</title>you are at {path}</html>", HTML)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/spelled/otherwise", id="the-path-that-was-sent"),
        pytest.param("/api/me", id="the-routes-own"),
        pytest.param("/docs/open", id="the-path-that-a-header-names"),
    ],
)
def test_open_page_that_repeats_a_path_is_known_again(path: str) -> None:
    made = dressed(own=False, headers=(("x-original-url", "/docs/open"), ("x-other", "word")))
    asked_for = replace(made, plain_target="/api/me", request=replace(made.request, target="/spelled/otherwise"))
    pages = frozenset({fingerprint(repeats("/open"), "/open")})
    assert is_nothing_new(asked_for, repeats(path), known(open_pages=pages))
    assert not is_nothing_new(asked_for, repeats("/word"), known(open_pages=pages))


def head(promised: int) -> Probe:
    variant = Variant(name="head", headers=(), catches="")
    return probe(promise(status(promised, is_refusal=True)), method="HEAD", variant=variant)


SHELL = answer(200, "<html><title>App</title><div id=root></div></html>", HTML)
EMPTY = answer(200, b"", HTML)


@pytest.mark.parametrize(
    ("asked_for", "about", "without"),
    [
        pytest.param(head(401), known(seen(SHELL)), True, id="an-unknown-path-gets-this-status"),
        pytest.param(head(200), known(), True, id="the-refusal-has-this-status"),
        pytest.param(head(401), known(), False, id="neither-does"),
        pytest.param(
            replace(head(200), request=replace(head(200).request, method="GET")), known(seen(SHELL)), False, id="a-read-has-a-body",
        ),
    ],
)  # fmt: skip
def test_head_has_nothing_to_compare_where_others_get_its_status(
    asked_for: Probe, about: ServiceControls, *, without: bool
) -> None:
    assert is_without_comparison(asked_for, EMPTY, about) is without


def test_head_is_uncompared_or_a_leak(asked: Callable[[str], Probe]) -> None:
    uncompared, leak = (judge(asked(f"{API} head"), EMPTY, controls(seen(nowhere))) for nowhere in (SHELL, NOT_FOUND))
    assert (uncompared.verdict, uncompared.reason) == (Verdict.SKIPPED, Reason.UNCOMPARED)
    assert (leak.verdict, leak.reason) == (Verdict.LEAK, Reason.GRANTED)
