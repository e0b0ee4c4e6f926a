"""What definitions mean: shipped surfaces in every mode, answers, profiles upon profiles, users' own files."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from prober.cli.verify_lockdown import SURFACES, VOUCHERS
from prober.definitions.builtin import load_profile, load_starter, load_surfaces
from prober.definitions.document import load_document
from prober.definitions.shipped import profile_names, shipped_folder
from prober.errors import DefinitionError, UsageError
from prober.model import Control, Credential, Depth, Effect, Family, JsonFact, Kind, LocationFact
from prober.plan.credential_values import (
    CredentialValues,
)
from prober.plan.credentials import (
    LADDER,
    credential_names,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

PROFILES = ("credentials", "credentials+oauth", "dev-shim", "oauth", "unconfigured")
MADE = CredentialValues(nonce="0123abcd", cookies=("session",))
BY_NAME = {entry.name: entry.make(MADE) for entry in LADDER}
EXAMPLES = sorted(Path(__file__).parents[3].glob("docs/examples/*/prober.yaml"))


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


# --- what is shipped --------------------------------------------------------------------------------------------------


def test_the_shipped_profiles_are_the_modes_of_the_facts() -> None:
    assert profile_names() == PROFILES


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("name", PROFILES)
def test_every_shipped_surface_is_planned_in_every_profile(
    name: str, depth: Depth, plan_of: Callable[..., Plan], shipped_surfaces: tuple[Surface, ...]
) -> None:
    plan = plan_of(profile=name, depth=depth)
    seen = [*plan.probes, *(skip.probe for skip in plan.skips)]
    assert {probe.route for probe in seen} == {route for surface in shipped_surfaces for route in surface.routes}
    assert plan.profile.name == name


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_called_as_its_file(name: str, shipped_profile: Callable[[str], Profile]) -> None:
    assert shipped_profile(name).name == name


def test_a_surface_is_called_as_its_file(shipped_surfaces: tuple[Surface, ...]) -> None:
    names = [surface.name for surface in shipped_surfaces]
    assert names == [path.stem for path in sorted(shipped_folder("probes").iterdir())]
    assert len(names) > 25


@pytest.mark.parametrize("name", PROFILES)
def test_every_guard_of_a_shipped_route_is_named_in_the_profile(
    name: str, shipped_surfaces: tuple[Surface, ...], shipped_profile: Callable[[str], Profile]
) -> None:
    used = {route.guard for surface in shipped_surfaces for route in surface.routes}
    assert used <= set(shipped_profile(name).guards)


def test_only_the_dev_shim_is_for_this_machine_alone(shipped_profile: Callable[[str], Profile]) -> None:
    assert [name for name in PROFILES if shipped_profile(name).loopback_only] == ["dev-shim"]


def test_these_are_for_a_name_alone(shipped_surfaces: tuple[Surface, ...]) -> None:
    assert [surface.name for surface in shipped_surfaces if surface.by_name_only] == ["mcp-tools", "voucher-gate"]


def test_only_the_migration_endpoint_and_other_ways_to_the_mcp_transport_may_be_gone(
    shipped_surfaces: tuple[Surface, ...],
) -> None:
    routes = [route for surface in shipped_surfaces for route in surface.routes]
    gone = {route.name for route in routes if route.absent_is_locked and route.guard != "mcp-sibling"}
    assert gone == {"migrate: POST /api/migrate"}
    assert all(route.absent_is_locked for route in routes if route.guard == "mcp-sibling")


def test_each_service_of_the_platform_has_one_route_that_shows_it_alive(
    shipped_surfaces: tuple[Surface, ...],
) -> None:
    routes = [route for surface in shipped_surfaces for route in surface.routes]
    alive = [(route.service, route.path) for route in routes if route.control is Control.ALIVE]
    assert alive == [("web", "/api/healthz"), ("mcp", "/health")]


def test_what_verify_lockdown_declares_is_shipped(shipped_surfaces: tuple[Surface, ...]) -> None:
    assert {*SURFACES, VOUCHERS} <= {surface.name for surface in shipped_surfaces}
    assert len(set(SURFACES)) == len(SURFACES)


@pytest.mark.parametrize("example", EXAMPLES, ids=[path.parent.name for path in EXAMPLES])
def test_example_deployment_names_surfaces_that_are_shipped_or_beside_it(
    example: Path, shipped_surfaces: tuple[Surface, ...]
) -> None:
    node = dict(load_document(example).pairs(of="a deployment"))["surfaces"]
    named = {entry.word(of="a surface") for entry in node.items(of="surfaces")}
    assert named
    own = {path.stem for path in example.parent.glob("lockdown/surfaces/*.yaml")}
    assert named <= {surface.name for surface in shipped_surfaces} | own


def test_no_example_is_lost() -> None:
    assert len(EXAMPLES) == 7


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


# --- answers ----------------------------------------------------------------------------------------------------------

CATALOGUE = """\
    profile: p
    about: Answers by credential.
    guards:
      catalogue:
        anonymous: 200
        bogus: 401
        basic-admin: 403
        held: 404
      shut: 401
      open: {bogus: 401, anonymous: {skip: strangers have no such door}}
    """
HELD = Credential(name="session-secret", kind=Kind.HELD, family=None, headers=(), query="", catches="")


@pytest.mark.parametrize(
    ("guard", "credential", "promised"),
    [
        pytest.param("catalogue", BY_NAME["anonymous"], "200", id="its-kind-anonymous"),
        pytest.param("catalogue", BY_NAME["bogus-bearer"], "401", id="its-kind-bogus"),
        pytest.param("catalogue", BY_NAME["basic-admin"], "403", id="its-name-before-its-kind"),
        pytest.param("catalogue", HELD, "404", id="its-kind-held"),
        pytest.param("shut", BY_NAME["basic-admin"], "401", id="all-others"),
        pytest.param("shut", HELD, "401", id="all-others-held"),
    ],
)
def test_guard_answers_a_credential_by_its_name_then_its_kind(
    guard: str, credential: Credential, promised: str, profile_of: Callable[[str], Profile]
) -> None:
    assert str(profile_of(CATALOGUE).promise(guard, credential)) == promised


def test_guard_that_does_not_say_promises_nothing(profile_of: Callable[[str], Profile]) -> None:
    profile = profile_of(CATALOGUE)
    assert profile.promise("open", HELD) is None
    assert profile.promise("no-such-guard", HELD) is None


def test_skip_is_kept_with_its_reason_and_promises_no_answer(profile_of: Callable[[str], Profile]) -> None:
    promise = profile_of(CATALOGUE).promise("open", BY_NAME["anonymous"])
    assert promise is not None
    assert (promise.skip, promise.answers) == ("strangers have no such door", ())


@pytest.mark.parametrize(
    ("said", "shown", "allowed", "refused"),
    [
        pytest.param("401", "401", {401}, {400, 402, 200, 403}, id="status"),
        pytest.param("[401, 403]", "401 or 403", {401, 403}, {402, 404}, id="statuses"),
        pytest.param("4xx", "4xx", {400, 499}, {399, 500}, id="class"),
        pytest.param("[2xx, 404]", "2xx or 404", {200, 299, 404}, {199, 300, 403}, id="class-and-status"),
        pytest.param("100", "100", {100}, {101}, id="lowest"),
        pytest.param("599", "599", {599}, {598}, id="highest"),
    ],
)
def test_status_is_a_number_a_list_or_a_class(
    said: str, shown: str, allowed: set[int], refused: set[int], profile_of: Callable[[str], Profile]
) -> None:
    [answer] = profile_of(f"profile: p\nabout: A.\nguards: {{g: {said}}}\n").guards["g"][""].answers
    assert str(answer) == shown
    assert {status for status in allowed | refused if answer.allows(status)} == allowed


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("{status: 302, location: /signin}", "302 to /signin", id="location"),
        pytest.param("{status: 302, location: '/s?error='}", "302 to /s?error=", id="location-with-any-value"),
        pytest.param("{status: 302, location: '/s?a=b&c='}", "302 to /s?a=b&c=", id="location-with-values"),
        pytest.param(
            "{status: 401, header: {WWW-Authenticate: Bearer}}", "401 with www-authenticate: Bearer", id="header"
        ),
        pytest.param("{status: 401, header: {retry-after: }}", "401 with retry-after", id="header-of-any-value"),
        pytest.param("{status: 503, body: [a, b]}", "503 with 'a' in its body with 'b' in its body", id="body"),
        pytest.param("{status: 200, not-body: x}", "200 without 'x' in its body", id="not-body"),
        pytest.param("{status: 200, json: {error.code: -32001}}", "200 with json error.code=-32001", id="json"),
        pytest.param("{status: 200, json: {user: }}", "200 with json user", id="json-of-any-value"),
        pytest.param("{status: 200, json: {$: null}}", "200 with json $=null", id="json-whole-body"),
        pytest.param("{status: 200, json: {user: null}}", "200 with json user=null", id="json-null-is-a-value"),
        pytest.param("[401, {status: 302, location: /s}]", "401, or 302 to /s", id="any-of-a-list"),
    ],
)
def test_answer_reads_as_it_was_written(said: str, shown: str, profile_of: Callable[[str], Profile]) -> None:
    promise = profile_of(f"profile: p\nabout: A.\nguards: {{g: {said}}}\n").guards["g"][""]
    assert str(promise) == shown


@pytest.mark.parametrize(
    ("said", "path", "value"),
    [
        pytest.param("{$: null}", (), "null", id="whole-body-is-null"),
        pytest.param("{$: }", (), "null", id="whole-body-cannot-be-anything"),
        pytest.param("{$: {}}", (), "{}", id="whole-body-is-an-empty-object"),
        pytest.param("{user: }", ("user",), None, id="key-of-any-value"),
        pytest.param("{user: null}", ("user",), "null", id="key-that-is-null"),
        pytest.param("{a.b: {z: 1, c: [true]}}", ("a", "b"), '{"c": [true], "z": 1}', id="canonical-json"),
    ],
)
def test_json_fact_is_a_path_and_a_value_or_any(
    said: str, path: tuple[str, ...], value: str | None, profile_of: Callable[[str], Profile]
) -> None:
    profile = profile_of(f"profile: p\nabout: A.\nguards: {{g: {{status: 200, json: {said}}}}}\n")
    [answer] = profile.guards["g"][""].answers
    assert answer.json == (JsonFact(path=path, value=value),)


@pytest.mark.parametrize(("path", "fix"), [("$.user", "user"), ("$.user.name", "user.name"), ("$user", "user")])
def test_a_json_path_begins_with_no_dollar(path: str, fix: str, profile_of: Callable[[str], Profile]) -> None:
    with pytest.raises(DefinitionError) as refused:
        profile_of(f"profile: p\nabout: A.\nguards: {{g: {{status: 200, json: {{{path}: 1}}}}}}\n")
    assert f"leave the $ out: {fix}" in str(refused.value)


def test_location_keeps_the_keys_that_are_given_and_asks_no_value_where_there_is_none(
    profile_of: Callable[[str], Profile],
) -> None:
    text = "profile: p\nabout: A.\nguards: {g: {status: 302, location: '/s?error=&from=%2Fa'}}\n"
    [answer] = profile_of(text).guards["g"][""].answers
    assert answer.location == LocationFact(path="/s", query=(("error", None), ("from", "/a")))


@pytest.mark.parametrize(
    ("said", "refuses"),
    [
        pytest.param("401", True, id="refusal"),
        pytest.param("[401, 200]", False, id="one-success-among-them"),
        pytest.param("2xx", False, id="success-class"),
        pytest.param("204", False, id="no-content"),
        pytest.param("299", False, id="last-success"),
        pytest.param("[199, 300]", True, id="beside-success"),
        pytest.param("[{status: 401}, {status: 200, json: {$: null}}]", False, id="one-answer-of-a-list"),
    ],
)
def test_promise_refuses_only_when_no_success_is_among_its_statuses(
    said: str, *, refuses: bool, profile_of: Callable[[str], Profile]
) -> None:
    assert profile_of(f"profile: p\nabout: A.\nguards: {{g: {said}}}\n").guards["g"][""].refuses is refuses


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
