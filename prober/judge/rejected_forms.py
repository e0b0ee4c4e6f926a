"""A form that was rejected for another field than its token proves nothing: the token was never looked up. Pure.

The lock of a reset, an invitation or a voucher is in the body. A 400 or 422 is its refusal only if it is about the
token; one about the form's other fields is what an open handler answers too. So is the very answer that the form
without its fields got, where no word in it is about a token.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.judge.content import content_of
from prober.judge.fingerprint import fingerprint
from prober.judge.json_values import values_in
from prober.model import Answered, Kind, Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Finding, JsonValue, Outcome, Route

_VALIDATION = frozenset({400, 422})
_WELL_FORMED = "well-formed"  # the credential of which only the token is made up
_FIX = "give what the form wants under 'well-formed' of the route"
_MOST_LETTERS = 20_000  # of an answer: a rejection is short
_SHOWN = 4

_TOKEN_FIELD = re.compile(r'"([^"\\]{1,60})"\s*:\s*"\{made-up-|(?:^|&)([^=&]{1,60})=%7Bmade-up-', re.IGNORECASE)
_FIELD = re.compile(r'"([^"\\]{1,60})"\s*:|(?:^|&)([^=&]{1,60})=')
# Names and sentences are split into words first: invalid_token, inviteCode and reset-link hold one of these.
_OF_A_TOKEN = re.compile(
    r"\b(?:tokens?|codes?|links?|invit\w*|vouchers?|coupons?|keys?|secrets?|otp|pin|nonce|tickets?|hash|signatures?"
    r"|resets?|expired?|unknown|not found|no such|already|used|revoked)\b"
)
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\-.]+")
# What validators of Python, JavaScript, Java, .NET, PHP and Ruby call the place of a mistake.
_PLACES = frozenset({"loc", "path", "field", "param", "instancepath", "pointer", "property", "propertyname",
                     "missingproperty", "propertypath", "attribute", "keys"})  # fmt: skip
_BY_FIELD = frozenset({"errors", "fielderrors", "properties", "violations", "validation", "validationerrors",
                       "invalidfields", "fields"})  # fmt: skip
_NO_FIELD = frozenset({
    "message", "messages", "code", "msg", "status", "detail", "details", "error", "errors", "type", "title", "body",
    "json", "formerrors", "nonfielderrors", "root", "items", "query", "params", "field", "fields", "request", "input",
    "value", "values", "data", "form", "this", "it", "that", "which", "is", "are", "or", "and", "authentication",
    "authorization", "login", "session", "parameter", "parameters", "property",
    "missing", "required", "one", "some", "all", "a", "an", "the",
})  # fmt: skip
_PLACE = re.compile(r"^[\w$.\[\]-]{1,80}$")
_POINTER = re.compile(r"^#?/[\w/-]{1,80}$")
_POINTERS = frozenset({"instancepath", "pointer"})
_IS_WANTED = re.compile(
    r"\b(?:missing|requires?|required)(?: (?:required|the|field|fields|property|parameter|parameters)){0,3}:? "
    r"['\"`]?(\w{2,40})"
    r"|\b(\w{2,40})['\"`]? (?:field )?(?:is|are|was) (?:required|missing|mandatory)"
    r"|\b(\w{2,40})['\"`]? (?:required|missing|can(?:'t|not) be (?:blank|empty|null))"
    r"|\b(?:unrecognized|unknown|unexpected|additional|extra) (?:field|property|key|parameter|argument)(?:\(?s\)?)?"
    r"(?: in object)?:? ['\"`]?(\w{2,40})"
    r"|\bproperty ['\"`]?(\w{2,40})['\"`]? should",
    re.IGNORECASE,
)
# What is said of a field that the form has, in a sentence that names no token.
_WRONG = re.compile(r"\b(?:weak|short|long|must|invalid|valid|match|least|allowed|wrong|bad|accept\w*|format)\b")


def doubt_rejected_forms(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Make unproven each well-formed body whose refusal is of its other fields, or is that of an empty form."""
    plain = {
        finding.probe.route.name: finding.outcome
        for finding in findings
        if finding.probe.variant is None and finding.probe.credential.kind is Kind.ANONYMOUS
    }
    return tuple(_doubted(finding, plain.get(finding.probe.route.name)) for finding in findings)


