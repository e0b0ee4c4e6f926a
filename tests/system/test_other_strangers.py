"""Locks that hold for the prober alone, and successes that resemble something harmless: what curl gets counts.

Each case is a whole run against a server. All of them are leaks; where a depth is named, no cheaper one asks that way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import (
    HTML,
    KNOWN,
    NO,
    PAGE,
    PAYROLL,
    ROWS,
    SENT_AWAY,
    TABLE,
    Asked,
    Says,
    answering,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Answers = Callable[[Asked], Says | None]

API, SHEET = "/api/payroll", "/payroll"
DATA = Says(status=200, body=ROWS.encode())
SUBREQUEST = "x-middleware-subrequest"


def shell(inner: str, title: str = "Acme", pad: int = 0) -> Says:
    """A page of an application of which all pages have one title, and a style sheet of so many bytes."""
    head = f"<head><title>{title}</title><style>/*{'x ' * (pad // 2)}*/</style></head>"
    return Says(status=200, body=f"<!doctype html><html>{head}<body>{inner}</body></html>".encode(), kind=HTML)


def at(path: str, says: Says, when: Callable[[Asked], bool] = lambda _: True) -> Answers:
    return lambda asked: says if asked.path == path and when(asked) else None


def by_agent(*agents: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.headers.get("user-agent", "").startswith(agents)


def minted(asked: Asked) -> Says | None:
    """A refusal that hands out a session."""
    if asked.path != API:
        return None
    if "sid=m1nt3d" in asked.headers.get("cookie", ""):
        return DATA
    return Says(status=401, body=NO.encode(), headers=(("Set-Cookie", "sid=m1nt3d; Path=/; HttpOnly"),))


def one_layout(asked: Asked) -> Says | None:
    """Sign-in and the sheet are pages of one layout; a header of the middleware's opens the sheet."""
    if asked.path == "/signin":
        return shell("<form>Sign in " + "s" * 3_000 + "</form>", pad=30_000)
    opened = asked.path == SHEET and SUBREQUEST in asked.headers
    return shell(f"<table>{TABLE}</table>", pad=30_000) if opened else None


def one_page_for_every_path(pad: int) -> Answers:
    """Every path is answered with one page; that of the sheet has its rows in it."""

    def answer(asked: Asked) -> Says | None:
        if asked.path in KNOWN and asked.path not in {SHEET, "/signin"}:
            return None
        inner = f"<table>{TABLE}</table>" if asked.path == SHEET else "<p>nothing here</p>"
        return shell("<form>Sign in</form>" if asked.path == "/signin" else inner, pad=pad)

    return answer


def only_numbers_differ(asked: Asked) -> Says | None:
    if asked.path in {"/api/healthz", "/api/readyz", "/signin", SHEET, "/api/bonus"}:
        return None
    balance = 9_182_736 if asked.path == API else 0
    return Says(status=200, body=json.dumps({"balance": balance, "currency": "EUR"}).encode())


SIGNS_OUT = shell(f'<meta http-equiv="refresh" content="1800;url=/login"><table>{TABLE}</table>')
AFTER_A_SLASH = "/payroll/"

