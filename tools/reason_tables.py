"""The tables of reasons in the docs, made from the catalogue (prober/model/reasons.py)."""

from __future__ import annotations

from prober.model import Verdict
from prober.model.reasons import ENTRIES

_NOTHING = "nothing to do"
_EXITS = {
    Verdict.LEAK: ("an unauthenticated client got in, or received what it must not know", "1"),
    Verdict.DRIFT: ("nothing opened, but the answer is not the expected one", "1"),
    Verdict.UNPROVEN: ("something answered, but not provably the application", "2"),
    Verdict.UNREACHABLE: ("nothing answered", "2"),
    Verdict.SKIPPED: ("not sent, or set aside by a waiver; the report says why", "-"),
    Verdict.LOCKED: ("the expected answer, from the application", "0"),
}


def glossary_table() -> str:
    """Give every reason with its verdicts and its meaning."""
    rows = [f"| `{e.reason}` | {', '.join(e.verdicts)} | {e.meaning} |" for e in ENTRIES]
    return "\n".join(["| reason | verdict | means |", "|---|---|---|", *rows])


def on_call_table() -> str:
    """Give what to do about every reason that asks for something."""
    asking = (entry for entry in ENTRIES if entry.action != _NOTHING and Verdict.SKIPPED not in entry.verdicts)
    rows = [f"| `{entry.reason}` | {entry.action} |" for entry in asking]
    return "\n".join(["| reason | what to do |", "|---|---|", *rows])


def verdict_table() -> str:
    """Give every verdict with its reasons and the exit status that it leads to."""
    rows = []
    for verdict, (meaning, status) in _EXITS.items():
        reasons = ", ".join(f"`{entry.reason}`" for entry in ENTRIES if entry.verdicts[0] is verdict)
        rows.append(f"| `{verdict}` | {meaning}: {reasons} | {status} |")
    return "\n".join(["| verdict | means | exit |", "|---|---|---:|", *rows])
