"""What a fleet's results depend on, as one number: its deployments, every definition that they use, and our version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from prober import __version__
from prober.definitions.inventory import FILE as INVENTORY
from prober.definitions.shipped import is_file_name, shipped_folder
from prober.fleet.inventory import Member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.definition_cache import DefinitionCache
    from prober.fleet.inventory import Inventory


def digest_of(inventory: Inventory, files: Iterable[str]) -> str:
    """Give the digest of the whole fleet and these files of its definitions, and of no secret's value."""
    names = [field.name for field in fields(Member) if field.name != "source"]
    members = [{name: getattr(member, name) for name in names} for member in inventory.members]
    listed = json.dumps([inventory.fleet, members], sort_keys=True, default=str)
    definitions = digest_of_definitions(files)
    return hashlib.sha256(f"{definitions} {listed}".encode()).hexdigest()


def digest_of_definitions(files: Iterable[str]) -> str:
    """Give the digest of these files, the shipped definitions and our version; a file that is missing counts too."""
    digest = hashlib.sha256(__version__.encode())
    shipped = [path for kind in ("probes", "profiles") for path in sorted(shipped_folder(kind).rglob("*.yaml"))]
    own = [(name, Path(name)) for name in sorted(files)]
    for label, path in (*((path.name, path) for path in shipped), *own):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{label} {path.is_file()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def definition_files(inventory: Inventory, library: DefinitionCache) -> tuple[str, ...]:
    """Name every file of the user's own definitions: prober.yaml files, and what they name."""
    files: dict[str, None] = {}
    for deployment in dict.fromkeys(member.deployment for member in inventory.members):
        if deployment is not None:
            file, folder = library.deployment(Path(deployment)), Path(deployment).parent
            files[deployment] = None
            named = [folder / name for name in (file.waivers, INVENTORY) if name is not None]
            named += [folder / file.profile] if file.profile is not None and is_file_name(file.profile) else []
            named += [one for name in file.probes for one in _yaml_in(folder / name)]
            files |= {str(path): None for path in named}
    for profile in dict.fromkeys(member.profile for member in inventory.members):
        files |= {profile: None} if profile is not None and is_file_name(profile) else {}
    # A profile may extend another one, which lies beside it as often as not.
    beside = {str(one): None for name in files for one in _yaml_in(Path(name).parent) if _is_profile(one)}
    return tuple(sorted({str(Path(name).resolve()) for name in files | beside}))


def _yaml_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in {".yaml", ".yml"}) if folder.is_dir() else []


def _is_profile(path: Path) -> bool:
    with path.open("rb") as stream:
        return any(line.startswith(b"profile:") for line in stream) and not path.name.startswith("prober.")
