"""The words of a run: closed lists, and the numbers that leave the process. Decides nothing."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ExitStatus(IntEnum):
    """What the process says to a script. 0 to 2 are verdicts; what may never be read as one lies outside."""

    LOCKED = 0
    LEAK = 1
    NO_VERDICT = 2
    USAGE = 64
    BUG = 70
    DEFINITION = 78
    INTERRUPTED = 130


class Verdict(StrEnum):
    """What one probe, or a whole run, came to; worst first."""

    LEAK = "leak"
    DRIFT = "drift"
    UNPROVEN = "unproven"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    LOCKED = "locked"

    @property
    def fails(self) -> bool:
        """Whether something is wrong with the deployment: a leak or a drift (exit status 1)."""
        return self in {Verdict.LEAK, Verdict.DRIFT}

    @property
    def is_bad(self) -> bool:
        """Whether it keeps a run from being locked: a failure, or that nobody knows (exit status 1 or 2)."""
        return self.fails or self in {Verdict.UNPROVEN, Verdict.UNREACHABLE}


class Weight(StrEnum):
    """How much an open route gives away, the worst first: reports and alerts are ordered by it."""

    KEYS = "keys"  # keys, tokens and secrets are handed out
    WRITES = "writes"  # something is changed, run or deleted
    PERSONAL = "personal-data"
    READS = "reads"

    @property
    def rank(self) -> int:
        """Its place among the weights; 0 is the worst."""
        return tuple(Weight).index(self)


class Reason(StrEnum):
    """Why a verdict is what it is."""

    AS_PROMISED = "as-promised"
    OPENS_NOTHING = "opens-nothing"
    # leak
    GRANTED = "granted"
    DISCLOSED = "disclosed"
    NOT_BOUND = "not-bound"
    PORT_OPEN = "port-open"
    # drift
    HANDLER_REACHED = "handler-reached"
    MISSING = "missing"
    OVER_LOCKED = "over-locked"
    BROKEN = "broken"  # also a whole service's, and then unproven
    SOFT_REFUSAL = "soft-refusal"
    WRONG_STATUS = "wrong-status"
    WRONG_LOCATION = "wrong-location"
    WRONG_CHALLENGE = "wrong-challenge"
    WRONG_BODY = "wrong-body"
    UNLIMITED = "unlimited"
    LIMIT_EVADED = "limit-evaded"
    TELLABLE = "tellable"
    WRONG_METADATA = "wrong-metadata"
    # unproven
    INTERMEDIARY = "intermediary"
    GATEWAY = "gateway"
    THROTTLED = "throttled"
    BLANKET = "blanket"
    WRONG_BASE = "wrong-base"
    USE_HTTPS = "use-https"
    PAUSED = "paused"
    NO_CONTROL = "no-control"
    CHANGED_MIDWAY = "changed-midway"
    NOT_THE_GUARD = "not-the-guard"
    FORM_REJECTED = "form-rejected"
    WRONG_RELEASE = "wrong-release"
    UNREAD = "unread"
    SIGN_IN_BROKEN = "sign-in-broken"
    KEY_REFUSED = "key-refused"
    NO_CSRF_TOKEN = "no-csrf-token"  # noqa: S105 - a reason, not a password
    CUT_SHORT = "cut-short"
    NOT_SENT = "not-sent"
    # unreachable
    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    # skipped
    EFFECT = "effect"
    NO_HELD_SECRET = "no-held-secret"  # noqa: S105 - a reason, not a password
    NOT_IN_THIS_MODE = "not-in-this-mode"
    NOT_SERVED = "not-served"
    NOT_DEPLOYED = "not-deployed"
    OPENED_ALREADY = "opened-already"
    UNKNOWN_COOKIE = "unknown-cookie"
    UNCOMPARED = "uncompared"
    NOT_LIVE = "not-live"
    STATELESS = "stateless"
    TOO_FEW = "too-few"
    NOT_ANNOUNCED = "not-announced"
    NO_BUILD_ID = "no-build-id"
    NO_SIGN_IN_COOKIE = "no-sign-in-cookie"
    WAIVED = "waived"


class Change(StrEnum):
    """How a finding differs from the same one in another report."""

    OPENED = "opened"  # it was no leak, and is one
    CLOSED = "closed"  # it was a leak, and is locked
    CHANGED = "changed"
    NEW = "new"  # there was no such probe
    GONE = "gone"  # there is no such probe any more


class WaiverState(StrEnum):
    """What became of a waiver."""

    APPLIED = "applied"
    UNNEEDED = "unneeded"  # nothing that it means is wrong
    UNMATCHED = "unmatched"  # it means no probe of the plan
    UNTRIED = "untried"  # what it means was not looked at
    EXPIRED = "expired"


class Effect(StrEnum):
    """What a request would do if the door were open (docs/effects.md)."""

    NONE = "none"
    TRACE = "trace"
    REPEATS = "repeats"
    ACTS = "acts"


class Depth(StrEnum):
    """How many requests a run may cost."""

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"


class Kind(StrEnum):
    """What sort of credential it is; a guard may answer each otherwise."""

    ANONYMOUS = "anonymous"
    BOGUS = "bogus"
    HELD = "held"


class Family(StrEnum):
    """Where a credential is carried; a guard says which families make sense for it."""

    SECRET = "secret"  # noqa: S105 - a bearer that is compared, as text, with a secret from the environment
    BEARER = "bearer"  # a bearer that is looked up or verified
    COOKIE = "cookie"
    API_KEY = "api-key"
    JOB = "job"


class Place(StrEnum):
    """Where a guard of one's own looks for its credential."""

    HEADER = "header"
    QUERY = "query"
    COOKIE = "cookie"
    BASIC = "basic"
    DIGEST = "digest"


class IdType(StrEnum):
    """What a parameter of a path takes, where its router refuses anything else."""

    UUID = "uuid"
    INT = "int"
    SLUG = "slug"
    FILE = "file"  # a name with a dot in it


class Control(StrEnum):
    """What a route proves besides itself."""

    ALIVE = "alive"
    SIGN_IN = "sign-in"
    COOKIES = "cookies"


class Observed(StrEnum):
    """What a procedure has seen; what it means is the judge's to say (judge/procedure_verdicts)."""

    DISTINGUISHABLE = "distinguishable"
    INDISTINGUISHABLE = "indistinguishable"
    SESSION_USED_BY_ANOTHER = "session-used-by-another"
    SESSION_BOUND = "session-bound"
    NO_SESSION = "no-session"
    KEY_REFUSED = "key-refused"
    METADATA_VERIFIED = "metadata-verified"
    METADATA_WRONG = "metadata-wrong"
    NO_CHALLENGE = "no-challenge"
    LIMITED = "limited"
    UNLIMITED = "unlimited"
    LIMIT_EVADED = "limit-evaded"
    PORT_OPEN = "port-open"
    PORT_CLOSED = "port-closed"
    TOO_FEW_REQUESTS = "too-few-requests"


class Cause(StrEnum):
    """Why nobody answered."""

    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
