"""The bench of `prober audit source`: small applications, each handler labelled by hand. `make bench-source`.

An application is one YAML file in bench/source/: `about`, its `files` by path, and `labels` of every handler: guarded,
open or public, with the reason. Then the time: a source of 2,000 files, made of the applications again and again, and
the worst single files. Exit status 1 where a figure of the last lines does not hold.
"""

# A script, not a package; it prints its table.
# ruff: noqa: INP001, T201

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from prober.audit.source.audit import audit_source

FOLDER = Path(__file__).parent / "source"
OK_PRECISION, UNGUARDED_PRECISION, DECIDED = 1.0, 0.95, 0.85
MOST_FILES, MOST_SECONDS, MOST_SECONDS_OF_ONE = 2_000, 10.0, 2.0  # on one core
LABELS = frozenset({"guarded", "open", "public"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A handler of the bench: what a person says of it, and what the audit does."""

    application: str
    name: str
    label: str
    status: str
    reason: str

    @property
    def right(self) -> bool:
        """Whether the audit is right, or says that it can't tell."""
        return self.status == "unknown" or (self.status == "ok") == (self.label != "open")


def judged(file: Path) -> list[Judged]:
    """Audit one application, and put each handler beside its label; ValueError where a label is missing."""
    application = yaml.safe_load(file.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), application["files"])
        found = audit_source(Path(folder))
    labels = {name: said.partition(", ")[0] for name, said in application["labels"].items()}
    names = {handler.name for handler in found.handlers}
    if names != set(labels) or not set(labels.values()) <= LABELS:
        raise ValueError(f"{file.name}: labels and handlers differ: {sorted(names ^ set(labels))}")
    return [
        Judged(application=file.stem, name=one.name, label=labels[one.name], status=str(one.status), reason=one.reason)
        for one in found.handlers
    ]


def write(folder: Path, files: dict[str, str]) -> None:
    """Write an application's files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def many_files(folder: Path, count: int) -> int:
    """Write the applications beside each other until these are so many source files; give how many there are."""
    written = copies = 0
    while written < count:
        for file in sorted(FOLDER.glob("*.yaml")):
            files = yaml.safe_load(file.read_text(encoding="utf-8"))["files"]
            write(folder / f"{file.stem}-{copies}", files)
            written += sum(not name.endswith(".json") for name in files)
            if written >= count:
                break
        copies += 1
    return written


def _route(body: str) -> str:
    return (
        'import { auth } from "@/auth";\nimport { db } from "@/db";\nexport async function POST(request) {\n'
        + body
        + "}\n"
    )


WORST_FILES = {  # each some hundred thousand bytes in one handler, or one expression
    "assignments": _route("let a = 1;\n" + "a = a + request.x;\n" * 15_000),
    "branches": _route("".join(f"if (request.a{at}) {{ await db.x.create({{}}); }}\n" for at in range(6_000))),
    "nested": _route("if (request.a) {\n" * 400 + "await db.x.create({});\n" + "}\n" * 400),
    "a-table": "export const rows = [" + "{ id: 1, name: 'x' },\n" * 30_000 + "];\n" + _route("return rows;\n"),
    "an-object": "export const named = {"
    + "".join(f"a{at}: {at}, " for at in range(20_000))
    + "};\n"
    + _route("if (!named.x) return;\n"),
    "a-chain": _route("await db" + ".a()" * 3_000 + ";\n"),
    "secrets": _route("".join(f"if (process.env.S_SECRET !== request.x{at}) return;\n" for at in range(5_000))),
}


def seconds(folder: Path) -> float:
    """Give how long an audit of a folder takes on one core."""
    started = time.process_time()
    audit_source(folder)
    return time.process_time() - started


def timed() -> bool:
    """Print how long the audit takes, and say whether that is short enough."""
    with tempfile.TemporaryDirectory() as folder:
        count = many_files(Path(folder), MOST_FILES)
        whole = seconds(Path(folder))
    worst: dict[str, float] = {}
    for name, text in WORST_FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), {"app/api/a/route.js": text})
            worst[name] = seconds(Path(folder))
    slowest = max(worst, key=lambda name: worst[name])
    print(f"{count} files: {whole:.1f} s, at most {MOST_SECONDS:.0f}; ", end="")
    print(f"the worst single file ({slowest}): {worst[slowest]:.1f} s, at most {MOST_SECONDS_OF_ONE:.0f}")
    return whole <= MOST_SECONDS and worst[slowest] <= MOST_SECONDS_OF_ONE


def share(part: int, whole: int) -> float:
    """Give a share; 1 of nothing."""
    return part / whole if whole else 1.0


def figures(all_of_them: list[Judged]) -> tuple[float, float, float]:
    """Give the precision of ok, the precision of unguarded, and the share that is decided."""
    oks = [one for one in all_of_them if one.status == "ok"]
    unguarded = [one for one in all_of_them if one.status == "unguarded"]
    return (
        share(sum(one.right for one in oks), len(oks)),
        share(sum(one.right for one in unguarded), len(unguarded)),
        share(len(oks) + len(unguarded), len(all_of_them)),
    )


def main() -> int:
    """Print the table, and say whether the figures hold."""
    everything: list[Judged] = []
    print(f"{'application':<28} handlers   ok  unguarded  unknown  wrong")
    for file in sorted(FOLDER.glob("*.yaml")):
        here = judged(file)
        everything += here
        counts = [sum(one.status == status for one in here) for status in ("ok", "unguarded", "unknown")]
        wrong = sum(not one.right for one in here)
        print(f"{file.stem:<28} {len(here):>8} {counts[0]:>4} {counts[1]:>10} {counts[2]:>8} {wrong:>6}")
    for one in everything:
        if not one.right or (one.status == "unknown" and "-v" in sys.argv):
            mark = "?" if one.right else "WRONG"
            print(f"  {mark} {one.application}: {one.name} is {one.label}, not {one.status}: {one.reason}")
    ok, unguarded, decided = figures(everything)
    print(f"\n{len(everything)} handlers: ok precision {ok:.1%}", end=", ")
    print(f"unguarded precision {unguarded:.1%}, decided {decided:.1%}")
    held = ok >= OK_PRECISION and unguarded >= UNGUARDED_PRECISION and decided >= DECIDED
    return 0 if timed() and held else 1


if __name__ == "__main__":
    sys.exit(main())
