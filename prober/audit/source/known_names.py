"""The names by which a call is classified as a guard, an effect, a refusal or harmless. A table."""

from __future__ import annotations

import re

from prober.model import GuardName, PublicDoor, Refusal, SourceGuards

# Guards of the three systems (documents 002 and 003), and those of Auth.js and NextAuth that they stand on.
SHIPPED = SourceGuards(
    guards=(
        GuardName(name="getCurrentUserId", refusal=Refusal.THROWS),
        GuardName(name="requireAdmin", refusal=Refusal.THROWS),
        GuardName(name="requireSession", refusal=Refusal.NULL),
        GuardName(name="auth", refusal=Refusal.NULL),
        GuardName(name="getServerSession", refusal=Refusal.NULL),
        GuardName(name="getToken", refusal=Refusal.NULL, module="next-auth/jwt"),
    ),
    wrappers=("withAuth",),
    harmless=("checkVoucherRateLimit",),
    public=(
        PublicDoor(name="GET /api/healthz", why="A load balancer asks it whether the process is up."),
        PublicDoor(name="GET /api/readyz", why="A load balancer asks it whether the process is ready."),
        PublicDoor(name="POST /api/auth/forgot-password", why="Whoever forgot a password has no session."),
        PublicDoor(name="POST /api/invites/signup", why="Whoever is invited has no account yet, and shows a token."),
    ),
)  # fmt: skip
PUBLIC_PAGES = ("/signin", "/signout", "/forgot-password", "/reset-password", "/welcome", "/docs", "/login", "/signup")

# --- effects ----------------------------------------------------------------------------------------------------------
STORES = re.compile(
    r"(prisma|db|database|drizzle|knex|kysely|mongo|mongoose|redis|kv|supabase|sql|pool|pg|orm|em|tx|trx|firestore|dynamo"
    r"|\w*(Repository|Repo|Prisma|Db|DB|Redis|Pool))(Client)?",
    re.IGNORECASE,
)
SERVICES = re.compile(  # what leaves the application: each call of one is an effect
    r"(s3|stripe|resend|openai|anthropic|transporter|mailer|queue|pubsub|kafka|sqs|ses|twilio|sendgrid"
    r"|\w*(Queue|Mailer))(Client)?",
    re.IGNORECASE,
)
EFFECT_METHODS = frozenset({
    "findMany", "findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findOne", "findById", "createMany",
    "createManyAndReturn", "updateMany", "upsert", "deleteMany", "insertOne", "insertMany", "updateOne", "deleteOne",
    "findOneAndUpdate", "findOneAndDelete", "findByIdAndUpdate", "findByIdAndDelete", "$queryRaw", "$queryRawUnsafe",
    "$executeRaw", "$executeRawUnsafe", "$transaction", "queryRaw", "executeRaw", "selectFrom", "insertInto",
    "deleteFrom", "updateTable", "sendMail", "sendEmail", "enqueue", "publish",
})  # fmt: skip
EFFECT_CALLS = frozenset({"fetch", "sendMail", "sendEmail", "revalidatePath", "revalidateTag", "updateTag"})
EFFECT_MODULES = re.compile(
    r"^(node:)?(fs|fs/promises|child_process|net|dgram|sqlite)$"
    r"|(^|[/@-])(db|database|prisma|drizzle|knex|kysely|mongo|mongodb|mongoose|i?o?redis|supabase|sql|pg|postgres|mysql2?|"
    r"better-sqlite3|orm|typeorm|sequelize|repositor(y|ies)|mailer|nodemailer)([/.-]|$)"
)
# Modules whose functions build a query, and do not run it; but for those that make a store.
CONDITION_MODULES = re.compile(r"^drizzle-orm(/|$)")
STORE_MAKERS = frozenset({"drizzle", "migrate"})
MUTATING = re.compile(
    r"^(create|update|delete|upsert|insert|remove|send|enqueue|publish|\$?executeRaw|save|destroy|truncate|drop|set|del$|put"
    r"|increment|decrement|write|append|rm|unlink|mkdir|exec(File|Sync)?$|spawn|fork|push|bulk|replaceOne|findOneAnd"
    r"|findBy\w+And|findAnd|merge$|rpc$|mutate|add$|[hlrsz](add|set|push|del|incrby|pop|rem)$|m?set(ex|nx)?$|flush)"
)
# Of a database: what only reads, begins a query that is still to be named, or counts for a limit.
READING = re.compile(
    r"^(find|get|select|count|aggregate|group|\$?queryRaw|list|exist|has|fetch|read|scan|search|look|load|first|last|where"
    r"|from|order|limit|offset|all|one|single|maybe|eq|in|match|distinct|sort|skip|take|stat|access|[hmz]?m?get|smembers"
    r"|ttl|pttl|keys|\$?transaction|connect|collection|doc|prepare|raw|with|as|table|schema|model|query|incr|expire|pexpire"
    r"|z(range|card|score|remrangebyscore)|\$extends|drizzle|join|resolve)"
)
QUERYING = frozenset({"query", "execute", "raw", "run", "unsafe", "$queryRaw", "$queryRawUnsafe", "prepare"})
SELECTS = re.compile(r"\s*(select|with|show|explain|pragma)\b", re.IGNORECASE)
# Tables of what is written of each request, also of those that are refused.
RECORDS = re.compile(r"(audit|access|request|activity|security|error)?_?(logs?|trail|events?|metrics?)"
                     r"|rate_?limits?|throttles?|login_?attempts?|feature_?flags?|usage", re.IGNORECASE)  # fmt: skip

