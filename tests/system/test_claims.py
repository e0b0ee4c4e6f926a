"""What strangers claim, and where they go round: each kind is found at the depth that it belongs to, and is named.

Each case is a whole run against a server that falls for one odd thing and refuses all else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.payroll import NO, ROWS, SURFACES, Asked, Says, answering, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Falls = Callable[[Asked], bool]

DATA = Says(status=200, body=ROWS.encode())
REFUSED = Says(status=401, body=NO.encode())
API = "/api/payroll"
# Guards of sessions that compare keys too, as most do that nobody gave a `presents`.
OWN = """\
profile: own
about: Made for a test.
guards:
  session: 401
  session-page: {status: [302, 303, 307], location: /signin}
  sign-in-page: 200
"""


def bearer(asked: Asked) -> str:
    return asked.headers.get("authorization", "").removeprefix("Bearer ")


def signed_by(key: str, token: str) -> bool:
    content, _, signature = token.rpartition(".")
    made = hmac.new(key.encode(), content.encode(), hashlib.sha256).digest()
    return bool(content) and base64.urlsafe_b64encode(made).rstrip(b"=").decode() == signature


def algorithm(token: str) -> object:
    head = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "==")).get("alg") if token.count(".") == 2 else None


def has(header: str, value: str = "") -> Falls:
    return lambda asked: header in asked.headers and value in asked.headers[header]


def has_cookie(pattern: str) -> Falls:
    return lambda asked: re.search(rf"(^|; ){pattern}(;|$)", asked.headers.get("cookie", "")) is not None


KINDS: dict[str, tuple[Falls, str]] = {
    # --- keys, where a session is expected ---
    "some-key-in-a-header": (has("x-api-key", "0"), "standard"),
    "some-key-behind-the-scheme-of-django": (has("authorization", "Token "), "standard"),
    "an-empty-key": (lambda asked: asked.headers.get("apikey") == "", "standard"),
    "a-jwt-signed-with-nothing": (lambda asked: signed_by("", bearer(asked)), "standard"),
    "a-jwt-signed-with-a-default": (lambda asked: signed_by("secret", bearer(asked)), "standard"),
    "a-jwt-of-a-rare-default": (lambda asked: signed_by("my-secret-key", bearer(asked)), "deep"),
    "a-jwt-of-an-unknown-curve": (lambda asked: algorithm(bearer(asked)) == "ES256", "deep"),
    "a-token-too-long-to-hash": (lambda asked: len(bearer(asked)) > 4000, "deep"),
    # --- cookies ---
    "a-cookie-of-auth0": (has_cookie(r"appSession=[^;]+"), "standard"),
    "a-cookie-of-supabase": (has_cookie(r"sb-\w+-auth-token=[^;]+"), "standard"),
    "an-empty-cookie": (has_cookie("session="), "deep"),
    "a-cookie-with-a-jwt": (has_cookie(r"access_token=[\w-]+\.[\w-]+\.[\w-]+"), "deep"),
    # --- who claims to be one of us ---
    "a-user-of-a-mesh": (has("tailscale-user-name"), "standard"),
    "a-principal-of-a-cloud": (has("x-ms-client-principal"), "standard"),
    "a-role": (has("x-role", "admin"), "standard"),
    "a-certificate-that-was-checked": (has("x-ssl-client-verify", "SUCCESS"), "standard"),
    "a-private-address": (has("x-real-ip", "10."), "standard"),
    "this-machine-in-a-rare-header": (has("fly-client-ip", "127.0.0.1"), "deep"),
    "a-crawler": (has("user-agent", "bingbot"), "deep"),
    "a-monitor": (has("user-agent", "Prometheus"), "deep"),
}  # fmt: skip


def falling_for(falls: Falls) -> Callable[[Asked], Says | None]:
    return lambda asked: DATA if asked.path == API and falls(asked) else None


@pytest.mark.parametrize(("falls", "depth"), [pytest.param(*case, id=name) for name, case in KINDS.items()])
def test_each_claim_is_found(falls: Falls, depth: str, tmp_path: Path) -> None:
    with answering(falling_for(falls)) as url:
        status, worst = run(tmp_path, url, "--depth", depth, profile=OWN)
    assert (status, worst[API][0]) == (1, "leak")


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
def test_who_falls_for_none_of_them_is_locked(depth: str, tmp_path: Path) -> None:
    with answering(lambda _: None) as url:
        status, worst = run(tmp_path, url, "--depth", depth, profile=OWN)
    assert (status, worst[API]) == (0, ("locked", "as-promised"))


@pytest.mark.parametrize(("declared", "status"), [("key-headers: [X-Acme-Key]\n", 1), ("", 0)])
def test_a_key_header_that_is_declared_is_tried_at_the_guards_of_sessions_too(
    declared: str, status: int, tmp_path: Path
) -> None:
    with answering(falling_for(lambda asked: asked.headers.get("x-acme-key") == "undefined")) as url:
        assert run(tmp_path, url, profile=OWN, more=declared)[0] == status


# --- which of several headers it was ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "depth"), [("X-Forwarded-Email", "standard"), ("X-Bypass-Auth", "standard"), ("True-Client-IP", "deep")]
)
def test_of_several_headers_the_one_that_opens_is_named(header: str, depth: str, tmp_path: Path) -> None:
    with answering(falling_for(lambda asked: asked.headers.get(header.lower()) not in {None, "172.16.0.1"})) as url:
        status, _ = run(tmp_path, url, "--depth", depth, "--report", "json=report.json", profile=OWN)
    assert status == 1
    assert [said for said in details_of_leaks(tmp_path) if said.endswith(f"; {header} alone opens it")]


def test_where_two_open_together_none_is_named(tmp_path: Path) -> None:
    both = {"x-forwarded-user", "x-forwarded-email"}
    with answering(falling_for(lambda asked: both <= set(asked.headers))) as url:
        status, _ = run(tmp_path, url, "--report", "json=report.json", profile=OWN)
    assert status == 1
    assert details_of_leaks(tmp_path)
    assert not [said for said in details_of_leaks(tmp_path) if "alone" in said]


def test_no_header_is_sent_alone_where_nothing_opens_or_where_a_request_may_act(tmp_path: Path) -> None:
    alone: list[str] = []

    def answer(asked: Asked) -> Says | None:
        names = {name for name in asked.headers if name.startswith("x-auth-request-")}
        alone.extend(names if len(names) == 1 else ())
        if asked.path != "/api/raise":
            return None
        return Says(status=400, body=b'{"error":"no amount"}') if "x-forwarded-user" in asked.headers else REFUSED

    acts = "  - {route: POST /api/raise, guard: session, effect: acts, inert: {json: {}}, why: w, fix: f}\n"
    with answering(answer) as url:
        run(tmp_path, url, "--depth", "deep", surfaces=SURFACES + acts, profile=OWN)
    assert alone == []


def details_of_leaks(folder: Path) -> list[str]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return [finding["detail"] for finding in report["findings"] if finding["verdict"] == "leak"]


# --- where they go round ----------------------------------------------------------------------------------------------

ROUND: dict[str, str] = {
    "static-suffix": f"{API}.css",
    "static-file-below": f"{API}/lockdown-probe.css",
    "static-parameter": f"{API};lockdown-probe.css",
    "static-folder-and-back": f"/static/..{API}",
    "next-static-folder-and-back": f"/_next/static/../..{API}",
    "version-prefix": "/api/v1/payroll",
    "version-first": "/v1/api/payroll",
    "dots-that-are-decoded-twice": f"/public/%252e%252e{API}",
}


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in ROUND.items()])
def test_each_way_round_is_found_at_deep(path: str, tmp_path: Path) -> None:
    with answering(lambda asked: DATA if asked.path == path else None) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", profile=OWN)
    assert (status, worst[API][0]) == (1, "leak")


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in ROUND.items()])
def test_a_page_of_every_path_there_is_no_way_round(path: str, tmp_path: Path) -> None:
    """What stands below the ending, or the version, is the page that any unknown path of that form gets."""
    page = Says(status=200, body=b"<title>Acme</title><p>nothing here</p>", kind="text/html")
    end = path.removeprefix(API) if path.startswith(API) else ""

    def answer(asked: Asked) -> Says | None:
        way = asked.path
        return (
            page if (end and way.endswith(end)) or (not end and way.startswith(path[: path.index(API[4:])])) else None
        )

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", profile=OWN)
    assert (status, worst[API]) == (0, ("locked", "as-promised"))


POSTED = (
    SURFACES + "  - {route: POST /api/search, guard: session, effect: none, send: {json: {q: a}}, why: w, fix: f}\n"
)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_another_method_than_post_is_found_at_deep(method: str, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        if asked.path != "/api/search":
            return None
        return DATA if asked.method == method else REFUSED

    with answering(answer) as url:
        status, worst = run(tmp_path, url, "--depth", "deep", surfaces=POSTED, profile=OWN)
    assert (status, worst["/api/search"][0]) == (1, "leak")


def test_the_dot_after_a_host_is_no_other_host(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Says | None:
        name = asked.headers.get("host", "").partition(":")[0]
        return DATA if asked.path == API and name == "localhost." else None

    with answering(answer) as url:
        named = url.replace("127.0.0.1", "localhost")
        status, worst = run(tmp_path, named, "--depth", "deep", profile=OWN)
    assert (status, worst[API][0]) == (1, "leak")


# --- upgrades ---------------------------------------------------------------------------------------------------------

UPGRADE = "  - {{route: GET {path}, guard: session,{marked} why: w, fix: f}}\n"


@pytest.mark.parametrize(
    ("path", "marked", "found"),
    [
        pytest.param("/chat/room", " websocket: true,", True, id="marked"),
        pytest.param("/api/stream", "", True, id="named-for-one"),
        pytest.param("/chat/room", "", False, id="neither"),
    ],
)
def test_an_upgrade_is_asked_for_where_a_route_takes_one(path: str, marked: str, found: bool, tmp_path: Path) -> None:  # noqa: FBT001 - of the table
    def answer(asked: Asked) -> Says | None:
        if asked.path != path:
            return None
        upgraded = Says(status=200, body=b'{"rows":[{"id":1,"pay":7}]}')
        return upgraded if asked.headers.get("upgrade") == "websocket" else REFUSED

    text = SURFACES + UPGRADE.format(path=path, marked=marked)
    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=text, profile=OWN)
    assert (status, worst[path][0]) == ((1, "leak") if found else (0, "locked"))


# --- a cookie that is handed out, whatever it is called ---------------------------------------------------------------


def test_what_the_page_to_sign_in_hands_out_is_presented_where_no_route_names_it(tmp_path: Path) -> None:
    guest = ("Set-Cookie", "acme_guest=g-1; Path=/")

    def answer(asked: Asked) -> Says | None:
        if asked.path == "/signin":
            return Says(status=200, body=b"<form><input type=password></form>", kind="text/html", headers=(guest,))
        return DATA if asked.path == API and "acme_guest=g-1" in asked.headers.get("cookie", "") else None

    unnamed = "".join(line for line in SURFACES.splitlines(keepends=True) if "/signin" not in line)
    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=unnamed, profile=OWN)
    assert (status, worst[API][0]) == (1, "leak")


def test_the_way_through_a_public_folder_begins_in_one_that_holds_no_guarded_route(tmp_path: Path) -> None:
    """The sign of life lies beside what is guarded: no guard exempts that folder."""
    public = "".join(
        f"  - {{route: GET {path}, guard: sign-in-page, why: w, fix: f}}\n"
        for path in ("/api/state", "/files/logo.txt")
    )

    def answer(asked: Asked) -> Says | None:
        if asked.path in {"/api/state", "/files/logo.txt"}:
            return Says(status=200, body=b"ok", kind="text/plain")
        return DATA if asked.path == f"/files/..{API}" else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, surfaces=SURFACES + public, profile=OWN)
    assert (status, worst[API][0]) == (1, "leak")


def test_every_cookie_that_is_handed_out_is_presented(tmp_path: Path) -> None:
    """Browsers present them all: a visitor's number may be the session of a guest."""
    visitor = ("Set-Cookie", "visitor=v-1; Path=/")

    def answer(asked: Asked) -> Says | None:
        if asked.path == "/":
            return Says(status=200, body=b"<title>Acme</title>", kind="text/html", headers=(visitor,))
        return DATA if asked.path == API and "visitor=v-1" in asked.headers.get("cookie", "") else None

    with answering(answer) as url:
        status, worst = run(tmp_path, url, profile=OWN)
    assert (status, worst[API][0]) == (1, "leak")
