"""A held secret goes where its guard looks; where that is not known, nothing is sent and nothing is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError
from prober.plan.credential_values import API_KEY_HEADERS, CredentialValues
from prober.plan.held_places import HeldPlaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

    Places = Callable[..., HeldPlaces]

PROFILE = """\
profile: p
about: x.
{presents}guards: {{reports: 401}}
"""


@pytest.fixture
def places(routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile]) -> Places:
    """Make the places of a guard which is said to be presented so, of a deployment that names this."""

    def make(presents: str = "", *, cookies: tuple[str, ...] = (), keys: tuple[str, ...] = ()) -> HeldPlaces:
        said = f"presents: {{reports: {presents}}}\n" if presents else ""
        [route] = routes_of("GET /reports", guard="reports", more=", refuse: [clerk]").routes
        made = CredentialValues(
            nonce="n", cookies=("authjs.session-token", *cookies), key_headers=keys, cookies_named=bool(cookies)
        )
        return HeldPlaces(route=route, profile=profile_of(PROFILE.format(presents=said)), made=made)

    return make


def sent(places: HeldPlaces, name: str, value: str = "a-held-value") -> dict[str, dict[str, str]]:
    return {one.name: dict(one.headers) for one, _ in places.refused(name, value)}


BEARER = {"Authorization": "Bearer a-held-value"}
COOKIES = {"Cookie": "authjs.session-token=a-held-value; shop_sid=a-held-value"}


@pytest.mark.parametrize("name", ["clerk-session", "clerk_cookie", "member-session"])
def test_a_session_goes_as_the_cookies_that_are_named_and_nowhere_else(places: Places, name: str) -> None:
    assert sent(places(cookies=("shop_sid",)), name) == {name: COOKIES}


@pytest.mark.parametrize("name", ["clerk", "clerk-session", "member-session"])
@pytest.mark.parametrize("value", ["shop_sid=abc", "shop_sid=abc; region=eu"])
def test_a_pair_goes_as_that_cookie_although_none_is_named(places: Places, name: str, value: str) -> None:
    [(only, headers)] = sent(places(), name, value).items()
    assert (only, headers["Cookie"].startswith(value), "Authorization" in headers) == (name, True, False)


def test_a_guard_of_sessions_gets_a_token_as_a_cookie_too(places: Places) -> None:
    made = sent(places("[cookie, bearer]", cookies=("shop_sid",)), "clerk-token")
    assert made == {"clerk-token": BEARER, "clerk-token@cookies": COOKIES}


def test_a_guard_of_bearers_gets_no_cookie(places: Places) -> None:
    assert sent(places("bearer", cookies=("shop_sid",)), "clerk-token") == {"clerk-token": BEARER}
    assert sent(places("bearer"), "clerk") == {"clerk": BEARER}


@pytest.mark.parametrize(
    ("presents", "name", "keys"),
    [("bearer", "clerk-key", ()), ("[api-key, bearer]", "clerk", ()), ("bearer", "clerk-token", ("X-Partner",))],
)
def test_a_key_goes_in_the_headers_of_keys_and_in_those_that_are_named(
    places: Places, presents: str, name: str, keys: tuple[str, ...]
) -> None:
    made = sent(places(presents, keys=keys), name)
    assert made[name] == BEARER
    assert set(made[f"{name}@key-headers"]) == {*API_KEY_HEADERS, *keys}
    assert set(made[f"{name}@key-headers"].values()) == {"a-held-value"}


def test_the_shipped_machine_key_goes_in_a_named_header_too(places: Places) -> None:
    assert "X-Partner" in sent(places(keys=("X-Partner",)), "machine-key")["machine-key@key-headers"]
    assert list(sent(places(cookies=("shop_sid",)), "machine-key")) == ["machine-key"]


def test_a_cookie_of_the_guards_own_is_not_named_twice(places: Places) -> None:
    made = sent(places("{cookie: shop_sid}"), "clerk-session", "shop_sid=abc")
    assert made["clerk-session@cookie-shop_sid"] == {"Cookie": "shop_sid=abc"}


@pytest.mark.parametrize(
    ("presents", "name"),
    [
        ("", "clerk"), ("", "clerk-session"), ("", "member-session"), ("cookie", "clerk-token"),
        ("[bearer, cookie]", "clerk"), ("cookie", "clerk-key"), ("bearer", "clerk-session"), ("nothing", "clerk"),
    ],
)  # fmt: skip
def test_where_nothing_tells_the_place_is_an_error_that_says_what_to_write(
    places: Places, presents: str, name: str
) -> None:
    with pytest.raises(DefinitionError) as raised:
        sent(places(presents), name)
    assert f"where guard 'reports' looks for held secret '{name}'" in str(raised.value)
    assert "presents: {reports: {cookie: my_session}}" in str(raised.value.fix)
    assert str(raised.value.source).endswith(":4")


@pytest.mark.parametrize(
    ("presents", "name"),
    [
        ("", "clerk-token"), ("[cookie, bearer]", "clerk-token"), ("", "cron-secret"), ("", "session-secret"),
        ("", "mcp-token-2"), ("[bearer, cookie]", "clerk-jwt"),
        ("{header: X-Own}", "clerk"), ("{cookie: shop_sid}", "clerk-session"), ("api-key", "clerk"), ("nothing", "clerk-token"),
    ],
)  # fmt: skip
def test_a_place_that_a_name_or_a_profile_tells_is_none(places: Places, presents: str, name: str) -> None:
    assert name in sent(places(presents), name)


def test_a_secret_that_was_not_given_is_no_error(places: Places) -> None:
    assert [one.headers for one, _ in places().refused("clerk", None)] == [()]


def test_what_must_open_goes_everywhere_at_once(places: Places) -> None:
    made = dict(
        places("[cookie, bearer]", cookies=("shop_sid",), keys=("X-Own",))
        .accepted("boss-token", "a-held-value")
        .headers
    )
    assert (made["Authorization"], made["Cookie"], made["X-Own"]) == (
        *BEARER.values(),
        *COOKIES.values(),
        "a-held-value",
    )


@pytest.mark.parametrize(
    ("presents", "name", "keys", "known"),
    [
        ("bearer", "clerk", (), ["clerk"]),
        ("[bearer, cookie]", "clerk", (), ["clerk"]),
        ("[cookie, bearer]", "clerk", (), ["clerk@cookies"]),
        ("[api-key, bearer]", "clerk-token", (), ["clerk-token@key-headers"]),
        ("bearer", "clerk-key", (), ["clerk-key"]),
        ("bearer", "clerk-key", ("X-Own",), ["clerk-key@key-headers"]),
        ("[{header: X-Own}, bearer]", "clerk", (), ["clerk@x-own"]),
    ],
)
def test_one_place_is_known_and_only_there_the_secret_must_be_refused_as_a_known_one(
    places: Places, presents: str, name: str, keys: tuple[str, ...], known: list[str]
) -> None:
    made = places(presents, cookies=("shop_sid",), keys=keys).refused(name, "a-held-value")
    assert [one.name for one, is_known_there in made if is_known_there] == known


@pytest.mark.parametrize(("strangers", "elsewhere"), [("401", {"401", "403"}), ("200", {"403"})])
def test_where_the_guard_may_not_look_a_refusal_of_strangers_is_expected_too_and_no_success(
    strangers: str, elsewhere: set[str], routes_of: Callable[..., Surface], profile_of: Callable[[str], Profile],
    plan_of: Callable[..., Plan],
) -> None:  # fmt: skip
    presents = "presents: {reports: [api-key, bearer]}\n"
    profile = PROFILE.format(presents=presents).replace(
        "401", f"{{anonymous: {strangers}, bogus: {strangers}, held: 403}}"
    )
    routes = routes_of("GET /reports", guard="reports", more=", refuse: [clerk-key]")
    plan = plan_of([routes], profile_of(profile), held={"clerk-key": "a-held-value"})
    made = {p.credential.name: {str(answer) for answer in p.promise.answers} for p in plan.probes if p.carries_secret}
    assert made["clerk-key@key-headers"] == {"403"}
    assert made["clerk-key"] == elsewhere
