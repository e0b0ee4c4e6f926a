"""What Next.js has put into a page that refused: the page's own texts are told from those that are everywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.nextjs_flight import page_texts_in_flight
from prober.model import Answered, Depth, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Profile, Request, Surface

HTML = ("content-type", "text/html; charset=utf-8")
FRAME = '1:"$Sreact.fragment"\n0:{"f":[["",["$","nav",null,{"children":["Home","Pricing"]}]]]}\n'
REFUSED = 'E{"digest":"NEXT_REDIRECT;replace;/signin;307;"}'
PAGE = '["$","main",null,{"children":["$","h1",null,{"children":"Tokens of this account"}]}]'
MENU = '["$","section",null,{"children":[["$","h2",null,{"children":"Organisation menu"}],["$","$L2",null,{}]]}]'
NEXT_16 = '8:[["children",{"s":"__PAGE__","d":{"r":["$","$1","c",{"children":["$La",null,["$","$Lb",null,{"children":"$@c"}]]}]}}]]\n'
NEXT_15 = '8:["tokens",["__PAGE__",["$","$1","c",{"children":["$La",null,["$","$Lb",null,{"children":"$@c"}]]}]]]\n'


def flight(page: str, slot: str = NEXT_16, more: str = f"6:{REFUSED}\n7:{MENU}\n") -> str:
    """The rows of a page: the frame, the slot that refers to row a, what stands there, and what else there is."""
    return f"{FRAME}{slot}a:{page}\n{more}"


def page_of(rows: str, *, status: int = 307) -> Answered:
    """As Next.js sends it: the flight in pieces, pushed by scripts."""
    half = len(rows) // 2
    scripts = "".join(
        f"<script>self.__next_f.push([1,{json.dumps(part)}])</script>" for part in (rows[:half], rows[half:])
    )
    headers = (HTML, *((("location", "/signin"),) if status == 307 else ()))
    body = f'<html id="__next_error__">{scripts}</html>'.encode()
    return Answered.of(status=status, headers=headers, body=body, elapsed_ms=1)


def to_the_router(rows: str) -> Answered:
    return Answered.of(status=200, headers=(("content-type", "text/x-component"),), body=rows.encode(), elapsed_ms=1)


@pytest.mark.parametrize("slot", [pytest.param(NEXT_16, id="next-16"), pytest.param(NEXT_15, id="next-15")])
@pytest.mark.parametrize(
    ("page", "more", "told"),
    [
        pytest.param(PAGE, f"6:{REFUSED}\n", True, id="the-page"),
        pytest.param(REFUSED, f"7:{MENU}\n", False, id="refused-below-a-layout-with-words-of-its-own"),
        pytest.param(REFUSED, '7:["children",{"loading":[["$","p","l",{"children":"One moment"}],[],null]}]\n', False, id="refused-below-a-loading"),
        pytest.param("null", "", False, id="nothing"),
        pytest.param('["$","main",null,{"children":"$d"}]', 'd:["$","p",null,{"children":"yours"}]\n', True, id="the-page-in-another-row"),
        pytest.param('["$","$L9",null,{"tokens":"$d"}]', 'd:[{"name":"agent"}]\n', True, id="data-for-a-component"),
        pytest.param('["$","$L9",null,{"open":true,"tokens":[]}]', "", False, id="a-component-without-data"),
        pytest.param('["$","title",null,{"children":"Settings"}]', "", False, id="a-title"),
        pytest.param('["$","p",null,{"children":"42"}]', "", False, id="a-number"),
        pytest.param('["$","main",null,{"children":"$a"}]', "", False, id="a-circle"),
        pytest.param('["$","main",null,{"children":', "", False, id="cut-off"),
        pytest.param("[" * 5000, "", False, id="deep"),
        pytest.param('["$","main",null,{"a":"$d","children":"yours"}]', 'd:["$","p",null,{"children":"42"}]\n', True, id="words-before-a-row-without-any"),
        pytest.param('["$","main",null,{"a":"$d","b":"$e"}]', f'd:["$","p",null,{{"children":"yours"}}]\ne:{REFUSED}\n', True, id="words-beside-an-error"),
        pytest.param('["$","main",null,{"a":"$d","b":"$e"}]', 'd:["$","p",null,{"children":"yours"}]\ne:["$","p",null,{"children":"42"}]\n', True, id="words-in-the-row-that-is-read-first-or-last"),
        pytest.param('["$","main",null,{"a":"$e","b":"$d"}]', 'd:["$","p",null,{"children":"yours"}]\ne:["$","p",null,{"children":"42"}]\n', True, id="and-in-the-other"),
        pytest.param('["$","$L9",null,{"tokens":"$d"}]', 'd:{"name":"agent","next":"$e"}\ne:{"left":3}\n', True, id="data-that-is-no-list"),
        pytest.param('["$","p",null,{"children":["yours","42"]}]', "", True, id="words-before-a-number"),
        pytest.param('["$","p",null,{"children":["42","yours"]}]', "", True, id="words-after-a-number"),
        pytest.param('["$","p",null,{"children":"yes"}]', "", True, id="three-letters"),
        pytest.param('["$","p",null,{"children":"ok"}]', "", False, id="two-letters"),
        pytest.param('["$","p",null,{"children":"$undefined"}]', "", False, id="a-word-of-the-format"),
    ],
)  # fmt: skip
def test_what_stands_in_the_pages_own_slot_decides(page: str, more: str, slot: str, *, told: bool) -> None:
    rows = flight(page, slot, more)
    assert bool(page_texts_in_flight(page_of(rows))) is told
    assert bool(page_texts_in_flight(to_the_router(rows))) is told


def test_one_slot_of_two_that_tells_is_enough() -> None:
    """Parallel routes have a slot each."""
    other = NEXT_16.replace("$La", "$Ld")
    for slots in (NEXT_16 + other, other + NEXT_16):
        assert page_texts_in_flight(to_the_router(FRAME + slots + f"a:{PAGE}\nd:{REFUSED}\n")) > 0


def test_what_was_pushed_and_is_no_text_tells_nothing() -> None:
    body = b"<script>self.__next_f.push([1,null])</script>" + rb'<script>self.__next_f.push([1,"\q"])</script>'
    assert page_texts_in_flight(Answered.of(status=307, headers=(HTML,), body=body, elapsed_ms=1)) == 0


def test_bytes_that_are_no_text_hide_no_page() -> None:
    raw = flight(PAGE).encode().replace(b"Tokens", b"Tok\xff\xfens")
    routed = Answered.of(status=200, headers=(("content-type", "text/x-component"),), body=raw, elapsed_ms=1)
    assert page_texts_in_flight(routed) > 0
    pushed = page_of(flight(PAGE))
    assert page_texts_in_flight(replace(pushed, held=pushed.held.replace(b"Tokens", b"Tok\xff\xfens"))) > 0


def test_a_page_that_stands_in_the_slot_itself_is_told() -> None:
    slot = NEXT_16.replace('"$La"', PAGE)
    assert page_texts_in_flight(page_of(FRAME + slot))


TREE_16 = (
    '3:[["children",{"s":"__PAGE__"}]]\n2:[["children",{"s":"audit","c":"$Q3"}]]\n'
    '0:{"q":"","i":false,"S":false,"r":"$undefined","b":"6WOM","t":{"t":{"s":"","h":16,"c":"$Q1"},"h":{"r":[null,null],"p":true}}}\n'
)
TREE_15 = (
    '0:{"b":"f0UU","f":[[["",{"children":["admin",{"children":["audit",{"children":["__PAGE__",{}]}]}]},"$undefined",'
    '"$undefined",true],null,[null,null],true]],"S":false}\n'
)


@pytest.mark.parametrize("rows", [TREE_16, TREE_15, FRAME, "", "no flight at all"])
def test_names_of_segments_tell_nothing(rows: str) -> None:
    assert page_texts_in_flight(to_the_router(rows)) == page_texts_in_flight(page_of(rows)) == 0


def test_what_is_no_flight_tells_nothing() -> None:
    assert page_texts_in_flight(Answered.of(status=307, headers=(HTML,), body=b"<h1>Tokens</h1>", elapsed_ms=1)) == 0


PROFILE = "profile: p\nabout: x.\nguards: {page: {status: [302, 307], location: /signin}, public: 200}\npresents: {page: nothing, public: nothing}\n"


@pytest.fixture
def found(
    routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan],
    judged_of: Callable[[Plan, Callable[[Request], Outcome]], tuple[tuple[Finding, ...], Controls]],
) -> Callable[[dict[str, Answered]], dict[str, tuple[Verdict, Reason]]]:  # fmt: skip
    def judged(said: dict[str, Answered]) -> dict[str, tuple[Verdict, Reason]]:
        plan = plan_of(
            [routes_of("GET /s/tokens", "GET /s/audit", guard="page")], profile_of(PROFILE), depth=Depth.QUICK
        )
        not_found = page_of(FRAME, status=404)
        findings, _ = judged_of(plan, lambda request: said.get(request.target, not_found))
        return {finding.probe.request.target: (finding.verdict, finding.reason) for finding in findings}

    return judged


def test_a_redirect_that_brings_the_page_along_is_a_leak(
    found: Callable[[dict[str, Answered]], dict[str, tuple[Verdict, Reason]]],
) -> None:
    said = {"/s/tokens": page_of(flight(PAGE)), "/s/audit": page_of(flight(REFUSED))}
    assert found(said) == {
        "/s/tokens": (Verdict.LEAK, Reason.DISCLOSED), "/s/audit": (Verdict.LOCKED, Reason.AS_PROMISED),
    }  # fmt: skip


def test_a_redirect_inside_a_200_that_brings_the_page_along_is_a_leak_too(
    found: Callable[[dict[str, Answered]], dict[str, tuple[Verdict, Reason]]],
) -> None:
    said = {"/s/tokens": page_of(flight(PAGE), status=200), "/s/audit": page_of(flight(REFUSED), status=200)}
    assert found(said) == {
        "/s/tokens": (Verdict.LEAK, Reason.DISCLOSED), "/s/audit": (Verdict.DRIFT, Reason.SOFT_REFUSAL),
    }  # fmt: skip
