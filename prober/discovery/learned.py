"""From what strangers were answered to guards: the promise of each route, to be confirmed by who knows it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.discovery.common_paths import HEALTH
from prober.discovery.refusing_guards import ALL_KINDS, HELD, WORD, Guard, guard_that_refuses, sent_to
from prober.model import Access
from prober.model.job_paths import is_path_of_job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.discovery.coverage import Discovered
    from prober.model import StrangerAnswer

_REFUSING = frozenset({Access.REFUSED, Access.SIGN_IN})
_LACKS_CREDENTIAL = frozenset({400, 422})  # how frameworks refuse a request without a required parameter
OPEN_MARK = "OPEN TO ANYONE: is this right?"
_REFUSES = "OPEN TO ANYONE, but must refuse: each run reports it until it does"
_ONLY_HEAD = "not asked by a GET: its guard is a guess"
_NOT_ASKED = "not asked, since it may change something: its guard is a guess (open-form: anybody may send it)"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGN_IN_FORMS = frozenset({
    "login", "signin", "sign-in", "sign_in", "signup", "sign-up", "register", "token", "logout", "signout", "sign-out",
    "forgot-password", "reset-password", "callback", "refresh", "token-auth", "api-token-auth",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A route, and what a stranger was answered there. `denied`: the user says that strangers must be refused."""

    route: Discovered
    answer: StrangerAnswer
    denied: bool = False
    public: bool = False  # the user says that it is open on purpose
    never: str = ""  # what is there that is never right

    @property
    def is_question(self) -> bool:
        """It answers strangers, and nobody has said whether it may."""
        known = self.is_required or self.public or self.never or self.route.path in HEALTH
        return self.answer.access is Access.OPEN and not known

    @property
    def refuses(self) -> bool:
        """Strangers are refused, sent to sign in, or told that their credential is missing."""
        return self.answer.access in _REFUSING or self.lacks_credential

    @property
    def lacks_credential(self) -> bool:
        """The framework refused a request without a parameter that is a credential, before the guard looked."""
        unclear = self.answer.access is Access.UNCLEAR
        return unclear and bool(self.route.carriers) and self.answer.status in _LACKS_CREDENTIAL

    @property
    def is_required(self) -> bool:
        """Its description, or the user, says that strangers must be refused."""
        return self.denied or self.route.secured


_MOST_SIGN_INS = 5
DENIED = Guard(name="denied", answers="[401, 403]", presents=ALL_KINDS)
NEVER = Guard(name="never-right", answers="[401, 403, 404, 410]", presents="nothing")
_JOB = Guard(
    name="job", answers="[401, 403]", presents="[job, secret, api-key, bearer, cookie]", about="what schedulers call"
)
_FORM = Guard(
    name="open-form", answers="[400, 401, 403, 422, 429]", presents="nothing",
    about="anyone may send it, and what is sent here opens nothing",
)  # fmt: skip


_ASKS_AGAIN = 'type="password"'  # in the page that a wrong password shows


def guard_of(learned: Learned) -> Guard | None:
    """Give the guard that fits a route, None where no promise can be made of what it answered."""
    guard = _guard_by_answer(learned)
    return None if guard is None else _at_its_carriers(guard, learned.route.carriers)


def _at_its_carriers(guard: Guard, carriers: tuple[str, ...]) -> Guard:
    """Present credentials first where the description says that the guard looks, in a guard of that name."""
    usual = [] if guard.presents == "nothing" else guard.presents.strip("[]").split(", ")
    own = [carrier for carrier in carriers if carrier not in usual and carrier not in guard.presents]
    if not own or not usual:
        return guard
    name = "-".join([guard.name, *_words(own)])
    return replace(guard, name=name, presents=f"[{', '.join([*own, *usual])}]")


