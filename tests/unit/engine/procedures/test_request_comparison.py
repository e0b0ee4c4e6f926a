"""Can two requests be told apart? By a steady difference in the answers, else by the time, and seldom by chance.

The simulated times: a round trip of 80 ms with log-normal jitter, 3 % of
spikes, a cold start, and a server that grows slower all the while.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from prober.engine.procedures.request_comparison import Compared, compare
from prober.model import Answered, Cause, Reason, Request, Unanswered, Unsent
from tests.support.two_accounts import MEMBER, STRANGER, World, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Outcome

    Door = Callable[[str, int], Outcome]

NOBODY = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=1, elapsed_ms=5000)
LATE = Unsent(reason=Reason.CUT_SHORT, detail="the deadline came first")


def look(door: Door) -> Compared:
    """Compare the answers alone."""
    return asyncio.run(World(door).compare(0))


def either(stranger: Outcome, member: Outcome) -> Door:
    return lambda who, _: stranger if who == STRANGER else member


# --- what is answered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stranger", "member", "by"),
    [
        pytest.param(answer(status=404), answer(status=401), "status 404 against 401", id="status"),
        pytest.param(
            answer("", ("location", "/signin?error=CredentialsSignin"), status=302),
            answer("", ("location", "/signin?error=OAuthAccountNotLinked"), status=302),
            "the Location",
            id="a-word-in-the-location",
        ),
        pytest.param(
            answer("", ("location", "/signin?error=x"), status=302),
            answer("", ("location", "/signin?error=x&next=1"), status=302),
            "the Location",
            id="one-more-key-in-the-location",
        ),
        pytest.param(
            answer(), answer('{"error":"invalid"}', ("x-user", "1"), ("via", "1")), "the header names (via, x-user)", id="names"
        ),
        pytest.param(
            answer("", ("set-cookie", "a=1; Path=/")),
            answer("", ("set-cookie", "a=1; Path=/"), ("set-cookie", "remember=; Path=/")),
            "the cookies (remember)",
            id="cookies",
        ),
        pytest.param(
            answer(), Answered.of(status=401, headers=(("content-type", "text/html"),), body=b'{"error":"invalid"}', elapsed_ms=1),
            "the content type", id="content-type",
        ),
        pytest.param(answer("no such user"), answer("wrong password"), "the body", id="body"),
        pytest.param(
            answer('{"error":"user_does_not_exist"}'), answer('{"error":"invalid_credentials"}'), "the body", id="long-words"
        ),
        pytest.param(answer('{"exists":0}'), answer('{"exists":1}'), "the body", id="a-number-that-is-steady"),
        pytest.param(answer("no"), answer("no, but"), "the body", id="one-more-word"),
        pytest.param(answer(""), answer("{}x"), "the body", id="nothing"),
    ],
)  # fmt: skip
def test_a_steady_difference_tells_the_two_apart(stranger: Answered, member: Answered, by: str) -> None:
    found = look(either(stranger, member))
    assert found == Compared(tellable=True, by=by, detail=f"{by}, in 3 answers to each", failed=None, requests=6)


def varied(text: str, *headers: tuple[str, str]) -> Door:
    """Answer so, with what changes from one answer to the next, or follows from the e-mail, put in its places."""

    def door(who: str, before: int) -> Outcome:
        token = uuid.uuid5(uuid.NAMESPACE_DNS, f"{who}{before}")
        detail = {
            "who": who, "loud": who.upper(), "quoted": quote(who, safe=""), "html": who.replace("@", "&#64;"), "n": before,
            "uuid": token, "nonce": base64.b64encode(token.bytes).decode(), "hash": hashlib.sha256(who.encode()).hexdigest(),
        }  # fmt: skip
        return answer(text.format(**detail), *((name, value.format(**detail)) for name, value in headers), status=302)

    return door


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(varied("no"), id="all-the-same"),
        pytest.param(varied("try {n}, {uuid}, nonce='{nonce}'"), id="a-counter-an-id-and-a-nonce"),
        pytest.param(varied("no user {who}"), id="the-account-repeated"),
        pytest.param(varied("no user {loud}, <a href='/reset?for={quoted}'>{html}</a>"), id="the-account-dressed"),
        pytest.param(varied("no, {hash}"), id="a-hash-of-the-account"),
        pytest.param(varied("", ("location", "/signin?error=x&state={uuid}&for={quoted}")), id="a-state-in-the-location"),
        pytest.param(varied("", ("set-cookie", "state-{uuid}=1")), id="a-cookie-of-a-random-name"),
        pytest.param(varied("", ("set-cookie", "state-{hash}=1")), id="a-cookie-named-by-a-hash-of-the-account"),
        pytest.param(varied("", ("set-cookie", "state={uuid}; Path=/")), id="a-cookie-of-a-random-value"),
        pytest.param(varied("", ("x-request-id", "{uuid}")), id="a-header-of-a-random-value"),
    ],
)  # fmt: skip
def test_what_varies_or_follows_from_the_request_tells_nothing(door: Door) -> None:
    found = look(door)
    assert found == Compared(
        tellable=False,
        by=None,
        detail="3 answers to each are alike; the time was not compared",
        failed=None,
        requests=6,
    )


@pytest.mark.parametrize(
    ("door", "but"),
    [
        pytest.param(lambda _, n: answer(status=401 + n), "the status", id="status"),
        pytest.param(lambda who, n: answer("x " * n if who == MEMBER else "x"), "the body", id="number-of-words"),
        pytest.param(lambda who, n: answer(str(n) if who == MEMBER else "5"), "the body", id="all-that-it-says"),
    ],
)
def test_what_could_not_be_compared_is_said(door: Door, but: str) -> None:
    found = look(door)
    assert not found.tellable
    assert found.detail == f"3 answers to each are alike (not compared, as it varies: {but}); the time was not compared"


WITH_COUNTER = answer('{"error":"invalid"}', ("x-ratelimit-remaining", "3"))


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(lambda who, n: WITH_COUNTER if (who, n) == (MEMBER, 1) else answer(), id="once"),
        pytest.param(lambda who, n: answer() if (who, n) == (MEMBER, 1) else WITH_COUNTER, id="all-but-once"),
        pytest.param(
            lambda who, n: answer() if (who, n) == (STRANGER, 1) else WITH_COUNTER, id="all-but-once-of-the-other"
        ),
    ],
)
def test_a_header_that_comes_and_goes_is_not_compared(door: Door) -> None:
    """As a counter of the limits that only some replicas send."""
    assert not look(door).tellable


def test_a_header_that_only_one_of_the_two_has_each_time_is_compared() -> None:
    found = look(lambda who, _: WITH_COUNTER if who == MEMBER else answer())
    assert found.by == "the header names (x-ratelimit-remaining)"


def test_no_more_than_five_names_are_told() -> None:
    many = answer('{"error":"invalid"}', *((f"x-{letter}", "1") for letter in "abcdefg"))
    assert look(either(answer(), many)).by == "the header names (x-a, x-b, x-c, x-d, x-e)"


def test_how_a_content_type_spells_its_charset_is_not_compared() -> None:
    pages = [
        Answered.of(status=401, headers=(("content-type", detail),), body=b"", elapsed_ms=1)
        for detail in ("text/html; charset=utf-8", "Text/HTML;charset=UTF-8")
    ]
    assert not look(either(pages[0], pages[1])).tellable


def form(path: str, email: str) -> Request:
    content = f"email={quote(email, safe='')}".encode()
    return Request(service="web", method="POST", target=path, content=content)


def compare_origins(one: Request, two: Request, bodies: tuple[str, str]) -> bool:
    async def send(request: Request) -> Outcome:
        return answer(bodies[0] if request is one else bodies[1])

    asked = compare(one, two, send, pairs=0, shuffle=random.Random(1), clock=lambda: 0.0)
    return asyncio.run(asked).tellable


ANN, BOB = form("/users/ann", "ann@x.org"), form("/users/bob", "bob@y.z.org")


@pytest.mark.parametrize(
    ("one", "two", "bodies", "told"),
    [
        pytest.param(form("/x", "a+1@x.org"), form("/x", "b@y.org"), ("for a+1@x.org", "for b@y.org"), False, id="decoded"),
        pytest.param(form("/users/ann", ""), form("/users/bob", ""), ("no ann", "no bob"), False, id="of-the-path"),
        pytest.param(form("/x?for=ann", ""), form("/x?for=bob", ""), ("no ann", "no bob"), False, id="of-the-query"),
        pytest.param(ANN, BOB, ("no ann@x.org", "no bob@y.z.org"), False, id="one-within-the-other"),
        pytest.param(form("/x", "no"), form("/x", "yes"), ("nothing", "yesthing"), True, id="only-the-start-of-a-word"),
        pytest.param(form("/x", "no"), form("/x", "yes"), ("thingno", "thingyes"), True, id="only-the-end-of-a-word"),
        pytest.param(ANN, replace(ANN), ("ann", "bob"), True, id="what-both-requests-say"),
    ],
)  # fmt: skip
def test_only_the_words_of_one_request_alone_are_masked(
    one: Request, two: Request, bodies: tuple[str, str], *, told: bool
) -> None:
    assert compare_origins(one, two, bodies) is told


def test_two_replicas_that_take_turns_are_not_taken_for_the_two_accounts() -> None:
    world = World(lambda _, __: answer("replica a", ("x-a", "1")) if len(world.sent) % 2 else answer("replica b"))
    found = asyncio.run(world.compare(0))
    assert found.requests == 6
    assert not found.tellable


def test_each_is_asked_three_times_and_the_time_is_not_taken_where_the_answers_tell() -> None:
    world = World(either(answer("no such user"), answer("wrong password")))
    found = asyncio.run(world.compare(20))
    assert world.sent == [STRANGER, MEMBER, MEMBER, STRANGER, MEMBER, STRANGER]
    assert found.requests == 6


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "body", [pytest.param("a" * 65_536, id="one-word"), pytest.param(f"&#{'9' * 60_000};", id="no-character"),
             pytest.param("\x00\xff" * 30_000, id="no-text"), pytest.param("-_" * 32_768, id="no-token")],
)  # fmt: skip
def test_a_hostile_body_costs_no_more_than_another(body: str) -> None:
    assert not look(lambda *_: answer(body)).tellable


# --- what ends it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "sent"),
    [
        pytest.param(NOBODY, 1, id="no-answer"),
        pytest.param(LATE, 0, id="not-sent"),
        pytest.param(answer(status=429), 1, id="throttled"),
    ],
)
@pytest.mark.parametrize("before", [0, 3, 7, 30], ids=["at-once", "while-looking", "while-warming-up", "while-timing"])
def test_without_an_answer_nothing_is_said(end: Outcome, sent: int, before: int) -> None:
    world = World(lambda *_: end if len(world.sent) > before else answer())
    found = asyncio.run(world.compare(20))
    assert len(world.sent) == before + 1
    assert (found.tellable, found.by, found.detail, found.power) == (False, None, "", None)
    assert found.failed is not None
    assert found.requests == before + sent


SENT_AWAY = answer("", ("location", "/signin?error=invalid"), status=302)


@pytest.mark.parametrize(
    ("usual", "later"),
    [
        pytest.param(answer(), answer(status=423), id="locked"),
        pytest.param(answer(), answer(status=502), id="a-gateway"),
        pytest.param(SENT_AWAY, answer("", ("location", "/signin?error=rate_limited"), status=302), id="a-word-of-its-own"),
        pytest.param(answer("no"), answer("no more"), id="another-body"),
    ],
)  # fmt: skip
def test_an_answer_unlike_the_first_ones_ends_the_series(usual: Answered, later: Answered) -> None:
    world = World(lambda who, before: later if who == MEMBER and before == 12 else usual)
    found = asyncio.run(world.compare(20))
    assert len(world.sent) in {25, 26}
    assert found.failed is not None
    assert found.failed == replace(later, elapsed_ms=0)
    assert found.detail == f"the answer to one of the two changed after {len(world.sent) - 1} requests"
    assert (found.tellable, found.by) == (False, None)


def test_the_turn_of_a_minute_does_not_end_the_series() -> None:
    world = World(lambda *_: answer(f"it is 12:{len(world.sent) // 20:02}"))
    assert asyncio.run(world.compare(20)).failed is None


@pytest.mark.parametrize("pairs", [1, 7])
def test_too_few_pairs_are_not_sent_at_all(pairs: int) -> None:
    found = asyncio.run(World(lambda *_: answer()).compare(pairs))
    assert found.requests == 6
    few = f"the time was not compared: {pairs} pairs are too few to tell"
    assert found.detail == f"3 answers to each are alike; {few}"
