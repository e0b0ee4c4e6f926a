"""Prepares the bench in processes of its own, so that the bench stays small: certificate FOLDER | requests FOLDER URL.

`certificate` makes ca.pem and server.pem, and a surface of exactly as many probes as are wanted, with its prober.yaml.
`requests` writes the very requests of that plan as a shell loop (loop.sh) and as one curl's configuration (one.curl).
"""

# A script, not a package.
# ruff: noqa: INP001

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import trustme
from delay import SERVER

import prober

if TYPE_CHECKING:
    from prober.model import Plan, Request

PROBES = 150
GUARDED = 40  # routes at most; the rest of the probes go to open ones
QUIET = ("--silent", "--show-error", "--path-as-is", "--globoff", "--output", "/dev/null")


def certify(folder: Path) -> None:
    """Make an authority of our own and a certificate for loopback."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1", SERVER).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")


def write_surface(folder: Path) -> None:
    """Write guarded routes, and as many open ones as make the plan have exactly so many probes."""
    (folder / "prober.yaml").write_text("profile: oauth\nprobes: [probes]\nsurfaces: [bench]\n", encoding="utf-8")
    (folder / "probes").mkdir()
    url = "https://127.0.0.1"
    for guarded in range(GUARDED, 0, -2):  # how many probes a route gets changes with the plan
        routes = [_route(number, "session", "/guarded") for number in range(guarded)]
        _write(folder, routes)
        planned = len(_plan(folder, url).probes)
        if planned <= PROBES:
            break
    _write(folder, [*routes, *(_route(number, "public", "/open") for number in range(PROBES - planned))])
    if len(_plan(folder, url).probes) != PROBES:
        sys.exit(f"the surface does not make {PROBES} probes")


def _route(number: int, guard: str, start: str) -> dict[str, object]:
    route: dict[str, object] = {"route": f"GET {start}/{number}", "guard": guard, "why": "A bench.", "fix": "None."}
    if guard == "session" and number % 2:
        posted = {"route": f"POST {start}/{number}", "effect": "none", "send": {"json": {"name": "", "tags": []}}}
        return route | posted
    return route


def _write(folder: Path, routes: list[dict[str, object]]) -> None:
    surface = {"surface": "bench", "about": "What a deployment of some size has.", "routes": routes}
    (folder / "probes" / "bench.yaml").write_text(json.dumps(surface), encoding="utf-8")  # JSON is YAML too


def _plan(folder: Path, url: str) -> Plan:
    return prober.make_plan(prober.load(folder / "prober.yaml", services={"web": url}))


def write_requests(folder: Path, url: str) -> None:
    """Write the plan's requests, the controls among them, for curl."""
    plan = _plan(folder, url)
    requests = [path.request for path in plan.not_found_controls] + [probe.request for probe in plan.probes]
    lines = [_arguments(request, folder, url) for request in requests]
    loop = "set -e\n" + "\n".join(shlex.join(["curl", *line]) for line in lines)
    (folder / "loop.sh").write_text(loop + "\n", encoding="utf-8")
    (folder / "one.curl").write_text("\nnext\n".join(_configuration(line) for line in lines), encoding="utf-8")


def _arguments(request: Request, folder: Path, url: str) -> list[str]:
    line = [*QUIET, "--cacert", str(folder / "ca.pem"), "--request", request.method]
    for name, value in request.headers:
        line += ["--header", f"{name}: {value}" if value else f"{name};"]
    if request.content is not None:
        line += ["--data-binary", request.content.decode()]
    if not request.target.startswith("/"):  # absolute-form
        return [*line, "--request-target", request.target, "--url", url + "/"]
    return [*line, "--url", url + request.target]


def _configuration(line: list[str]) -> str:
    options = iter(line)
    flags = frozenset(QUIET[:4])
    written = (f"{name[2:]}" if name in flags else f"{name[2:]} = {json.dumps(next(options))}" for name in options)
    return "\n".join(written)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["certificate", folder]:
            certify(Path(folder))
            write_surface(Path(folder))
        case ["requests", folder, url]:
            write_requests(Path(folder), url)
        case _:
            sys.exit(__doc__)
