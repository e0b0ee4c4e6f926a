"""`prober learn` and `prober init URL`: what strangers are answered becomes the promise, and open doors come first."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import prober as prober_api
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import load_document
from prober.definitions.surface import parse_surface
from tests.support.learned_gate import DOCUMENT, GUARDED, run
from tests.support.shop import HTML, ITEMS, JSON, REFUSED, Reply, Shop

SURFACE = Path("lockdown/surfaces/app.yaml")


def guards() -> dict[str, str]:
    return {f"{one.method} {one.path}": one.guard for one in parse_surface(load_document(SURFACE)).routes}


def test_two_commands_make_a_gate_and_each_broken_guard_turns_it_red(shop: Shop) -> None:
    assert run("init", shop.url) == 0
    assert run("run", "-q") == 0
    doors = ["GET /admin", "GET /orders", "POST /orders", "POST /cron/nightly"]
    statuses = []
    for door in doors:
        shop.reset()
        shop.replies |= {"POST /orders": REFUSED, "POST /login": (422, JSON, "{}"), door: ITEMS}
        statuses.append(run("run", "-q", "--only", f"{door}"))
    assert statuses == [1, 1, 1, 1]


def test_credentials_go_where_the_security_schemes_say(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    document["components"]["securitySchemes"]["cron"] = {"type": "apiKey", "in": "header", "name": "X-Cron-Key"}
    document["paths"]["/cron/nightly"]["post"] = {"security": [{"cron": []}]}
    shop.replies["GET /openapi.json"] = (200, JSON, json.dumps(document))
    assert run("init", shop.url) == 0
    assert "by the security schemes" not in capsys.readouterr().out
    assert (guards()["POST /cron/nightly"], guards()["GET /orders"]) == ("job-x-cron-key", "api")
    plan = prober_api.make_plan(prober_api.load())
    sent = {(p.route.path, *header) for p in plan.probes for header in p.request.headers if header[0] == "X-Cron-Key"}
    assert ("/cron/nightly", "X-Cron-Key", "None") in sent
    assert {path for path, *_ in sent} == {"/cron/nightly"}
    assert (run("run", "-q"), shop.seen["POST /cron/nightly"] > 5) == (0, True)


def test_answer_becomes_the_promise_and_open_routes_come_first(shop: Shop) -> None:
    assert run("init", shop.url) == 0
    assert guards() == {
        "GET /basket": "public", "GET /login": "public", "GET /": "public", "GET /openapi.json": "public",
        "GET /healthz": "public", "GET /orders": "api", "GET /api/users": "api", "POST /orders": "denied", "POST /login": "open-form",
        "GET /admin": "page-login", "POST /cron/nightly": "job",
    }  # fmt: skip
    text = SURFACE.read_text()
    assert text.rindex("# OPEN TO ANYONE: is this right?") < text.index("GET /orders")
    assert "control: alive" in text


def test_open_route_that_its_description_guards_is_not_promised_open(shop: Shop) -> None:
    shop.replies["GET /orders"] = ITEMS
    assert run("init", shop.url) == 0
    assert guards()["GET /orders"] == "denied"
    assert run("run", "-q") == 1


def test_only_what_reads_is_asked(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("learn", shop.url) == 0
    assert {name.partition(" ")[0] for name in shop.seen} == {"GET"}
    said = capsys.readouterr().out
    assert "not asked, since it may change something:" in said
    assert "  POST /cron/nightly  (/openapi.json)" in said
    assert not list(Path().iterdir())


def test_list_of_routes_of_a_framework_is_read_from_standard_input(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = io.TextIOWrapper(io.BytesIO(b"items  GET,HEAD  /items/<int:item_id>\nstaff  GET  /staff\n"))
    monkeypatch.setattr("sys.stdin", listing)
    shop.replies |= {"GET /items/2147483646": REFUSED, "GET /staff": (307, "/login", "")}
    assert run("init", shop.url, "--routes", "-") == 0
    assert {name: guard for name, guard in guards().items() if "items" in name or "staff" in name} == {
        "GET /items/:itemId": "api", "GET /staff": "page-login",
    }  # fmt: skip


def test_application_that_refuses_every_path_is_recognised(shop: Shop) -> None:
    shop.not_found = REFUSED
    assert run("init", shop.url) == 0
    assert parse_deployment(load_document(Path("prober.yaml"))).blanket_is_application
    assert run("run", "-q") == 0


def test_folder_that_refuses_every_path_is_named_and_no_more_than_that(shop: Shop) -> None:
    """As Django's admin has it: whatever is below /admin/ leads to its sign-in, and elsewhere a path may be missing."""
    there: Reply = (302, "/admin/login/", "")
    shop.replies |= {f"GET /admin/{part}/": there for part in ("users/add", "groups/add")}
    shop.below = {"/admin/": there}
    Path("routes").write_text("/admin/users/add/\n/admin/groups/add/\n/admin/<url>\n/orders\n")
    assert run("init", shop.url, "--routes", "routes") == 0
    file = parse_deployment(load_document(Path("prober.yaml")))
    assert (file.blanket_is_application, file.blanket_paths) == (False, ("/admin",))
    assert run("run", "-q") == 0
    shop.replies["GET /orders"] = shop.not_found  # outside of it what is missing is missing
    assert run("run", "-q") == 1


