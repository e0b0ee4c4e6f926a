"""The kinds of strangers: what presents each, from which depth, at what cost. Each name is of one kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.definitions.builtin import load_profile, load_surfaces
from prober.definitions.service import parse_service
from prober.demo.doors import DOORS
from prober.demo.doors_places import ELSEWHERE, IDS, REPLICA
from prober.engine.procedures.registry import PROCEDURES
from prober.model import Deployment, Depth
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.credentials import LADDER, credential_names
from prober.plan.options import PlanOptions
from prober.plan.plan import make_plan
from prober.plan.variants import VARIANTS

if TYPE_CHECKING:
    from prober.demo.door import Door

_URLS = {"web": "https://brain.example.com", "mcp": "https://mcp.brain.example.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind: what is presented, by globs over the names of credentials, variants and procedures.

    `besides` tells what no name stands for, as a route of its own, with the depth from which that is asked.
    """

    name: str
    by: tuple[str, ...] = ()
    besides: str = ""
    depth: Depth | None = None  # of what is told in `besides`; else the first of its names
    places: tuple[Door, ...] = ()  # doors that the self-test opens elsewhere than in one deployment
    tests: str = ""  # of what the demo has no route for


KINDS: tuple[Kind, ...] = (
    Kind(name="nothing at all", by=("anonymous",)),
    Kind(name="some credential, whichever", by=(
        "bogus", "bogus-bearer", "bogus-cookie", "bogus-api-key", "token-scheme", "any-key", "query-bogus")),
    Kind(name="a secret that is unset, as text or as nothing", by=(
        "bearer-undefined", "bearer-null", "bearer-nan", "bearer-object", "bearer-none", "bearer-empty", "keys-unset",
        "authorization-empty", "authorization-undefined", "authorization-null", "query-empty", "query-undefined",
        "api-key-*")),
    Kind(name="a header that is read carelessly", by=(
        "bearer-two-spaces", "bearer-short", "bearer-lower-case", "bearer-very-long", "basic-*",
        "authorization-twice")),
    Kind(name="a JWT that nobody verifies", by=(
        "jwt-unsigned*", "jwt-expired", "jwt-unknown-key-id*", "jwt-key-of-*", "jwt-with-*", "jwt-without-*")),
    Kind(name="keys that everybody knows", by=(
        "jwt-signed-*", "jwt-hs*", "jwt-in-other-places", "placeholder-*", "session-signed-*", "session-sealed-*")),
    Kind(name="signatures of webhooks", by=("signed-with-*",)),
    Kind(name="session cookies", by=("cookie-*", "common-cookies*")),
    Kind(name="cookies that are handed out", by=("refusal-cookie",)),
    Kind(name="schedulers", by=("cron-headers",)),
    Kind(name="places of a guard's own", by=("own-*",), tests="tests/system/test_own_carriers.py"),
    Kind(name="locks in the body", by=("well-formed", "token-*")),
    Kind(name="other clients: a browser, curl, health checks, crawlers", by=("as-*",)),
    Kind(name="who claims to be one of us", by=("identity-headers", "from-inside", "own-page")),
    Kind(name="addresses in headers", by=("forwarded-for-loopback*", "other-addresses-loopback", "underscore-*")),
    Kind(name="hosts, origins and protocols", by=(
        "host-localhost", "host-loopback", "host-trailing-dot", "foreign-host", "foreign-origin", "forwarded-host",
        "forwarded-host-localhost",
        "forwarded-proto-*", "localhost-origin", "null-origin")),
    Kind(name="another path in a header", by=("original-url-*", "forwarded-uri-*")),
    Kind(name="Next.js: its middleware and its data", by=(
        "middleware-*", "next-internals", "next-data", "next-locale", "nextjs-data", "rsc*", "segment-suffix")),
    Kind(name="from what is open", by=("open-*", "letter-encoded-twice", "static-folder-*", "next-static-*")),
    Kind(name="the path, spelled otherwise", by=(
        "trailing-slash", "*-double-slash", "dot-segment", "dot-dot-segment", "encoded-*", "upper-case", "semicolon*",
        "folder-upper-case", "trailing-dot", "backslash", "bare-question-mark", "absolute-form",
        "front-controller")),
    Kind(name="endings, languages and versions", by=(
        "json-suffix", "html-suffix", "static-suffix", "static-file-below", "static-parameter", "locale-prefix",
        "version-*")),
    Kind(name="another method or body", by=("head", "options", "method-override", "*-for-post", "*-for-json")),
    Kind(name="flags in the query, streams", by=("flags-*", "event-stream")),
    Kind(name="WebSocket", by=("websocket",)),
    Kind(name="MCP, dressed", by=("mcp-at-root", "challenge", "session-binding"),
         besides="`initialize` of an older revision, `resources/list`, `tools/call` of no tool: routes of their own"),
    Kind(name="ids of every shape", by=("file-name",),
         besides="a number, the id of a document database, where the UUID is refused; `file-name` from `standard`",
         places=IDS, depth=Depth.QUICK),
    Kind(name="every address of a name", besides="the quick plan of each guard, at each of at most eight",
         depth=Depth.QUICK, places=(ELSEWHERE,)),
    Kind(name="every replica behind an address", by=("samples",), besides="with `--samples N`", places=(REPLICA,)),
    Kind(name="accounts told apart", by=("comparison",)),
    Kind(name="limits", by=("burst",)),
    Kind(name="ports", by=("port",), tests="prober/app/selftest.py"),
)  # fmt: skip


