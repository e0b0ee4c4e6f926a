"""What definitions mean: shipped surfaces in every mode, answers, profiles upon profiles, users' own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.definitions.builtin import load_surfaces
from prober.errors import DefinitionError, UsageError
from prober.model import Depth, Effect
from tests.support.definition_texts import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface


# --- gaps -------------------------------------------------------------------------------------------------------------

ROUTE = """\
    surface: x
    about: One route behind a guard.
    routes:
      - route: GET /x
        guard: {guard}
        why: A reason.
        fix: A remedy.
    """


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize(
    ("guard", "promised", "message"),
    [
        pytest.param(
            "g",
            "other-guard: 401",
            "probes/x.yaml:4: profile 'p' does not say how guard 'g' answers\n"
            "  fix: add 'g' under 'guards' in profiles/p.yaml",
            id="forgotten",
        ),
        pytest.param(
            "sesion",
            "session: 401",
            "probes/x.yaml:4: profile 'p' does not say how guard 'sesion' answers\n"
            "  fix: add 'sesion' under 'guards' in profiles/p.yaml (or did you mean 'session'?)",
            id="misspelt",
        ),
        pytest.param(
            "g",
            "g: {bogus: 401}",
            "probes/x.yaml:4: profile 'p' does not say how guard 'g' answers 'anonymous'\n"
            "  fix: add 'anonymous' to 'g' under 'guards' in profiles/p.yaml",
            id="kind-forgotten",
        ),
        pytest.param(
            "g",
            "g: {anonymous: 401, held: 401}",
            "probes/x.yaml:4: profile 'p' does not say how guard 'g' answers '{bogus}'\n"
            "  fix: add 'bogus' to 'g' under 'guards' in profiles/p.yaml",
            id="bogus-forgotten",
        ),
    ],
)
def test_guard_that_the_profile_forgets_is_an_error_at_the_route(
    guard: str,
    promised: str,
    message: str,
    depth: Depth,
    surface_of: Callable[[str], Surface],
    profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:
    surface = surface_of(ROUTE.replace("{guard}", guard))
    profile = profile_of(f"profile: p\nabout: Forgets.\nguards:\n  {promised}\n")
    first_bogus = "bogus" if depth is Depth.QUICK else "bogus-bearer"
    with pytest.raises(DefinitionError) as caught:
        plan_of([surface], profile, depth=depth)
    assert str(caught.value) == message.replace("{bogus}", first_bogus)


def test_held_secret_that_the_guard_does_not_answer_is_an_error(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    surface = surface_of(ROUTE.replace("{guard}", "g\n        refuse: [session-secret]"))
    profile = profile_of("profile: p\nabout: Forgets.\nguards:\n  g: {anonymous: 401, bogus: 401}\n")
    with pytest.raises(DefinitionError) as caught:
        plan_of([surface], profile)
    assert str(caught.value) == (
        "probes/x.yaml:4: profile 'p' does not say how guard 'g' answers 'session-secret'\n"
        "  fix: add 'held' to 'g' under 'guards' in profiles/p.yaml"
    )


# --- routes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "content", "headers"),
    [
        pytest.param("{json: {}}", b"{}", (("Content-Type", "application/json"),), id="json"),
        pytest.param("{json: [1, null]}", b"[1, null]", (("Content-Type", "application/json"),), id="json-list"),
        pytest.param("{json: {limit: -1}}", b'{"limit": -1}', (("Content-Type", "application/json"),), id="negative"),
        pytest.param(
            "{form: {a: b c, d: '&'}}",
            b"a=b+c&d=%26",
            (("Content-Type", "application/x-www-form-urlencoded"),),
            id="form",
        ),
        pytest.param(
            "{form: {a: '', b: x}}",
            b"a=&b=x",
            (("Content-Type", "application/x-www-form-urlencoded"),),
            id="empty-field",
        ),
        pytest.param(
            "{multipart: {title: '', note: x}}",
            b'--lockdown-probe-b0undary\r\nContent-Disposition: form-data; name="title"\r\n\r\n\r\n'
            b'--lockdown-probe-b0undary\r\nContent-Disposition: form-data; name="note"\r\n\r\nx\r\n'
            b"--lockdown-probe-b0undary--\r\n",
            (("Content-Type", "multipart/form-data; boundary=lockdown-probe-b0undary"),),
            id="multipart",
        ),
        pytest.param(
            "{json: {n: \u00fc}}", b'{"n": "\xc3\xbc"}', (("Content-Type", "application/json"),), id="json-utf-8"
        ),
        pytest.param("{text: hello}", b"hello", (("Content-Type", "text/plain"),), id="text"),
        pytest.param(
            "{json: {}, headers: {content-type: application/vnd.api+json}}",
            b"{}",
            (("content-type", "application/vnd.api+json"),),
            id="content-type-of-its-own",
        ),
        pytest.param("{headers: {Accept: text/html}}", None, (("Accept", "text/html"),), id="headers-alone"),
    ],
)
def test_route_says_what_is_sent(
    said: str, content: bytes | None, headers: tuple[tuple[str, str], ...], surface_of: Callable[[str], Surface]
) -> None:
    text = "surface: x\nabout: A.\nroutes:\n  - {route: POST /x, guard: g, effect: trace, why: w, fix: f, send: %s}\n"
    [route] = surface_of(text % said).routes
    assert (route.payload.content, route.payload.headers) == (content, headers)


@pytest.mark.parametrize(
    ("method", "more", "effect", "inert", "quick"),
    [
        pytest.param("GET", "", Effect.NONE, False, True, id="get"),
        pytest.param("HEAD", "", Effect.NONE, False, True, id="head"),
        pytest.param("OPTIONS", "", Effect.NONE, False, True, id="options"),
        pytest.param("GET", ", effect: acts", Effect.ACTS, False, True, id="get-that-acts"),
        pytest.param("POST", ", effect: none", Effect.NONE, False, True, id="post-that-does-nothing"),
        pytest.param("POST", ", effect: trace", Effect.TRACE, False, False, id="trace-is-not-for-quick"),
        pytest.param("POST", ", effect: trace, quick: true", Effect.TRACE, False, True, id="trace-marked-for-quick"),
        pytest.param("POST", ", effect: repeats", Effect.REPEATS, False, True, id="repeats"),
        pytest.param("POST", ", effect: acts, inert: {json: {}}", Effect.ACTS, True, True, id="inert"),
        pytest.param(
            "POST", ", effect: acts, inert: {json: {}}, quick: false", Effect.ACTS, True, False, id="not-for-quick"
        ),
    ],
)
def test_route_has_an_effect(
    method: str, more: str, *, effect: Effect, inert: bool, quick: bool, surface_of: Callable[[str], Surface]
) -> None:
    text = f"surface: x\nabout: A.\nroutes:\n  - {{route: {method} /x, guard: g, why: w, fix: f{more}}}\n"
    [route] = surface_of(text).routes
    assert (route.effect, route.inert, route.quick) == (effect, inert, quick)


@pytest.mark.parametrize(
    ("more", "locked"), [("", False), (", absent: locked", True)], ids=["by-default", "where-said"]
)
def test_route_that_is_gone_is_locked_only_where_that_is_said(
    more: str, *, locked: bool, surface_of: Callable[[str], Surface]
) -> None:
    text = f"surface: x\nabout: A.\nroutes:\n  - {{route: GET /x, guard: g, why: w, fix: f{more}}}\n"
    [route] = surface_of(text).routes
    assert route.absent_is_locked is locked


def test_route_takes_the_surfaces_service_unless_it_names_its_own(surface_of: Callable[[str], Surface]) -> None:
    surface = surface_of("""\
        surface: x
        about: A.
        service: api
        routes:
          - {route: GET /a, guard: g, why: w, fix: f}
          - {route: GET /b, guard: g, why: w, fix: f, service: mcp}
        """)
    assert [route.service for route in surface.routes] == ["api", "mcp"]
    assert surface.services == {"api", "mcp"}


def test_same_route_may_be_there_twice_under_two_ids(surface_of: Callable[[str], Surface]) -> None:
    surface = surface_of("""\
        surface: x
        about: A.
        routes:
          - {route: POST /mcp, id: a, guard: g, effect: none, why: w, fix: f}
          - {route: POST /mcp, id: b, guard: g, effect: none, why: w, fix: f}
        """)
    assert [route.name for route in surface.routes] == ["x: POST /mcp a", "x: POST /mcp b"]


# --- users' own surfaces ----------------------------------------------------------------------------------------------

OWN = "surface: {name}\nabout: My own.\nroutes:\n  - {{route: GET /mine, guard: session, why: w, fix: f}}\n"


def test_users_surfaces_stand_beside_the_shipped_ones(tmp_path: Path, shipped_surfaces: tuple[Surface, ...]) -> None:
    write(tmp_path, "mine.yaml", OWN.format(name="mine"))
    write(tmp_path, "yours.yml", OWN.format(name="yours"))
    write(tmp_path, "notes.txt", "not a definition")
    both = load_surfaces([tmp_path])
    assert both[: len(shipped_surfaces)] == shipped_surfaces
    assert [surface.name for surface in both[len(shipped_surfaces) :]] == ["mine", "yours"]
    assert str(both[-2].routes[0].source) == f"{tmp_path}/mine.yaml:4"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"pages.yaml": "pages"},
            "{folder}/pages.yaml:1: surface 'pages' is defined twice (first in probes/pages.yaml)\n"
            "  fix: use different names",
            id="name-of-a-shipped-one",
        ),
        pytest.param(
            {"a.yaml": "mine", "b.yaml": "mine"},
            "{folder}/b.yaml:1: surface 'mine' is defined twice (first in {folder}/a.yaml)\n  fix: use different names",
            id="name-of-another-of-the-users",
        ),
    ],
)
def test_surface_whose_name_is_taken_is_an_error_and_no_shadow(
    files: dict[str, str], message: str, tmp_path: Path
) -> None:
    assert [write(tmp_path, name, OWN.format(name=surface)).name for name, surface in files.items()] == list(files)
    with pytest.raises(DefinitionError) as caught:
        load_surfaces([tmp_path])
    assert str(caught.value) == message.replace("{folder}", str(tmp_path))


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        pytest.param(
            "missing", "error: no folder of probes at 'missing'\n  fix: check the path under 'probes'", id="missing"
        ),
        pytest.param("empty", "error: no surface file in 'empty'\n  fix: put a *.yaml file there", id="empty"),
        pytest.param("file", "error: no folder of probes at 'file'\n  fix: check the path under 'probes'", id="a-file"),
    ],
)
def test_folder_without_surfaces_is_an_error(
    folder: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        load_surfaces([Path(folder)])
    assert str(caught.value) == message