def test_parameter_of_a_route_is_no_folder_that_refuses_every_path(shop: Shop) -> None:
    shop.below = {"/items/": REFUSED}
    Path("routes").write_text("/items/<int:item>\n")
    assert run("init", shop.url, "--routes", "routes") == 0
    assert parse_deployment(load_document(Path("prober.yaml"))).blanket_paths == ()


def test_pages_on_which_passwords_are_reset_are_asked(shop: Shop) -> None:
    shop.replies["GET /accounts/reset/done/"] = (200, HTML, "<p>Done</p>")
    Path("routes").write_text("/accounts/reset/done/\n/admin/reset\n")
    assert run("init", shop.url, "--routes", "routes") == 0
    assert guards()["GET /accounts/reset/done/"] == "public"
    assert shop.seen["GET /admin/reset"] == 0  # which may well reset


def test_parameter_that_is_a_credential_by_its_name_is_where_credentials_go(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """As FastAPI's `Header()` has it: no security scheme, and 422 before the guard looks."""

    def header(name: str) -> dict[str, object]:
        return {"parameters": [{"in": "header", "name": name, "required": True}]}

    document = {
        **DOCUMENT,
        "paths": {
            "/items": {"get": header("x-token")}, "/cron/nightly": {"post": header("x-cron-secret")},
            "/pages": {"get": header("next-page-token")}, "/orders": {"get": GUARDED},
        },
    }  # fmt: skip
    lacks: Reply = (422, JSON, '{"detail": "field required"}')
    shop.replies |= {
        "GET /openapi.json": (200, JSON, json.dumps(document)), "GET /items": lacks, "POST /cron/nightly": lacks,
        "GET /pages": lacks,
    }  # fmt: skip
    shop.replies["GET /orders"] = shop.replies["GET /api/users"] = shop.replies["GET /admin"] = shop.not_found
    assert run("init", shop.url) == 0
    assert "no route here refuses" not in capsys.readouterr().out
    shop.replies |= {"GET /orders": REFUSED}
    assert run("init", shop.url, "--force") == 0
    profile = Path("lockdown/profile.yaml").read_text()
    assert "needs-x-token: {anonymous: 422, bogus: [400, 401, 403], held: [401, 403]}" in profile
    assert "needs-x-token: [{header: x-token}]" in profile
    assert "job-x-cron-secret: [{header: x-cron-secret}]" in profile
    assert "GET /pages" not in guards()  # a token that opens nothing, so no promise can be made of its 422
    capsys.readouterr()
    assert run("run") == 1  # the same to whoever brings a token: the request lacks something else
    assert "handler-reached: got 422, expected 400 or 401 or 403" in " ".join(capsys.readouterr().out.split())


def test_routes_that_nothing_lists_may_be_missing_and_that_is_said(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    del shop.replies["GET /openapi.json"]
    assert run("learn", shop.url) == 0
    assert "nothing lists this application's routes" in capsys.readouterr().out
    Path("routes").write_text("/orders\n")
    assert run("learn", shop.url, "--routes", "routes") == 0
    assert "nothing lists" not in capsys.readouterr().out


FORM = "<form method=post><input type=hidden name=csrfmiddlewaretoken value=t0k><input type=password name=p></form>"


def test_token_against_forged_requests_is_fetched_where_the_application_hands_it_out(shop: Shop) -> None:
    """As Django has it: no write without the token of a form, and what lacks a session is sent to sign in."""
    shop.replies |= {"GET /login": (200, HTML, FORM), "POST /items/2147483646": (302, "/login?next=/items", "")}
    shop.cookie, shop.needs_token = "csrftoken=abc; Path=/", "csrfmiddlewaretoken=t0k"
    Path("routes").write_text("GET /admin\nPOST /items/<int:item>\n")
    del shop.replies["GET /openapi.json"]
    assert run("init", shop.url, "--routes", "routes") == 0
    assert guards()["POST /items/:item"] == "denied-or-sign-in"
    assert 'csrf: "/login"' in SURFACE.read_text()
    assert SURFACE.read_text().count("csrf") == 1
    assert run("run", "-q") == 0
    shop.replies["POST /items/2147483646"] = ITEMS
    assert run("run", "-q") == 1
    shop.replies["POST /items/2147483646"] = (302, "/login?next=/items", "")
    shop.needs_token = "csrfmiddlewaretoken=another"
    assert run("run", "-q") == 2  # the token is not taken, so that it is no guard that refuses
    shop.needs_token = "csrfmiddlewaretoken=t0k"
    SURFACE.write_text(SURFACE.read_text().replace('csrf: "/login"', "#"))
    assert run("run", "-q") == 2  # the application refuses what has no token, and the guard is not reached


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        pytest.param((200, HTML, '<form><input type="password" name="p"></form><p>Wrong password</p>'), 0, id="again"),
        pytest.param((302, "/login?error=1", ""), 0, id="sent-back"),
        pytest.param((200, HTML, "<h1>Welcome</h1>"), 1, id="let-in"),
        pytest.param((302, "/orders", ""), 1, id="sent-on"),
    ],
)
def test_form_to_sign_in_may_be_shown_again_and_lets_nobody_in(shop: Shop, answer: Reply, status: int) -> None:
    shop.replies |= {"GET /admin": (302, "/login?next=/admin", ""), "POST /login": answer}
    Path("routes").write_text("GET /admin\nPOST /login\n")
    del shop.replies["GET /openapi.json"]
    assert run("init", shop.url, "--routes", "routes") == 0
    assert guards()["POST /login"] == "open-form"
    SURFACE.write_text(SURFACE.read_text().replace("effect: acts", "effect: none"))
    assert run("run", "-q") == status


