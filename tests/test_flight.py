"""What Next.js has put into a page that refused: the page's own texts are told from those that are everywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.judge.flight import tells, texts_of
from prober.model import Answered, Depth, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Plan, Profile, Request, Surface

HTML = ("content-type", "text/html; charset=utf-8")
BUILT_IN = '["$","h2",null,{"style":{},"children":"This page could not be found."}]'
FRAME = f'0:{{"f":[["",["$","nav",null,{{"children":["Home","Pricing"]}}],{BUILT_IN}]]}}\n'
REDIRECTED = '6:E{"digest":"NEXT_REDIRECT;replace;/signin;307;"}\n'
PAGE = '5:["$","main",null,{"children":["$","h1",null,{"children":"Tokens of this account"}]}]\n'


def page_of(flight: str, *, status: int = 307) -> Answered:
    """As Next.js 16 sends it: the flight in pieces, pushed by scripts."""
    half = len(flight) // 2
    scripts = "".join(
        f"<script>self.__next_f.push([1,{json.dumps(part)}])</script>" for part in (flight[:half], flight[half:])
    )
    headers = (HTML, *((("location", "/signin"),) if status == 307 else ()))
    return Answered.of(
        status=status, headers=headers, body=f'<html id="__next_error__">{scripts}</html>'.encode(), elapsed_ms=1
    )


@pytest.mark.parametrize(
    ("flight", "texts"),
    [
        pytest.param(FRAME, {"Home", "Pricing"}, id="a-frame"),
        pytest.param(FRAME + PAGE, {"Home", "Pricing", "Tokens of this account"}, id="a-page"),
        pytest.param('0:["$","style",null,{"children":"body{color:red}"}]\n', set(), id="what-nobody-sees"),
        pytest.param('0:["$","title",null,{"children":"Settings"}]\n', set(), id="a-title"),
        pytest.param('0:["$","$L5",null,{"children":"$6"}]\n', set(), id="a-reference"),
        pytest.param('0:["$","p",null,{"children":"42"}]\n', set(), id="a-number"),
        pytest.param('0:["$","p",null,{"children":["Hello ","$L7"," again"]}]\n', {"Hello ", " again"}, id="in-pieces"),
        pytest.param('0:["$","p",null,{"children":\n', set(), id="cut-off"),
        pytest.param("0:" + "[" * 5000 + "\n", set(), id="deep"),
        pytest.param("no flight at all", set(), id="nothing"),
    ],
)  # fmt: skip
def test_texts_are_those_that_people_would_see(flight: str, texts: set[str]) -> None:
    assert texts_of(page_of(flight)) == texts
    plain = Answered.of(status=200, headers=(("content-type", "text/x-component"),), body=flight.encode(), elapsed_ms=1)
    assert texts_of(plain) == texts


TREE_16 = (
    '3:[["children",{"s":"__PAGE__"}]]\n2:[["children",{"s":"audit","c":"$Q3"}]]\n'
    '0:{"q":"","i":false,"S":false,"r":"$undefined","b":"6WOM","t":{"t":{"s":"","h":16,"c":"$Q1"},"h":{"r":[null,null],"p":true}}}\n'
)
TREE_15 = (
    '0:{"b":"f0UU","f":[[["",{"children":["admin",{"children":["audit",{"children":["__PAGE__",{}]}]}]},"$undefined",'
    '"$undefined",true],null,[null,null],true]],"S":false}\n'
)
ROUTER = '0:{"f":[["",["$","$L2",null,{"parallelRouterKey":"children","template":["$","$L3",null,{}]}]]]}\n9:{"metadata":[],"error":null,"digest":"$undefined"}\n'


@pytest.mark.parametrize(
    ("flight", "told"),
    [
        pytest.param(TREE_16, False, id="the-tree-of-next-16"),
        pytest.param(TREE_15, False, id="the-tree-of-next-15"),
        pytest.param(ROUTER, False, id="the-routers-own"),
        pytest.param(REDIRECTED, False, id="a-redirect"),
        pytest.param(FRAME, False, id="the-frame"),
        pytest.param(FRAME + PAGE, True, id="a-page"),
        pytest.param('0:["$","$L9",null,{"tokens":[{"id":"1"}]}]\n', True, id="data-for-a-component"),
        pytest.param('0:["$","$L9",null,{"email":"someone@example.com"}]\n', True, id="a-word-for-a-component"),
        pytest.param('0:["$","$L9",null,{"tokens":"$7"}]\n7:{"users":[1]}\n', True, id="data-in-a-row-of-its-own"),
        pytest.param('0:["$","$L9",null,{"open":true,"tokens":[]}]\n', False, id="nothing-in-it"),
    ],
)
def test_an_answer_to_the_router_tells_something_or_names_of_segments(flight: str, *, told: bool) -> None:
    answered = Answered.of(
        status=200, headers=(("content-type", "text/x-component"),), body=flight.encode(), elapsed_ms=1
    )
    assert tells(answered, frozenset({"Home", "Pricing"})) is told


def test_what_is_no_flight_shows_nothing() -> None:
    assert texts_of(Answered.of(status=307, headers=(HTML,), body=b"<h1>Tokens</h1>", elapsed_ms=1)) == frozenset()


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
        nowhere = page_of(FRAME, status=404)
        findings, _ = judged_of(plan, lambda request: said.get(request.target, nowhere))
        return {finding.probe.request.target: (finding.verdict, finding.reason) for finding in findings}

    return judged


def test_a_redirect_that_brings_the_page_along_is_a_leak(
    found: Callable[[dict[str, Answered]], dict[str, tuple[Verdict, Reason]]],
) -> None:
    said = {"/s/tokens": page_of(FRAME + PAGE + REDIRECTED), "/s/audit": page_of(FRAME + REDIRECTED)}
    assert found(said) == {
        "/s/tokens": (Verdict.LEAK, Reason.DISCLOSED), "/s/audit": (Verdict.LOCKED, Reason.AS_PROMISED),
    }  # fmt: skip


def test_what_two_pages_have_in_common_is_their_frame(
    found: Callable[[dict[str, Answered]], dict[str, tuple[Verdict, Reason]]],
) -> None:
    both = page_of(FRAME + PAGE + REDIRECTED)
    assert set(found({"/s/tokens": both, "/s/audit": both}).values()) == {(Verdict.LOCKED, Reason.AS_PROMISED)}


def test_a_redirect_inside_a_200_that_brings_the_page_along_is_a_leak_too(
    found: Callable[[dict[str, Answered]], dict[str, tuple[Verdict, Reason]]],
) -> None:
    said = {
        "/s/tokens": page_of(FRAME + PAGE + REDIRECTED, status=200),
        "/s/audit": page_of(FRAME + REDIRECTED, status=200),
    }
    assert found(said) == {
        "/s/tokens": (Verdict.LEAK, Reason.DISCLOSED), "/s/audit": (Verdict.DRIFT, Reason.SOFT_REFUSAL),
    }  # fmt: skip
