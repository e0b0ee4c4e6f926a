"""Random paths beside the guarded ones: what they get is what 'no such route' looks like. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import NotFoundControl, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import Probe, Route, Service

Headers = tuple[tuple[str, str], ...]
CROWDED = 3  # guarded routes that make a folder below the first one worth a path that does not exist


def nowhere_beside(
    services: Iterable[Service], probes: Iterable[Probe], routes: Iterable[Route], *, run: str, headers: Headers
) -> Iterator[NotFoundControl]:
    """Plan random paths beside the guarded ones, of the methods that are used there."""
    sent, every = tuple(probes), tuple(routes)
    for service in services:
        beside: set[tuple[str, str]] = set()
        deeper: Counter[str] = Counter()
        for route in {probe.route for probe in sent if probe.route.service == service.name}:
            folders = _folders(route.path)
            beside.add((folders[:2][-1], "GET" if route.method in {"GET", "HEAD", "OPTIONS"} else "POST"))
            deeper.update(folders[2:])
        beside |= {(folder, "GET") for folder, number in deeper.items() if number >= CROWDED}
        known = [route.path for route in every if route.service == service.name]
        for folder, method in sorted(beside):
            if any(_would_match(path, folder) for path in known):
                continue  # what stands there is taken for a parameter: such a path does exist
            target = f"{service.base_path}{folder}lockdown-probe-{run}"
            request = Request(service=service.name, method=method, target=target, headers=headers)
            if method == "POST":
                json_type = ("Content-Type", "application/json")
                request = replace(request, headers=(*request.headers, json_type), content=b"{}")
            yield NotFoundControl(prefix=service.base_path + folder, request=request)
        dressed = {p.variant.name: p.variant for p in sent if p.variant and p.request.service == service.name}
        for variant in (variant for variant in dressed.values() if variant.own_nowhere):
            target = service.base_path + lost_path(known, run)
            request = Request(service=service.name, method="GET", target=target, headers=(*headers, *variant.headers))
            yield NotFoundControl(prefix=service.base_path + "/", request=request, variant=variant.name)


def lost_path(known: Iterable[str], run: str) -> str:
    """Give a path that no route takes, also none whose every part is a parameter."""
    path, routes = f"/lockdown-probe-{run}", tuple(known)
    while any(_would_match(route, f"{path.rpartition('/')[0]}/") for route in routes):
        path += "/nowhere"
    return path


def _would_match(path: str, folder: str) -> bool:
    """Say whether any word in this folder is an id to this route, such as /api/tokens/:id."""
    mine, theirs = path.split("?", maxsplit=1)[0].split("/"), [*folder.split("/")[:-1], ":any"]
    return len(mine) == len(theirs) and all(
        a == b or a.startswith(":") for a, b in zip(mine, theirs, strict=True)
    )  # fmt: skip


def _folders(path: str) -> list[str]:
    """Give the folders above a path, from the top: /, /api/, /api/admin/; never one below a parameter."""
    folders = ["/"]
    for part in path.split("?", maxsplit=1)[0].split("/")[1:-1]:
        if part.startswith(":"):
            break
        folders.append(f"{folders[-1]}{part}/")
    return folders