def test_sign_in_on_another_origin_is_the_only_place_that_a_redirect_may_lead_to(shop: Shop) -> None:
    shop.replies["GET /admin"] = (302, "https://sso.example.com/oauth2/authorize?client_id=shop&state=x", "")
    assert run("init", shop.url) == 0
    assert guards()["GET /admin"] == "page-sso-example-com"
    assert run("run", "-q") == 0
    shop.replies["GET /admin"] = (302, "https://files.example.com/admin.csv?X-Amz-Signature=abc", "")
    assert run("run", "-q") == 1


def test_cookies_of_a_session_that_the_source_reads_are_listed(shop: Shop) -> None:
    """An application may hand out none before somebody signs in: then only its source names it."""
    Path("lib").mkdir()
    Path("lib/session.ts").write_text("const c = (await cookies()).get('shop_session')?.value; cookies().get('theme');")
    Path("views.py").write_text("token = request.COOKIES['staff_token']\nuser = request.cookies.get(name)\n")
    Path("app.js").write_text("if (req.signedCookies.member_id) next(); req.cookies.get('x-sid');")
    assert run("init", shop.url) == 0
    assert parse_deployment(load_document(Path("prober.yaml"))).cookies == ()  # a folder of no application
    Path("package.json").write_text("{}")
    assert run("init", shop.url, "--force") == 0
    found = parse_deployment(load_document(Path("prober.yaml"))).cookies
    assert set(found) == {"shop_session", "staff_token", "member_id", "x-sid"}


