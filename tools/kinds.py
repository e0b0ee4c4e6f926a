"""The tables of docs/depth.md and docs/effects.md: what presents each kind, from which depth, at what cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from prober.definitions.builtin import load_profile, load_surfaces
from prober.definitions.service import parse_service
from prober.demo.doors import DOORS
from prober.demo.doors_places import ELSEWHERE, IDS, REPLICA
from prober.engine.procedures.registry import PROCEDURES
from prober.model import Category, Deployment, Depth
from prober.model.session_cookies import SESSION_COOKIES
from prober.plan.body_keys import BODY_KEYS
from prober.plan.credential_names import categories, credential_names
from prober.plan.credentials import LADDER
from prober.plan.options import PlanOptions
from prober.plan.own_credentials import OWN_LADDER
from prober.plan.plan import make_plan
from prober.plan.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.demo.door import Door

_URLS = {"web": "https://brain.example.com", "mcp": "https://mcp.brain.example.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """What no name of a kind stands for, as a route of its own, with the depth from which that is asked."""

    text: str = ""
    depth: Depth | None = None  # of what the text tells; else the first of the kind's names
    places: tuple[Door, ...] = ()  # doors that the self-test opens elsewhere than in one deployment
    tests: str = ""  # of what the demo has no route for


BESIDES: Mapping[Category, Besides] = {
    Category.OWN_CARRIER: Besides(tests="tests/system/test_own_carriers.py"),
    Category.MCP: Besides(
        text="`initialize` of an older revision, `resources/list`, `tools/call` of no tool: routes of their own"
    ),
    Category.ID: Besides(
        text="a number, the id of a document database, where the UUID is refused; `file-name` from `standard`",
        depth=Depth.QUICK, places=IDS,
    ),
    Category.EVERY_ADDRESS: Besides(
        text="the quick plan of each guard, at each of at most eight", depth=Depth.QUICK, places=(ELSEWHERE,)
    ),
    Category.REPLICA: Besides(text="with `--samples N`", places=(REPLICA,)),
    Category.PORT: Besides(tests="prober/app/selftest.py"),
}  # fmt: skip
_FEW = 2  # names of a kind that begin alike and are written out


def kinds_by_name() -> dict[str, Category]:
    """Give the kind of every credential, variant and procedure, as each entry says."""
    others = {entry.name: entry.category for entry in (*VARIANTS, *PROCEDURES)}
    return categories() | others


def names_of(kind: Category) -> list[str]:
    """Name what is of this kind."""
    return [name for name, its in kinds_by_name().items() if its is kind]


def _shortened(names: list[str]) -> list[str]:
    """Write many names with a common beginning, which no other kind has, as one glob."""
    others = kinds_by_name().keys() - set(names)
    short: dict[str, None] = {}
    for name in names:
        parts = name.split("-")
        starts = ("-".join(parts[:length]) + "-" for length in range(1, len(parts)))
        own = (start for start in starts if not any(other.startswith(start) for other in others))
        alike = ([other for other in names if other.startswith(start)] for start in own)
        group = next((group for group in alike if len(group) > _FEW), [])
        common = _common(group)
        short[(f"{common}*" if common in group else f"{common}-*") if group else name] = None
    return list(short)


def _common(names: list[str]) -> str:
    """Give the words with which all of these names begin."""
    columns = takewhile(lambda words: len(set(words)) == 1, zip(*(name.split("-") for name in names), strict=False))
    return "-".join(words[0] for words in columns)


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
    own = {entry.name: entry.depth for entry in (*LADDER, *OWN_LADDER, *BODY_KEYS, *VARIANTS)}
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
    for kind in Category:
        names, besides = names_of(kind), BESIDES.get(kind, Besides())
        depth = besides.depth or min(map(_first_depth, names), key=list(Depth).index)
        caught = [door for door in DOORS.values() if set(_caught_by(door.caught_by)) & set(names)]
        by = [f"`{name}`" for name in _shortened(names)] + ([besides.text] if besides.text else [])
        doors = len(caught) + len(besides.places) or f"`{besides.tests}`"
        rows.append(f"| {kind} | `{depth}` | {_cells(names)} | {', '.join(by)} | {doors} |")
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
