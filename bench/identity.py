"""Whether the prober plans and reports the same as another version of it: make bench-identity BEFORE=commit.

BEFORE is a commit (HEAD, if none is given: the changes that are not committed yet) or the folder of another checkout.
Both versions plan 120 combinations of a profile, a depth and options (bench/plans.py), and run at the demo, of this
checkout for both, in combinations of a mode, a depth and an open door. The first fifteen hold every mode at every
depth, and a hundred every door in every mode. Each run writes its report in every format; what is compared is their
text but for times, the run's name, ports and made-up credentials. Exit status 1 where two texts differ.
"""

# A script, not a package; it prints what it compared, and starts git, tar and the two programs alone.
# ruff: noqa: INP001, S603, S607, T201

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from prober.demo.doors import DOORS
from prober.report.formats import FORMATS

HERE = Path(__file__).resolve().parent
MODES = ("oauth", "credentials", "credentials+oauth", "dev-shim", "unconfigured")
DEPTHS = ("quick", "standard", "deep")
COUNT = 20  # doors, spread over all there are, the closed house among them
MASKED = (  # what differs from run to run
    (re.compile(r"\beyJ[\w.=-]+"), "TOKEN"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "MADE-UP"),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"), "TIME"),
    (re.compile(r'("(?:time|wait|elapsed_ms|durationMs)"): [\d.]+'), r"\1: TIME"),
    (re.compile(r'\btime="[\d.]+"'), 'time="TIME"'),
    (re.compile(r"(_seconds(?:{[^}]*})?) [\d.e+]+"), r"\1 TIME"),
    (re.compile(r"\b\d[\d,.]* (s|ms)\b"), r"TIME \1"),
)


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


def plans(root: Path, every: int) -> dict[str, str]:
    """Give the digest of each plan of the version in this folder, by the combination's name."""
    done = _python(root, str(HERE / "plans.py"), str(every))
    lines = [line.partition("\t") for line in done.stdout.splitlines()]
    return {name: digest for name, _, digest in lines} or {"": done.stderr}


def reports(root: Path, mode: str, depth: str, door: str | None) -> dict[str, str]:
    """Run the version in this folder at a demo; give its reports by format, without what differs from run to run."""
    opened = [] if door is None else ["--open", door]
    demo = ["-m", "prober", "demo", "--mode", mode, *opened, "--"]
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in FORMATS}
        written = [f"--report={name}={path}" for name, path in files.items()]
        started = f'cd {folder} && PYTHONPATH={root} exec {sys.executable} -m prober run "$@"'
        run = ["sh", "-c", started, "run", "--profile", mode, "--surface", "all", "--depth", depth, *written]
        done = _python(HERE.parent, *demo, *run)
        texts = {name: path.read_text("utf-8") for name, path in files.items() if path.is_file()}
    found = re.search(r'"run": "([0-9a-f]+)"', texts.get("json", ""))
    texts["screen"] = f"{done.returncode}\n{done.stdout}{done.stderr}"
    return {name: _masked(text, found[1] if found else "") for name, text in texts.items()}


def _python(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "0"}
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def _masked(text: str, run: str) -> str:
    text = text.replace(run, "RUN") if run else text
    for pattern, word in MASKED:
        text = pattern.sub(word, text)
    return text


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Give the lines in which two sets of texts differ, each with its text's name."""
    found = []
    for name in sorted({*one, *other}):
        lines = (one.get(name, "(none)").splitlines(), other.get(name, "(none)").splitlines())
        changed = difflib.unified_diff(*lines, lineterm="", n=0) if lines[0] != lines[1] else ()
        found += [f"{name}: {line[:300]}" for line in changed if not line.startswith(("---", "+++", "@@"))]
    return found


def checked_out(commit: str, stack: ExitStack) -> Path:
    """Give a folder with this commit, or the folder itself where one is named."""
    if Path(commit, "prober").is_dir():
        return Path(commit).resolve()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    packed = subprocess.run(["git", "archive", commit], cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder


def compare(before: Path, after: Path, *, most: int, first: int, every: int) -> bool:
    """Compare two folders, print what was equal, and say whether all of it was."""
    one, other = plans(before, every), plans(after, every)
    different = [line for name in sorted({*one, *other}) for line in differences(
        {name: one.get(name, "(none)")}, {name: other.get(name, "(none)")})]  # fmt: skip
    print(*(f"    {line}" for line in different[:20]), sep="\n", end="\n" if different else "")
    print(f"{sum(one[name] == other.get(name) for name in one)} of {len(one)} plans are equal", flush=True)
    chosen = combinations()[first - 1 : most]
    equal = 0
    for number, combination in enumerate(chosen, start=first):
        changed = differences(reports(before, *combination), reports(after, *combination))
        equal += not changed
        print(number, *combination, f"{len(changed)} lines DIFFER" if changed else "equal", flush=True)
        for line in changed[:10]:
            print("   ", line, flush=True)
    print(f"the reports of {equal} of {len(chosen)} combinations are equal")
    return not different and equal == len(chosen)


def main() -> int:
    """Read what is compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", nargs="?", default="HEAD", help="a commit, or a folder")
    parser.add_argument("--most", type=int, default=100, help="the last combination that is run")
    parser.add_argument("--first", type=int, default=1, help="the first one")
    parser.add_argument("--every", type=int, default=1, help="plan only every so many combinations")
    given = parser.parse_args()
    with ExitStack() as stack:
        before = checked_out(given.before, stack)
        return 0 if compare(before, HERE.parent, most=given.most, first=given.first, every=given.every) else 1


if __name__ == "__main__":
    sys.exit(main())