def _doubted(finding: Finding, plain: Outcome | None) -> Finding:
    probe, answered = finding.probe, finding.outcome
    if finding.reason is not Reason.AS_PROMISED or not probe.is_beyond_inert or not isinstance(answered, Answered):
        return finding
    described = any(answer.is_described for answer in probe.promise.answers if answer.allows(answered.status))
    if answered.status not in _VALIDATION or described:
        return finding
    fields = rejected_fields(answered, probe.route)
    if fields:
        detail = (
            f"got {answered.status} about {', '.join(fields[:_SHOWN])}, so that the token was not looked up: {_FIX}"
        )
    elif fields is None or probe.credential.name != _WELL_FORMED or not _is_same(finding, answered, plain):
        return finding
    else:
        detail = f"got {answered.status}, the very answer to the form without its fields: {_FIX}"
    return replace(
        finding, verdict=Verdict.UNPROVEN, reason=Reason.FORM_REJECTED, detail=detail, rule="form-rejected"
    )  # fmt: skip


def rejected_fields(answered: Answered, route: Route) -> list[str] | None:
    """Name the fields that a rejection is about; none where it names no field, None where it is about the token."""
    content = content_of(answered)
    form = (route.well_formed.content or b"").decode("utf-8", "replace") if route.well_formed else ""
    tokens = {_plain(name) for found in _TOKEN_FIELD.findall(form) for name in found if name}
    sent = {_plain(name): name for found in _FIELD.findall(form) for name in found if name}
    text = content.visible_text[:_MOST_LETTERS]
    said = {name: _plain(name) for name in (*_places(content.documents), *_named_in(content.documents, text, sent))}
    named = [name for name, folded in said.items() if folded and folded.replace(" ", "") not in _NO_FIELD]
    if any(_plain(name) in tokens or _OF_A_TOKEN.search(_plain(name)) for name in named):
        return None
    if not named and _OF_A_TOKEN.search(_plain(" ".join(_texts(content.documents)) if content.documents else text)):
        return None
    return sorted(set(named))


def _plain(name: str) -> str:
    """Split a name or a sentence into words of small letters."""
    return " ".join(_WORDS.sub(" ", name).lower().split())


def _is_same(finding: Finding, answered: Answered, plain: Outcome | None) -> bool:
    target = finding.probe.request.target
    return isinstance(plain, Answered) and fingerprint(plain, target).is_like(fingerprint(answered, target))


def _places(documents: tuple[JsonValue, ...]) -> Iterator[str]:
    """Name the fields that a validator's report names in its own form."""
    for key, value in values_in(documents):
        folded = key.lower().replace("_", "")
        if folded in _PLACES and isinstance(value, list) and value and isinstance(value[-1], str):
            yield value[-1]
        elif isinstance(value, str) and (
            (folded in _PLACES and _PLACE.match(value)) or (folded in _POINTERS and _POINTER.match(value))
        ):
            yield re.split(r"[./\[\]]+", value.strip("#$./[]"))[-1]
        elif folded in _BY_FIELD and isinstance(value, dict):
            yield from (name for name, mistake in value.items() if isinstance(mistake, (list, str)) and mistake)
    for document in documents:  # {"email": ["This field is required."]}
        if isinstance(document, dict) and all(isinstance(value, list) for value in document.values()):
            yield from (name for name, value in document.items() if value and isinstance(value[0], str))


def _named_in(documents: tuple[JsonValue, ...], text: str, sent: dict[str, str]) -> Iterator[str]:
    """Name the fields that sentences say to be missing, or wrong where the form has them."""
    for sentence in _texts(documents) if documents else (text,):
        words = _plain(sentence)
        said = sentence if " " in sentence.strip() else words  # a sentence, or a code such as email_required
        yield from (name for found in _IS_WANTED.findall(said) for name in found if name)
        if _WRONG.search(words) and not _OF_A_TOKEN.search(words):
            yield from (name for folded, name in sent.items() if re.search(rf"\b{re.escape(folded)}s?\b", words))


def _texts(documents: tuple[JsonValue, ...]) -> list[str]:
    """Give the words of the documents; the path that was asked for and addresses of explanations are none."""
    return [
        value for _, value in values_in(documents) if isinstance(value, str) and not value.startswith(("/", "http"))
    ]
