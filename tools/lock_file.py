"""Reads what `uv pip compile --generate-hashes` writes: the packages, their hashes, and who wants them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]  # SHA-256 in hexadecimal, one for each file that the index has of this version
    wanted_by: tuple[str, ...]  # names of packages; the project's own among them


def pins_of(lock: Path) -> list[Pin]:
    """Give every package that a lock pins, in its order.

    Raises `ValueError` where an entry is not pinned to one version.
    """
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + lock.read_text(encoding="utf-8"))[1:]
    return [_pin_of(entry) for entry in entries]


def _pin_of(entry: str) -> Pin:
    first, _, rest = entry.partition("\n")
    requirement = Requirement(first.removesuffix("\\").strip())
    versions = [specifier.version for specifier in requirement.specifier if specifier.operator == "=="]
    if len(versions) != 1:
        raise ValueError(f"not pinned to one version: {first}")
    comment = rest.partition("# via")[2]
    wanted_by = re.findall(r"^[ #]*([A-Za-z0-9][\w.-]*)", comment, flags=re.MULTILINE)
    return Pin(
        requirement.name, versions[0], tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)), tuple(wanted_by)
    )
