"""The demo's doors: each opens to what it mistakes for a key, to nothing else, and its finding is really planned."""

from __future__ import annotations

from collections import Counter

import pytest

from prober.demo import doors_surfaces
from prober.demo.app import build
from prober.demo.door import Door, unlocked
from prober.demo.doors import _THEMES, DOORS, door_named
from prober.demo.doors_bearer import (
    MIGRATE,
    Env,
    Idiom,
    compared_by,
    includes,
    loose,
    one_of,
    prefix,
    presence,
    replace,
    replace_or_nothing,
    scheme_only,
    session_secret_fallback,
    skip_when_unset,
    split,
    template,
    timing_safe,
)
from prober.demo.state import Mode, Settings, new_state
from prober.errors import UsageError
from prober.model import (
    Reason,
    Verdict,
)
from tests.support.demo_doors import Client, Headers, plan_for

EACH_DOOR = [pytest.param(door, id=door.name) for door in DOORS.values()]
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
BOTH_TYPES = {"Accept": "application/json, text/event-stream"}


# --- the list ---------------------------------------------------------------------------------------------------------


def test_names_of_doors_are_unique() -> None:
    names = Counter(door.name for theme in _THEMES for door in theme)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(DOORS) == names.total()


def test_unknown_door_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="no door 'mcp-wide-opne'") as raised:
        door_named("mcp-wide-opne")
    assert raised.value.fix == "did you mean 'mcp-wide-open'?"


def test_door_that_stands_nowhere_is_an_error_at_start() -> None:
    lost = Door(name="lost", about="", at=("gone: *",), opens=unlocked, caught_by="gone: GET / [anonymous]")
    with pytest.raises(UsageError, match="door 'lost' stands at no route: gone: \\*"):
        build(new_state(Mode.OAUTH, Settings()), [lost])


@pytest.mark.parametrize("door", EACH_DOOR)
def test_finding_that_is_meant_for_a_door_is_planned_and_sent_in_each_of_its_modes(door: Door) -> None:
    unplanned = [mode for mode in door.modes if door.caught_by not in {p.id for p in plan_for(door, mode).probes}]
    assert unplanned == []


def test_every_door_says_a_verdict_and_a_reason_that_belong_together() -> None:
    others = dict.fromkeys((Reason.GRANTED, Reason.DISCLOSED, Reason.NOT_BOUND), Verdict.LEAK)
    others |= dict.fromkeys((Reason.KEY_REFUSED, Reason.FORM_REJECTED), Verdict.UNPROVEN)
    wrong = [name for name, door in DOORS.items() if door.verdict is not others.get(door.reason, Verdict.DRIFT)]
    assert wrong == []
    assert [name for name, door in DOORS.items() if not door.about.endswith((".", ")")) and "`" not in door.about] == []


# --- bearers ----------------------------------------------------------------------------------------------------------

WIRE: list[tuple[str, Headers, str]] = [
    (name, [] if header is None else [("Authorization", header)], "")
    for name, header in (
        ("nothing", None), ("empty", ""), ("scheme", "Bearer"), ("undefined", "Bearer undefined"),
        ("bare", "undefined"), ("two-spaces", "Bearer  x"), ("hex", f"Bearer {'a1' * 32}"), ("basic", "Basic Og=="),
    )
]  # fmt: skip
EVERYTHING = {name for name, _, _ in WIRE}
BEARERS = {"undefined", "two-spaces", "hex"}


@pytest.mark.parametrize(
    ("idiom", "unset", "empty", "filled"),
    [
        pytest.param(template, {"undefined"}, set(), set(), id="template"),
        pytest.param(split, {"nothing", "empty", "scheme", "bare"}, {"two-spaces"}, set(), id="split"),
        pytest.param(replace, set(), {"nothing", "empty"}, set(), id="replace"),
        pytest.param(replace_or_nothing, {"nothing", "empty"}, {"nothing", "empty"}, set(), id="replace-or-nothing"),
        pytest.param(skip_when_unset, EVERYTHING, EVERYTHING, set(), id="skip-when-unset"),
        pytest.param(scheme_only, BEARERS, BEARERS, BEARERS, id="scheme-only"),
        pytest.param(presence, *[EVERYTHING - {"nothing", "empty"}] * 3, id="presence"),
        pytest.param(includes, {"undefined", "bare"}, EVERYTHING - {"nothing"}, set(), id="includes"),
        pytest.param(session_secret_fallback, {"undefined"}, {"undefined"}, {"undefined"}, id="fallback"),
        pytest.param(one_of, {"undefined"}, set(), set(), id="one-of"),
        pytest.param(loose, set(), {"nothing", "empty"}, set(), id="loose"),
        pytest.param(prefix, set(), set(), {"nothing", "empty", "scheme"}, id="prefix"),
        pytest.param(timing_safe, {"nothing", "empty"}, {"nothing", "empty"}, set(), id="timing-safe"),
    ],
)
def test_broken_comparison_is_opened_by_what_was_measured(
    idiom: Idiom, unset: set[str], empty: set[str], filled: set[str]
) -> None:
    opened = []
    for env in Env:
        door = Door(name="tested", about="", at=(MIGRATE,), opens=compared_by(idiom, env), caught_by="")
        statuses = Client(door).statuses(WIRE, "POST", "/api/migrate")
        opened.append({name for name, status in statuses.items() if status == 200})
    assert opened == [unset, empty, filled]


