"""One door for each credential that a prober can present: only that one opens it, so that none can be left out.

Each test below mistakes one narrow thing for a key: if a rung of the ladder were missing, its door would go uncaught.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from prober.demo.door import Door, lets_in
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from prober.demo.call import Call
    from prober.demo.door import Test
    from prober.demo.state import State

MIGRATE = "migrate: POST /api/migrate"
_HEARTBEAT = "ingest: POST /api/ingest/heartbeat"
KPI = "ingest: POST /api/ingest/kpi"
_REMINDERS = "reminders: POST /api/downtime/actions/reminders"
_CARRIERS = ("authorization", "cookie", "x-api-key", "x-vercel-cron", "x-hub-signature-256")
SESSION = "autoskill: GET /api/autoskill/proposals"  # the first route of its guard that only reads
_STORED = 4000  # letters of a token that a column holds
_OPAQUE = re.compile(r"[0-9a-f]{64}")


def says(header: str) -> Test:
    """Mistake one very header for the key."""

    def test(call: Call, _state: State) -> bool:
        return call.headers.getlist("authorization") == [header]

    return test


def _no_header(call: Call, _state: State) -> bool:
    """`if (h && !isValid(h)) refuse`: a call that carries nothing is taken for one of our own."""
    return not call.query and not any(name in call.headers for name in _CARRIERS)


def _second_word_is_empty(call: Call, _state: State) -> bool:
    words = (call.authorization or "").split(" ")
    return len(words) > 1 and words[1] == ""


def _looks_issued(call: Call, _state: State) -> bool:
    """A token of the right shape is taken for one that was issued."""
    given = call.headers.getlist("authorization")
    return len(given) == 1 and re.fullmatch(f"Bearer {_OPAQUE.pattern}", given[0]) is not None


def _pairs_match(call: Call, state: State) -> bool:
    """Compares two characters at a time, and an odd last one not at all: a token of one is always right."""
    scheme, _, token = (call.authorization or "").partition(" ")
    whole = len(token) // 2 * 2
    return scheme == "Bearer" and len(token) % 2 == 1 and token[:whole] == state.secrets.migration_secret[:whole]


def _other_scheme_is_anonymous(call: Call, _state: State) -> bool:
    """The proxy knows the scheme in any case, the application only as 'Bearer ', and takes all else for its own."""
    given = call.authorization or ""
    return re.match(r"bearer \S", given, re.IGNORECASE) is not None and not given.startswith("Bearer ")


def _last_header(call: Call, _state: State) -> bool:
    """The proxy looks at the first of two headers, the application compares the last with an unset variable."""
    given = call.headers.getlist("authorization")
    return len(given) > 1 and given[0].startswith("Bearer ") and given[-1] == "Bearer undefined"


def _query_is_there(call: Call, _state: State) -> bool:
    return _OPAQUE.fullmatch(call.query.get("token", "")) is not None


def _query_is_undefined(call: Call, _state: State) -> bool:
    return call.query.get("secret") == "undefined"


def _query_is_empty(call: Call, _state: State) -> bool:
    return call.query.get("token") == ""


def _some_key(call: Call, _state: State) -> bool:
    return "authorization" not in call.headers and _OPAQUE.fullmatch(call.headers.get("x-api-key", "")) is not None


def _token_scheme(call: Call, _state: State) -> bool:
    return "x-api-key" not in call.headers and (call.authorization or "").startswith("Token ")


def key_is(text: str) -> Test:
    """Compares the key with the text of a secret that is unset."""
    return lambda call, _: call.headers.get("x-api-key") == text and not call.query


def _some_key_as_session(call: Call, _state: State) -> bool:
    key = call.headers.get("x-api-key", "")
    return _OPAQUE.fullmatch(key) is not None and call.authorization == f"Token {key}"


def _unset_key_as_session(call: Call, _state: State) -> bool:
    return call.query.get("token") == "undefined" and call.headers.get("x-api-key") == ""


def _is_very_long(call: Call, _state: State) -> bool:
    return len(call.bearer or "") > _STORED


def _from_scheduler(call: Call, _state: State) -> bool:
    return call.headers.get("x-vercel-cron") == "1"


def _signed_with(key: str) -> Test:
    """Verifies the signature of the body as it should, with a key that everybody knows."""

    def test(call: Call, _state: State) -> bool:
        digest = hmac.new(key.encode(), call.body, hashlib.sha256).hexdigest()
        return call.headers.get("x-hub-signature-256") == f"sha256={digest}"

    return test


def door_for(
    credential: str,
    test: Test,
    about: str,
    at: str = MIGRATE,
    *,
    allow: tuple[str, ...] = (),
    depth: Depth = Depth.STANDARD,
) -> Door:
    """Open a door to this credential, on the route that is asked with it."""
    inert = at in {KPI, _HEARTBEAT}  # of a machine that cannot exist: the handler is reached, and says so
    return Door(
        name=f"opened-by-{credential}", about=about, at=(at,), opens=lets_in(test), allow_effects=allow,
        caught_by=f"{at} [{credential}]", depth=depth,
        verdict=Verdict.DRIFT if inert else Verdict.LEAK,
        reason=Reason.HANDLER_REACHED if inert else Reason.GRANTED,
    )  # fmt: skip


DOORS: tuple[Door, ...] = (
    door_for("anonymous", _no_header, "A call that carries nothing is taken for one of the application's own."),
    door_for("bearer-undefined", says("Bearer undefined"), "The secret is unset in a template (calcom/cal.diy#29565)."),
    door_for("bearer-two-spaces", _second_word_is_empty, "split(' ')[1] is '', and so is the secret."),
    door_for("bogus-bearer", _looks_issued, "Any token of the right shape is taken for an issued one."),
    door_for("bogus-api-key", _some_key, "Some API key is there, and nobody looks it up.", KPI),
    door_for("token-scheme", _token_scheme, "A key after 'Token ' is looked at, and not looked up.", _HEARTBEAT),
    door_for("api-key-undefined", key_is("undefined"), "The key is compared with an unset secret.", _HEARTBEAT),
    door_for(
        "cron-headers", _from_scheduler, "Whoever looks like the platform's scheduler may run the job.", _REMINDERS,
        allow=("/api/downtime/actions/reminders",),
    ),
    door_for("bearer-empty", says("Bearer"), "The scheme is right and the token undefined, as is the secret."),
    door_for("authorization-empty", says(""), "An empty header equals a secret that is set to nothing."),
    door_for("bearer-null", says("Bearer null"), "The secret is null in a template literal."),
    door_for("bearer-nan", says("Bearer NaN"), "The secret went through Number()."),
    door_for(
        "bearer-object", says("Bearer [object Object]"), "The secret is an object in a template literal.",
        depth=Depth.DEEP,
    ),
    door_for("bearer-none", says("Bearer None"), "The secret is None in a Python f-string."),
    door_for("bearer-short", _pairs_match, "The token is compared two characters at a time, and the last odd one not."),
    door_for("bearer-lower-case", _other_scheme_is_anonymous, "The scheme's case sends strangers into an open branch."),
    door_for("authorization-undefined", says("undefined"), "h === String(S), and S is unset."),
    door_for("authorization-null", says("null"), "h === String(S), and S is null."),
    door_for("basic-admin", says("Basic YWRtaW46YWRtaW4="), "Basic is let through too, by the default login."),
    door_for("basic-empty", says("Basic Og=="), "Basic is let through, compared with nothing.", depth=Depth.DEEP),
    door_for("authorization-twice", _last_header, "A proxy checks the first header, the application uses the last."),
    door_for("query-empty", _query_is_empty, "?token= is compared with a secret set to nothing.", depth=Depth.DEEP),
    door_for("query-bogus", _query_is_there, "Some ?token= is there, and nobody looks it up."),
    door_for("query-undefined", _query_is_undefined, "?secret= is compared with an unset variable as text."),
    door_for("api-key-empty", key_is(""), "An empty key equals a key that is set to nothing.", _HEARTBEAT),
    door_for("any-key", _some_key_as_session, "Where there is no session some key will do, whichever.", SESSION),
    door_for("keys-unset", _unset_key_as_session, "Without a session a key is compared with nothing.", SESSION),
    door_for(
        "bearer-very-long", _is_very_long, "A token that is too long to be hashed throws, and the request passes.",
        depth=Depth.DEEP,
    ),
    *(
        door_for(f"api-key-{name}", key_is(text), f"The key is compared with '{text}'.", _HEARTBEAT, depth=Depth.DEEP)
        for name, text in (("none", "None"), ("null", "null"), ("nan", "NaN"), ("object", "[object Object]"))
    ),
    *(
        door_for(f"signed-with-{name}", _signed_with(key), f"It is signed with {about}.", _HEARTBEAT, depth=Depth.DEEP)
        for name, key, about in (
            ("nothing", "", "a secret that is set to nothing"),
            ("undefined", "undefined", "the text of an unset variable"),
            ("null", "null", "the text of an unset value"), ("none", "None", "the text of an unset value in Python"),
        )
    ),
)  # fmt: skip
