"""A variant that the handler rejected has passed the guard: an unknown path in the same spelling shows who rejected it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.handler_reached import REJECTIONS, may_be_the_handlers, reveal_handlers
from prober.model import Answered, Cause, Credential, Finding, Kind, Outcome, Reason, Request, Unanswered, Verdict
from tests.support.reports import make_finding

JSON, HTML = ("content-type", "application/json"), ("content-type", "text/html")
UNKNOWN = Request(service="web", method="POST", target="//api/lockdown-probe-1", headers=())
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=1)
PATH = "/api/notes/:id"


def answer(status: int, body: str = '{"error":"no"}', *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers or (JSON,), body=body.encode(), elapsed_ms=1)


REFUSED = answer(401)


def of_variant(
    outcome: Outcome, *, method: str = "POST", path: str = PATH, reason: Reason = Reason.OPENS_NOTHING
) -> Finding:
    found = make_finding(Verdict.LOCKED, reason, "nothing", path=path, method=method, variant="double-slash")
    probe = replace(found.probe, counterpart=UNKNOWN)
    return replace(found, probe=probe, outcome=outcome, verdict=Verdict.LOCKED, reason=reason)


def plain(outcome: Outcome, **facts: object) -> Finding:
    found = make_finding(Verdict.LOCKED, Reason.AS_PROMISED, "got 401", path=PATH, method="POST")
    anybody = Credential(name="anonymous", kind=Kind.ANONYMOUS, family=None, headers=(), query="", catches="")
    return replace(found, probe=replace(found.probe, credential=anybody), outcome=outcome, **facts)  # type: ignore[arg-type]


def revealed(
    outcome: Outcome, *, counterpart: Outcome | None, unmodified: Outcome = REFUSED, method: str = "POST", path: str = PATH,
    reason: Reason = Reason.OPENS_NOTHING,
) -> Finding:  # fmt: skip
    finding = of_variant(outcome, method=method, path=path, reason=reason)
    counterparts = {} if counterpart is None else {finding.probe.id: counterpart}
    unchanged, made = reveal_handlers(
        (replace(plain(unmodified), probe=replace(plain(unmodified).probe, route=finding.probe.route)), finding),
        counterparts,
    )
    assert unchanged.outcome == unmodified
    return made


@pytest.mark.parametrize("status", sorted(REJECTIONS))
def test_a_rejection_that_an_unknown_path_does_not_get_is_a_leak(status: int) -> None:
    found = revealed(answer(status), counterpart=answer(404))
    assert (found.verdict, found.reason, found.rule) == (Verdict.LEAK, Reason.GRANTED, "variant-reached-handler")
    assert found.detail == (
        f"got {status} from the handler, where an unknown path in the same spelling gets 404: the guard was passed, and only "
        "what was sent could not take effect"
    )


def test_a_handler_that_looked_for_the_id_words_its_404_otherwise_than_the_router() -> None:
    found = revealed(answer(404, '{"error":"no such note"}'), counterpart=answer(404, '{"error":"no such page"}'))
    assert (found.verdict, found.rule) == (Verdict.LEAK, "variant-reached-handler")


@pytest.mark.parametrize(
    ("outcome", "facts"),
    [
        pytest.param(answer(422), {"counterpart": answer(422)}, id="the-router-rejects-every-path-so"),
        pytest.param(answer(422), {"counterpart": answer(429)}, id="a-limit-answered-for-the-unknown-path"),
        pytest.param(answer(422), {"counterpart": answer(502)}, id="nobody-answered-for-the-unknown-path"),
        pytest.param(answer(422), {"counterpart": SILENCE}, id="silence-for-the-unknown-path"),
        pytest.param(answer(422), {"counterpart": None}, id="the-unknown-path-was-not-asked"),
        pytest.param(
            answer(422), {"counterpart": answer(404), "unmodified": answer(422)}, id="the-plain-request-gets-the-same"
        ),
        pytest.param(
            answer(422), {"counterpart": answer(404), "unmodified": SILENCE}, id="the-plain-request-was-not-answered"
        ),
        pytest.param(answer(422), {"counterpart": answer(404), "method": "GET"}, id="a-read"),
        pytest.param(answer(422), {"counterpart": answer(404), "reason": Reason.AS_PROMISED}, id="refused-as-expected"),
        pytest.param(
            answer(401), {"counterpart": answer(404), "unmodified": answer(403)}, id="no-rejection-of-a-handler"
        ),
        pytest.param(answer(404), {"counterpart": answer(404)}, id="the-very-404-of-the-router"),
        pytest.param(
            answer(404, f'{{"error":"no route {PATH}"}}'),
            {"counterpart": answer(404, f'{{"error":"no route {UNKNOWN.target}"}}')},
            id="the-404-of-the-router-that-repeats-each-path",
        ),
        pytest.param(
            answer(404, '{"a":1}'), {"counterpart": answer(404, "<p>no</p>", HTML)}, id="a-404-of-another-type"
        ),
        pytest.param(
            answer(404, '{"a":1}'),
            {"counterpart": answer(404, '{"b":2}'), "path": "/api/notes"},
            id="no-id-to-look-for",
        ),
        pytest.param(answer(404, "<p>a</p>", HTML), {"counterpart": answer(404, "<p>b</p>", HTML)}, id="a-page"),
    ],
)
def test_all_else_stays_as_it_was_judged(outcome: Outcome, facts: dict[str, object]) -> None:
    found = revealed(outcome, **facts)  # type: ignore[arg-type]
    assert (found.verdict, found.rule) == (Verdict.LOCKED, None)


def test_an_unknown_path_is_asked_only_for_what_may_be_the_handlers() -> None:
    variant = of_variant(answer(422)).probe
    assert may_be_the_handlers(variant, answer(422))
    assert not may_be_the_handlers(replace(variant, variant=None), answer(422))
    assert not may_be_the_handlers(replace(variant, counterpart=None), answer(422))
    assert not may_be_the_handlers(variant, SILENCE)
    assert not may_be_the_handlers(variant, answer(200))


def test_only_the_anonymous_plain_request_is_compared_with() -> None:
    """Another credential's 422 says nothing of what the plain anonymous request got."""
    finding = of_variant(answer(422))
    others = [
        plain(answer(401)),
        make_finding(path=PATH, method="POST", credential="bogus-bearer", outcome=answer(422)),
    ]
    others = [replace(one, probe=replace(one.probe, route=finding.probe.route)) for one in others]
    *_, found = reveal_handlers((*others, finding), {finding.probe.id: answer(404)})
    assert found.verdict is Verdict.LEAK
