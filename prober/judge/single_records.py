"""One object that is data although it stands alone: somebody's account, or a thing with its id and its values. Pure.

Lists are counted by `records`. A refusal may hold objects of its own: a tenant with its colours, a challenge that is
made for each request. So a thing counts only if its route alone tells of it, and every time.
"""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING

from prober.judge.json_values import values_in
from prober.judge.personal import are_details
from prober.judge.records import ERROR_KEYS, folded
from prober.judge.secret_shapes import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import JsonValue

_MOST = 20  # things of one body
_FEWEST_FIELDS = 3  # of a thing, besides its id and what errors consist of
_IDS = frozenset({"id", "uid", "uuid", "guid", "sub", "userid", "accountid", "customerid", "memberid", "username"})
_EMAILS = ("email", "emailaddress", "mail", "useremail")
# Of an object that says why somebody was refused.
_OF_A_REASON = frozenset({"error", "errors", "message", "errorcode", "errormessage", "statuscode"})
# What a refusal tells of the decision.
WORDS_OF_A_DENIAL = frozenset({
    "policy", "policies", "policyid", "rule", "principal", "operation", "permission", "permissions", "decision",
    "decisionid", "effect", "needed", "needs", "required", "requires", "requiredrole", "requiredroles", "requiredscope",
    "requiredscopes", "requiredpermission", "requiredpermissions", "missingscopes", "scope", "scopes", "allowed",
    "denied", "subject", "audience", "issuer", "schemes", "supportedschemes", "validschemes", "challenge",
})  # fmt: skip


def holds_a_person(documents: Iterable[JsonValue]) -> bool:
    """Say whether an object is somebody's account or details, and has no word of an error."""
    return any(isinstance(value, dict) and _is_person(value) for _, value in values_in(documents))


def things_in(documents: Iterable[JsonValue]) -> Iterator[str]:
    """Give the digest of each object that has an id and values of its own, and no word of an error."""
    things = (value for _, value in values_in(documents) if isinstance(value, dict) and _is_thing(value))
    for thing in islice(things, _MOST):
        yield hashlib.sha256(json.dumps(thing, sort_keys=True).encode()).hexdigest()


def _is_person(value: dict[str, JsonValue]) -> bool:
    fields = _filled(value)
    if fields.keys() & _OF_A_REASON:
        return False
    if are_details(value):
        return True
    return bool(fields.keys() & _IDS) and any(
        isinstance(fields.get(name), str) and ADDRESS.fullmatch(str(fields[name])) for name in _EMAILS
    )


def _is_thing(value: dict[str, JsonValue]) -> bool:
    fields = _filled(value)
    if fields.keys() & _OF_A_REASON or not fields.keys() & _IDS:
        return False
    return len(fields.keys() - _IDS - ERROR_KEYS - WORDS_OF_A_DENIAL) >= _FEWEST_FIELDS


def _filled(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {folded(key): inner for key, inner in value.items() if inner not in (None, "", [], {})}
