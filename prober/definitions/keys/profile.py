"""The keys of a profile: how each guard answers in one auth mode."""

from __future__ import annotations

from prober.definitions.keys.answer import ANSWER, NEVER, SKIP_TABLE
from prober.definitions.keys.presents import PRESENTS
from prober.definitions.keys.shapes import FLAG, PROFILE_OR_FILE, TEXT, mapping_of, one_or_more, words
from prober.definitions.keys.table import Key, Shape, Table

_KIND = words("kind", shown="kind", about="What sort of credential it is.")
_CREDENTIAL = words("credential", shown="name", about="A credential that probes send, by its name.")
_STARTER = words("starter-guard", shown="generic guard", about="A guard of profiles/starter/guards.yaml.")
_PROMISE = Shape(
    name="promise",
    shown="answer",
    about=(
        "A status such as 401, a class such as 4xx, or a mapping; a list of these, of which any will do; or `skip` "
        "with the reason."
    ),
    schema={"anyOf": [ANSWER, SKIP_TABLE, {"type": "array", "minItems": 1, "items": ANSWER}]},
)
_PROMISES = Shape(
    name="promises",
    shown="answers by credential",
    about="An answer for a credential by its name, or for a kind of them: `anonymous`, `bogus` or `held`.",
    schema={
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"anyOf": [_KIND, _CREDENTIAL]},
        "additionalProperties": _PROMISE,
    },
)
_GUARD = Shape(
    name="guard",
    shown="answer",
    about="One answer for every credential; or one for each credential, or kind of them, that is answered differently.",
    schema={"anyOf": [_PROMISE, _PROMISES]},
)

PROFILE = Table(
    name="profile-file",
    of="a profile",
    title="A profile",
    about=(
        "What one auth mode expects: how each guard answers each credential. Given to --profile, or to `profile` in "
        "prober.yaml, by its file."
    ),
    where="a file of its own",
    keys=(
        Key(name="profile", shape=TEXT, required=True, about="The mode's name."),
        Key(name="about", shape=TEXT, required=True, about="What the mode is, in a sentence."),
        Key(
            name="extends",
            shape=PROFILE_OR_FILE,
            about=(
                "The profile that this one changes: a shipped one, or a file beside this one (with a slash, or ending "
                "in .yaml)."
            ),
            examples=("oauth", "./base.yaml"),
        ),
        Key(
            name="take",
            shape=one_or_more(_STARTER, shown="generic guard, or a list of them", unique=True),
            about=(
                "Generic guards with their answers and what they are presented with, by name; `guards` and `presents` "
                "may change them."
            ),
            examples=("[bearer-api, page-login]",),
        ),
        Key(
            name="loopback-only",
            shape=FLAG,
            about="Such a deployment may run on this machine only: anywhere else it is a leak by itself.",
            default="false",
        ),
        Key(
            name="presents",
            shape=mapping_of(
                PRESENTS,
                shown="mapping of guard to kinds of credential, or to [carriers](#a-carrier)",
            ),
            about="The kinds of credential that make sense for each guard, its own kind first.",
            default="secret, bearer and cookie",
            examples=("{partner-key: [api-key, secret]}", "{cron-secret: {header: X-Cron-Secret}}"),
        ),
        Key(
            name="guards",
            shape=mapping_of(_GUARD, shown="mapping of guard to [answer](#an-answer), or to answers by credential"),
            about="How each guard answers; required without `extends` or `take`.",
            examples=("{session: [401, 403], partner-key: {anonymous: 401, bogus: 403}}",),
        ),
        Key(name="never", shape=NEVER, about="What no answer of any route may contain."),
    ),
    rules={"anyOf": [{"required": ["guards"]}, {"required": ["extends"]}, {"required": ["take"]}]},
)