OPEN: dict[str, tuple[Answers, str]] = {
    "to-what-does-not-say-that-it-is-a-prober": (
        at(API, DATA, lambda asked: "lockdown-prober" not in asked.headers.get("user-agent", "")), "quick",
    ),
    "to-browsers": (at(API, DATA, by_agent("Mozilla/")), "quick"),
    "to-curl": (at(API, DATA, by_agent("curl/")), "standard"),
    "to-whom-a-shared-cache-answers": (at(API, DATA, lambda asked: "cache-control" not in asked.headers), "quick"),
    "to-whoever-keeps-the-cookie-of-the-refusal": (minted, "standard"),
    "a-page-of-the-layout-of-the-sign-in": (one_layout, "standard"),
    "a-page-of-the-layout-of-every-path": (one_page_for_every_path(70_000), "quick"),
    "a-page-that-is-small": (one_page_for_every_path(0), "quick"),
    "numbers-alone-tell-the-data": (only_numbers_differ, "quick"),
    "a-page-that-signs-out-by-itself": (at(SHEET, SIGNS_OUT), "quick"),
    "an-error-with-records": (
        at(API, Says(status=200, body=json.dumps({"success": False, "details": PAYROLL}).encode())), "quick",
    ),
    "an-error-with-one-record": (
        at(API, Says(status=200, body=json.dumps({"error": "partial", "data": None, "details": PAYROLL[0]}).encode())),
        "quick",
    ),
    "a-status-that-names-no-place": (at(API, Says(status=300, body=b'{"employee":"E1"}')), "quick"),
    "options-with-records": (at(API, DATA, lambda asked: asked.method == "OPTIONS"), "deep"),
    "options-with-a-page": (at(API, Says(status=200, body=PAGE.encode(), kind=HTML), lambda asked: asked.method == "OPTIONS"), "deep"),
    "behind-a-slash": (at(AFTER_A_SLASH, Says(status=200, body=PAGE.encode(), kind=HTML)), "deep"),
    "behind-a-slash-with-a-header-of-redirects": (
        at(AFTER_A_SLASH, Says(status=200, body=PAGE.encode(), kind=HTML, headers=(("x-nextjs-redirect", "/signin"),))), "deep",
    ),
    "behind-a-slash-signing-out-by-itself": (at(AFTER_A_SLASH, SIGNS_OUT), "deep"),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "depth"), [pytest.param(*case, id=name) for name, case in OPEN.items()])
def test_what_is_open_to_some_stranger_is_a_leak_that_nothing_tolerates(
    answers: Answers, depth: str, tmp_path: Path
) -> None:
    with answering(answers) as url:
        status, worst = run(tmp_path, url, "--depth", depth, "--tolerate", "drift")
    assert status == 1
    assert "leak" in {verdict for verdict, _ in (worst[API], worst[SHEET])}


HEALTHY: dict[str, Answers] = {
    "plain": lambda _: None,
    "a-cookie-for-csrf": at(API, Says(status=401, body=NO.encode(), headers=(("Set-Cookie", "csrf=0123; Path=/"),))),
    "a-page-for-browsers": lambda asked: (
        shell("Please sign in") if "text/html" in asked.headers.get("accept", "") and "lockdown-probe" in asked.path else None
    ),
    "options-with-its-methods": at(API, Says(status=200, body=b"GET,HEAD", kind="text/plain"), lambda a: a.method == "OPTIONS"),
    "browsers-are-sent-to-sign-in": at(API, SENT_AWAY, by_agent("Mozilla/")),
    "scripts-are-forbidden": at(API, Says(status=403, body=NO.encode()), by_agent("curl/")),
}  # fmt: skip


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
@pytest.mark.parametrize("answers", [pytest.param(answers, id=name) for name, answers in HEALTHY.items()])
def test_what_refuses_every_stranger_is_locked(answers: Answers, depth: str, tmp_path: Path) -> None:
    with answering(answers) as url:
        status, worst = run(tmp_path, url, "--depth", depth)
    assert (status, {verdict for verdict, _ in worst.values()}) == (0, {"locked"})


def test_a_page_that_was_not_read_whole_proves_nothing(tmp_path: Path) -> None:
    """It begins as the page of every path does; what its end holds was not read."""
    with answering(one_page_for_every_path(600_000)) as url:
        status, worst = run(tmp_path, url)
    assert (status, worst[SHEET]) == (2, ("unproven", "unread"))


def test_drift_is_tolerated_where_the_page_is_what_every_path_gets(tmp_path: Path) -> None:
    page = shell("<p>nothing here</p>")
    with answering(lambda asked: page if asked.path not in KNOWN or asked.path == SHEET else None) as url:
        status, worst = run(tmp_path, url, "--tolerate", "drift")
    assert (status, worst[SHEET]) == (0, ("drift", "soft-refusal"))
    assert worst[API] == ("locked", "as-promised")


