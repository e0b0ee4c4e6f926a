"""The demo's doors: each opens to what it mistakes for a key, to nothing else, and its finding is really planned."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import MutableMapping, Sequence
from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
import pytest

from prober.definitions.builtin import load_profile
from prober.definitions.deployment import (
    with_limits,
)
from prober.definitions.service import (
    parse_service,
)
from prober.demo import doors_surfaces
from prober.demo.answers import BUILD
from prober.demo.app import build, shipped_surfaces
from prober.demo.auth_js import CSRF_COOKIE, VERIFIER_COOKIE
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
from prober.demo.reading import TARGET
from prober.demo.state import Mode, Settings, new_state
from prober.engine.procedures.page_values import filled
from prober.engine.procedures.registry import PROCEDURES
from prober.errors import UsageError
from prober.model import (
    BUILD_ID,
    SIGN_IN_COOKIE,
    Answer,
    Deployment,
    Depth,
    Limit,
    Reason,
    Request,
    Source,
    Verdict,
)
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_values import (
    CredentialValues,
    signatures,
)
from prober.plan.credentials import (
    LADDER,
    credential_names,
)
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from prober.plan.variants import VARIANTS

if TYPE_CHECKING:
    from prober.demo.effects import Effects
    from prober.model import Credential, Plan, Probe

Headers = Sequence[tuple[str, str]]
MADE = CredentialValues(nonce="0123abcd", cookies=SESSION_COOKIES)
CREDENTIALS = {entry.name: entry.make(MADE) for entry in LADDER}
OPENED_BY = {name: DOORS[f"opened-by-{name}"] for name in CREDENTIALS if f"opened-by-{name}" in DOORS}
# Those of a read, which show what is behind them; the handler of a write is shown by its refusal.
DRESSED = {
    name: door for name, door in DOORS.items() if not door.caught_by.endswith("]") and ": GET " in door.caught_by
}
BODY = {"machineId": "demo-machine-0001"}
EACH_DOOR = [pytest.param(door, id=door.name) for door in DOORS.values()]
IMPOSSIBLE = "00000000-0000-4000-8000-000000000000"
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
BOTH_TYPES = {"Accept": "application/json, text/event-stream"}


class Client:
    """Asks one service in this process, without a socket: some hundred doors are opened here."""

    def __init__(self, *doors: Door, mode: Mode = Mode.OAUTH, service: str = "web") -> None:
        state = new_state(mode, Settings())
        apps = build(state, doors)
        self._app = {"web": apps.web, "mcp": apps.mcp}[service]
        self.effects: Effects = state.effects
        self.secrets = state.secrets

    def ask(
        self, method: str, path: str, headers: Headers = (), body: object = None, content: bytes | None = None
    ) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
                return await client.request(method, path, headers=list(headers), json=body, content=content)

        return asyncio.run(once())

    def ask_for(self, target: str, method: str = "GET", headers: Headers = ()) -> tuple[int, bytes]:
        """Ask for a target byte for byte, as uvicorn hands it on: httpx writes some of them as it would have them."""
        path, _, query = target.encode().partition(b"?")
        named = {name.lower(): value for name, value in [("host", "127.0.0.1:3000"), *headers]}
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
            "path": unquote(path.decode()), "raw_path": path, "query_string": query, "state": {TARGET: target},
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }  # fmt: skip
        said: list[MutableMapping[str, Any]] = []

        async def nothing_more() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def hear(message: MutableMapping[str, Any]) -> None:
            said.append(message)

        async def main() -> None:
            await self._app(scope, nothing_more, hear)

        asyncio.run(main())
        return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])

    def sign_in_cookie(self) -> str:
        """Begin to sign in, as anybody may, and give what the deployment sealed for the way back."""
        csrf = self.ask("GET", "/api/auth/csrf")
        form = f"csrfToken={csrf.json()['csrfToken']}".encode()
        own = [("Cookie", f"{CSRF_COOKIE}={csrf.cookies[CSRF_COOKIE]}")]
        return self.ask("POST", "/api/auth/signin/github", own, content=form).cookies[VERIFIER_COOKIE]

    def statuses(self, asked: Sequence[tuple[str, Headers, str]], method: str, path: str) -> dict[str, int]:
        """Ask once with each of these, and give the status by its name."""
        body = BODY if method == "POST" else None
        return {
            name: self.ask(method, path + (f"?{query}" if query else ""), headers, body).status_code
            for name, headers, query in asked
        }


def signed(made: Credential) -> Headers:
    return (
        ()
        if made.signing_key is None
        else signatures(made.signing_key, json.dumps(BODY, separators=(",", ":")).encode())
    )


def presented(client: Client) -> list[tuple[str, Headers, str]]:
    """Every credential of the ladder, with what one of them borrows."""
    borrowed = client.sign_in_cookie()
    return [
        (
            name,
            [(key, value.replace(SIGN_IN_COOKIE, borrowed)) for key, value in (*made.headers, *signed(made))],
            made.query,
        )
        for name, made in CREDENTIALS.items()
    ]


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


def plan_for(door: Door, mode: Mode) -> Plan:
    services = tuple(parse_service(name, f"http://127.0.0.1:{port}") for name, port in (("web", 1), ("mcp", 2)))
    source = Source(file="a test", line=1)
    refusal = Answer(statuses=(range(429, 430),), source=source)
    limits = tuple((route, Limit(most=most, seconds=3600.0, signal=refusal), source) for route, most in door.limits)
    surfaces = with_limits(tuple(each for each in shipped_surfaces() if each.name in door.surfaces), limits)
    deployment = Deployment(
        services=services,
        surfaces=surfaces,
        declared=frozenset(door.surfaces),
        cookies=SESSION_COOKIES,
    )
    profile = load_profile(mode, credentials=credential_names())
    held = {name: f"held-{name}-0123456789" for name in door.hold}
    options = PlanOptions(
        run="0123abcd", user_agent="test", depth=door.depth, allow_effects=door.allow_effects, held=held
    )
    return make_plan(deployment, profile, options, procedures=PROCEDURES)


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


# --- one for each credential ------------------------------------------------------------------------------------------


def test_each_credential_of_the_ladder_has_a_door_that_it_opens() -> None:
    assert list(OPENED_BY) == [entry.name for entry in LADDER]


@pytest.mark.parametrize(("name", "door"), [pytest.param(name, door, id=name) for name, door in OPENED_BY.items()])
def test_only_its_own_credential_opens_a_door_of_the_ladder(name: str, door: Door) -> None:
    method, path = door.at[0].partition(": ")[2].split(" ")
    client = Client(door)
    statuses = client.statuses(presented(client), method, path)
    opened = {name for name, status in statuses.items() if status < 300}
    assert opened == {name}


def test_cookie_of_a_sign_in_is_no_session_where_no_door_is_open() -> None:
    client = Client()
    assert statuses_of_session(client, client.sign_in_cookie()) == {"given": 401}
    assert statuses_of_session(client, client.secrets.member_session) == {"given": 200}


def statuses_of_session(client: Client, session: str) -> dict[str, int]:
    return client.statuses([("given", [("Cookie", f"authjs.session-token={session}")], "")], "GET", "/api/me")


@pytest.mark.parametrize(
    ("door", "key"),
    [
        pytest.param("opened-by-bogus-bearer", "migration_secret", id="migrate"),
        pytest.param("opened-by-bearer-short", "migration_secret", id="pairs"),
        pytest.param("opened-by-api-key-undefined", "machine_key", id="ingest"),
        pytest.param("opened-by-cron-headers", "job_secret", id="reminders"),
    ],
)
def test_open_door_still_lets_the_right_key_in(door: str, key: str) -> None:
    client = Client(DOORS[door])
    method, path = DOORS[door].at[0].partition(": ")[2].split(" ")
    secret = {"migration_secret": client.secrets.migration_secret, "machine_key": client.secrets.machine_key}.get(
        key, client.secrets.job_secret
    )
    assert client.statuses([(key, [("Authorization", f"Bearer {secret}")], "")], method, path) == {key: 200}
    assert client.effects.total == 1 or client.effects.mails == 3


# --- one for each variant ---------------------------------------------------------------------------------------------


def test_each_variant_has_a_door_that_it_opens() -> None:
    opened = {door.caught_by.rpartition("] ")[2] for door in DRESSED.values()}
    # No shipped route is posted without effect by a door's rules, or takes a file; the demo has an address for a name.
    without = {"get-for-post", "put-for-post", "patch-for-post", "file-name", "host-trailing-dot"}
    without.add("mcp-at-root")  # its door is at a POST: `initialize` shows what is behind it
    assert "mcp-at-root" in DOORS
    assert opened == {entry.name for entry in VARIANTS} - without


def dressed_at(route: str, door: Door) -> list[Probe]:
    """What a stranger sends to a route, plainly and in each variant."""
    return [probe for probe in plan_for(door, Mode.OAUTH).probes if probe.id.startswith(f"{route} [anonymous]")]


def opens_to(client: Client, request: Request, behind: bytes) -> bool:
    whole = filled(request, BUILD_ID, BUILD)
    status, body = client.ask_for(whole.target, whole.method, whole.headers)
    return status == 200 and body == behind


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(door, id=name)
        for name, door in DRESSED.items()
        if name != "mcp-at-root"  # it takes no GET
    ],
)
def test_only_its_own_variant_opens_a_door_and_the_plain_request_does_not(door: Door) -> None:
    route, _, variant = door.caught_by.partition(" [anonymous] ")
    _, behind = Client(replaced(door, at=(route,), opens=unlocked, reads=None)).ask_for(route.split(" ")[2])
    client = Client(door)
    probes = dressed_at(route, replaced(door, depth=Depth.DEEP))
    opened = {
        probe.variant.name if probe.variant else "" for probe in probes if opens_to(client, probe.request, behind)
    }
    assert opened == {variant}


@pytest.mark.parametrize("variant", ["absolute-form", "head", "next-data", "foreign-host", "original-url-guarded"])
def test_nothing_opens_to_a_variant_where_no_door_is_open(variant: str) -> None:
    door = DOORS[f"opened-by-{variant}"]
    route = door.at[0]
    _, behind = Client(replaced(door, opens=unlocked, reads=None)).ask_for(route.split(" ")[2])
    assert [probe.id for probe in dressed_at(route, door) if opens_to(Client(), probe.request, behind)] == []


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
