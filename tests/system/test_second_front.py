"""A lock is proven, whoever refuses and however it is said: whole runs, each kind broken and healthy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import HTML, KNOWN, NO, REFUSED, Asked, Says, answering, run
from tests.support.second_front import ALIVE, API, EITHER, PROFILE, ROWS_GUARD, SHEET, SURFACE, api, ok

if TYPE_CHECKING:
    from pathlib import Path


# --- a refusal that is a 200 ------------------------------------------------------------------------------------------

EMPTY = PROFILE.format("{status: 200, json: {$: []}, refuses: true}")
BATCH = PROFILE.format("{status: 200, json: {'*.error.code': DENIED}, refuses: true}")
BRACKETS = PROFILE.format("{status: 200, body: '[]', refuses: true}")


@pytest.mark.parametrize(
    ("profile", "body", "status", "verdict"),
    [
        pytest.param(EMPTY, [], 0, "locked", id="no-rows"),
        pytest.param(EMPTY, [{"id": 1, "tags": []}], 1, "leak", id="a-row"),
        pytest.param(BRACKETS, [], 0, "locked", id="brackets"),
        pytest.param(BRACKETS, [{"id": 1, "tags": []}], 1, "leak", id="brackets-within-a-row"),
        pytest.param(BATCH, [{"error": {"code": "DENIED"}}, {"error": {"code": "DENIED"}}], 0, "locked", id="a-batch"),
        pytest.param(BATCH, [{"error": {"code": "DENIED"}}, {"result": {"salary": 1}}], 1, "leak", id="one-success-in-it"),
    ],
)  # fmt: skip
def test_a_success_may_be_the_refusal_and_any_other_is_a_leak(
    profile: str, body: object, status: int, verdict: str, tmp_path: Path
) -> None:
    with answering(api(ok(body))) as url:
        found, worst = run(tmp_path, url, "--tolerate", "drift", surfaces=ROWS_GUARD, profile=profile)
    assert (found, worst[API][0]) == (status, verdict)


# --- a refusal that is not the guard's --------------------------------------------------------------------------------

WRITES = SURFACE + "  - {route: POST /api/payroll, guard: rows, effect: acts, inert: {json: {}}, why: w, fix: f}\n"


@pytest.mark.parametrize(
    ("status", "words", "outcome"),
    [
        pytest.param(403, "'_xsrf' argument missing from POST", (2, ("unproven", "not-the-guard")), id="a-token-is-missing"),
        pytest.param(403, "CSRF Error", (2, ("unproven", "not-the-guard")), id="csrf"),
        pytest.param(403, "Origin not allowed", (2, ("unproven", "not-the-guard")), id="origin"),
        pytest.param(409, "send the session-id header", (2, ("unproven", "not-the-guard")), id="a-session-id-is-wanted"),
        pytest.param(403, "members only", (0, ("locked", "as-promised")), id="the-guard"),
        pytest.param(401, "no session; CSRF protection is on", (0, ("locked", "as-promised")), id="a-401-of-the-guard"),
    ],
)  # fmt: skip
def test_a_check_before_authentication_proves_nothing(
    status: int, words: str, outcome: tuple[int, tuple[str, str]], tmp_path: Path
) -> None:
    said = Says(status=status, body=json.dumps({"error": words}).encode())
    with answering(api(said)) as url:
        found, worst = run(tmp_path, url, surfaces=WRITES, profile=EITHER)
    assert (found, worst[API]) == outcome


# --- who is the lock? -------------------------------------------------------------------------------------------------

PAGES = SURFACE + "  - {route: GET /payroll, guard: rows, why: w, fix: f}\n"
WALL = PROFILE.format("{status: 401, body: 401 Authorization Required}")
TITLE = b"401 Authorization Required"
NGINX = b"<html><head><title>%b</title></head><body><h1>%b</h1><hr><center>nginx</center></body></html>" % (
    TITLE,
    TITLE,
)


@pytest.mark.parametrize(("profile", "outcome"), [(WALL, 0), (EITHER, 2)], ids=["declared", "not-declared"])
def test_a_lock_in_front_counts_where_its_own_words_are_declared(profile: str, outcome: int, tmp_path: Path) -> None:
    wall = Says(status=401, body=NGINX, kind="text/html", headers=(("Server", "nginx"),))
    with answering(lambda asked: wall if asked.path == SHEET else None) as url:
        status, _ = run(tmp_path, url, surfaces=PAGES, profile=profile)
    assert status == outcome


@pytest.mark.parametrize("body", [b"", b'{"message":"Unauthorized"}'])
def test_a_challenge_that_any_gateway_gives_describes_no_lock(body: bytes, tmp_path: Path) -> None:
    challenge = PROFILE.format("{status: 401, header: {www-authenticate: Bearer}}")
    gateway = (("WWW-Authenticate", "Bearer"), ("x-amzn-ErrorType", "UnauthorizedException"))
    wall = Says(status=401, body=body, headers=gateway)
    with answering(api(wall)) as url:
        status, worst = run(tmp_path, url, surfaces=ROWS_GUARD, profile=challenge)
    assert (status, worst[API][0]) == (2, "unproven")


# --- a hop that decides nothing ---------------------------------------------------------------------------------------

SENT = PROFILE.format("{status: 307, location: /en/signin}")


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("is_open", [True, False])
def test_a_hop_to_the_page_below_its_language_is_judged_by_that_page(
    tmp_path: Path, depth: str, *, is_open: bool
) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path == SHEET:
            return Says(status=307, kind=HTML, headers=(("Location", "/en/payroll"),))
        if asked.path == "/en/payroll" and is_open:
            return Says(status=200, body=b"<title>Payroll</title>E001 earns 40,000", kind=HTML)
        return (
            Says(status=307, kind=HTML, headers=(("Location", "/en/signin"),)) if asked.path == "/en/payroll" else None
        )

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", depth, surfaces=PAGES, profile=SENT)
    assert (status, worst[SHEET][0]) == ((1, "leak") if is_open else (0, "locked"))


REPEATS = ROWS_GUARD.replace("guard: rows,", "guard: rows, effect: repeats,")


@pytest.mark.parametrize(
    ("surfaces", "followed"),
    [
        pytest.param(ROWS_GUARD, True, id="a-read"),
        pytest.param(WRITES, False, id="a-write"),
        pytest.param(REPEATS, False, id="a-get-that-acts"),
    ],
)
def test_what_may_act_is_followed_nowhere(surfaces: str, tmp_path: Path, *, followed: bool) -> None:
    asked_for: list[str] = []

    def answer(asked: Asked) -> Says | None:
        asked_for.append(asked.path)
        if asked.path in {API, "/en/api/payroll"}:
            return Says(status=308, headers=(("Location", f"/en{API}" if asked.path == API else "/en/signin"),))
        return None

    with answering(answer) as url:
        run(tmp_path, url, surfaces=surfaces, profile=PROFILE.format("{status: 308, location: /en/signin}"))
    assert API in asked_for
    assert ("/en/api/payroll" in asked_for) is followed


# --- a variant that reached the handler -------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [True, False])
def test_a_variant_that_its_handler_answers_is_a_leak(tmp_path: Path, *, broken: bool) -> None:
    """The guard stands on the exact path, and the router forgives a slash; a router that rejects it does so anywhere."""

    def answer(asked: Asked) -> Says | None:
        if asked.path.endswith("/") and asked.method == "POST":
            invalid = Says(status=400, body=b'{"error":"salary is required"}')
            known = asked.path == f"{API}/"
            return invalid if known or not broken else Says(status=404, body=b'{"error":"no such route"}')
        return REFUSED if asked.path == API else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=WRITES, profile=EITHER)
    assert (status, worst[API][0]) == ((1, "leak") if broken else (0, "locked"))


def test_what_is_refused_in_every_way_is_locked_at_every_depth(tmp_path: Path) -> None:
    with answering(api(Says(status=401, body=NO.encode()))) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=ROWS_GUARD, profile=EITHER)
    assert (status, worst[API][0]) == (0, "locked")


# --- a redirect that a bare status excuses ----------------------------------------------------------------------------

TWO_PAGES = SURFACE + "".join(
    f"  - {{route: GET {path}, guard: rows, why: w, fix: f}}\n" for path in ("/home", "/payroll")
)
AWAY = PROFILE.format("302")


@pytest.mark.parametrize(
    ("home", "payroll", "outcome"),
    [
        pytest.param("https://id.example/authorize?client_id=1", "https://files.example/export?sig=1", (1, "leak"), id="a-signed-address"),
        pytest.param("https://id.example/authorize?client_id=1", "https://id.example/authorize?client_id=2", (0, "locked"), id="sign-in"),
        pytest.param("/signin", "https://files.example/export?sig=1", (1, "leak"), id="a-sign-in-of-its-own"),
        pytest.param("https://files.example/a", "https://files.example/b", (0, "locked"), id="no-sign-in-is-known"),
    ],
)  # fmt: skip
def test_a_redirect_elsewhere_opens_where_others_are_sent_to_sign_in(
    home: str, payroll: str, outcome: tuple[int, str], tmp_path: Path
) -> None:
    places = {"/home": home, SHEET: payroll}

    def answer(asked: Asked) -> Says | None:
        place = places.get(asked.path)
        return None if place is None else Says(status=302, kind=HTML, headers=(("Location", place),))

    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=TWO_PAGES, profile=AWAY)
    assert (status, worst[SHEET][0]) == outcome


# --- a variant that is sent from place to place -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "at_the_end", "outcome"),
    [
        pytest.param("/simple/where-all-that-is-unknown-is-looked-for", REFUSED, (0, "locked"), id="one-locked-place"),
        pytest.param("/simple{path}/", REFUSED, (0, "locked"), id="its-own-locked-place"),
        pytest.param("/simple{path}/", ok([{"salary": 1}]), (1, "leak"), id="its-own-open-place"),
    ],
)
def test_what_a_variant_is_sent_to_is_asked(
    place: str, at_the_end: Says, outcome: tuple[int, str], tmp_path: Path
) -> None:
    """Unknown paths are looked for below another folder, which is locked as well, or forgotten."""

    def answer(asked: Asked) -> Says | None:
        if asked.path.startswith("/simple/"):
            return at_the_end
        if asked.path in {API, "/api/healthz"}:
            return REFUSED if asked.path == API else None
        return Says(status=303, headers=(("Location", place.format(path=asked.path)),))

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=ROWS_GUARD, profile=EITHER)
    assert (status, worst[API][0]) == outcome


# --- a wall before some paths -----------------------------------------------------------------------------------------

BESIDE_A_WALL = (
    SURFACE.replace(ALIVE, "")
    + "  - {route: GET /payroll, guard: rows, why: w, fix: f}\n  - {route: GET /api/payroll, guard: rows, why: w, fix: f}\n"
)


@pytest.mark.parametrize(("behind", "outcome"), [(ok([{"salary": 1}]), (1, "leak")), (REFUSED, (2, "locked"))])
def test_a_wall_before_some_paths_stops_no_run(behind: Says, outcome: tuple[int, str], tmp_path: Path) -> None:
    wall = Says(status=401, body=NGINX, kind="text/html", headers=(("WWW-Authenticate", 'Basic realm="x"'),))

    def answer(asked: Asked) -> Says | None:
        if not asked.path.startswith("/api/"):
            return wall
        return behind if asked.path == API else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=BESIDE_A_WALL, profile=EITHER)
    assert (status, worst[API][0]) == outcome
    assert worst[SHEET] == ("unproven", "intermediary")


def test_a_guard_that_sends_every_path_to_another_sign_in_says_where(tmp_path: Path) -> None:
    away = Says(status=302, kind=HTML, headers=(("Location", "/login/"),))
    served = {"/api/healthz": ok({}), "/login/": KNOWN["/signin"]}
    sign_in = "  - {route: GET /login/, guard: public, control: sign-in, why: w, fix: f}\n"
    profile = PROFILE.format("{status: 302, location: '/login/?next='}")
    with answering(lambda asked: served.get(asked.path, away)) as url:
        status, worst = run(tmp_path, url, surfaces=PAGES + sign_in, profile=profile)
    assert (status, worst[SHEET]) == (1, ("drift", "wrong-location"))


def test_a_variant_that_is_sent_to_another_place_is_locked_where_that_refuses(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path == "/api/PAYROLL":
            return Says(status=303, headers=(("Location", "/z"),))
        return REFUSED if asked.path in {API, "/z"} else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=ROWS_GUARD, profile=EITHER)
    assert (status, worst[API][0]) == (0, "locked")
