"""Each credential and each variant has a door, which nothing else opens."""

from __future__ import annotations

import json
from dataclasses import replace as replaced
from typing import TYPE_CHECKING

import pytest

from prober.demo.answers import BUILD
from prober.demo.door import Door, unlocked
from prober.demo.doors import DOORS
from prober.demo.state import Mode
from prober.engine.procedures.page_values import filled
from prober.model import (
    BUILD_ID,
    SIGN_IN_COOKIE,
    Depth,
    Request,
)
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credential_values import (
    CredentialValues,
    signatures,
)
from prober.plan.credentials import (
    LADDER,
)
from prober.plan.variants import VARIANTS
from tests.support.demo_doors import BODY, Client, Headers, plan_for

if TYPE_CHECKING:
    from prober.model import Credential, Probe

MADE = CredentialValues(nonce="0123abcd", cookies=SESSION_COOKIES)
CREDENTIALS = {entry.name: entry.make(MADE) for entry in LADDER}
OPENED_BY = {name: DOORS[f"opened-by-{name}"] for name in CREDENTIALS if f"opened-by-{name}" in DOORS}

# Those of a read, which show what is behind them; the handler of a write is shown by its refusal.
DRESSED = {
    name: door for name, door in DOORS.items() if not door.caught_by.endswith("]") and ": GET " in door.caught_by
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
    without |= {"text-for-json", "form-for-json"}
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