@pytest.mark.parametrize(
    ("identify", "agents"), [("mostly", {"lockdown-prober", "Mozilla", "curl"}), ("always", {"lockdown-prober"})]
)
def test_the_operator_says_whether_each_request_names_the_prober(
    identify: str, agents: set[str], tmp_path: Path
) -> None:
    seen: set[str] = set()

    def answer(asked: Asked) -> None:
        agent = asked.headers["user-agent"].partition("/")[0]
        seen.add(agent if agent == "lockdown-prober" or asked.headers.get("x-lockdown-probe") else "nobody")

    with answering(answer) as url:
        run(tmp_path, url, "--identify", identify)
    assert "nobody" not in seen  # an operator finds the run in each line of a log
    assert seen & {"lockdown-prober", "Mozilla", "curl"} == agents
    assert (seen == agents) is (identify == "always")


# --- cookies that the deployment itself hands out ---------------------------------------------------------------------

OWN_SURFACE = """\
surface: payroll
about: A.
routes:
  - {route: GET /api/healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/payroll, guard: rows, why: w, fix: f}
"""
OWN_PROFILE = "profile: own\nabout: A.\npresents: {rows: [cookie]}\nguards: {public: 200, rows: 401}\n"
BASKET = (("Set-Cookie", "basket_sid=guest-17; Path=/; HttpOnly"),)


def with_basket(asked: Asked, opened_by: Callable[[str], bool]) -> Says | None:
    if asked.path == "/":
        return Says(status=200, body=b"<title>Shop</title>", kind=HTML, headers=BASKET)
    sent = dict(pair.strip().partition("=")[::2] for pair in asked.headers.get("cookie", "").split(";"))
    is_in = asked.path == "/api/payroll" and "basket_sid" in sent and opened_by(sent["basket_sid"])
    return Says(status=200, body=ROWS.encode()) if is_in else None


@pytest.mark.parametrize(
    ("opened_by", "status"),
    [
        pytest.param(lambda value: value == "guest-17", 1, id="the-guests-own-session"),
        pytest.param(lambda _: True, 1, id="any-value"),
        pytest.param(lambda value: value == "true", 1, id="a-flag"),
        pytest.param(lambda _: False, 0, id="none"),
    ],
)
def test_a_cookie_of_the_front_page_is_kept_and_guessed(
    opened_by: Callable[[str], bool], status: int, tmp_path: Path
) -> None:
    with answering(lambda asked: with_basket(asked, opened_by)) as url:
        found, worst = run(tmp_path, url, surfaces=OWN_SURFACE, profile=OWN_PROFILE)
    assert found == status
    assert worst["/api/payroll"][0] == ("leak" if status else "locked")


def test_a_cookie_of_an_open_route_is_kept_too(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path == "/api/healthz":
            return Says(status=200, body=b"{}", headers=BASKET)
        return None if asked.path == "/" else with_basket(asked, lambda _: True)

    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=OWN_SURFACE, profile=OWN_PROFILE)
    assert (status, worst["/api/payroll"][0]) == (1, "leak")


@pytest.mark.parametrize(
    ("sets", "more", "is_said"),
    [
        pytest.param((), "", True, id="no-cookie-is-known"),
        pytest.param((("Set-Cookie", "connect.sid=1; Path=/"),), "", False, id="a-common-one-is-set"),
        pytest.param((), "cookies: [basket_sid]\n", False, id="the-user-names-one"),
    ],
)
def test_probes_with_cookies_that_nobody_uses_are_said_to_prove_nothing(
    sets: tuple[tuple[str, str], ...], more: str, tmp_path: Path, *, is_said: bool
) -> None:
    refused = Says(status=401, body=NO.encode(), headers=sets)
    report = tmp_path / "report.json"
    with answering(lambda asked: refused if asked.path == "/api/payroll" else None) as url:
        status, _ = run(
            tmp_path, url, "--report", f"json={report}", surfaces=OWN_SURFACE, profile=OWN_PROFILE, more=more
        )
    notes = json.loads(report.read_text())["notes"]
    assert status == 0
    assert bool([note for note in notes if "no session cookie of it is known" in note and "rows" in note]) is is_said
