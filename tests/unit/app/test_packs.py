"""A shipped surface counts where it is named, by itself or by a pack: never in the stead of a user's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prober.app.full_plan import check_definitions
from prober.app.load import load
from prober.app.options import ProbeOptions
from prober.cli.main import exit_with, prober
from prober.cli.verify_lockdown import SURFACES
from prober.definitions.builtin import load_surfaces
from prober.definitions.packs import PACKS
from prober.definitions.shipped import surface_names
from prober.errors import DefinitionError, UsageError

PROFILE = "profile: staff\nabout: Staff only.\nguards: {public: 200, staff: 401}\n"
SURFACE = "surface: {name}\nabout: Parcels.\nroutes:\n  - {{route: GET /api/parcels, guard: staff, why: w, fix: f}}\n"
DEPLOYMENT = "profile: ./staff.yaml\nservices: {web: 'http://127.0.0.1:9'}\nprobes: [./own]\n"
# A route of the application's own, at a path that a shipped surface has too.
DESCRIPTION = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/api/admin/users": {"get": {}}}}


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def write(*more: str, name: str = "parcels") -> None:
    """A repository with one surface of its own, and with a profile that knows no shipped guard."""
    Path("own").mkdir()
    Path("own/mine.yaml").write_text(SURFACE.format(name=name))
    Path("staff.yaml").write_text(PROFILE)
    Path("prober.yaml").write_text(DEPLOYMENT + "".join(f"{line}\n" for line in more))


def names(**options: object) -> set[str]:
    return {surface.name for surface in load(ProbeOptions(**options)).surfaces.surfaces}  # type: ignore[arg-type]


def test_beside_a_surface_of_ones_own_no_shipped_one_is_tried() -> None:
    write()
    assert names() == {"parcels"}
    assert check_definitions(ProbeOptions()).probes != ()


def test_without_one_all_shipped_surfaces_are_tried() -> None:
    assert {"knowledge", "members", "migrate"} <= names(profile="oauth", base_url="http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        pytest.param(["surfaces: [parcels, me]"], {"me"}, id="by-its-name"),
        pytest.param(["packs: making-tax-digital"], {"migrate", "auth"}, id="by-a-pack"),
        pytest.param(["packs: [mis-control-tower]", "surfaces: parcels"], set(PACKS["mis-control-tower"].surfaces), id="pack-beside-a-name"),
    ],
)  # fmt: skip
def test_shipped_surface_counts_where_it_is_named(lines: list[str], more: set[str]) -> None:
    write(*lines)
    assert names() == {"parcels"} | more


def test_what_a_pack_names_need_not_be_there_and_what_is_named_must() -> None:
    write("packs: making-tax-digital", "surfaces: [parcels, auth]")
    assert load(ProbeOptions()).surfaces.declared == {"parcels", "auth"}


def test_own_surface_may_have_the_name_of_a_shipped_one_that_does_not_count() -> None:
    write(name="admin")
    assert [str(one.source.file) for one in load(ProbeOptions()).surfaces.surfaces] == ["own/mine.yaml"]
    with pytest.raises(DefinitionError, match="'admin' is defined twice"):
        load(ProbeOptions(surface=("admin", "me")))


def test_service_that_only_shipped_surfaces_are_on_is_not_left_out_in_silence() -> None:
    write()
    with pytest.raises(UsageError, match=r"no surface is on service 'mcp' \(there are surfaces on web\)"):
        load(ProbeOptions(mcp_url="http://127.0.0.1:9"))


def test_pack_that_is_none_names_those_there_are() -> None:
    write("packs: [brain-platfrom]")
    with pytest.raises(DefinitionError) as caught:
        load(ProbeOptions())
    assert str(caught.value) == "prober.yaml:4: 'brain-platfrom' is not a pack\n  fix: did you mean 'brain-platform'?"


def test_every_pack_is_of_shipped_surfaces_and_all_are_in_one_but_those_by_name_only() -> None:
    packed = {surface for pack in PACKS.values() for surface in pack.surfaces}
    assert set(surface_names()) - packed == {one.name for one in load_surfaces() if one.by_name_only}
    assert packed <= set(surface_names())
    assert PACKS["brain-platform"].surfaces == SURFACES


def test_shipped_modes_are_no_modes_of_an_application_with_a_profile_and_surfaces_of_its_own() -> None:
    write()
    assert load(ProbeOptions()).profiles == {}


@pytest.mark.parametrize(
    ("lines", "profile"),
    [
        pytest.param(["surfaces: [parcels, me]"], None, id="shipped-surface"),
        pytest.param([], "oauth", id="shipped-profile"),
    ],
)
def test_shipped_modes_count_where_something_shipped_does(lines: list[str], profile: str | None) -> None:
    write(*lines)
    assert "dev-shim" in load(ProbeOptions(profile=profile)).profiles


@pytest.mark.parametrize(
    ("words", "counted"),
    [
        pytest.param([], "0 have a probe, 1 have none", id="nothing-named"),
        pytest.param(["--surface", "admin"], "1 have a probe, 0 have none", id="named"),
        pytest.param(["--surface", "all"], "1 have a probe, 0 have none", id="all"),
    ],
)
@pytest.mark.parametrize("own", [True, False], ids=["own-surfaces", "bare-folder"])
def test_route_of_ones_own_is_not_covered_by_a_shipped_one_of_the_same_path(
    own: bool, words: list[str], counted: str, capsys: pytest.CaptureFixture[str]  # noqa: FBT001
) -> None:  # fmt: skip
    if own:
        write()
    Path("api.json").write_text(json.dumps(DESCRIPTION))
    assert exit_with(prober, ["discover", "openapi", "api.json", *words], name="prober") == 0
    assert counted in capsys.readouterr().out


def test_explain_speaks_of_ones_own_surfaces_in_ones_own_profile(capsys: pytest.CaptureFixture[str]) -> None:
    write()
    assert exit_with(prober, ["explain", "GET /api/parcels"], name="prober") == 0
    said = capsys.readouterr().out
    assert "401  (staff.yaml:3)" in said
    assert "oauth" not in said
    assert exit_with(prober, ["explain", "GET /api/knowledge"], name="prober") == 64
