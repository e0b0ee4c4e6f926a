"""The definitions that come with the tool, and how a name or a path becomes a loaded one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from prober.definitions.document import load_document
from prober.definitions.profile import parse_profile
from prober.definitions.surface import parse_surface
from prober.errors import DefinitionError, UsageError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from prober.definitions.node import Node
    from prober.model import Profile, Surface

_SUFFIX = ".yaml"
_SUFFIXES = (_SUFFIX, ".yml")


def shipped_folder(kind: str) -> Path:
    """Find `probes` or `profiles`: inside an installed wheel, else at the top of the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind


def profile_names() -> tuple[str, ...]:
    """Name the shipped profiles."""
    return tuple(sorted(path.stem for path in shipped_folder("profiles").glob(f"*{_SUFFIX}")))


def surface_names() -> tuple[str, ...]:
    """Name the shipped surfaces, each called as its file, without reading them."""
    return tuple(sorted(path.stem for path in shipped_folder("probes").glob(f"*{_SUFFIX}")))


def is_file_name(profile: str) -> bool:
    """Whether a profile is named by its file: with a slash, or ending as YAML files do."""
    return "/" in profile or profile.endswith(_SUFFIXES)


def load_profile(name: str, *, credentials: Iterable[str]) -> Profile:
    """Load a profile by its shipped name, or from a file where the name has a slash or ends in .yaml."""
    return _load_profile(name, credentials=tuple(credentials), extended_by=())


def load_starter(*, credentials: Iterable[str]) -> Profile:
    """Load the generic guards, which a profile takes one by one."""

    def none(*nodes: Node) -> NoReturn:
        raise AssertionError(nodes)  # this file has neither 'extends' nor 'take'

    path = shipped_folder("profiles") / "starter" / f"guards{_SUFFIX}"
    document = load_document(path, file=f"profiles/starter/guards{_SUFFIX}")
    return parse_profile(document, base=none, starter=none, credentials=credentials)


def _load_profile(name: str, *, credentials: tuple[str, ...], extended_by: tuple[Path, ...]) -> Profile:
    shipped = shipped_folder("profiles") / f"{name}{_SUFFIX}"
    if is_file_name(name):
        path, label = Path(name), name
    elif shipped.is_file():
        path, label = shipped, f"profiles/{name}{_SUFFIX}"
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


def load_surfaces(folders: Iterable[Path] = (), *, shipped_names: Container[str] | None = None) -> tuple[Surface, ...]:
    """Load the shipped surfaces, or those of them that are named here, and those in the user's folders.

    A name that is taken is an error, and shadows none; a shipped surface that does not count takes no name.
    """
    loaded: dict[str, Surface] = {}
    shipped = [
        surface
        for surface in _load_folder(shipped_folder("probes"), shipped=True)
        if shipped_names is None or surface.name in shipped_names
    ]
    own = [surface for folder in folders for surface in _load_folder(folder, shipped=False)]
    for surface in (*shipped, *own):
        if surface.name in loaded:
            what = f"surface '{surface.name}' is defined twice (first in {loaded[surface.name].source.file})"
            raise DefinitionError(what, fix="use different names", source=surface.source)
        loaded[surface.name] = surface
    return tuple(loaded.values())


def _load_folder(folder: Path, *, shipped: bool) -> list[Surface]:
    if not folder.is_dir():
        raise UsageError(f"no folder of probes at '{folder}'", fix="check the path under 'probes'")
    paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    if not paths:
        raise UsageError(f"no surface file in '{folder}'", fix=f"put a *{_SUFFIX} file there")
    return [parse_surface(load_document(path, file=f"probes/{path.name}" if shipped else str(path))) for path in paths]
