"""Where definitions are, and the names of those that come with the tool. Reads none of them."""

from __future__ import annotations

from pathlib import Path

DEFAULT_FILE = "prober.yaml"  # of a deployment, where no other is named
SUFFIX = ".yaml"
SUFFIXES = (SUFFIX, ".yml")


def shipped_folder(kind: str) -> Path:
    """Find `probes` or `profiles`: inside an installed wheel, else at the top of the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind


def profile_names() -> tuple[str, ...]:
    """Name the shipped profiles."""
    return tuple(sorted(path.stem for path in shipped_folder("profiles").glob(f"*{SUFFIX}")))


def surface_names() -> tuple[str, ...]:
    """Name the shipped surfaces, each called as its file, without reading them."""
    return tuple(sorted(path.stem for path in shipped_folder("probes").glob(f"*{SUFFIX}")))


def is_file_name(profile: str) -> bool:
    """Whether a profile is named by its file: with a slash, or ending as YAML files do."""
    return "/" in profile or profile.endswith(SUFFIXES)
