"""Locks in the body: what a well-formed form holds in its token's place, and who must allow that it is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from prober.errors import UsageError
from prober.model import Depth, Reason
from prober.plan.body_keys import IMPOSSIBLE_TOKEN, body_key_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Profile, Surface

PROFILE = "profile: p\nabout: x.\nguards: {coupon: [400, 404]}\npresents: {coupon: nothing}\n"
SURFACE = """\
surface: shop
about: Made for a test.
routes:
  - route: POST /redeem
    guard: coupon
    effect: {effect}
    {besides}
    well-formed: {body}
    why: w
    fix: f
  - {{route: GET /, guard: coupon, why: w, fix: f}}
"""
JSON_BODY = "{json: {who: ada, items: [{coupon: '{made-up-token}'}]}}"
FORM_BODY = "{form: {who: ada, coupon: '{made-up-token}'}}"
NO_TOKEN = "{json: {who: ada}}"
INERT = "inert: {json: {}}"
ALL = ("well-formed", "token-missing", "token-null", "token-operator", "token-list", "token-empty", "token-true")


@pytest.fixture
def planned(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., Plan]:
    def make(body: str, *, effect: str = "acts", besides: str = INERT, **options: object) -> Plan:
        text = SURFACE.format(effect=effect, besides=besides, body=body)
        return plan_of([surface_of(text)], profile_of(PROFILE), **options)

    return make


def bodies(plan: Plan) -> dict[str, str]:
    names = body_key_names()
    sent = [probe for probe in plan.probes if probe.credential.name in names and probe.variant is None]
    return {probe.credential.name: (probe.request.content or b"").decode() for probe in sent}


def test_a_json_body_holds_each_thing_in_the_place_of_its_token(planned: Callable[..., Plan]) -> None:
    sent = bodies(planned(JSON_BODY, depth=Depth.DEEP, allow_effects=("/redeem",)))
    assert tuple(sent) == ALL == body_key_names()
    items = {name: json.loads(body)["items"] for name, body in sent.items()}
    assert items == {
        "well-formed": [{"coupon": IMPOSSIBLE_TOKEN}], "token-missing": [{}], "token-null": [{"coupon": None}],
        "token-operator": [{"coupon": {"$ne": None}}], "token-list": [{"coupon": []}], "token-empty": [{"coupon": ""}],
        "token-true": [{"coupon": True}],
    }  # fmt: skip
    assert {json.loads(body)["who"] for body in sent.values()} == {"ada"}


def test_a_form_holds_them_as_forms_are_written(planned: Callable[..., Plan]) -> None:
    sent = bodies(planned(FORM_BODY, depth=Depth.DEEP, allow_effects=("*",)))
    fields = {name: parse_qsl(body, keep_blank_values=True)[1:] for name, body in sent.items()}
    assert fields == {
        "well-formed": [("coupon", IMPOSSIBLE_TOKEN)], "token-missing": [], "token-null": [("coupon", "null")],
        "token-operator": [("coupon[$ne]", "")], "token-list": [("coupon[]", "")], "token-empty": [("coupon", "")],
        "token-true": [("coupon", "true")],
    }  # fmt: skip


def test_a_code_is_as_short_as_codes_are(planned: Callable[..., Plan]) -> None:
    sent = bodies(planned("{json: {coupon: '{made-up-code}'}}", allow_effects=("*",)))
    assert len(json.loads(sent["well-formed"])["coupon"]) < 10
    assert json.loads(sent["token-null"]) == {"coupon": None}


def test_a_body_without_a_token_is_sent_once(planned: Callable[..., Plan]) -> None:
    assert bodies(planned(NO_TOKEN, depth=Depth.DEEP, allow_effects=("*",))) == {"well-formed": '{"who": "ada"}'}


@pytest.mark.parametrize("besides", [INERT, "quick: true"])
def test_what_may_act_is_skipped_in_sight_until_it_is_allowed(planned: Callable[..., Plan], besides: str) -> None:
    plan = planned(JSON_BODY, besides=besides)
    skipped = {skip.probe.credential.name: skip for skip in plan.skips if skip.probe.is_beyond_inert}
    assert tuple(skipped) == ALL[:5]
    assert {skip.reason for skip in skipped.values()} == {Reason.EFFECT}
    assert "--allow-effects '/redeem' sends it" in skipped["well-formed"].detail
    assert bodies(plan) == {}


def test_the_inert_form_is_sent_without_permission_beside_them(planned: Callable[..., Plan]) -> None:
    sent = [probe for probe in planned(JSON_BODY).probes if probe.request.method == "POST" and probe.variant is None]
    assert [(probe.credential.name, probe.request.content, probe.needs_permission) for probe in sent] == [
        ("anonymous", b"{}", False)
    ]


@pytest.mark.parametrize("effect", ["none", "trace"])
def test_a_form_that_does_no_harm_needs_no_permission(planned: Callable[..., Plan], effect: str) -> None:
    assert tuple(bodies(planned(JSON_BODY, effect=effect, besides="quick: false"))) == ALL[:5]


def test_depth_quick_sends_none_of_them(planned: Callable[..., Plan]) -> None:
    plan = planned(JSON_BODY, depth=Depth.QUICK, allow_effects=("*",))
    assert bodies(plan) == {}
    assert not any(skip.probe.is_beyond_inert for skip in plan.skips)


def test_permission_for_a_route_that_has_nothing_more_to_send_is_a_mistake(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    text = SURFACE.format(effect="acts", besides=INERT, body="{json: {}}").replace("    well-formed: {json: {}}\n", "")
    with pytest.raises(UsageError, match="matches no route that needs permission"):
        plan_of([surface_of(text)], profile_of(PROFILE), allow_effects=("/redeem",))


def test_a_profile_may_promise_another_answer_to_one_of_them(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> None:
    profile = profile_of(PROFILE.replace("[400, 404]", "{anonymous: 400, bogus: 404, token-null: 422}"))
    text = SURFACE.format(effect="acts", besides=INERT, body=JSON_BODY)
    plan = plan_of([surface_of(text)], profile, allow_effects=("*",))
    promised = {probe.credential.name: str(probe.promise) for probe in plan.probes}
    assert (promised["anonymous"], promised["well-formed"], promised["token-null"]) == ("400", "404", "422")
