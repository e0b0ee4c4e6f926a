"""What all answers of one service have in common: it is paused, broken, elsewhere, or wants another URL. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.matching import target_of
from prober.judge.sign_in_urls import is_sign_in_place
from prober.model import Answered, Control, Finding, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.judge.controls import NotFoundAnswer, ServiceControls

    Test = Callable[["Answers", ServiceControls], bool]

Answers = list[tuple[Finding, Answered]]
_PAUSED = -32002  # the MCP server's own code for 'paused by the operator'


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWideVerdict:
    """What is true of a service as a whole: a reason that takes the place of each finding's own, and one sentence."""

    verdict: Verdict
    reason: Reason
    said: str
    rule: str


def whole_verdict(own: list[Finding], known: ServiceControls) -> ServiceWideVerdict | None:
    """Say what all answers of a service have in common that no single one can show."""
    application = {APPLICATION, None}  # what others say is of themselves, and each finding tells it
    answered = [
        (finding, finding.outcome)
        for finding in own
        if isinstance(finding.outcome, Answered)
        and (finding.answered_by in application or finding.rule == "as-expected")
    ]
    if not answered or any(finding.verdict is Verdict.LEAK for finding in own):
        return None
    for holds, reason, said in _WHOLES:
        if holds(answered, known):
            sentence = f"{known.service.place} {said}"
            return ServiceWideVerdict(verdict=Verdict.UNPROVEN, reason=reason, said=sentence, rule=f"service-{reason}")
    return None


def _guarded(answered: Answers) -> Answers:
    return [(finding, answer) for finding, answer in answered if finding.probe.promise.refuses]


def _is_paused(answered: Answers, _: ServiceControls) -> bool:
    """The MCP server's 503 with its code for it, on every route behind the switch."""
    guarded = _guarded(answered)
    return bool(guarded) and all(answer.failed and _error_code(answer) == _PAUSED for _, answer in guarded)


def _error_code(answer: Answered) -> object:
    body = answer.json
    error = body.get("error") if isinstance(body, dict) else None
    return error.get("code") if isinstance(error, dict) else None


def _is_broken(answered: Answers, known: ServiceControls) -> bool:
    """Next.js stays up and answers 500 to everything when its boot check throws, and mostly also where nothing is."""
    alive = any(finding.probe.route.control is Control.ALIVE for finding, _ in answered)
    plain = [answer for finding, answer in answered if finding.probe.variant is None]  # others may be other paths
    answers = plain + [seen.answered for seen in known.not_found if not alive]
    locked = any(finding.verdict is Verdict.LOCKED for finding, _ in answered)
    return all(answer.failed for answer in answers) and not locked


def _wants_https(answered: Answers, known: ServiceControls) -> bool:
    """Everything is sent to itself over TLS; a health check may be answered, if unknown paths are sent there too."""
    if known.service.scheme != "http":
        return False
    hosts = _hosts_of_the_same_paths(answered, known, scheme="https")
    return hosts == {known.service.host}


def _spells_otherwise(answered: Answers, known: ServiceControls) -> bool:
    """Everything is sent to itself with a slash more or less, at the same place."""
    return _hosts_of_the_same_paths(answered, known, scheme=known.service.scheme) == {known.service.host}


def _lives_elsewhere(answered: Answers, known: ServiceControls) -> bool:
    """Everything is sent to one other host: each to its own path, or health too, as no guard would."""
    same_paths = _hosts_of_the_same_paths(answered, known)
    if len(same_paths) == 1 and not same_paths & {None, known.service.host}:
        return True
    found = [target_of(answer, known.service, finding.probe.request.target) for finding, answer in answered]
    hosts = {urlsplit(there[0]).hostname if there else None for there in found}
    return len(hosts) == 1 and not hosts & {None, known.service.host} and len(_guarded(answered)) < len(answered)


