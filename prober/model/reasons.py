"""The catalogue of reasons: which verdicts each comes with, what it means, what to do, and what gives it.

The glossary, the on-call table, the table of the README, the help in SARIF and `prober explain REASON` are made from
it. A reason without an entry, or an entry without a verdict, fails when this module is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from prober.model.enums import Reason, Verdict


class GivenBy(StrEnum):
    """What gives a reason."""

    ANSWER = "a rule about one answer"
    PROCEDURE = "a procedure of several requests"
    SERVICE = "what all answers of a service have in common"
    PLAN = "the plan, before anything is sent"
    SENDING = "what kept the request from being sent or answered"
    WAIVER = "a waiver"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonEntry:
    """One reason. `meaning` and `action` are sentences without a full stop."""

    reason: Reason
    verdicts: tuple[Verdict, ...]
    meaning: str
    action: str
    given_by: GivenBy


def _entry(
    reason: Reason, verdicts: Verdict | tuple[Verdict, ...], meaning: str, action: str, by: GivenBy
) -> ReasonEntry:
    every = verdicts if isinstance(verdicts, tuple) else (verdicts,)
    return ReasonEntry(reason=reason, verdicts=every, meaning=meaning, action=action, given_by=by)


_R, _V, _BY = Reason, Verdict, GivenBy
_NOT_PROVEN = (_V.SKIPPED, _V.UNPROVEN)

ENTRIES: tuple[ReasonEntry, ...] = (
    _entry(_R.AS_PROMISED, _V.LOCKED, "the expected answer, given by the application itself", "nothing to do", _BY.ANSWER),
    _entry(_R.OPENS_NOTHING, _V.LOCKED, "a variant or malformed credential was refused, not found, or redirected to the normal path", "nothing to do", _BY.ANSWER),
    _entry(_R.GRANTED, _V.LEAK, "a success, or a redirect that does not lead to a sign-in, where a refusal is expected", "fix the guard of the route: it is missing, it is not awaited, or it compares with an unset variable", _BY.ANSWER),
    _entry(_R.DISCLOSED, _V.LEAK, "the answer holds what no answer may hold: a held secret, a key, or the page that a redirect keeps clients from", "look at the body and the headers of the answer, also of a refusal, and take the data out", _BY.ANSWER),
    _entry(_R.NOT_BOUND, _V.LEAK, "an MCP session that another token, or none, can use or end", "bind each session to the token that opened it", _BY.PROCEDURE),
    _entry(_R.PORT_OPEN, _V.LEAK, "a port that must be closed takes connections from here", "close it in the firewall, or bind the process to 127.0.0.1", _BY.PROCEDURE),
    _entry(_R.HANDLER_REACHED, _V.DRIFT, "400, 405, 409, 415 or 422: an answer of the code behind the guard", "check the caller first in the handler, before the request is read", _BY.ANSWER),
    _entry(_R.MISSING, (_V.DRIFT, _V.UNPROVEN), "the same answer as an unknown path gets (unproven: only some routes of an undeclared surface answered)", "see whether this is another build, another path or another host; if this release has no such route, accept that: `prober accept`", _BY.ANSWER),
    _entry(_R.OVER_LOCKED, _V.DRIFT, "a public route was refused", "let unauthenticated clients reach it, or change the profile", _BY.ANSWER),
    _entry(_R.BROKEN, (_V.DRIFT, _V.UNPROVEN), "the application answers 5xx (unproven: to everything, health too)", "read the application's log", _BY.ANSWER),
    _entry(_R.SOFT_REFUSAL, _V.DRIFT, "a success that is the sign-in page, an error, a redirect inside the page, or the page that every path gets", "answer with a status that refuses", _BY.ANSWER),
    _entry(_R.WRONG_STATUS, _V.DRIFT, "refused, with another status than expected", "correct the status, or the profile", _BY.ANSWER),
    _entry(_R.WRONG_LOCATION, _V.DRIFT, "redirected to another place than expected", "correct the redirect, or the profile", _BY.ANSWER),
    _entry(_R.WRONG_CHALLENGE, _V.DRIFT, "without an expected header", "send the header, or correct the profile", _BY.ANSWER),
    _entry(_R.WRONG_BODY, _V.DRIFT, "without the expected words in the body", "correct the body, or the profile", _BY.ANSWER),
    _entry(_R.UNLIMITED, _V.DRIFT, "a limit did not apply", "see whether the limiter is switched on, and what it counts by", _BY.PROCEDURE),
    _entry(_R.LIMIT_EVADED, _V.DRIFT, "a limit applies, but not when X-Forwarded-For changes", "count by an address that the client cannot choose", _BY.PROCEDURE),
    _entry(_R.TELLABLE, _V.DRIFT, "two answers, or the time they take, reveal who has an account", "answer both in the same way, after the same work", _BY.PROCEDURE),
    _entry(_R.WRONG_METADATA, _V.DRIFT, "the challenge names metadata of another host or of another resource, or its authorization server's is wrong", "correct the metadata (RFC 9728, RFC 8414)", _BY.PROCEDURE),
    _entry(_R.INTERMEDIARY, _V.UNPROVEN, "a bot wall, a platform or a proxy answered; the finding names it", "let the prober through, or probe the origin behind it; if its lock is meant, add `by: NAME` to the profile's answer, or `behind: NAME` to the service in `prober.yaml`", _BY.ANSWER),
    _entry(_R.GATEWAY, _V.UNPROVEN, "502, 503 or 504 of a proxy in front", "see why it could not reach the application", _BY.ANSWER),
    _entry(_R.THROTTLED, _V.UNPROVEN, "429, until the deadline", "use --rate, or see who else uses this address", _BY.ANSWER),
    _entry(_R.BLANKET, _V.UNPROVEN, "unknown paths get the same refusal, and nothing shows that the application gives it", "declare `blanket: application` if its middleware guards every path, or `behind: gateway` at the service if a gateway in front does; else probe the origin", _BY.ANSWER),
    _entry(_R.WRONG_BASE, _V.UNPROVEN, "the service answers, and every guarded route is missing, or everything goes to another host", "correct the URL: its path, port or host", _BY.SERVICE),
    _entry(_R.USE_HTTPS, _V.UNPROVEN, "the service sends everything to https", "probe the https URL", _BY.SERVICE),
    _entry(_R.PAUSED, _V.UNPROVEN, "the service says that it is paused", "switch it on, and probe it again", _BY.SERVICE),
    _entry(_R.NO_CONTROL, _V.UNPROVEN, "no unknown path was answered, so the refusal may cover everything", "run it again; if it stays so, see why unknown paths get no answer", _BY.ANSWER),
    _entry(_R.CHANGED_MIDWAY, _V.UNPROVEN, "the controls of the service were answered otherwise later in the run: a ban, a wall, a failover or a new release began", "run it again, with --rate if the prober was banned", _BY.SERVICE),
    _entry(_R.NOT_THE_GUARD, _V.UNPROVEN, "a check refused that stands before the guard: of CSRF, Origin or Host, a limit, maintenance, a country, an age", "let the probe pass it: `csrf:` at the route, or the header that it asks for under `send:`", _BY.ANSWER),
    _entry(_R.FORM_REJECTED, _V.UNPROVEN, "a form was refused for another field than its token, or as an empty form is, so that the token was not looked up", "give the fields that the form wants under `well-formed` of the route; if a wrong token is answered so too, give its words under `body:` of the guard", _BY.ANSWER),
    _entry(_R.WRONG_RELEASE, _V.UNPROVEN, "another release answers than the one that --release names", "wait for the rollout: --wait", _BY.SERVICE),
    _entry(_R.UNREAD, _V.UNPROVEN, "a refusal whose body was cut, is binary, or is in an encoding that could not be undone", "read the whole body with curl: it may hold what no refusal may", _BY.ANSWER),
    _entry(_R.SIGN_IN_BROKEN, _V.UNPROVEN, "sign-in itself answers 5xx, and a broken guard may look locked", "read the application's log: its secret may be missing", _BY.ANSWER),
    _entry(_R.KEY_REFUSED, _V.UNPROVEN, "a held secret that must open the route does not", "see whether the secret is the right one, and still valid", _BY.ANSWER),
    _entry(_R.NO_CSRF_TOKEN, _V.UNPROVEN, "the sign-in handed out no CSRF token, without which its refusal says nothing", "see whether the sign-in works in a browser", _BY.SENDING),
    _entry(_R.CUT_SHORT, _V.UNPROVEN, "not sent, or not answered, within the deadline", "raise --deadline, or probe less", _BY.SENDING),
    _entry(_R.NOT_SENT, _V.SKIPPED, "the run was interrupted", "run it again", _BY.SENDING),
    _entry(_R.DNS, _V.UNREACHABLE, "the name does not resolve", "correct the name, or probe from where it resolves", _BY.SENDING),
    _entry(_R.REFUSED, _V.UNREACHABLE, "nothing listens there", "see whether it is up", _BY.SENDING),
    _entry(_R.TLS, _V.UNREACHABLE, "the certificate is not valid, or TLS failed", "correct the certificate, or give --cacert", _BY.SENDING),
    _entry(_R.TIMEOUT, _V.UNREACHABLE, "no answer in time", "see whether it is up, and from where you ask", _BY.SENDING),
    _entry(_R.PROTOCOL, _V.UNREACHABLE, "the answer is not HTTP, or the connection was closed", "see what listens there", _BY.SENDING),
    _entry(_R.EFFECT, _V.SKIPPED, "the request could change data, and it has no harmless form", "allow it on a deployment that may be changed: --allow-effects", _BY.PLAN),
    _entry(_R.NO_HELD_SECRET, _V.SKIPPED, "it needs a secret that was not provided", "provide it: --hold", _BY.PLAN),
    _entry(_R.NOT_IN_THIS_MODE, _V.SKIPPED, "the profile says that this mode has no such route", "nothing to do", _BY.PLAN),
    _entry(_R.NOT_SERVED, _V.SKIPPED, "every route of an undeclared surface is missing, or nothing shows that it is there and a request could change data", "declare the surface if it must be there", _BY.SERVICE),
    _entry(_R.NOT_DEPLOYED, _V.SKIPPED, "the route is missing, and the inventory says that this deployment has no such route", "nothing to do", _BY.SERVICE),
    _entry(_R.OPENED_ALREADY, _NOT_PROVEN, "an earlier probe got in, here or three times at this service, and this route can change data, so no more requests were sent (unproven: it only seemed so)", "fix the route, and run it again", _BY.SENDING),
    _entry(_R.UNKNOWN_COOKIE, _V.SKIPPED, "the deployment uses another session cookie than those that were sent", "name it under `cookies:`", _BY.ANSWER),
    _entry(_R.UNCOMPARED, _V.SKIPPED, "the unmodified request was not refused, so a variant of it proves nothing", "fix the route first", _BY.ANSWER),
    _entry(_R.NOT_LIVE, _V.SKIPPED, "the held secret is not the one that the deployment runs with", "provide the deployment's own secret", _BY.SENDING),
    _entry(_R.STATELESS, _V.SKIPPED, "the MCP server has no sessions to bind", "nothing to do", _BY.PROCEDURE),
    _entry(_R.TOO_FEW, _V.SKIPPED, "a limit leaves too few requests", "probe where the limit is higher, if it matters", _BY.PROCEDURE),
    _entry(_R.NOT_ANNOUNCED, _V.SKIPPED, "the challenge names no metadata", "nothing to do, unless clients must discover the sign-in", _BY.PROCEDURE),
    _entry(_R.NO_BUILD_ID, _V.SKIPPED, "no page named the build by which Next.js names its data", "nothing to do", _BY.SENDING),
    _entry(_R.NO_SIGN_IN_COOKIE, _V.SKIPPED, "the sign-in handed out no cookie to try", "nothing to do", _BY.SENDING),
    _entry(_R.WAIVED, _V.SKIPPED, "it was wrong, and a waiver accepts it for a while", "fix it before the waiver expires", _BY.WAIVER),
)  # fmt: skip

CATALOGUE = {entry.reason: entry for entry in ENTRIES}


def check(entries: tuple[ReasonEntry, ...]) -> None:
    """Refuse a catalogue in which a reason has no entry, two entries, or no verdict."""
    known = [entry.reason for entry in entries]
    lacking = [reason for reason in Reason if reason not in known]
    twice = sorted({reason for reason in known if known.count(reason) > 1})
    empty = [entry.reason for entry in entries if not entry.verdicts]
    if lacking or twice or empty:
        what = f"without an entry: {lacking}; with two: {twice}; without a verdict: {empty}"
        raise ValueError(f"the catalogue of reasons is wrong ({what})")


check(ENTRIES)
