"""Loads definitions: those that come with the tool by their names, others by their paths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from prober.definitions.document import load_document
from prober.definitions.profile import parse_profile
from prober.definitions.shipped import SUFFIX, SUFFIXES, is_file_name, profile_names, shipped_folder, surface_names
from prober.definitions.surface import parse_surface
from prober.errors import DefinitionError, Mistakes, UsageError, did_you_mean, listed
from prober.model import Profile

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from prober.definitions.node import Node
    from prober.model import Surface


def load_profile(name: str, *, credentials: Iterable[str]) -> Profile:
    """Load a profile by its shipped name, or from a file where the name has a slash or ends in .yaml."""
    return _load_profile(name, credentials=tuple(credentials), extended_by=())


def load_starter(*, credentials: Iterable[str]) -> Profile:
    """Load the generic guards, which a profile takes one by one."""

    def none(*nodes: Node) -> NoReturn:
        raise AssertionError(nodes)  # this file has neither 'extends' nor 'take'

    path = shipped_folder("profiles") / "starter" / f"guards{SUFFIX}"
    document = load_document(path, file=f"profiles/starter/guards{SUFFIX}")
    return parse_profile(document, base=none, starter=none, credentials=credentials)


def _load_profile(name: str, *, credentials: tuple[str, ...], extended_by: tuple[Path, ...]) -> Profile:
    shipped = shipped_folder("profiles") / f"{name}{SUFFIX}"
    if is_file_name(name):
        path, label = Path(name), name
    elif shipped.is_file():
        path, label = shipped, f"profiles/{name}{SUFFIX}"
    else:
        names = profile_names()
        fix = did_you_mean(name, names, otherwise="choose one of these, or a file such as ./my-mode.yaml")
        raise UsageError(f"no profile '{name}' ({listed(names)})", fix=fix)

    def base(node: Node) -> Profile:
        base_name = node.word(of="'extends'")
        if is_file_name(base_name):
            base_name = str(path.parent / base_name)
        if path.resolve() in extended_by:
            raise node.wrong(f"'extends: {node.word(of='')}' is circular", fix="extend another profile")
        try:
            return _load_profile(base_name, credentials=credentials, extended_by=(*extended_by, path.resolve()))
        except UsageError as error:
            raise node.wrong(error.what, fix=error.fix) from None

    def starter() -> Profile:
        return load_starter(credentials=credentials)

    return parse_profile(load_document(path, file=label), base=base, starter=starter, credentials=credentials)


class ShippedProfiles(Mapping[str, Profile]):
    """The shipped profiles by their names, each loaded when it is first asked for."""

    def __init__(self, *, credentials: Iterable[str]) -> None:
        """Load none yet; `credentials` are the names that an answer may have."""
        self._credentials = tuple(credentials)
        self._loaded: dict[str, Profile] = {}

    def __getitem__(self, name: str) -> Profile:
        """Load a profile; KeyError where none of this name is shipped."""
        if name not in self._loaded:
            if name not in profile_names():
                raise KeyError(name)
            self._loaded[name] = load_profile(name, credentials=self._credentials)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Name them, without loading any."""
        return iter(profile_names())

    def __len__(self) -> int:
        """Count them."""
        return len(profile_names())


def load_surfaces(folders: Iterable[Path] = (), *, only: Container[str] | None = None) -> tuple[Surface, ...]:
    """Load the shipped surfaces and those in the user's folders; a name that is taken is an error, and shadows none.

    Of the shipped ones those in `only` are read, where it is given, and no other takes a name; of the user's own all.
    """
    in_order = sorted(surface_names(), key=_shown)  # of the files
    shipped = [
        parse_surface(load_document(shipped_folder("probes") / f"{name}{SUFFIX}", file=_shown(name)))
        for name in in_order
        if only is None or name in only
    ]
    taken = {surface.name: _shown(surface.name) for surface in shipped}
    own = load_own_surfaces(folders)
    for surface in own:
        if surface.name in taken:
            what = f"surface '{surface.name}' is defined twice (first in {taken[surface.name]})"
            raise DefinitionError(what, fix="use different names", source=surface.source)
        taken[surface.name] = surface.source.file
    return (*shipped, *own)


def load_own_surfaces(folders: Iterable[Path]) -> tuple[Surface, ...]:
    """Load the surfaces in the user's folders."""
    return tuple(surface for folder in folders for surface in _load_folder(folder))


def _shown(surface: str) -> str:
    """What messages call the file of a shipped surface."""
    return f"probes/{surface}{SUFFIX}"


def _load_folder(folder: Path) -> list[Surface]:
    if not folder.is_dir():
        raise UsageError(f"no folder of probes at '{folder}'", fix="check the path under 'probes'")
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    if not paths:
        raise UsageError(f"no surface file in '{folder}'", fix=f"put a *{SUFFIX} file there")
    surfaces: list[Surface] = []
    mistakes = Mistakes()
    for path in paths:
        with mistakes.of_part():
            surfaces.append(parse_surface(load_document(path, file=str(path))))
    mistakes.raise_any()
    return surfaces
