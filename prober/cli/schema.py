"""`prober schema`: a JSON Schema of each kind of definition, and of the report, for editors and for other programs.

The schemas are files in `prober/schemas`; those of definitions are generated from `definitions/keys`. The words that
the program has elsewhere (credentials, shipped surfaces, verdicts) are filled in here: a new one is one entry.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.cli.completers import one_of
from prober.definitions.builtin import load_profile, load_starter
from prober.definitions.packs import ALL, PACKS
from prober.definitions.shipped import profile_names, surface_names
from prober.errors import UsageError, did_you_mean
from prober.model import Change, Control, Depth, Effect, ExitStatus, Family, Kind, Reason, Verdict, WaiverState, Weight
from prober.model.intermediary_names import LOCK_KEEPERS
from prober.plan.credential_names import credential_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KINDS = {
    "surface": "a file of routes, in a folder that 'probes' in prober.yaml names",
    "profile": "what one auth mode expects",
    "deployment": "prober.yaml",
    "waivers": "accepted findings, each with an owner and an expiry date",
    "fleet": "many deployments, for `prober fleet`",
    "inventory": "which routes a deployment has, written by prober accept",
    "report": "what --report json=PATH writes",
    "fleet-report": "what --report json=PATH of `prober fleet` writes",
}
_FOLDER = Path(__file__).resolve().parent.parent / "schemas"


def _shipped_guards() -> Iterable[str]:
    names = credential_names()
    return sorted({guard for name in profile_names() for guard in load_profile(name, credentials=names).guards})


# The words of a `$defs` entry, by its name; in the files such an entry has no words.
WORDS: dict[str, Callable[[], Iterable[str]]] = {
    "change": lambda: Change,
    "control": lambda: Control,
    "weight": lambda: Weight,
    "credential": credential_names,
    "depth": lambda: Depth,
    "effect": lambda: Effect,
    "family": lambda: Family,
    "kind": lambda: Kind,
    "lock-keeper": lambda: LOCK_KEEPERS,
    "pack": lambda: PACKS,
    "reason": lambda: Reason,
    "shipped-guard": _shipped_guards,
    "shipped-profile": profile_names,
    "shipped-surface": lambda: (ALL, *surface_names()),
    "starter-guard": lambda: sorted(load_starter(credentials=credential_names()).guards),
    "verdict": lambda: Verdict,
    "waiver-state": lambda: WaiverState,
}


@click.command("schema")
@click.argument("kind", required=False, shell_complete=one_of(KINDS))
def command(kind: str | None) -> int:
    """Print the JSON Schema (2020-12) of a KIND of definition; without one, list the kinds."""
    if kind is None:
        click.echo("\n".join(f"{name:<14}{about}" for name, about in KINDS.items()))
    else:
        click.echo(json.dumps(schema_of(kind), indent=2, ensure_ascii=False))
    return ExitStatus.LOCKED


def schema_of(kind: str) -> dict[str, object]:
    """Load the schema of a kind, with the words filled in."""
    if kind not in KINDS:
        fix = did_you_mean(kind, KINDS, otherwise=f"use one of: {', '.join(KINDS)}")
        raise UsageError(f"no schema of '{kind}'", fix=fix)
    schema: dict[str, object] = json.loads((_FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    entries = schema["$defs"]
    if isinstance(entries, dict):
        for name in entries.keys() & WORDS.keys():
            entries[name] = {**entries[name], "enum": [str(word) for word in WORDS[name]()]}
            entries[name].pop("$comment")
    return schema
