"""No credential and no variant can be left out: without it, a door that only it opens is missed, and nobody else sees it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from prober.app.selftest import Case, cases_of
from prober.demo.doors import DOORS
from prober.judge.verdicts import judge
from prober.model import Verdict
from prober.plan import credential_names, credentials, plan, probes, variants
from prober.plan.credentials import LADDER
from prober.plan.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.demo.door import Door
    from prober.judge.controls import Controls
    from prober.model import Finding, Outcome, Probe, Route
    from prober.plan.credential_template import CredentialTemplate as Rung
    from prober.plan.variant_template import VariantTemplate as Dress

    Named = Rung | Dress

# No shipped route is posted without an effect, or takes a file, and the demo has an address for a name; these are in
# test_claims.py and test_other_strangers.py.
WITHOUT_A_DOOR = {
    "get-for-post", "put-for-post", "patch-for-post", "text-for-json", "form-for-json", "file-name", "host-trailing-dot",
}  # fmt: skip
NOTHING_SEEN = {Verdict.LOCKED, Verdict.SKIPPED}


class Spy:
    """The judge, which remembers its words."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}

    def __call__(self, probe: Probe, outcome: Outcome, controls: Controls) -> Finding:
        finding = judge(probe, outcome, controls)
        self.verdicts[probe.id] = finding.verdict
        return finding

    @property
    def noticed(self) -> dict[str, Verdict]:
        return {name: verdict for name, verdict in self.verdicts.items() if verdict not in NOTHING_SEEN}


def door_of(name: str) -> Door | None:
    """The door that is meant for this credential, or for this variant alone: of several the one that has its name."""
    meant = [door for door in DOORS.values() if door.caught_by.endswith((f" [{name}]", f" [anonymous] {name}"))]
    return next((door for door in meant if door.name == f"opened-by-{name}"), next(iter(meant), None))


def case_of(door: Door, spy: Spy) -> Case:
    return next(case for case in cases_of(spy) if case.name == f"{door.name} in {door.modes[0]}")


def leave_out(name: str, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take an entry out of the table, wherever the plan reads it; a profile may go on naming a credential."""
    readers = [module for path, module in sys.modules.items() if path.startswith("prober.plan.")]
    for reader in readers:
        if reader not in {credentials, credential_names} and hasattr(reader, table):
            entries = getattr(reader, table)
            monkeypatch.setattr(reader, table, tuple(entry for entry in entries if entry.name != name))
    monkeypatch.setattr(variants, "_at", variants._at.__wrapped__)  # it remembers the table as it was


@pytest.mark.parametrize("table", [pytest.param(LADDER, id="credentials"), pytest.param(VARIANTS, id="variants")])
def test_every_entry_has_a_door_of_its_own(table: tuple[Named, ...]) -> None:
    names = [entry.name for entry in table if entry.name not in WITHOUT_A_DOOR]
    assert [name for name in names if door_of(name) is None] == []
    assert len({door_of(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", [entry.name for entry in LADDER])
def test_without_a_credential_the_door_that_only_it_opens_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    door = door_of(name)
    assert door is not None
    leave_out(name, "LADDER", monkeypatch)
    spy = Spy()
    assert case_of(door, spy).missed() == f"no probe {door.caught_by}"
    assert spy.verdicts
    assert spy.noticed == {}


@pytest.mark.parametrize("name", [entry.name for entry in VARIANTS if entry.name not in WITHOUT_A_DOOR])
def test_without_a_variant_the_door_that_only_it_opens_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    door = door_of(name)
    assert door is not None
    leave_out(name, "VARIANTS", monkeypatch)
    spy = Spy()
    assert case_of(door, spy).missed() == f"no probe {door.caught_by}"
    assert spy.verdicts
    assert spy.noticed == {}


@pytest.mark.parametrize("procedure", ["comparison", "session-binding", "challenge", "burst"])
def test_without_a_procedure_the_doors_that_it_is_meant_for_are_missed(
    procedure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = [door for door in DOORS.values() if door.caught_by.endswith(f"[{procedure}]")]
    assert doors, "it has a door"
    planned = probes.ProbeBuilder._procedures_of

    def without(self: probes.ProbeBuilder, route: Route) -> Iterator[probes.Planned]:
        return (entry for entry in planned(self, route) if entry[0].procedure != procedure)

    monkeypatch.setattr(probes.ProbeBuilder, "_procedures_of", without)
    spy = Spy()
    assert case_of(doors[-1], spy).missed() == f"no probe {doors[-1].caught_by}"
    assert spy.noticed == {}


def test_without_the_probes_of_ports_an_open_one_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "port_probes", lambda *_: iter(()))
    spy = Spy()
    case = next(case for case in cases_of(spy) if case.name == "port-past-the-proxy")
    assert case.missed() == "no probe of the port"
    assert spy.noticed == {}