def kind_of(name: str) -> list[Kind]:
    """Give the kinds that a credential, a variant or a procedure is of: one, or this table is wrong."""
    exact = [kind for kind in KINDS if name in kind.by]
    return exact or [kind for kind in KINDS if any(fnmatchcase(name, glob) for glob in kind.by)]


def all_names() -> tuple[str, ...]:
    """Name every credential, variant and procedure."""
    return (*credential_names(), *(entry.name for entry in VARIANTS), *(entry.name for entry in PROCEDURES))


@lru_cache(maxsize=1)
def requests_by_name() -> dict[str, Counter[Depth]]:
    """Count the requests of each name at each depth, over all shipped surfaces that a mode with GitHub sign-in has."""
    profile = load_profile("oauth", credentials=credential_names())
    tried = tuple(surface for surface in load_surfaces() if not surface.by_name_only)
    services = tuple(parse_service(name, url) for name, url in _URLS.items())
    deployment = Deployment(services=services, surfaces=tried, declared=frozenset(), cookies=SESSION_COOKIES)
    counts: dict[str, Counter[Depth]] = {}
    for depth in Depth:
        options = PlanOptions(run="0123abcd", user_agent="table", depth=depth, allow_effects=("*",))
        for probe in make_plan(deployment, profile, options, procedures=PROCEDURES).probes:
            name = probe.procedure or (probe.variant.name if probe.variant else probe.credential.name)
            counts.setdefault(name, Counter())[depth] += probe.requests
    return counts


def _first_depth(name: str) -> Depth:
    """Give the least depth that sends it, by its own entry: also where no shipped route is asked so."""
    if name in {"anonymous", "bogus"}:
        return Depth.QUICK
    own = {entry.name: entry.depth for entry in LADDER} | {entry.name: entry.depth for entry in VARIANTS}
    if name in own:
        return own[name]
    only_deep = {entry.name: entry.only_deep for entry in PROCEDURES}
    seen = [depth for depth in Depth if requests_by_name().get(name, Counter())[depth]]
    return seen[0] if seen else Depth.DEEP if only_deep.get(name, True) else Depth.QUICK


def _cells(names: list[str]) -> str:
    counts = requests_by_name()
    return " | ".join(str(sum(counts.get(name, Counter())[depth] for name in names) or "-") for depth in Depth)


def kind_table() -> str:
    """Write a row for each kind: from which depth, by how many requests, what presents it, and how many demo doors."""
    rows = [
        "| kind | from depth | quick | standard | deep | presented by | demo doors |",
        "|---|---|---:|---:|---:|---|---:|",
    ]
    for kind in KINDS:
        names = [name for name in dict.fromkeys(all_names()) if kind in kind_of(name)]
        depth = kind.depth or min(map(_first_depth, names), key=list(Depth).index)
        caught = [door for door in DOORS.values() if set(_caught_by(door.caught_by)) & set(names)]
        by = [f"`{glob}`" for glob in kind.by] + ([kind.besides] if kind.besides else [])
        doors = len(caught) + len(kind.places) or f"`{kind.tests}`"
        rows.append(f"| {kind.name} | `{depth}` | {_cells(names)} | {', '.join(by)} | {doors} |")
    return "\n".join(rows)


def _caught_by(probe: str) -> tuple[str, ...]:
    """Give what found a door, by the id of a probe: the variant, else the credential or the procedure."""
    credential, _, variant = probe.partition(" [")[2].partition("]")
    return (variant.strip(),) if variant.strip() else (credential,)


def cost_table() -> str:
    """Write a row for each credential and variant: its bug and source, its requests at each depth, why it is inert."""
    rows = [
        "| name | catches | source | quick | standard | deep | harmless, since |", "|---|---|---|---:|---:|---:|---|",
    ]  # fmt: skip
    told: set[str] = set()
    for entry in LADDER:
        group = next((prefix for prefix in _GROUPS if entry.name.startswith(prefix)), None)
        if group is not None:
            names = [other.name for other in LADDER if other.name.startswith(group)]
            if group not in told:
                catches = _GROUPS[group].format(len(names))
                rows.append(f"| `{group}*` | {catches} | tutorials, templates | {_cells(names)} | {_NEVER_VALID} |")
            told.add(group)
            continue
        why = "no handler takes its body (the inert form)" if entry.signing_key is not None else _NEVER_VALID
        rows.append(f"| `{entry.name}` | {_safe(entry.catches)} | {entry.source} | {_cells([entry.name])} | {why} |")
    for variant in VARIANTS:
        why = (
            "the session is closed again" if variant.sessions_only
            else "only where the POST has no effect" if variant.posts_only
            else "a read, as any client sends it" if variant.same_url
            else "only reads" if variant.reads_only or variant.pages_only or variant.files_only
            else "not where an effect lasts" if variant.once_a_guard
            else "no lasting effect without the inert form; never where the method creates"
        )  # fmt: skip
        rows.append(
            f"| `{variant.name}` | {_safe(variant.catches)} | {variant.source} | {_cells([variant.name])} | {why} |"
        )
    return "\n".join(rows)


_GROUPS = {
    "jwt-signed-": "a JWT signed with one of {} keys that everybody knows",
    "placeholder-bearer-": "a secret that is still one of {} placeholders",
    "placeholder-key-": "an API key that is still one of {} placeholders",
    "session-signed-in-python-": "a session of Flask, Django or Starlette signed with one of {} keys of tutorials",
    "session-signed-in-node-": "a session of cookie-session, Koa or cookie-parser signed with one of {} such keys",
}
_NEVER_VALID = "never valid; the route's own request, inert where it acts"


def _safe(text: str) -> str:
    return text.replace("|", "\\|")