# Tables of who is signed in: whoever looks a session up may delete it, or make it last longer.
SESSIONS = re.compile(r"(user|auth|login)?_?sessions?(_?(table|model|schema))?", re.IGNORECASE)

# --- nothing of weight ------------------------------------------------------------------------------------------------
HARMLESS_MODULES = re.compile(
    r"^(next/(server|headers|navigation|og|font/.*|image|link)|(node:)?(crypto|path|url|util|buffer|assert|querystring|os)|zod(/.*)?"
    r"|valibot|yup|joi|nanoid|uuid|ulid|clsx|date-fns(/.*)?|dayjs|luxon|lodash(/.*)?|lodash-es|ms|bcrypt(js)?|argon2|jose|@node-rs/(argon2|bcrypt)|@conform-to/.*|zod-form-data"
    r"|jsonwebtoken|@?oslo(js)?(/.*)?|superjson|server-only|pino|winston|react|react-dom|@sentry/.*|@opentelemetry/.*)$"
)
HARMLESS_CALLS = frozenset({
    "headers", "cookies", "draftMode", "connection", "unstable_noStore", "noStore", "String", "Number", "Boolean",
    "BigInt", "Symbol", "parseInt", "parseFloat", "isNaN", "encodeURIComponent", "decodeURIComponent",
    "structuredClone", "btoa", "atob", "setTimeout", "clearTimeout", "queueMicrotask", "require",
})  # fmt: skip
REMEMBERING = frozenset({"cache", "unstable_cache"})  # of React and Next.js
HARMLESS_ROOTS = frozenset({
    "console", "logger", "log", "JSON", "Math", "Object", "Array", "Date", "Number", "String", "Buffer", "URL",
    "Promise", "Reflect", "Symbol", "crypto", "process", "performance", "globalThis", "Intl", "Error", "RegExp",
    "Map", "Set", "z", "Sentry",
})  # fmt: skip
HARMLESS_METHODS = frozenset({
    "parse", "safeParse", "parseAsync", "safeParseAsync", "toString", "toISOString", "toJSON", "map", "filter",
    "slice", "includes", "startsWith", "endsWith", "match", "test", "replace", "replaceAll", "split", "join", "trim",
    "toLowerCase", "toUpperCase", "has", "keys", "values", "entries", "some", "every", "find", "reduce", "flatMap",
    "concat", "json", "text", "formData", "arrayBuffer", "blob", "info", "warn", "error", "debug", "child", "getAll",
    "format", "pick", "omit", "extend", "partial", "strict", "optional", "get",
})  # fmt: skip
HARMLESS_CLASSES = frozenset({
    "URL", "URLSearchParams", "Date", "Map", "Set", "WeakMap", "WeakSet", "Headers", "FormData", "TextEncoder",
    "TextDecoder", "Error", "TypeError", "RangeError", "AbortController", "Uint8Array", "ArrayBuffer", "RegExp",
    "Promise", "ReadableStream", "TransformStream", "WritableStream", "Array", "Object", "Number", "String",
    "Boolean", "Blob", "File", "DataView", "Float32Array", "Proxy", "Request", "Event", "EventTarget",
    "ImageResponse",
})  # fmt: skip
CUTTING = frozenset(
    {"slice", "substring", "substr", "at", "charAt", "charCodeAt", "codePointAt", "split", "match", "subarray"}
)
SENDING = frozenset(
    {"json", "formData", "text", "arrayBuffer", "blob", "searchParams", "query", "body", "params", "nextUrl"}
)
LIMITERS = re.compile(r"rate.?limit|limiter|throttle", re.IGNORECASE)

