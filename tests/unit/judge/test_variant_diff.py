"""Variants, judged by what they open besides: real ones, as they are planned, and what may come of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from prober.judge.controls import Controls, ServiceControls
from prober.judge.fingerprint import fingerprint
from prober.judge.variant_diff import is_nothing_new
from prober.judge.verdicts import ends_chain, judge
from prober.model import Answered, Depth, Reason, Verdict
from tests.support.variant_probes import (
    ALIVE,
    API,
    DATA,
    HTML,
    JSON,
    NOT_FOUND,
    PAGE,
    PROFILE,
    SURFACE,
    WEB,
    answer,
    controls,
    known,
    seen,
    to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Plan, Probe, Profile, Request, Surface

PLAIN = ("content-type", "text/plain")
FLIGHT = ("content-type", "text/x-component")

SHELL = answer(200, "<html><title>App</title><div id=root></div></html>", HTML)
SIGN_IN_PAGE = answer(200, "<html><title>Sign in</title><form></form></html>", HTML)
WELCOME = answer(200, "<html><title>Welcome to nginx!</title>it works</html>", HTML)

NAMES_API, NAMES_SETTINGS = answer(200, '{"api":"ok"}', JSON), answer(200, '{"settings":"ok"}', JSON)

ERROR_ONLY = answer(200, '{"error":"not_signed_in"}', JSON)
SECRET_PAGE = answer(200, "<html><title>Settings</title><p>yours alone</p></html>", HTML)
FLIGHT_DATA = answer(
    200, '8:["__PAGE__",["$","$1","c",{"children":["$La",null]}]]\na:["$","main",null,{"children":"yours"}]\n', FLIGHT
)
FLIGHT_REDIRECT = answer(200, '0:{"b":"x"}\n1:E{"digest":"NEXT_REDIRECT;replace;/signin;307;"}\n', FLIGHT)

HEALTH_PAGE = frozenset({fingerprint(ALIVE, "/api/health")})
REDIRECTED_DATA = {"pageProps": {"__N_REDIRECT": "/signin", "__N_REDIRECT_STATUS": 307}, "__N_SSP": True}


# --- a success --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answered", "about", "nothing"),
    [
        # OPTIONS
        pytest.param(f"{API} options", answer(200, b"", ("allow", "GET, HEAD")), known(), True, id="options-empty"),
        pytest.param(f"{API} options", answer(204), known(), True, id="options-no-content"),
        pytest.param(f"{API} options", answer(200, "GET,HEAD,POST", PLAIN), known(), True, id="options-a-list-of-methods"),
        pytest.param(f"{API} options", SHELL, known(), False, id="options-a-page"),
        pytest.param(f"{API} options", SHELL, known(seen(SHELL)), True, id="options-the-page-of-every-path"),
        pytest.param(f"{API} options", answer(200, "OK", PLAIN), known(), True, id="options-a-word"),
        pytest.param(f"{API} options", answer(200, "pin 4711", PLAIN), known(), False, id="options-a-number"),
        pytest.param(f"{API} options", answer(200, '"ok"', JSON), known(), True, id="options-a-word-in-json"),
        pytest.param(f"{API} options", answer(200, '{"methods":["GET","HEAD"]}', JSON), known(), True, id="options-methods-in-json"),
        pytest.param(f"{API} options", answer(200, "Maria Example, Otto Example", PLAIN), known(), False, id="options-names"),
        pytest.param(f"{API} options", answer(200, '{"owner":"Maria"}', JSON), known(), False, id="options-a-pair-of-words"),
        pytest.param(f"{API} options", answer(200, "<d><owner>Maria</owner></d>", PLAIN), known(), False, id="options-xml"),
        pytest.param(f"{API} options", DATA, known(), False, id="options-data"),
        pytest.param(f"{API} options", answer(200, '[{"id":1}]', JSON), known(), False, id="options-a-list-of-data"),
        pytest.param("POST /api/again options", DATA, known(), False, id="options-data-where-it-is-posted"),
        pytest.param(
            f"{API} options", answer(200, "{}", JSON), known(), True, id="options-an-empty-object",
        ),
        pytest.param(
            f"{API} options", ERROR_ONLY, known(), True, id="options-an-error",
        ),
        pytest.param(
            f"{API} options", DATA, known(seen(DATA)), True, id="options-what-nowhere-gets",
        ),
        # HEAD has no body to compare
        pytest.param(f"{API} head", answer(200, b"", JSON), known(), False, id="head-where-nowhere-is-404"),
        pytest.param(f"{API} head", answer(204), known(seen(SHELL)), False, id="head-otherwise-than-nowhere"),
        pytest.param(f"{API} head", answer(200), known(seen(SHELL, prefix="/other/")), False, id="head-where-no-nowhere-is-known"),
        pytest.param(f"{PAGE} head", answer(200, b"", ("x-nextjs-redirect", "/signin")), known(), True, id="head-redirected"),
        # data for the client's router
        pytest.param(f"{PAGE} nextjs-data", answer(200, "{}", JSON, ("x-nextjs-redirect", "/signin")), known(), True, id="redirected-in-a-header"),
        pytest.param(f"{PAGE} nextjs-data", answer(200, '{"pageProps":{"a":1}}', JSON), known(), False, id="nextjs-data"),
        pytest.param(f"{PAGE} next-data", answer(200, '{"pageProps":{"a":1}}', JSON), known(), False, id="next-data"),
        pytest.param(
            f"{PAGE} next-data", answer(200, json.dumps(REDIRECTED_DATA), JSON), known(), True, id="redirected-in-the-data",
        ),
        pytest.param(f"{PAGE} rsc", FLIGHT_DATA, known(), False, id="flight"),
        pytest.param(f"{PAGE} rsc-prefetch", FLIGHT_DATA, known(), False, id="flight-ahead"),
        pytest.param(f"{PAGE} rsc", FLIGHT_REDIRECT, known(), True, id="redirected-in-the-flight"),
        # a page that is open anyway
        pytest.param(f"{API} original-url-open", ALIVE, known(open_pages=HEALTH_PAGE), True, id="the-open-page-that-the-header-names"),
        pytest.param(f"{API} original-url-open", ALIVE, known(), False, id="a-page-that-nobody-has-seen"),
        pytest.param(f"{API} original-url-open", DATA, known(open_pages=HEALTH_PAGE), False, id="no-open-page"),
        pytest.param(f"{API} forwarded-uri-open", ALIVE, known(open_pages=HEALTH_PAGE), True, id="the-same-by-another-header"),
        pytest.param(f"{API} encoded-dot-dot-segment", ALIVE, known(open_pages=HEALTH_PAGE), True, id="an-open-page-by-its-spelling"),
        pytest.param(
            f"{API} original-url-guarded", NAMES_API, known(open_pages=frozenset({fingerprint(NAMES_API, "/api/health")})), True,
            id="an-open-page-with-a-word-of-the-plain-path",
        ),
        pytest.param(
            f"{API} original-url-guarded", NAMES_SETTINGS, known(open_pages=frozenset({fingerprint(NAMES_SETTINGS, "/api/health")})),
            True, id="an-open-page-as-the-path-that-was-sent-gets-it",
        ),
        pytest.param(f"{API} original-url-open", answer(201, '{"status":"ok"}', JSON), known(open_pages=HEALTH_PAGE), False, id="an-open-page-by-another-status"),
        pytest.param(
            f"{API} original-url-open", answer(200, '{"path":"/api/health","status":"ok"}', JSON),
            known(open_pages=frozenset({fingerprint(answer(200, '{"path":"/api/health","status":"ok"}', JSON), "/api/health")})),
            True, id="the-open-page-that-says-its-own-path",
        ),
        # soft refusals
        pytest.param(f"{API} trailing-slash", ERROR_ONLY, known(), True, id="only-an-error"),
        pytest.param(f"{API} trailing-slash", answer(200, "null", JSON), known(), True, id="nobody"),
        pytest.param(f"{API} trailing-slash", SHELL, known(seen(SHELL)), True, id="the-page-that-nowhere-gets"),
        pytest.param(f"{API} trailing-slash", SHELL, known(), False, id="a-page-that-nowhere-does-not-get"),
        pytest.param(
            f"{PAGE} trailing-slash", SIGN_IN_PAGE, known(sign_in_page=fingerprint(SIGN_IN_PAGE, "/signin")), True, id="the-sign-in-page",
        ),
        pytest.param(f"{PAGE} trailing-slash", SIGN_IN_PAGE, known(), False, id="a-sign-in-page-that-nobody-has-seen"),
        pytest.param(f"{PAGE} trailing-slash", SECRET_PAGE, known(), False, id="the-page-itself"),
        pytest.param(
            f"{API} absolute-form", answer(200, "nothing at /api/settings", PLAIN),
            known(seen(answer(200, "nothing at /lockdown-probe-1", PLAIN))), True, id="nowhere-that-says-the-plain-path",
        ),
        # another site
        pytest.param(f"{API} foreign-host", WELCOME, known(variant_not_found={"foreign-host": seen(WELCOME)}), True, id="another-site-says-it-to-everything"),
        pytest.param(f"{API} foreign-host", WELCOME, known(), False, id="nothing-is-known-of-the-other-site"),
        pytest.param(
            f"{API} foreign-host", SHELL, known(seen(SHELL), variant_not_found={"foreign-host": seen(NOT_FOUND)}), False,
            id="another-site-is-compared-with-its-own-nowhere",
        ),
        pytest.param(f"{API} forwarded-host", WELCOME, known(variant_not_found={"foreign-host": seen(WELCOME)}), False, id="the-same-site-is-not-another"),
    ],
)  # fmt: skip
def test_a_success_of_a_variant_is_nothing_new(
    words: str, answered: Answered, about: ServiceControls, asked: Callable[[str], Probe], *, nothing: bool
) -> None:
    probe = asked(words)
    assert is_nothing_new(probe, answered, about) is nothing
    found = judge(probe, answered, Controls(services={"web": about}))
    wanted = (Verdict.LOCKED, Reason.OPENS_NOTHING) if nothing else (Verdict.LEAK, Reason.GRANTED)
    assert (found.verdict, found.reason) == wanted


@pytest.mark.parametrize(
    ("words", "answered", "detail"),
    [
        pytest.param(f"{API} head", answer(200), "got 200; the unmodified request must be refused", id="granted"),
        pytest.param(f"{API} trailing-slash", to("/app"), "got 307 to /app, which is not a sign-in; the unmodified request must be refused", id="sent-inside"),
        pytest.param(f"{API} trailing-slash", to("/api/settings", 308), "got 308 to /api/settings", id="opens-nothing"),
    ],
)  # fmt: skip
def test_a_finding_of_a_variant_says_what_came(
    words: str, answered: Answered, detail: str, asked: Callable[[str], Probe]
) -> None:
    assert judge(asked(words), answered, controls()).detail == detail


def reads_the_header(request: Request) -> Answered:
    """A deployment that serves the path in this header, by that path's own guard: nothing opens that is not open."""
    path = dict(request.headers).get("X-Original-URL", request.target).partition("?")[0]
    pages = {
        "/api/health": ALIVE, "/robots.txt": answer(200, "User-agent: *", PLAIN), "/docs/read-me": to("/signin"),
        "/api/settings": answer(401, '{"error":"x"}', JSON),
    }  # fmt: skip
    return pages.get(path, NOT_FOUND)