def test_comparison_that_throws_answers_500_to_all_but_one_length() -> None:
    client = Client(DOORS["migrate-timing-safe-throws"])
    statuses = client.statuses(WIRE, "POST", "/api/migrate")
    assert statuses.pop("hex") == 401
    assert set(statuses.values()) == {500}
    assert client.effects.migrations == 0


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "value", "opens"),
    [
        pytest.param("middleware-skipped-next-15", ":".join(["middleware"] * 5), True, id="15-five"),
        pytest.param("middleware-skipped-next-15", ":".join(["middleware"] * 4), False, id="15-four"),
        pytest.param("middleware-skipped-next-15", ":".join(["src/middleware"] * 5), False, id="15-other-place"),
        pytest.param("middleware-skipped-next-15-src", ":".join(["src/middleware"] * 5), True, id="15-src"),
        pytest.param("middleware-skipped-next-13", "middleware", True, id="13-one"),
        pytest.param("middleware-skipped-next-12", "pages/_middleware", True, id="12"),
    ],
)
def test_middleware_is_skipped_by_the_values_of_the_advisory(door: str, value: str, *, opens: bool) -> None:
    answer = Client(DOORS[door]).ask("GET", "/settings/tokens", [("x-middleware-subrequest", value)])
    assert answer.status_code == (200 if opens else 307)


SKIPPED = "GET /settings/tokens [anonymous] middleware-subrequest"


@pytest.mark.parametrize("line", ["next-12", "next-13", "next-15", "next-15-src"])
def test_one_value_skips_the_middleware_of_every_line(line: str) -> None:
    client = Client(DOORS[f"middleware-skipped-{line}"])
    assert client.ask("GET", "/settings/tokens").status_code == 307
    probe = next(p for p in plan_for(DOORS["middleware-skipped-next-15"], Mode.OAUTH).probes if p.id.endswith(SKIPPED))
    assert client.ask("GET", "/settings/tokens", probe.request.headers).status_code == 200


@pytest.mark.parametrize(
    ("door", "path", "status", "said"),
    [
        pytest.param("settings-tokens-open", "/settings/tokens", 200, "Create token", id="form"),
        pytest.param("knowledge-missing", "/api/knowledge", 404, "could not be found", id="missing"),
        pytest.param("members-with-invite-tokens", "/api/org/members", 200, "inviteToken", id="tokens"),
        pytest.param("refusal-carries-the-data", "/api/machines", 401, "apiKey", id="data-under-401"),
        pytest.param("sign-in-page-instead", "/settings/projects", 200, "Continue with GitHub", id="sign-in-page"),
        pytest.param("redirect-inside-the-page", "/settings/audit", 200, "NEXT_REDIRECT;", id="inside"),
        pytest.param("auth-secret-missing", "/api/me", 200, "server configuration", id="message-as-user"),
        pytest.param("invite-any-token", "/api/invites/x", 200, "email", id="invite"),
    ],
)
def test_door_answers_a_stranger_as_it_did_in_the_wild(door: str, path: str, status: int, said: str) -> None:
    answer = Client(DOORS[door]).ask("GET", path)
    assert (answer.status_code, said in answer.text) == (status, True)


def test_members_still_get_their_page_where_strangers_are_refused_softly() -> None:
    client = Client(DOORS["redirect-inside-the-page"])
    member = [("Cookie", f"authjs.session-token={client.secrets.member_session}")]
    assert "NEXT_REDIRECT" not in client.ask("GET", "/settings/audit", member).text


@pytest.mark.parametrize(
    ("name", "mode"), [("unconfigured-falls-through", Mode.UNCONFIGURED), ("dev-shim-behind-oauth", Mode.OAUTH)]
)
def test_whole_deployment_can_behave_as_the_dev_shim(name: str, mode: Mode) -> None:
    client = Client(DOORS[name], mode=mode)
    assert [client.ask("GET", path).status_code for path in ("/", "/api/me", "/api/admin/users")] == [200, 200, 200]


# --- MCP --------------------------------------------------------------------------------------------------------------


def test_wide_open_mcp_answers_200_to_a_well_formed_initialize_only() -> None:
    client = Client(DOORS["mcp-wide-open"], service="mcp")
    both = list(BOTH_TYPES.items())
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    assert client.ask("POST", "/mcp").status_code == 406
    assert client.ask("POST", "/mcp", both, listing).status_code == 400
    assert client.ask("GET", "/mcp", [("Accept", "text/event-stream")]).status_code == 400
    assert client.effects.sessions == 0
    assert "mcp-session-id" in client.ask("POST", "/mcp", both, INITIALIZE).headers
    assert client.effects.sessions == 1


def test_mcp_gate_that_wants_some_bearer_refuses_none_and_takes_any() -> None:
    client = Client(DOORS["mcp-any-bearer"], service="mcp")
    both = list(BOTH_TYPES.items())
    assert client.ask("POST", "/mcp", both, INITIALIZE).status_code == 401
    assert client.ask("POST", "/mcp", [*both, ("Authorization", "Bearer made-up")], INITIALIZE).status_code == 200


# --- harm -------------------------------------------------------------------------------------------------------------

INERT = [door for door in doors_surfaces.DOORS if door.reason is Reason.HANDLER_REACHED]


@pytest.mark.parametrize("door", [pytest.param(door, id=door.name) for door in INERT])
def test_inert_request_reaches_an_open_handler_and_does_nothing(door: Door) -> None:
    probe = next(p for p in plan_for(door, Mode.OAUTH).probes if p.id == door.caught_by)
    client = Client(door)
    request = probe.request
    answer = client.ask(request.method, request.target, request.headers, content=request.content)
    assert answer.status_code in {400, 404}
    assert client.effects.total == 0