# --- refusals ---------------------------------------------------------------------------------------------------------
ASSERTING = re.compile(r"^(node:)?assert(/strict)?$|^(tiny-|ts-|@epic-web/)?invariant$")  # modules
ASSERTIONS = frozenset({"default", "ok", "strict", "assert", "invariant"})  # that throw where what they get is false
STOPPING = frozenset({"redirect", "permanentRedirect", "notFound", "unauthorized", "forbidden"})  # next/navigation
REFUSING = re.compile(
    r"unauthori[sz]ed|forbidden|denied|deny|notfound|badrequest|error|fail|reject|refus|methodnotallowed", re.IGNORECASE
)
SIGN_IN = re.compile(r"sign-?in|log-?in|unauthori[sz]ed|forbidden|^/$", re.IGNORECASE)
ROLES = re.compile(r"admin|role|permission|owner|member|org|superuser|staff", re.IGNORECASE)
CREDENTIAL_LIKE = re.compile(r"(^|\.)(decode|parse)\w*$")  # what only reads a token proves nothing
GUARD_LIKE = re.compile(r"require|assert|ensure|verify|check|auth|session|guard|protect|permission|user", re.IGNORECASE)

# --- the members of a result ------------------------------------------------------------------------------------------
GOOD = frozenset({
    "ok", "success", "allowed", "authorized", "authenticated", "valid", "user", "userId", "session", "id", "sub",
})  # fmt: skip
BAD = frozenset({"error", "errors", "response", "denied", "redirect", "refused", "err"})
LENIENT = frozenset(
    {"optional", "public", "allowAnonymous", "allowPublic", "anonymous", "allowGuest", "skip", "bypass"}
)
STRICT = frozenset({"required", "requireAuth", "require", "throws", "throwOnFail", "enforce", "protected"})

SECRET = re.compile(
    r"(SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE|CREDENTIAL|SIGNING|(API|ACCESS|ENCRYPTION|MASTER|_)_?KEY|^KEY$)"
)
# Names that end like a secret's and hold none: keyboard shortcuts, storage keys, tabs, flags, limits of tokens.
_PLAIN_KEYS = (
    "STORAGE|LOCAL|SHORTCUT|HOT|CACHE|QUERY|TAB|COOKIE|HEADER|SORT|GROUP|PRIMARY|FOREIGN|UNIQUE|PUBLIC|PUBLISHABLE|ANON|SITE"
    "|I18N|TRANSLATION|EVENT|FEATURE|FLAG|STATE|CONTEXT|ROUTE|MENU|PARAM|SEARCH|THEME|ROW|COLUMN|ITEM|PARTITION|INDEX"
    "|ENTER|ESCAPE|ESC|ARROW_[A-Z]+|UP|DOWN|LEFT|RIGHT|SPACE|SHIFT|CTRL|CONTROL|META|ALT|BACKSPACE|DELETE|HOME|END"
)
NO_SECRET = re.compile(
    rf"^NEXT_PUBLIC_|(^|_)({_PLAIN_KEYS})_?KEY$|^(MAX|MIN|NUM|TOTAL)_\w*TOKENS?$"
    r"|_(LENGTH|SIZE|TTL|AGE|EXPIRY|EXPIRES(_IN|_AT)?|NAME|TYPE|KIND|HEADER|COOKIE|PREFIX|SUFFIX|URL|URI|PATH|ROUTE|PAGE"
    r"|REGEX|PATTERN|MIN|MAX|LIMIT|COUNT|ENABLED|REQUIRED|FIELD|LABEL|PLACEHOLDER|ERROR|MESSAGE|TAB|STEP|STRENGTH|HINT"
    r"|COST|BUDGET|ID|CODE_CHALLENGE)$"
)
NOT_SHIPPED = re.compile(  # tests, seeds and stories: what is in them opens no door of the deployment
    r"(^|/)(tests?|__tests__|__mocks__|mocks?|fixtures|seeds?|seeders|stories|e2e|cypress|playwright)/"
    r"|(^|/)(seed|fixtures?|mocks?|playwright\.config|vitest\.config|jest\.config|jest\.setup)[\w.-]*\.[cm]?[jt]sx?$"
)


def is_secret_name(name: str) -> bool:
    """Say whether a variable of the environment, or a constant, is secret by its name."""
    return SECRET.search(name) is not None and NO_SECRET.search(name) is None


ENVIRONMENTS = frozenset({"env", "ENV", "serverEnv", "Env"})  # objects that hold the environment once it is checked

COMPARING = re.compile(
    r"timing_?safe_?(equal|compare)|(constant|fixed)_?time|safe_?(equal|compare)|secure_?compare|^tsscmp$|scmp",
    re.IGNORECASE,
)
