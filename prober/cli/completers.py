"""What a half-typed word may become: names, routes, files. Never an error: the line is not finished yet.

Imported by every command, so what it needs is imported when TAB is pressed.
"""

from __future__ import annotations

import os
from glob import escape, glob
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from prober.errors import ProberError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import click

    from prober.model import Surface

    Items = list[CompletionItem[str]]
    Completer = Callable[[click.Context, click.Parameter, str], Items]


def one_of(words: Iterable[str]) -> Completer:
    """These words."""
    return lambda _, __, incomplete: _items(words, incomplete)


def files(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Leave it to the shell to complete a file."""
    return [CompletionItem(incomplete, type="file")]


def files_after(head: str, incomplete: str) -> Items:
    """Name the files themselves, since no shell completes one in the middle of a word, as in `json=report.json`."""
    paths = sorted(glob(escape(incomplete) + "*"))  # noqa: PTH207 - a Path would drop './', and the word with it
    return [CompletionItem(head + path + ("/" if Path(path).is_dir() else "")) for path in paths]


def profiles(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The shipped profiles, or a file."""
    from prober.definitions.shipped import profile_names  # noqa: PLC0415 - see above

    named = _items(profile_names(), incomplete)
    return named if named and "/" not in incomplete else [CompletionItem(incomplete, type="file")]


def surfaces(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The surfaces there are, those of the deployment's own folders among them."""
    from prober.definitions.shipped import surface_names  # noqa: PLC0415 - see above

    return _items((*surface_names(), *(surface.name for surface in _own_surfaces(ctx)), "all"), incomplete)


def services(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The services that the surfaces are on."""
    return _items(sorted({f"{name}=" for surface in _surfaces(ctx) for name in surface.services}), incomplete)


def routes(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The surfaces; with a letter typed also the routes by all their names; with a route typed its findings."""
    from prober.plan.globs import names_of_route  # noqa: PLC0415 - see above

    known = _surfaces(ctx)
    if not incomplete:
        return _items((surface.name for surface in known), incomplete)
    names = [names_of_route(route) for surface in known for route in surface.routes]
    if "[" not in incomplete and not any(name == incomplete.rstrip() for name, *_ in names):
        return _items(sorted(name for ones in names for name in ones), incomplete)
    from prober.app.full_plan import finding_ids  # noqa: PLC0415 - see above

    try:
        return _items(finding_ids(ctx.params.get("profile") or "oauth", known), incomplete)
    except ProberError:
        return []


def reports(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """FORMAT=PATH: a format, and then a file."""
    from prober.report.formats import FORMATS  # noqa: PLC0415 - see above

    name, equals, path = incomplete.partition("=")
    return files_after(name + equals, path) if equals else _items((f"{f}=" for f in FORMATS), name)


def held(ctx: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """NAME=SOURCE: a name that routes ask for, then where it is kept, then a variable or a file."""
    name, equals, source = incomplete.partition("=")
    if not equals:
        asked = {n for s in _surfaces(ctx) for r in s.routes for n in (*r.refuse, *r.admits, *r.session_bound)}
        return _items(sorted(f"{one}=" for one in asked), incomplete)
    return _secret_sources(source, before=f"{name}=")


def sources(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Where something secret is kept: a variable or a file."""
    return _secret_sources(incomplete, before="")


def doors_of_demo(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The doors of the demo."""
    try:
        from prober.demo.doors import DOORS  # noqa: PLC0415 - its libraries are an extra
    except ImportError:
        return []
    return [CompletionItem(door.name, help=door.about) for door in DOORS.values() if door.name.startswith(incomplete)]


def modes(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The modes of the demo."""
    from prober.demo.state import Mode  # noqa: PLC0415 - see above

    return _items(Mode, incomplete)


def cases(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The cases of the selftest."""
    try:
        from prober.app.selftest import case_names  # noqa: PLC0415 - see above
    except ImportError:
        return []
    return _items(case_names(), incomplete)


def _secret_sources(source: str, *, before: str) -> Items:
    kind, colon, where = source.partition(":")
    head = f"{before}{kind}:"
    if not colon:
        return _items((f"{before}env:", f"{before}file:"), before + source)
    if kind == "file":
        return files_after(head, where)
    return _items(sorted(head + one for one in os.environ), before + source) if kind == "env" else []


def _items(words: Iterable[str], incomplete: str) -> Items:
    return [CompletionItem(str(word)) for word in dict.fromkeys(words) if word.startswith(incomplete)]


def _surfaces(ctx: click.Context) -> tuple[Surface, ...]:
    """The shipped surfaces, and those of the deployment that is meant where they can be read."""
    from prober.definitions.builtin import load_surfaces  # noqa: PLC0415 - see above

    return (*load_surfaces(), *_own_surfaces(ctx))


def _own_surfaces(ctx: click.Context) -> tuple[Surface, ...]:
    """The surfaces of the deployment that is meant; none where there is no deployment or it cannot be read."""
    from prober.definitions.shipped import DEFAULT_FILE  # noqa: PLC0415 - see above

    named = ctx.params.get("deployment")
    if named is None and not Path(DEFAULT_FILE).is_file():
        return ()
    from prober.app.load import load_deployment  # noqa: PLC0415 - see above
    from prober.definitions.builtin import load_own_surfaces  # noqa: PLC0415 - see above

    try:
        file, folder = load_deployment(named)
        return load_own_surfaces(folder / path for path in file.probes)
    except ProberError:
        return ()
