"""Not-found controls: random paths beside the guarded ones, which show what 'no such route' looks like. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model import NotFoundControl, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model import Probe, Route, Service

Headers = tuple[tuple[str, str], ...]
CROWDED = 3  # guarded routes in a deeper folder, from which on it gets a control of its own


def not_found_controls(
    services: Iterable[Service], probes: Iterable[Probe], routes: Iterable[Route], *, run: str, headers: Headers
) -> Iterator[NotFoundControl]:
    """Plan random paths beside the guarded ones, with the methods that are used there."""
    sent, every = tuple(probes), tuple(routes)
    for service in services:
        folder_methods: set[tuple[str, str]] = set()
        subfolders: Counter[str] = Counter()
        for route in {probe.route for probe in sent if probe.route.service == service.name}:
            folders = _folders(route.path)
            folder_methods.add((folders[:2][-1], "GET" if route.method in {"GET", "HEAD", "OPTIONS"} else "POST"))
            subfolders.update(folders[2:])
        folder_methods |= {(folder, "GET") for folder, number in subfolders.items() if number >= CROWDED}
        known_paths = [route.path for route in every if route.service == service.name]
        for folder, method in sorted(folder_methods):
            unknown = f"{folder}lockdown-probe-{run}"
            if any(would_match(path, folder) for path in known_paths):
                if folder != "/":
                    continue  # the last part is a parameter of a route: such a path does exist
                unknown = nonexistent_path(known_paths, run)  # without one at the root nothing can be told apart
            target = service.base_path + unknown
            request = Request(service=service.name, method=method, target=target, headers=headers)
            if method == "POST":
                json_type = ("Content-Type", "application/json")
                request = replace(request, headers=(*request.headers, json_type), content=b"{}")
            yield NotFoundControl(prefix=service.base_path + folder, request=request)
        sent_variants = {p.variant.name: p.variant for p in sent if p.variant and p.request.service == service.name}
        for variant in (variant for variant in sent_variants.values() if variant.own_control):
            target = service.base_path + nonexistent_path(known_paths, run)
            common = () if variant.as_client else headers
            request = Request(service=service.name, method="GET", target=target, headers=(*common, *variant.headers))
            yield NotFoundControl(prefix=service.base_path + "/", request=request, variant=variant.name)


def nonexistent_path(known_paths: Iterable[str], run: str) -> str:
    """Give a path that no route matches, not even one with only parameters."""
    path, routes = f"/lockdown-probe-{run}", tuple(known_paths)
    while any(would_match(route, f"{path.rpartition('/')[0]}/") for route in routes):
        path += "/nowhere"
    return path


def would_match(path: str, folder: str) -> bool:
    """Say whether a route takes any last part in this folder as a parameter, such as /api/tokens/:id."""
    route_parts, folder_parts = path.split("?", maxsplit=1)[0].split("/"), [*folder.split("/")[:-1], ":any"]
    return len(route_parts) == len(folder_parts) and all(
        a == b or a.startswith(":") for a, b in zip(route_parts, folder_parts, strict=True)
    )  # fmt: skip


def _folders(path: str) -> list[str]:
    """Give the folders above a path, from the top: /, /api/, /api/admin/; never one below a parameter."""
    folders = ["/"]
    for part in path.split("?", maxsplit=1)[0].split("/")[1:-1]:
        if part.startswith(":"):
            break
        folders.append(f"{folders[-1]}{part}/")
    return folders
