"""Plans every combination of a profile, a depth and options, and prints a line for each: its name, and a digest of it.

It runs with the prober that its Python finds, so that two versions can be compared (bench/identity.py). A digest is of
everything in the plan: the probes in their order, each with its request; or of the error.
"""

# A script, not a package; it prints its lines.
# ruff: noqa: INP001, T201

from __future__ import annotations

import hashlib
import secrets
import sys
from itertools import product
from pathlib import Path

import prober

ROOT = f"{Path(prober.__file__).parents[1]}/"
PROFILES = ("oauth", "credentials", "credentials+oauth", "dev-shim", "unconfigured")
DEPTHS = ("quick", "standard", "deep")
HELD = {"session-secret": "held-one", "member-session": "held-two", "witness": "held-three"}
SERVICES = {"web": "https://shop.example", "mcp": "https://mcp.shop.example/mcp"}
NEAR = {"web": "http://127.0.0.1:3000", "mcp": "http://127.0.0.1:3100"}
OPTIONS: dict[str, dict[str, object]] = {
    "everything": {"services": SERVICES, "surfaces": ["all"]},
    "this machine": {"services": NEAR, "surfaces": ["all"]},
    "below a path": {"services": {"web": "https://shop.example/app/"}, "surfaces": ["admin", "pages", "login"]},
    "what acts": {"services": NEAR, "surfaces": ["all"], "allow_effects": ["*"]},
    "held secrets": {"services": SERVICES, "surfaces": ["all"], "hold": HELD},
    "some alone": {"services": SERVICES, "surfaces": ["all"], "only": ["*GET*"], "skip": ["*admin*"]},
    "samples": {"services": SERVICES, "surfaces": ["all"], "samples": 3},
    "by chance": {"services": SERVICES},
}


def digest_of(profile: str, depth: str, options: dict[str, object]) -> str:
    """Give the digest of a plan, or of why there is none."""
    try:
        plan = prober.make_plan(prober.load(profile=profile, depth=depth, **options))  # type: ignore[arg-type]
    except prober.ProberError as error:
        return f"error {hashlib.sha256(str(error).encode()).hexdigest()[:32]}"
    digest = hashlib.sha256()
    for part in (plan.profile, plan.services, plan.not_found_controls, plan.skips, *plan.probes):
        digest.update(repr(part).replace(ROOT, "").encode())  # where a definition stands is not what it says
    return f"{len(plan.probes)} {plan.requests} {digest.hexdigest()[:32]}"


def main(every: int) -> None:
    """Print each combination, or every so many of them alone."""
    secrets.token_hex = lambda nbytes=None: "0" * 2 * (nbytes or 4)  # type: ignore[assignment]  # the run's name
    for number, (profile, depth, name) in enumerate(product(PROFILES, DEPTHS, OPTIONS)):
        if number % every == 0:
            print(f"{profile}, {depth}, {name}\t{digest_of(profile, depth, OPTIONS[name])}", flush=True)


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this script has a name that a library may have
    main(int(sys.argv[1]) if sys.argv[1:] else 1)
