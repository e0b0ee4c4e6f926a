"""Deployments that the prober has never seen, described as a newcomer would: broken ones are 1, healthy ones are 0.

`prober init` looks at the healthy one, as on the day before something breaks; or the owner names what must refuse.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from prober.cli.main import exit_with, prober
from tests.support.newcomer import (
    BASIC,
    BEARER,
    DATA,
    DIGEST,
    DONE,
    FORBIDDEN,
    LOGIN,
    NO,
    PAGE,
    SHELL,
    SIGNED,
    SSO,
    Deployment,
    anybody,
    at,
    cookie,
    guarded,
    header,
    parameter,
    query,
    with_parameter,
)  # fmt: skip
from tests.support.payroll import HTML, Asked, Says, answering

if TYPE_CHECKING:
    from pathlib import Path

KEY_IN_QUERY = {"key": {"type": "apiKey", "in": "query", "name": "key"}}
KEY_IN_COOKIE = {"key": {"type": "apiKey", "in": "cookie", "name": "staff_key"}}
KEY_IN_HEADER = {"key": {"type": "apiKey", "in": "header", "name": "X-Shop-Key"}}
TOKEN = {"token": {"type": "http", "scheme": "bearer"}}
SURFACE = "surface: own\nabout: x.\nroutes:\n"
WHERE = "profile: ./own.yaml\nservices: {web: URL}\nprobes: [./probes]\nsurfaces: [own]\n"


def own(routes: str, profile: str, where: str = WHERE) -> dict[str, str]:
    """Write the three files by hand."""
    return {
        "prober.yaml": where,
        "own.yaml": f"profile: own\nabout: x.\n{profile}",
        "probes/own.yaml": SURFACE + routes,
    }


def any_password(asked: Asked) -> bool:
    scheme, _, value = asked.headers.get("authorization", "").partition(" ")
    return scheme == "Basic" and base64.b64decode(value + "==").startswith(b"admin:")


def shell(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001 - as of every deployment here
    """Serve an application of one page, whose API asks for a token."""
    if asked.path.startswith("/api/"):
        return (DATA if broken else BEARER) if asked.path == "/api/orders" else Says(status=404, body=b"{}")
    return SHELL


def forgotten(method: str, path: str) -> Deployment:
    """Guard a section but for one route of it."""

    def answer(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001
        if not asked.path.startswith("/items"):
            return None
        return DATA if broken and (asked.method, asked.path.startswith(path)) == (method, True) else BEARER

    return Deployment(answer=answer, listing="GET /items\nGET /items/<int:id>\nDELETE /items/<int:id>\n")


def one_of_several(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001
    """Take a bearer, a key in a header or a cookie; the one in the middle is not compared with anything."""
    return at("/api/orders", NO, header("x-shop-key"))(asked, broken)


def hidden(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001
    """Deny that there is anything, to whoever has no key."""
    if asked.path == "/staff" and (broken or asked.headers.get("authorization") == "Bearer a-real-key"):
        return PAGE
    return None


def upload(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001
    """Take a file, and say of any other body that it is none."""
    if (asked.method, asked.path) != ("POST", "/upload"):
        return None
    is_file = "multipart/form-data" in asked.headers.get("content-type", "")
    return (DONE if is_file else Says(status=415)) if broken else BEARER


def upgraded(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001
    """Speak a web socket."""
    if asked.path != "/live":
        return None
    wanted = asked.headers.get("upgrade") == "websocket"
    return (Says(status=101, headers=(("Upgrade", "websocket"),)) if wanted else Says(status=426)) if broken else NO


def mcp(path: str) -> Deployment:
    def answer(asked: Asked, broken: bool) -> Says | None:  # noqa: FBT001
        if asked.path != path:
            return None
        opens = broken and asked.headers.get("authorization", "").startswith("Bearer ")
        return Says(status=200, body=b'{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}') if opens else BEARER

    return Deployment(answer=answer, check=("--mcp", path))


def unsigned(asked: Asked) -> bool:
    """Open to a token that says of itself that nobody signed it."""
    head = asked.headers.get("authorization", "").removeprefix("Bearer ").partition(".")[0]
    return b'"none"' in base64.urlsafe_b64decode(head + "==") if head.startswith("ey") else False


PAGES = Deployment(answer=at("/account", LOGIN, anybody, PAGE), listing="/account\n")
DEPLOYMENTS = {
    "an-own-route-at-a-shipped-path": Deployment(
        answer=at("/api/admin/users", NO, anybody), document={"GET /api/admin/users": {}}
    ),
    "a-shipped-path-that-the-owner-names": Deployment(
        answer=at("/api/admin/members", NO, anybody), check=("--deny", "/api/admin/members")
    ),
    "an-unset-secret-in-a-header": Deployment(
        answer=at("/cron/nightly", NO, header("x-cron-secret", "None"), DONE),
        document={"POST /cron/nightly": guarded("cron")},
        schemes={"cron": {"type": "apiKey", "in": "header", "name": "X-Cron-Secret"}},
    ),
    "an-unset-secret-in-a-parameter": Deployment(
        answer=with_parameter(at("/cron/nightly", NO, header("x-cron-secret", "None"), DONE), "x-cron-secret"),
        document={"POST /cron/nightly": parameter("header", "x-cron-secret")},
    ),
    "an-unset-secret-of-a-job-by-get": Deployment(
        answer=at("/api/cron/daily", NO, header("authorization", "Bearer undefined"), DONE), listing="/api/cron/daily\n"
    ),
    "a-scheduler-that-anyone-can-be": Deployment(
        answer=at("/api/cron/daily", NO, header("x-vercel-cron"), DONE), listing="/api/cron/daily\n"
    ),
    "any-key-in-the-query": Deployment(
        answer=at("/report", NO, query("key=")), document={"GET /report": guarded("key")}, schemes=KEY_IN_QUERY
    ),
    "an-unset-key-in-the-query": Deployment(
        answer=at("/report", NO, query("key=undefined")), document={"GET /report": guarded("key")}, schemes=KEY_IN_QUERY
    ),
    "any-key-in-a-cookie": Deployment(
        answer=at("/report", NO, cookie("staff_key=")), document={"GET /report": guarded("key")}, schemes=KEY_IN_COOKIE
    ),
    "any-key-in-a-header": Deployment(
        answer=at("/report", FORBIDDEN, header("x-shop-key")), document={"GET /report": guarded("key")},
        schemes=KEY_IN_HEADER,
    ),
    "any-key-of-a-parameter": Deployment(
        answer=with_parameter(at("/report", NO, header("x-token")), "x-token"), document={"GET /report": parameter("header", "X-Token")}
    ),
    "one-scheme-of-several": Deployment(
        answer=one_of_several, document={"GET /api/orders": {"security": [{"token": []}, {"key": []}]}},
        schemes={**TOKEN, **KEY_IN_HEADER},
    ),
    "basic-that-is-off": Deployment(answer=at("/staff", BASIC, anybody, PAGE), listing="/staff\n"),
    "basic-with-any-password": Deployment(
        answer=at("/staff", BASIC, any_password, PAGE),
        files=own("  - {route: GET /staff, guard: basic, why: w, fix: f}\n", "take: basic\npresents: {basic: {basic: admin}}\n"),
    ),
    "basic-in-any-words": Deployment(
        answer=at("/staff", BASIC, lambda asked: "Basic " in asked.headers.get("authorization", ""), PAGE),
        listing="/staff\n",
    ),
    "digest-that-compares-nothing": Deployment(
        answer=at("/staff", DIGEST, lambda asked: "response=" in asked.headers.get("authorization", ""), PAGE),
        listing="/staff\n",
    ),
    "sign-in-elsewhere-became-a-signed-download": Deployment(
        answer=lambda asked, broken: (SIGNED if broken else SSO) if asked.path == "/orders.csv" else None,
        listing="/orders.csv\n",
    ),
    "sign-in-elsewhere-that-is-off": Deployment(answer=at("/orders", SSO, anybody, PAGE), listing="/orders\n"),
    "a-page-for-any-cookie": Deployment(
        answer=at("/account", Says(status=302, kind=HTML, headers=(*LOGIN.headers, ("Set-Cookie", "shop_sid=s%3Aabc; Path=/"))),
                  cookie("shop_sid="), PAGE),
        listing="/account\n",
    ),
    "a-page-that-is-open": PAGES,
    "a-redirect-that-brings-the-page-along": Deployment(
        answer=at("/account", LOGIN, anybody, Says(status=302, body=PAGE.body * 100, kind=HTML, headers=LOGIN.headers)),
        listing="/account\n",
    ),
    "a-refusal-that-brings-the-data-along": Deployment(
        answer=at("/orders", NO, anybody, Says(status=401, body=DATA.body * 20)), listing="/orders\n"
    ),
    "an-api-behind-a-shell": Deployment(answer=shell, check=("--deny", "/api/orders")),
    "an-api-behind-a-shell-that-is-described": Deployment(
        answer=shell, document={"GET /api/orders": guarded("token")}, schemes=TOKEN
    ),
    "a-denial-by-404": Deployment(
        answer=hidden,
        files=own(
            "  - {route: GET /staff, guard: hidden-404, admits: [witness], why: w, fix: f}\n", "take: hidden-404\n",
            f"{WHERE}hold: {{witness: 'file:key'}}\n",
        ) | {"key": "a-real-key"},
    ),
    "health-at-another-port": Deployment(
        answer=at("/orders", BEARER, anybody),
        files=own(
            "  - {route: GET /orders, guard: bearer-api, why: w, fix: f}\n"
            "  - {service: ops, route: GET /livez, guard: public, control: alive, why: w, fix: f}\n",
            "take: [bearer-api, public]\n", WHERE.replace("{web: URL}", "{web: URL, ops: OPS}"),
        ),
    ),
    "a-file-that-anyone-uploads": Deployment(
        answer=upload,
        files=own(
            "  - {route: POST /upload, guard: bearer-api, effect: acts, inert: {multipart: {file: ''}}, why: w, fix: f}\n",
            "take: bearer-api\n",
        ),
    ),
    "a-socket-that-anyone-opens": Deployment(
        answer=upgraded,
        files=own(
            "  - {route: GET /live, guard: live, send: {headers: {Connection: Upgrade, Upgrade: websocket,"
            " Sec-WebSocket-Version: '13', Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==}}, why: w, fix: f}\n",
            "presents: {live: [bearer, cookie]}\nguards: {live: 401}\n",
        ),
    ),
    "one-method-that-was-forgotten": forgotten("DELETE", "/items/"),
    "one-item-that-was-forgotten": forgotten("GET", "/items/2"),
    "a-token-that-nobody-signed": Deployment(answer=at("/orders", BEARER, unsigned), listing="/orders\n"),
    "an-agents-endpoint-anywhere": mcp("/rpc/agents"),
    "a-guard-that-trusts-an-address": Deployment(
        answer=at("/staff", FORBIDDEN, header("x-forwarded-for", "127.0.0.1"), PAGE), check=("--deny", "/staff"),
        depth="deep",
    ),
    "a-folder-that-refuses-every-path": Deployment(
        answer=lambda asked, broken: (
            (DATA if broken and asked.path == "/internal/stats" else NO) if asked.path.startswith("/internal/") else None
        ),
        listing="/internal/stats\n/internal/jobs/list\n",
    ),
}  # fmt: skip


@pytest.mark.integration
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_broken_deployment_is_a_leak_and_the_healthy_one_is_locked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    deployment = DEPLOYMENTS[name]
    state = {"broken": False}

    def answer(asked: Asked) -> Says | None:
        return deployment.says(asked, broken=state["broken"])

    live = Says(status=200, body=b'{"ok":true}')
    with answering(answer) as url, answering(lambda asked: live if asked.path == "/livez" else None) as ops:
        command = written(deployment, url, ops, tmp_path)
        statuses = {}
        for broken in (False, True):
            state["broken"] = broken
            statuses[broken] = exit_with(prober, [*command, "--depth", deployment.depth], name="prober")
    assert statuses == {False: 0, True: 1}, capsys.readouterr().out


def written(deployment: Deployment, url: str, ops: str, folder: Path) -> list[str]:
    """Write what the owner writes, or lets `init` write, and give the command that proves the deployment."""
    if deployment.check:
        return ["check", url, *deployment.check]
    for name, text in deployment.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text.replace("URL", url).replace("OPS", ops), encoding="utf-8")
    if not deployment.files:
        (folder / "routes").write_text(deployment.listing, encoding="utf-8")
        listed = ["--routes", "routes"] if deployment.listing else []
        assert exit_with(prober, ["init", url, *listed], name="prober") == 0
    held = ["--hold-for", url] if "key" in deployment.files else []
    return ["run", *held]
