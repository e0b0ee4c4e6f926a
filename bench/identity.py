"""Whether two versions of the prober report the same of the demo, but for times: OTHER_PROBER [MOST [FIRST]].

OTHER_PROBER is the `prober` of another checkout's environment. Combinations of a mode, a depth and an open door come in
an order in which the first fifteen hold every mode at every depth, and all of them every door in every mode. The demo
is this checkout's for both. Exit status 1 where two reports differ.
"""

# A script, not a package; it prints what it compared, and starts the two programs alone.
# ruff: noqa: INP001, S603, T201

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from prober.demo.doors import DOORS

PROBER = str(Path(sys.executable).with_name("prober"))
MODES = ("oauth", "credentials", "credentials+oauth", "dev-shim", "unconfigured")
DEPTHS = ("quick", "standard", "deep")
COUNT = 20  # doors, spread over all there are, the closed house among them
TIMES = frozenset({"started_at", "elapsed_ms", "version", "tls_expires_at"})


def combinations() -> list[tuple[str, str, str | None]]:
    """Give each door with each mode, and the depths in turn."""
    names = sorted(DOORS)
    doors = [None, *names[:: max(len(names) // (COUNT - 1), 1)]][:COUNT]
    made = []
    for turn in range(len(MODES)):
        for number, door in enumerate(doors):
            made.append(
                (MODES[(number + turn) % len(MODES)], DEPTHS[(number // len(MODES) + turn) % len(DEPTHS)], door)
            )
    return made


def report(prober: str, mode: str, depth: str, door: str | None) -> object:
    """Run it at a demo of its own, and give its report without what differs from run to run."""
    opened = [] if door is None else ["--open", door]
    command = [PROBER, "demo", "--mode", mode, *opened, "--", prober, "run", "--profile", mode, "--surface", "all"]
    done = subprocess.run([*command, "--depth", depth, "--format", "json"], capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return [done.returncode, done.stderr[-500:]]
    text = done.stdout.replace(found["run"], "RUN")
    text = re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:PORT", text)
    text = re.sub(r"\b[0-9a-f]{16,}\b|\beyJ[\w.=-]+", "MADE-UP", text)  # credentials, which each run makes anew
    return [done.returncode, _timeless(json.loads(text))]


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {name: _timeless(one) for name, one in value.items() if name not in TIMES}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def _differences(one: object, other: object, where: str = "") -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [line for name in names for line in _differences(one.get(name), other.get(name), f"{where}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for number, pair in pairs for line in _differences(*pair, f"{where}[{number}]")]
    return [] if one == other else [f"{where}: {str(one)[:200]} / {str(other)[:200]}"]


def main(other: str, most: int = 100, first: int = 1) -> int:
    """Compare, and say how many were equal."""
    equal = 0
    chosen = combinations()[first - 1 : most]
    for number, combination in enumerate(chosen, start=first):
        differences = _differences(report(other, *combination), report(PROBER, *combination))
        equal += not differences
        print(number, *combination, "equal" if not differences else f"{len(differences)} DIFFER", flush=True)
        for line in differences[:5]:
            print("   ", line, flush=True)
    print(f"{equal} of {len(chosen)} combinations are equal")
    return 0 if equal == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
