"""Profiles by name and by path, and generic guards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.definitions.builtin import load_profile, load_starter
from prober.errors import DefinitionError, UsageError
from prober.model import Family
from prober.plan.credential_names import credential_names
from tests.support.definition_texts import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Profile, Surface


# --- profiles by name and by path -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "oath",
            "error: no profile 'oath' (there are credentials, credentials+oauth, dev-shim, oauth, unconfigured)\n"
            "  fix: did you mean 'oauth'?",
            id="near",
        ),
        pytest.param(
            "OAuth",
            "error: no profile 'OAuth' (there are credentials, credentials+oauth, dev-shim, oauth, unconfigured)\n"
            "  fix: did you mean 'oauth'?",
            id="other-case",
        ),
        pytest.param(
            "zzz",
            "error: no profile 'zzz' (there are credentials, credentials+oauth, dev-shim, oauth, unconfigured)\n"
            "  fix: choose one of these, or a file such as ./my-mode.yaml",
            id="far-off",
        ),
        pytest.param(
            "./my-mode.yaml",
            "error: cannot read ./my-mode.yaml: No such file or directory\n  fix: check the path and its permissions",
            id="missing-file",
        ),
    ],
)
def test_unknown_profile_is_named_with_those_there_are(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_profile(name, credentials=credential_names())
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["./mine.yaml", "mine.yaml", "mine.yml", "{folder}/mine.yaml", "./mine"])
def test_profile_is_loaded_by_its_path(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    said = name.replace("{folder}", str(tmp_path))
    Path(said).write_text("profile: mine\nabout: Of my own.\nguards:\n  session: 418\n", encoding="utf-8")
    profile = load_profile(said, credentials=credential_names())
    assert profile.name == "mine"
    assert str(profile.guards["session"][""]) == "418"
    assert str(profile.guards["session"][""].source) == f"{said}:4"


def test_extending_profile_changes_only_what_differs(
    profile_of: Callable[[str], Profile], shipped_profile: Callable[[str], Profile]
) -> None:
    oauth = shipped_profile("oauth")
    mine = profile_of("""\
        profile: mine
        about: Forbids where the other refuses.
        extends: oauth
        guards:
          session: 403
          my-guard: 401
        presents:
          my-guard: api-key
          session: cookie
        never: {body: BEGIN PRIVATE KEY}
        """)
    assert str(mine.guards["session"][""]) == "403"
    assert set(mine.guards) == {*oauth.guards, "my-guard"}
    changed = {name for name in oauth.guards if mine.guards[name] != oauth.guards[name]}
    assert changed == {"session"}
    assert mine.presents == {**oauth.presents, "my-guard": (Family.API_KEY,), "session": (Family.COOKIE,)}
    assert [never.texts for never in mine.never] == [("BEGIN PRIVATE KEY",)]
    assert str(mine.guards["admin"][""].source).startswith("profiles/oauth.yaml:")
    assert str(mine.guards["session"][""].source) == "profiles/p.yaml:5"


def test_extending_profile_keeps_what_must_never_be_in_an_answer(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "profile: base\nabout: B.\nguards: {g: 401}\nnever: {json: apiKey}\n")
    path = write(tmp_path, "top.yaml", "profile: top\nabout: T.\nextends: base.yaml\nnever: {body: secret}\n")
    profile = load_profile(str(path), credentials=credential_names())
    assert [(never.keys, never.texts) for never in profile.never] == [(("apiKey",), ()), ((), ("secret",))]


@pytest.mark.parametrize(
    ("said", "only_here"),
    [
        pytest.param("", True, id="inherited"),
        pytest.param("loopback-only: false\n", False, id="taken-back"),
        pytest.param("loopback-only: true\n", True, id="said-again"),
    ],
)
def test_extending_a_profile_for_this_machine_is_for_this_machine(
    said: str, *, only_here: bool, profile_of: Callable[[str], Profile]
) -> None:
    assert profile_of(f"profile: p\nabout: A.\nextends: dev-shim\n{said}").loopback_only is only_here


def test_extended_file_is_found_beside_the_one_that_extends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "modes").mkdir()
    write(tmp_path, "modes/base.yaml", "profile: base\nabout: Below.\nguards: {session: 418}\n")
    write(tmp_path, "modes/top.yaml", "profile: top\nabout: Above.\nextends: ./base.yaml\n")
    monkeypatch.chdir(tmp_path)
    profile = load_profile("modes/top.yaml", credentials=credential_names())
    assert profile.name == "top"
    assert str(profile.guards["session"][""]) == "418"


# --- generic guards ---------------------------------------------------------------------------------------------------


def test_a_profile_takes_generic_guards_one_by_one(profile_of: Callable[[str], Profile]) -> None:
    mine = profile_of("""
        profile: mine
        about: A.
        take: [basic, cookie-api]
        presents: {cookie-api: {cookie: sid}}
        guards: {cookie-api: 401, other: 403}
        """)
    assert set(mine.guards) == {"basic", "cookie-api", "other"}
    assert str(mine.guards["cookie-api"][""]) == "401"
    assert str(mine.guards["basic"][""]) == "401 with www-authenticate: Basic"
    assert [carrier.label for guard in ("basic", "cookie-api") for carrier in mine.carriers[guard]] == [
        "basic-lockdown-probe", "cookie-sid",
    ]  # fmt: skip


def test_a_generic_guard_that_is_none_names_the_nearest(profile_of: Callable[[str], Profile]) -> None:
    with pytest.raises(DefinitionError) as raised:
        profile_of("profile: mine\nabout: A.\ntake: [bearer-apis]\n")
    assert raised.value.what == "'bearer-apis' is not a generic guard"
    assert raised.value.fix == "did you mean 'bearer-api'?"


def test_every_generic_guard_says_what_it_presents() -> None:
    starter = load_starter(credentials=credential_names())
    assert starter.guards.keys() == starter.presents.keys()
    open_guards = {name for name, answers in starter.guards.items() if not all(p.refuses for p in answers.values())}
    assert open_guards == {"mcp-discovery", "public"}


def test_every_wrong_route_of_a_surface_is_told(surface_of: Callable[[str], Surface]) -> None:
    with pytest.raises(DefinitionError) as caught:
        surface_of("""\
            surface: x
            about: x.
            routes:
              - {route: GET /a, gard: session, why: w, fix: f}
              - {route: GET /b, guard: session, why: w, fix: f}
              - {route: POST /c, guard: session, why: w, fix: f}
        """)
    assert [(mistake.source.line, mistake.what) for mistake in caught.value.mistakes] == [
        (4, "unknown key 'gard' in a route"), (6, "'POST' needs an effect"),
    ]  # fmt: skip


def test_every_wrong_guard_of_a_profile_is_told(profile_of: Callable[[str], Profile]) -> None:
    with pytest.raises(DefinitionError) as caught:
        profile_of("profile: p\nabout: x.\nguards:\n  a: 0401\n  b: 401\n  c: {stauts: 401}\n")
    assert [mistake.source.line for mistake in caught.value.mistakes] == [4, 6]
