"""`python -m tools.sbom FILE`: what an installation by requirements.lock consists of, as a CycloneDX document."""

from __future__ import annotations

import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from prober import __version__
from tools.lock_file import Pin, pins_of

NAME = "lockdown-prober"
LOCK = Path(__file__).parents[1] / "requirements.lock"


def bom_of(pins: list[Pin], made_at: datetime) -> Bom:
    """Give the bill of materials: a component for each package, with its hashes and with who wants it.

    Its serial number is made of what it lists: the same lock and time give the same bytes.
    """
    project = Component(
        type=ComponentType.APPLICATION,
        name=NAME,
        version=__version__,
        bom_ref=NAME,
        purl=PackageURL("pypi", name=NAME, version=__version__),
        licenses=[DisjunctiveLicense(id="MIT")],
    )
    components = {pin.name: _component_of(pin) for pin in pins}
    wanted: dict[str, list[Component]] = {name: [] for name in (NAME, *components)}
    for pin in pins:
        for name in pin.wanted_by:
            wanted[name].append(components[pin.name])
    listed = " ".join(f"{pin.name}=={pin.version}" for pin in pins)
    bom = Bom(components=components.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{project.purl} {listed}"))
    bom.metadata.component = project
    bom.metadata.timestamp = made_at
    for name, dependencies in wanted.items():
        bom.register_dependency(components.get(name, project), dependencies)
    return bom


def _component_of(pin: Pin) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=pin.version,
        bom_ref=f"{pin.name}=={pin.version}",
        purl=PackageURL("pypi", name=pin.name, version=pin.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in pin.hashes],
    )


def main() -> None:
    """Write the document to the file that the command line names; SOURCE_DATE_EPOCH is its time."""
    made_at = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), tz=UTC)
    bom = bom_of(pins_of(LOCK), made_at)
    Path(sys.argv[1]).write_text(JsonV1Dot6(bom).output_as_string(indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