def _hosts_of_the_same_paths(answered: Answers, known: ServiceControls, scheme: str = "") -> set[str | None]:
    """Give the hosts to which every path is sent, its own path there: None among them for any other answer.

    Not looked at: variants, which may be other paths, and open routes that answer as expected, such as a health check
    that an edge lets pass; then paths that do not exist must be sent away as well.
    """
    plain = [(f, answer) for f, answer in answered if f.probe.variant is None]
    open_as_expected = [f for f, _ in plain if f.verdict is Verdict.LOCKED and not f.probe.promise.refuses]
    sent = [(f.probe.request.target, answer) for f, answer in plain if f not in open_as_expected]
    targets = [(path, target_of(answer, known.service, path)) for path, answer in sent]
    targets = [(path, there) for path, there in targets if there is not None or path.partition("?")[0] != "/"]
    hosts = {_host_of_same_path(path, there, scheme) for path, there in targets}  # the root has no other spelling
    if open_as_expected or not sent:  # an answered health check: is it the edge that sends all else away, or a guard?
        hosts |= {_host_for_unknown(seen, known, scheme) for seen in known.not_found} or {None}
    return hosts


def _host_for_unknown(seen: NotFoundAnswer, known: ServiceControls, scheme: str) -> str | None:
    """Give the host to which the application sends an unknown path; None where a wall in front of it answers."""
    if attribute(seen.answered) != APPLICATION:
        return None
    return _host_of_same_path(seen.target, target_of(seen.answered, known.service, seen.target), scheme)


def _host_of_same_path(path: str, there: tuple[str, bool] | None, scheme: str) -> str | None:
    if there is None:
        return None
    parts = urlsplit(there[0])
    same = parts.path.rstrip("/") == path.partition("?")[0].rstrip("/") and parts.scheme == (scheme or parts.scheme)
    return parts.hostname if same else None


def _is_elsewhere(answered: Answers, known: ServiceControls) -> bool:
    guarded = [
        (f, answer)
        for f, answer in _guarded(answered)
        if not f.probe.route.absent_is_locked and f.probe.variant is None
    ]
    return bool(guarded) and all(is_absent(finding, answer, known) for finding, answer in guarded)


def _is_one_page(answered: Answers, known: ServiceControls) -> bool:
    """Every guarded route is the page of every path: a guard in the browser, or no guard, looks the same."""
    return _is_elsewhere(answered, known) and all(
        answer.succeeded for finding, answer in _guarded(answered) if finding.probe.variant is None
    )


def is_absent(finding: Finding, answer: Answered, known: ServiceControls) -> bool:
    """Like a path that does not exist, and not by a refusal that covers everything."""
    if answer.failed or finding.verdict is Verdict.LEAK:
        return False
    if finding.reason in {Reason.BLANKET, Reason.INTERMEDIARY, Reason.GATEWAY, Reason.THROTTLED, Reason.AS_PROMISED}:
        return False
    location = answer.header("location") or ""
    if finding.reason is Reason.WRONG_LOCATION and is_sign_in_place(location, known.service.host):
        return False  # a guard before every path sends strangers to sign in, only not as described
    return finding.reason is Reason.MISSING or known.is_like_not_found(finding.probe, answer)


_ONE_PAGE = (
    "answers, but every guarded route is missing: each gets the page of every path, and no server guards a page that "
    "the browser draws; name the routes of the API behind it, or correct the URL"
)
_WHOLES: tuple[tuple[Test, Reason, str], ...] = (
    (_is_paused, Reason.PAUSED, "says that it is paused: nothing behind the switch was seen"),
    (_is_broken, Reason.BROKEN, "answers 5xx to everything, health too: read its log"),
    (_wants_https, Reason.USE_HTTPS, "sends everything to https: probe that"),
    (_spells_otherwise, Reason.WRONG_BASE, "sends every path to itself with a slash more or less: write the routes so"),
    (_lives_elsewhere, Reason.WRONG_BASE, "sends everything to another host: probe that"),
    (_is_one_page, Reason.WRONG_BASE, _ONE_PAGE),
    (_is_elsewhere, Reason.WRONG_BASE, "answers, but every guarded route is missing: a wrong path, port or host?"),
)