def test_slash_at_the_end_belongs_to_the_path_and_a_section_that_asks_to_sign_in_is_found(shop: Shop) -> None:
    """As Django has it: each path ends in a slash, and whatever is below /admin/ leads to one sign-in."""
    there: Reply = (302, "/admin/login/", "")
    shop.replies = {
        "GET /": (302, "/shop/", ""), "GET /shop/": (200, HTML, "<a href='/shop/list'>list</a>"),
        "GET /shop/list": (301, "/shop/list/", ""), "GET /shop/list/": REFUSED,
        "GET /admin": (301, "/admin/", ""), "GET /admin/": there,
    }  # fmt: skip
    shop.below = {"/admin/": there}
    assert run("init", shop.url) == 0
    assert guards() == {"GET /shop/": "public", "GET /shop/list/": "api", "GET /admin/": "page-admin-login"}
    assert run("run", "-q") == 0


def test_basic_is_recognised(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.challenge = 'Basic realm="shop"'
    assert run("init", shop.url) == 0
    profile = Path("lockdown/profile.yaml").read_text()
    assert '  basic:\n    anonymous: {status: 401, header: {www-authenticate: "Basic"}}\n' in profile
    assert run("run", "-q") == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("challenge", "line"),
    [
        pytest.param('Bearer realm="a, Digest b", Basic realm="x"', "bearer-api-basic: [secret, bearer, api-key, basic]", id="bearer-and-basic"),
        pytest.param('Negotiate, Basic realm="x"', "api-negotiate-basic: [secret, bearer, api-key, cookie, basic]", id="negotiate-and-basic"),
        pytest.param("Token", "api-token: [{scheme: Token}, secret, bearer, api-key, cookie]", id="a-scheme-of-its-own"),
        pytest.param('Basic realm="x", Bearer', "basic: [basic, secret, bearer, api-key, cookie]", id="basic-and-bearer"),
        pytest.param('Digest realm="x", qop="auth", nonce="n"', "digest: [digest, secret, bearer, api-key, cookie]", id="digest-alone"),
    ],
)  # fmt: skip
def test_each_scheme_that_a_refusal_offers_is_tried(
    challenge: str, line: str, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.challenge = challenge
    assert run("init", shop.url) == 0
    assert f"\n  {line}\n" in Path("lockdown/profile.yaml").read_text()
    assert run("run", "-q") == 0, capsys.readouterr().out


def test_route_of_head_alone_is_not_asked_by_a_get_and_is_in_the_gate(shop: Shop, tmp_path: Path) -> None:
    shop.replies["HEAD /backup"] = REFUSED
    (tmp_path / "routes").write_text("HEAD /backup\nOPTIONS /nothing\n")
    assert run("init", shop.url, "--routes", "routes") == 0
    assert shop.seen["GET /backup"] == shop.seen["GET /nothing"] == 0
    assert "HEAD /backup" in guards()
    assert run("run", "-q") == 0
    assert shop.seen["HEAD /backup"] > 20


def test_page_that_is_another_in_its_own_words_is_open(shop: Shop) -> None:
    shop.not_found = (200, HTML, "<html><title>Shop</title><div id=app></div></html>")
    assert run("init", shop.url) == 0
    assert {name for name in guards() if "env" in name or "metrics" in name} == set()
    assert guards()["GET /basket"] == "public"
