"""A form that is rejected for another field than its token, or as an empty one is, proves nothing of its lock."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.judge.rejected_forms import doubt_rejected_forms
from prober.model import Answered, Finding, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan, Probe, Profile, Surface

SURFACE = """\
surface: shop
about: Made for a test.
routes:
  - route: POST /api/auth/reset-password
    guard: reset
    effect: acts
    inert: {json: {}}
    well-formed: {json: {token: '{made-up-token}', newPassword: Lockdown-probe-1, email: nobody@lockdown-probe.invalid}}
    why: w
    fix: f
  - {route: GET /, guard: reset, why: w, fix: f}
"""
PROFILE = "profile: p\nabout: x.\nguards: {reset: %s}\npresents: {reset: nothing}\n"
EMPTY = {"error": "invalid_request"}
PYDANTIC = {"detail": [{"type": "missing", "loc": ["body", "terms"], "msg": "Field required", "input": None}]}
PYDANTIC_TOKEN = {"detail": [{"type": "string_type", "loc": ["body", "token"], "msg": "Input should be a string"}]}
ZOD = {"issues": [{"code": "too_small", "minimum": 12, "path": ["newPassword"], "message": "Too small"}]}
ZOD_KEYS = {"issues": [{"code": "unrecognized_keys", "keys": ["email"], "path": [], "message": "Unrecognized key"}]}
ASP = {"title": "One or more validation errors occurred.", "status": 400, "errors": {"ConfirmPassword": ["Required."]}}
EXPRESS = {"errors": [{"type": "field", "msg": "Invalid value", "path": "captcha", "location": "body"}]}
AJV = [{"instancePath": "/newPassword", "keyword": "minLength", "message": "must NOT have fewer than 16 characters"}]
NEST = {
    "statusCode": 400,
    "message": ["newPassword must be longer than or equal to 16 characters"],
    "error": "Bad Request",
}
SPRING = {
    "timestamp": "2026-11-27T10:00:00Z",
    "status": 400,
    "error": "Bad Request",
    "path": "/api/auth/reset-password",
}


@pytest.fixture
def plan_with(
    surface_of: Callable[[str], Surface], profile_of: Callable[[str], Profile], plan_of: Callable[..., Plan]
) -> Callable[..., Plan]:
    def make(promise: str) -> Plan:
        return plan_of(
            [surface_of(SURFACE)], profile_of(PROFILE % promise), allow_effects=("/api/auth/reset-password",)
        )

    return make


@pytest.fixture
def judged(plan_with: Callable[..., Plan]) -> Callable[..., Finding]:
    """Give what becomes of the finding with the made-up token, where the empty form got `EMPTY` or `empty`."""

    def run(
        body: object,
        *,
        status: int = 400,
        empty: object = EMPTY,
        promise: str = "[400, 404, 422]",
        of: str = "well-formed",
    ) -> Finding:
        plain = (probe for probe in plan_with(promise).probes if probe.variant is None)
        probes = {probe.credential.name: probe for probe in plain if probe.route.method == "POST"}
        findings = (locked(probes["anonymous"], 400, empty), locked(probes[of], status, body))
        return doubt_rejected_forms(findings)[1]

    return run


def locked(probe: Probe, status: int, body: object) -> Finding:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/html" if isinstance(body, str) else "application/json"
    answered = Answered.of(status=status, headers=(("content-type", kind),), body=text.encode(), elapsed_ms=1)
    return Finding(
        probe=probe, outcome=answered, verdict=Verdict.LOCKED, reason=Reason.AS_PROMISED, detail="", rule="as-expected"
    )


OTHER_FIELDS = (
    pytest.param(PYDANTIC, 422, "terms", id="pydantic"),
    pytest.param(ZOD, 400, "newPassword", id="zod"),
    pytest.param(ZOD_KEYS, 400, "email", id="zod-another-key"),
    pytest.param(ASP, 400, "ConfirmPassword", id="asp-net"),
    pytest.param(EXPRESS, 400, "captcha", id="express-validator"),
    pytest.param(AJV, 400, "newPassword", id="ajv"),
    pytest.param(NEST, 400, "newPassword", id="nest"),
    pytest.param({"email": ["Enter a valid email address."]}, 400, "email", id="django-rest"),
    pytest.param({"error": "name is required to accept the invitation"}, 400, "name", id="a-sentence"),
    pytest.param({"error": "missing_name"}, 400, "name", id="a-code"),
    pytest.param({"message": "Missing required field: 'terms'"}, 400, "terms", id="a-missing-field"),
    pytest.param({"error": "new_password_too_short"}, 400, "newPassword", id="too-short"),
    pytest.param("<h1>Sorry</h1><p>Your new password must have a digit.</p>", 400, "newPassword", id="a-page"),
)


@pytest.mark.parametrize(("body", "status", "field"), OTHER_FIELDS)
def test_a_rejection_of_another_field_is_no_lock(
    judged: Callable[..., Finding], body: object, status: int, field: str
) -> None:
    found = judged(body, status=status)
    assert (found.verdict, found.reason, found.rule) == (Verdict.UNPROVEN, Reason.FORM_REJECTED, "form-rejected")
    assert f"got {status} about {field}" in found.detail
    assert "under 'well-formed' of the route" in found.detail


ABOUT_TOKENS = (
    pytest.param({"error": "invalid_token"}, 400, id="a-code"),
    pytest.param({"error": "Invalid or expired password reset link"}, 400, id="a-link"),
    pytest.param({"code": "INVALID_CODE", "message": "That did not work"}, 400, id="an-enum"),
    pytest.param(PYDANTIC_TOKEN, 422, id="pydantic"),
    pytest.param({"errors": {"token": ["is required"], "newPassword": ["is too short"]}}, 422, id="both"),
    pytest.param({"error": "This invitation was already used."}, 400, id="used"),
    pytest.param({"message": "The voucher is required"}, 400, id="voucher"),
    pytest.param({"error": "resetKeyRevoked"}, 400, id="camel-case"),
    pytest.param("<title>Reset</title><p>The link in your mail is no longer valid. Password?</p>", 400, id="a-page"),
)


@pytest.mark.parametrize(("body", "status"), ABOUT_TOKENS)
def test_a_refusal_of_the_token_is_the_lock(judged: Callable[..., Finding], body: object, status: int) -> None:
    assert judged(body, status=status).verdict is Verdict.LOCKED
    assert judged(body, status=status, empty=body).verdict is Verdict.LOCKED


@pytest.mark.parametrize("body", [EMPTY, SPRING, "Bad Request", ""])
def test_the_answer_of_an_empty_form_says_nothing_of_the_token(judged: Callable[..., Finding], body: object) -> None:
    found = judged(body, empty=body)
    assert (found.verdict, found.reason) == (Verdict.UNPROVEN, Reason.FORM_REJECTED)
    assert "the very answer to the form without its fields" in found.detail


@pytest.mark.parametrize(
    ("told", "why"),
    [
        pytest.param({"body": {"error": "refused"}}, "another answer than the empty form's", id="another-answer"),
        pytest.param({"body": EMPTY, "of": "token-missing"}, "without its token it is an empty form", id="left-out"),
        pytest.param({"body": ZOD, "status": 404}, "validation answers 400 or 422", id="not-found"),
        pytest.param(
            {"body": EMPTY, "promise": "{status: 400, body: invalid_request}"},
            "the profile has these words",
            id="described",
        ),
    ],
)
def test_else_the_expected_refusal_stands(judged: Callable[..., Finding], told: dict[str, str], why: str) -> None:
    assert judged(**told).verdict is Verdict.LOCKED, why


def test_what_is_sent_by_its_inert_form_is_not_doubted(plan_with: Callable[..., Plan]) -> None:
    plain = next(probe for probe in plan_with("[400, 422]").probes if probe.route.method == "POST")
    finding = locked(plain, 400, ZOD)
    assert doubt_rejected_forms((finding,)) == (finding,)


def test_what_was_no_lock_is_left_as_it_is(plan_with: Callable[..., Plan]) -> None:
    probe = next(probe for probe in plan_with("[400, 422]").probes if probe.credential.name == "well-formed")
    finding = replace(locked(probe, 400, ZOD), verdict=Verdict.DRIFT, reason=Reason.HANDLER_REACHED)
    assert doubt_rejected_forms((finding,)) == (finding,)