def _guard_by_answer(learned: Learned) -> Guard | None:
    route, answer = learned.route, learned.answer
    if learned.never:
        return NEVER
    if learned.lacks_credential:
        return _parameter_guard("needs", route.carriers, str(answer.status))
    if answer.access is Access.NOT_ASKED:
        if route.method not in _SAFE and route.path.rstrip("/").rpartition("/")[2].lower() in _SIGN_IN_FORMS:
            return _FORM
        if not is_path_of_job(route.path):
            return DENIED
        alone = route.carriers and not route.secured and not route.validates
        return _parameter_guard(_JOB.name, route.carriers, "[401, 403, 422]") if alone else _JOB
    if learned.public:
        return _public_guard(answer.status if answer.access is Access.OPEN else None)
    if answer.access in _REFUSING:
        return guard_that_refuses(answer)
    if learned.is_required:
        return DENIED
    return _public_guard(answer.status) if answer.access is Access.OPEN else None


def _parameter_guard(name: str, carriers: tuple[str, ...], lacking: str) -> Guard:
    """A guard whose credential is a parameter: without it the framework refuses before the guard looks.

    What is bogus goes nowhere else, and must be refused in another way than what lacks it: that would say nothing.
    """
    answers = f"{{anonymous: {lacking}, bogus: [400, 401, 403], {HELD}}}"
    return Guard(name="-".join([name, *_words(carriers)]), answers=answers, presents=f"[{', '.join(carriers)}]")


def _words(carriers: Iterable[str]) -> list[str]:
    return [word.lower() for one in carriers for word in WORD.findall(one.partition(":")[2] or one)]


def _public_guard(status: int | None) -> Guard:
    name = "public" if status in {None, 200} else f"public-{status}"
    return Guard(name=name, answers=str(status or 200), presents="nothing", about="open to everybody")


def _denied(sign_ins: tuple[str, ...]) -> Guard:
    """Give the guard of a write that was not asked: where pages send strangers to sign in, a form may do so too."""
    if not sign_ins:
        return DENIED
    answers = ", ".join(["401", "403", *map(sent_to, sign_ins)])
    return replace(DENIED, name="denied-or-sign-in", answers=f"[{answers}]")


def _form(sign_ins: tuple[str, ...]) -> Guard:
    """Give the guard of a form that anybody may send: where people sign in by a page, it may be shown again."""
    if not sign_ins:
        return _FORM
    again = f"{{status: 200, refuses: true, body: {json.dumps(_ASKS_AGAIN)}}}"
    return replace(_FORM, answers=f"[{', '.join([_FORM.answers.strip('[]'), again, *map(sent_to, sign_ins)])}]")


def with_guards(learned: Iterable[Learned]) -> tuple[tuple[Discovered, ...], tuple[Guard, ...]]:
    """Give the routes of which a promise can be made, open ones first, each with its guard; and the guards."""
    guards: dict[str, Guard] = {}
    routes: list[tuple[bool, Discovered]] = []
    alive = False
    entries = tuple(learned)
    places = [entry.answer.location for entry in entries if entry.answer.access is Access.SIGN_IN]
    sign_ins = tuple(dict.fromkeys(place for place in places if place))[:_MOST_SIGN_INS]
    for entry in entries:
        guard = guard_of(entry)
        if guard is None:
            continue
        is_guess = guard == DENIED and entry.answer.access is Access.NOT_ASKED and not entry.is_required
        guard = _denied(sign_ins) if is_guess else guard
        guards[guard.name] = guard
        if entry.answer.access is Access.NOT_ASKED:
            guards[_FORM.name] = _form(sign_ins)  # to be chosen from, where the guess is wrong
        is_health = not alive and entry.route.path in HEALTH and entry.answer.access is Access.OPEN
        is_health = is_health and guard.name == "public"
        alive = alive or is_health
        route = replace(
            entry.route, guard=guard.name, control="alive" if is_health else "",
            repeats=guard.name.startswith(_JOB.name), comments=_comments(entry) if not is_health else (),
        )  # fmt: skip
        opened = entry.answer.access is Access.OPEN and entry.route.path not in HEALTH
        routes.append((not opened, route))
    return tuple(route for _, route in sorted(routes, key=lambda pair: pair[0])), tuple(guards.values())


def _comments(entry: Learned) -> tuple[str, ...]:
    if entry.answer.access is Access.NOT_ASKED and not entry.denied:
        return (_ONLY_HEAD if entry.route.method == "HEAD" else _NOT_ASKED,)
    if entry.answer.access is Access.OPEN and entry.is_required:
        return (_REFUSES,)
    return (OPEN_MARK,) if entry.is_question else ()