@pytest.mark.parametrize(
    ("surface", "only"),
    [
        pytest.param(SURFACE, (), id="the-health-route-is-asked"),
        pytest.param(SURFACE, ("/api/settings",), id="it-is-not-asked"),
        pytest.param(SURFACE.replace(", control: alive", ""), (), id="there-is-none"),
    ],
)
def test_an_open_page_by_a_header_opens_nothing_whatever_is_asked_besides(
    surface: str, only: tuple[str, ...], surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan], judged_of: Callable[..., tuple[tuple[Finding, ...], Controls]],
) -> None:  # fmt: skip
    plan = plan_of(
        [surface_of(surface)], profile_of(PROFILE), urls={"web": WEB.url}, depth=Depth.DEEP, only=only,
        skip=("OPTIONS *", "POST *"),
    )  # fmt: skip
    found, _ = judged_of(plan, reads_the_header)
    named = [finding for finding in found if finding.probe.variant and "original-url" in finding.probe.variant.name]
    assert len(named) >= 2
    assert {finding.verdict for finding in named} == {Verdict.LOCKED}


# --- a redirect -------------------------------------------------------------------------------------------------------

TO_ITSELF = [
    pytest.param(f"{PAGE} trailing-slash", "/docs/read-me", id="without-its-slash"),
    pytest.param(f"{PAGE} rsc", "/docs/read-me/", id="with-a-slash"),
    pytest.param(f"{PAGE} upper-case", "/docs/read-me", id="in-small-letters"),
    pytest.param(f"{PAGE} middleware-next", "/Docs/Read-Me", id="in-other-letters"),
    pytest.param(f"{PAGE} leading-double-slash", "/docs/read-me", id="without-a-double-slash"),
    pytest.param(
        f"{PAGE} inner-double-slash", "/docs/read-me?lockdown-probe=0123abcd-inner-double-slash", id="with-its-query"
    ),
    pytest.param(f"{PAGE} backslash", "/docs/read-me", id="without-a-backslash"),
    pytest.param(f"{PAGE} backslash", "/docs%5Cread-me", id="with-an-encoded-backslash"),
    pytest.param(f"{PAGE} encoded-letter", "/docs/read-me", id="decoded"),
    pytest.param(f"{PAGE} encoded-slash", "/docs/read-me", id="decoded-slash"),
    pytest.param(f"{PAGE} encoded-slash", "/docs\\read-me", id="by-a-backslash"),
    pytest.param(f"{PAGE} dot-segment", "/docs/read-me", id="without-its-dot"),
    pytest.param(f"{PAGE} dot-dot-segment", "/docs/read-me", id="without-its-dots"),
    pytest.param(
        f"{PAGE} encoded-dot-dot-segment", "/lockdown-probe/%2e%2e/docs/read-me/", id="with-its-dots-and-a-slash"
    ),
    pytest.param(f"{PAGE} absolute-form", "/docs/read-me/", id="of-a-whole-url"),
    pytest.param(f"{PAGE} absolute-form", "http:/app.test:443/docs/read-me", id="to-a-whole-url-by-next-15"),
    pytest.param(f"{PAGE} absolute-form", "https:/app.test:443/docs/read-me", id="to-a-whole-url-squeezed"),
    pytest.param(f"{PAGE} absolute-form", "/https://app.test:443/docs/read-me", id="to-a-whole-url-taken-for-a-path"),
    pytest.param(f"{PAGE} absolute-form", "https://app.test/docs/read-me", id="to-a-whole-url"),
    pytest.param(f"{PAGE} absolute-form", "read-me", id="beside-a-whole-url"),
    pytest.param(f"{PAGE} locale-prefix", "/docs/read-me", id="without-its-language"),
    pytest.param(f"{PAGE} semicolon", "/docs/read-me", id="without-its-semicolon"),
    pytest.param(f"{PAGE} next-locale", "/docs/read-me", id="without-its-query"),
    pytest.param(f"{PAGE} foreign-host", "https://lockdown-probe.invalid/docs/read-me", id="at-the-other-host"),
    pytest.param(f"{PAGE} original-url-guarded", "/docs/read-me", id="to-the-path-in-the-header"),
    pytest.param(f"{PAGE} original-url-guarded", "/lockdown-probe-0123abcd/", id="to-the-path-that-was-asked-for"),
    pytest.param("POST /api/again trailing-slash", "/api/again", id="posted"),
]
INSIDE = [
    pytest.param(f"{PAGE} trailing-slash", "/dashboard", id="inside"),
    pytest.param(f"{PAGE} trailing-slash", "/docs/", id="above"),
    pytest.param(f"{PAGE} trailing-slash", "/docs/read-me/more", id="below"),
    pytest.param(f"{PAGE} upper-case", "/docs/read-you", id="beside"),
    pytest.param(f"{PAGE} absolute-form", "/", id="the-front-page"),
    pytest.param(f"{PAGE} encoded-slash", "/docsread-me", id="a-slash-less"),
    pytest.param("POST /api/again forwarded-for-loopback", "/done", id="posted"),
]


