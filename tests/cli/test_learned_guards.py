"""What `init` writes, carried on by hand: a role with `refuse:`, and a scheme that only the challenge names."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.support.payroll import HTML, Asked, Says, answering

PROBER = str(Path(sys.executable).with_name("prober"))
MEMBER, CHIEF = "member:key-of-a-member", "chief:key-of-the-chief"
UP = Says(status=200, body=b'{"up":true}')
ROWS = Says(status=200, body=b'[{"order":18,"to":"Ann"},{"order":19,"to":"Bob"}]')
SIGN_IN = Says(status=302, kind=HTML, headers=(("Location", "/login"),))


def prober(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"MEMBER": MEMBER, "CHIEF": CHIEF, "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [PROBER, *words], capture_output=True, text=True, timeout=100, check=False, cwd=folder, env=env
    )


def challenge(scheme: str) -> Says:
    headers = (("WWW-Authenticate", scheme),) if scheme else ()
    return Says(status=401, body=b'{"error":"sign in first"}', headers=headers)


def made(folder: Path, url: str, more: str = "") -> None:
    """Let `init` write the files, and add `more` to the route."""
    (folder / "routes.txt").write_text("GET /orders\n")
    done = prober(folder, "init", url, "--routes", "routes.txt")
    assert done.returncode == 0, done.stderr
    surface = folder / "lockdown" / "surfaces" / "app.yaml"
    before, route, after = surface.read_text().partition("  - route: 'GET /orders'")
    assert route
    surface.write_text(before + route + after.replace("\n    guard:", f"\n{more}    guard:", 1))


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(challenge(""), id="api"),
        pytest.param(challenge("Bearer"), id="bearer"),
        pytest.param(challenge('Basic realm="x"'), id="basic"),
        pytest.param(SIGN_IN, id="page"),
    ],
)
def test_each_guard_that_init_writes_knows_how_a_role_is_refused(refusal: Says, tmp_path: Path) -> None:
    open_to = {CHIEF}

    def answer(asked: Asked) -> Says | None:
        scheme, _, given = asked.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            given = next((pair for pair in (MEMBER, CHIEF) if b64encode(pair.encode()).decode() == given), "")
        if asked.path == "/healthz":
            return UP
        if asked.path != "/orders":
            return None
        if given in open_to:
            return ROWS
        return Says(status=403, body=b'{"error":"not for members"}') if given == MEMBER else refusal

    with answering(answer) as url:
        made(tmp_path, url, "    refuse: [member-token]\n    admits: [chief-token]\n")
        words = ("run", "--depth", "quick", "--hold", "member-token=env:MEMBER", "--hold", "chief-token=env:CHIEF")
        locked = prober(tmp_path, *words)
        open_to.add(MEMBER)
        found = prober(tmp_path, *words)
    assert (locked.returncode, found.returncode) == (0, 1), locked.stdout + locked.stderr
    assert "open to a held secret that it must refuse" in found.stdout


def test_what_is_behind_the_scheme_of_a_challenge_must_be_right(tmp_path: Path) -> None:
    looks_it_up = True

    def answer(asked: Asked) -> Says | None:
        given = asked.headers.get("authorization", "")
        if asked.path == "/healthz":
            return UP
        if asked.path != "/orders":
            return None
        return ROWS if given.startswith("Token ") and not looks_it_up else challenge("Token")

    with answering(answer) as url:
        made(tmp_path, url)
        locked = prober(tmp_path, "run")
        looks_it_up = False
        found = prober(tmp_path, "run")
    assert (locked.returncode, found.returncode) == (0, 1), locked.stdout + locked.stderr
    assert "own-random@authorization-token" in found.stdout


def test_guards_whose_challenges_differ_have_different_names(tmp_path: Path) -> None:
    answers = {"/healthz": UP, "/orders": challenge(""), "/bills": challenge("Token")}
    (tmp_path / "routes.txt").write_text("GET /orders\nGET /bills\n")
    with answering(lambda asked: answers.get(asked.path)) as url:
        assert prober(tmp_path, "init", url, "--routes", "routes.txt").returncode == 0
        locked = prober(tmp_path, "run", "--depth", "quick")
    assert locked.returncode == 0, locked.stdout
