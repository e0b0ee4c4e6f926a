"""Which mode a deployment's answers speak of: each shipped mode is told from each other, and a little noise is borne."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.definitions.shipped import profile_names
from prober.judge.controls import Controls, ServiceControls
from prober.judge.mode import FEWEST, mode_sentence, observed_mode
from prober.model import Answer, Answered, Finding, Kind, Plan, Probe, Profile, Reason, Request, Variant, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome, Surface

    Judged = Callable[..., tuple[tuple[Finding, ...], Controls]]

NOT_FOUND = Answered.of(status=404, headers=(), body=b"nothing here", whole=True, attempts=1, elapsed_ms=1)


def as_promised(answer: Answer) -> Answered:
    """The plainest answer that keeps a promise."""
    status = answer.statuses[0].start
    location = (("location", str(answer.location)),) if answer.location else ()
    json_body: dict[str, object] = {}
    for fact in answer.json:
        inner = json_body
        for key in fact.path[:-1]:
            inner = inner.setdefault(key, {})  # type: ignore[assignment]
        inner.update({key: json.loads(fact.value or "1") for key in fact.path[-1:]})
    whole = [fact.value for fact in answer.json if not fact.path]
    words = json.dumps({"error": " ".join(answer.body) or "words", **json_body})
    body = str(whole[0]) if whole else words
    return Answered.of(
        status=status, headers=(*answer.headers, *location), body=body.encode(), whole=True, attempts=1, elapsed_ms=1
    )  # fmt: skip


def deployment_in(mode: Profile, plan: Plan) -> Callable[[Request], Outcome]:
    """A deployment that answers every probe as that mode promises, and nothing else."""
    answers: dict[Request, Answered] = {}
    for probe in plan.probes:
        promise = mode.promise(probe.route.guard, probe.credential)
        answers[probe.request] = as_promised(promise.answers[0]) if promise and promise.answers else NOT_FOUND
    return lambda request: answers.get(request, NOT_FOUND)


@pytest.fixture(scope="module")
def profiles(shipped_profile: Callable[[str], Profile]) -> dict[str, Profile]:
    return {name: shipped_profile(name) for name in profile_names()}


# To a stranger these three are one: they differ only in what a password does.
SIGN_IN_MODES = frozenset({"credentials", "credentials+oauth", "oauth"})
LIKE = {name: SIGN_IN_MODES if name in SIGN_IN_MODES else frozenset({name}) for name in profile_names()}


@pytest.mark.parametrize(
    ("asked", "real", "seen"),
    [
        pytest.param(asked, real, {asked} if asked in LIKE[real] else LIKE[real], id=f"{asked}-asked-of-{real}")
        for asked in profile_names()
        for real in profile_names()
    ],
)
def test_each_mode_is_told_from_each_other_and_the_asked_one_is_believed_where_it_fits(
    plan_of: Callable[..., Plan], judged_of: Judged, profiles: dict[str, Profile], asked: str, real: str, seen: set[str]
) -> None:
    plan = plan_of(None, profiles[asked])
    findings, controls = judged_of(plan, deployment_in(profiles[real], plan))
    observed = observed_mode(findings, profiles, profiles[asked], controls)
    assert observed is not None
    assert set(observed.split(" or ")) <= seen  # where several modes answer strangers alike, all are named


@pytest.mark.parametrize("asked", profile_names())
def test_a_deployment_in_no_mode_at_all_has_none(
    plan_of: Callable[..., Plan], judged_of: Judged, profiles: dict[str, Profile], asked: str
) -> None:
    """Nobody promises a teapot."""
    plan = plan_of(None, profiles[asked])
    findings, controls = judged_of(plan, lambda _: replace(NOT_FOUND, status=418))
    assert len(findings) > FEWEST
    assert observed_mode(findings, profiles, profiles[asked], controls) is None


# --- a small world of two modes ---------------------------------------------------------------------------------------

STRICT = """
profile: strict
about: Strangers are refused.
guards: {session: 401, public: 200}
"""
OPEN = """
profile: open
about: Strangers are let in.
guards: {session: 200, public: 200}
"""
SURFACE = "surface: made\nabout: Made for a test.\nroutes:\n"


def answer(status: int) -> Answered:
    return replace(NOT_FOUND, status=status, held=f"answer {status}".encode())


@pytest.fixture(scope="module")
def two(profile_of: Callable[[str], Profile]) -> dict[str, Profile]:
    return {"strict": profile_of(STRICT), "open": profile_of(OPEN)}


@pytest.fixture(scope="module")
def observe(
    surface_of: Callable[[str], Surface], plan_of: Callable[..., Plan], two: dict[str, Profile]
) -> Callable[..., str | None]:
    """Let this many routes behind the session be answered so, and say which mode is seen by who asked for strict."""

    def observed(*statuses: int, guard: str = "session", among: dict[str, Profile] = two, change: Callable[[Probe, Finding], Finding] | None = None) -> str | None:  # fmt: skip
        routes = [f"  - {{route: GET /api/{n}, guard: {guard}, why: w, fix: f}}\n" for n in range(len(statuses))]
        plan = plan_of([surface_of(SURFACE + "".join(routes))], two["strict"], urls={"web": "http://app.test"})
        asked = [probe for probe in plan.probes if probe.credential.kind is Kind.ANONYMOUS and probe.variant is None]
        findings = [
            Finding(probe=probe, outcome=answer(status), verdict=Verdict.DRIFT, reason=Reason.WRONG_STATUS, detail="")
            for probe, status in zip(asked, statuses, strict=True)
        ]
        (web,) = plan.services
        controls = Controls(services={"web": ServiceControls(service=web)})
        changed = [change(finding.probe, finding) if change else finding for finding in findings]
        return observed_mode(changed, among, two["strict"], controls)

    return observed


@pytest.mark.parametrize(
    ("statuses", "mode"),
    [
        pytest.param([401] * 5, "strict", id="all-as-asked"),
        pytest.param([200] * 5, "open", id="all-as-another"),
        pytest.param([200] * FEWEST, "open", id="just-enough"),
        pytest.param([200] * (FEWEST - 1), None, id="too-few"),
        pytest.param([200] * 8 + [401] * 2, "open", id="four-in-five"),
        pytest.param([200] * 7 + [401] * 3, None, id="fewer-than-four-in-five"),
        pytest.param([200] * 5 + [401] * 5, None, id="half-and-half"),
        pytest.param([418] * 5, None, id="neither"),
        pytest.param([200] * 4 + [418] * 6, "open", id="what-nobody-promises-tells-nothing"),
    ],
)
def test_a_mode_is_named_when_nearly_all_speak_of_it(
    observe: Callable[..., str | None], statuses: list[int], mode: str | None
) -> None:
    assert observe(*statuses) == mode


@pytest.mark.parametrize(
    ("refused", "mode"),
    [
        pytest.param(8, "strict", id="four-in-five-are-enough-for-the-one-asked-for"),
        pytest.param(6, None, id="more-than-half-is-something-between"),
        pytest.param(5, None, id="half-is-something-between"),
        pytest.param(4, "lenient", id="less-than-half-is-another-mode"),
    ],
)
def test_a_mode_that_fits_all_does_not_outweigh_the_one_asked_for(
    observe: Callable[..., str | None], two: dict[str, Profile], profile_of: Callable[[str], Profile], refused: int, mode: str | None
) -> None:  # fmt: skip
    lenient = profile_of("profile: lenient\nabout: x.\nguards: {session: [200, 401], public: 200}\n")
    among = {**two, "lenient": lenient}
    assert observe(*[401] * refused, *[200] * (10 - refused), among=among) == mode


def test_routes_on_which_modes_agree_tell_nothing(observe: Callable[..., str | None]) -> None:
    assert observe(*[200] * 9, guard="public") is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _, finding: replace(finding, verdict=Verdict.UNPROVEN), id="by-somebody-else"),
        pytest.param(lambda _, finding: replace(finding, verdict=Verdict.SKIPPED), id="skipped"),
        pytest.param(
            lambda probe, finding: replace(
                finding, probe=replace(probe, credential=replace(probe.credential, kind=Kind.BOGUS))
            ),
            id="bogus-credential",
        ),
        pytest.param(
            lambda probe, finding: replace(
                finding, probe=replace(probe, variant=Variant(name="v", headers=(), catches=""))
            ),
            id="variant",
        ),
    ],
)
def test_only_what_a_stranger_gets_from_the_application_tells(
    observe: Callable[..., str | None], change: Callable[[Probe, Finding], Finding]
) -> None:
    assert observe(*[200] * 5) == "open"
    assert observe(*[200] * 5, change=change) is None


# --- the sentence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "observed", "sentence"),
    [
        pytest.param("strict", "strict", None, id="as-asked"),
        pytest.param("strict", None, None, id="unknown"),
        pytest.param("strict", "open", "the deployment looks like it runs in mode 'open' (Strangers are let in), not 'strict'", id="another"),
        pytest.param("strict", "mine", "the deployment looks like it runs in mode 'mine', not 'strict'", id="one-that-nobody-describes"),
    ],
)  # fmt: skip
def test_another_mode_is_said_in_a_sentence(
    two: dict[str, Profile], asked: str, observed: str | None, sentence: str | None
) -> None:
    assert mode_sentence(asked, observed, two) == sentence


class Loading(dict[str, "Profile"]):
    """Profiles that note which of them were asked for."""

    def __init__(self, profiles: dict[str, Profile]) -> None:
        super().__init__(profiles)
        self.asked_for: list[str] = []

    def __getitem__(self, name: str) -> Profile:
        self.asked_for.append(name)
        return super().__getitem__(name)


@pytest.mark.parametrize(
    ("statuses", "loaded"),
    [
        pytest.param([401] * FEWEST, ["open"], id="enough-answers-tell-it-from-the-first"),
        pytest.param([401] * (FEWEST - 1), [], id="too-few-answers"),
    ],
)
def test_no_more_profiles_are_loaded_than_it_takes(
    observe: Callable[..., str | None], two: dict[str, Profile], statuses: list[int], loaded: list[str]
) -> None:
    among = Loading({"open": two["open"], "strict": two["strict"], "wide": replace(two["open"], name="wide")})
    assert observe(*statuses, among=among) == ("strict" if loaded else None)
    assert among.asked_for == loaded
