"""A lock in front of an application, met by `init`, `learn` and `check`: the promise names who keeps it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.payroll import HTML, Asked, Says, answering

PROBER = str(Path(sys.executable).with_name("prober"))
UP = Says(status=200, body=b'{"up":true}')
ROWS = Says(status=200, body=b'[{"order":18,"to":"Ann"},{"order":19,"to":"Bob"}]')
GONE = Says(status=404, body=b'{"error":"no such thing"}')
PAGE = b"<html><head><title>{}</title></head><body><center><h1>{}</h1></center><hr><center>nginx</center></body></html>"
NGINX = ("Server", "nginx")


def away(to: str, *more: tuple[str, str]) -> Says:
    return Says(status=302, kind=HTML, headers=(("Location", to), *more))


NGINX_401 = Says(status=401, kind=HTML, body=PAGE, headers=(NGINX,))
NGINX_BASIC = Says(status=401, kind=HTML, body=PAGE, headers=(NGINX, ("WWW-Authenticate", 'Basic realm="x"')))
NGINX_403 = Says(status=403, kind=HTML, body=PAGE, headers=(NGINX,))
VERCEL = away("https://vercel.com/sso-api?url=https%3A%2F%2Fapp.test&nonce=1")
VERCEL_401 = Says(
    status=401, kind=HTML, body=b"<title>Authentication Required</title>", headers=(("Server", "Vercel"),)
)
ACCESS = away("https://team.cloudflareaccess.com/cdn-cgi/access/login/app.test?kid=1")
OAUTH2_PROXY = away("/oauth2/start?rd=%2Forders", ("Set-Cookie", "_oauth2_proxy_csrf=1; HttpOnly"))
API_GATEWAY = Says(
    status=401, body=b'{"message":"Unauthorized"}', headers=(("x-amzn-ErrorType", "UnauthorizedException"),)
)
LOCKS = [
    pytest.param(NGINX_401, "nginx", id="nginx-auth-request"),
    pytest.param(NGINX_BASIC, "a Basic-auth wall", id="nginx-auth-basic"),
    pytest.param(VERCEL, "Vercel deployment protection", id="vercel"),
    pytest.param(VERCEL_401, "Vercel deployment protection", id="vercel-without-a-redirect"),
    pytest.param(ACCESS, "Cloudflare Access", id="cloudflare-access"),
    pytest.param(OAUTH2_PROXY, "oauth2-proxy", id="oauth2-proxy"),
    pytest.param(API_GATEWAY, "AWS API Gateway", id="an-api-gateway"),
]


def said(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROBER, *words], capture_output=True, text=True, timeout=100, check=False, cwd=folder)


@pytest.mark.parametrize(("lock", "keeper"), LOCKS)
def test_what_init_writes_holds_a_lock_before_every_path(lock: Says, keeper: str, tmp_path: Path) -> None:
    opened: set[str] = set()

    def answer(asked: Asked) -> Says | None:
        return ROWS if asked.path in opened else lock

    (tmp_path / "routes.txt").write_text("GET /orders\nGET /bills\n")
    with answering(answer) as url:
        made = said(tmp_path, "init", url, "--routes", "routes.txt")
        locked = said(tmp_path, "run", "--depth", "quick")
        opened.add("/orders")
        found = said(tmp_path, "run", "--depth", "quick")
    assert made.returncode == 0, made.stderr
    assert f'behind: "{keeper}"' in (tmp_path / "prober.yaml").read_text()
    assert "blanket:" not in (tmp_path / "prober.yaml").read_text()
    assert f'by: "{keeper}"' in (tmp_path / "lockdown" / "profile.yaml").read_text()
    assert f"{keeper} refuses in front of the application: confirm" in made.stdout
    assert (locked.returncode, found.returncode) == (0, 1)
    assert f"{keeper} keeps the door" in locked.stdout


@pytest.mark.parametrize(("lock", "keeper"), LOCKS)
def test_check_holds_a_lock_before_one_path_and_names_its_keeper(lock: Says, keeper: str, tmp_path: Path) -> None:
    answers = {"/healthz": UP, "/orders": lock, "/bills": ROWS}
    with answering(lambda asked: answers.get(asked.path, GONE)) as url:
        locked = said(tmp_path, "check", url, "--deny", "/orders", "--save")
        found = said(tmp_path, "check", url, "--deny", "/orders", "--deny", "/bills")
    assert (locked.returncode, found.returncode) == (0, 1), locked.stdout
    assert f"{keeper} keeps the door" in locked.stdout
    assert f'by: "{keeper}"' in (tmp_path / "lockdown" / "profile.yaml").read_text()
    assert "behind:" not in (tmp_path / "prober.yaml").read_text()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(NGINX_403, id="nginx-may-refuse-programs"),
        pytest.param(away("https://vercel.com/new"), id="a-page-of-vercels"),
        pytest.param(Says(status=403, kind=HTML, headers=(("cf-mitigated", "challenge"),)), id="a-wall-for-programs"),
    ],
)
def test_what_may_be_no_lock_is_no_promise(other: Says, tmp_path: Path) -> None:
    answers = {"/healthz": UP, "/orders": other}
    with answering(lambda asked: answers.get(asked.path, GONE)) as url:
        done = said(tmp_path, "check", url, "--deny", "/orders")
    assert done.returncode == 2, done.stdout


def test_learn_gives_the_line_to_add_where_a_refusal_may_be_a_lock(tmp_path: Path) -> None:
    (tmp_path / "routes.txt").write_text("GET /orders\nGET /bills\n")
    answers = {"/healthz": UP, "/orders": NGINX_403, "/bills": NGINX_401}
    with answering(lambda asked: answers.get(asked.path, GONE)) as url:
        done = said(tmp_path, "learn", url, "--routes", "routes.txt")
    text = " ".join(done.stdout.split())
    assert "write '{status: 403, by: nginx}' at the guard in the profile" in text
    assert "nginx refuses in front of the application: confirm" in text


def test_explain_names_who_may_refuse_in_the_applications_place(tmp_path: Path) -> None:
    (tmp_path / "routes.txt").write_text("GET /orders\n")
    with answering(lambda _: NGINX_401) as url:
        said(tmp_path, "init", url, "--routes", "routes.txt")
    done = said(tmp_path, "explain", "app: GET /orders")
    assert "nginx in front of the application may refuse in its place" in " ".join(done.stdout.split())
    assert "by nginx" in done.stdout