@pytest.mark.parametrize(("words", "location"), TO_ITSELF)
def test_a_redirect_to_the_same_path_spelled_otherwise_opens_nothing(
    words: str, location: str, asked: Callable[[str], Probe]
) -> None:
    found = judge(asked(words), to(location, 308), controls())
    assert (found.verdict, found.reason) == (Verdict.LOCKED, Reason.OPENS_NOTHING), found.detail
    assert not ends_chain(asked(words), to(location, 308), ServiceControls(service=WEB))


@pytest.mark.parametrize(("words", "location"), INSIDE)
def test_a_redirect_inside_is_a_grant(words: str, location: str, asked: Callable[[str], Probe]) -> None:
    found = judge(asked(words), to(location), controls())
    assert (found.verdict, found.reason) == (Verdict.LEAK, Reason.GRANTED), found.detail
    assert ends_chain(asked(words), to(location), ServiceControls(service=WEB))


@pytest.mark.parametrize(
    "location", ["/signin", "/en/signin?next=/docs", "https://idp.test/authorize?client_id=a&response_type=code"]
)
def test_a_redirect_to_sign_in_opens_nothing(location: str, asked: Callable[[str], Probe]) -> None:
    found = judge(asked(f"{PAGE} locale-prefix"), to(location), controls())
    assert (found.verdict, found.reason) == (Verdict.LOCKED, Reason.OPENS_NOTHING)
    assert not ends_chain(asked(f"{PAGE} locale-prefix"), to(location), ServiceControls(service=WEB))
