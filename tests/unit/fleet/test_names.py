"""Names and secrets of a fleet: what templates give, and what no label may give."""

from __future__ import annotations

import pytest

from prober.errors import DefinitionError
from prober.fleet.inventory import Member, check_members
from prober.fleet.names import hold_of, name_of
from prober.model import Source

HERE = Source(file="fleet.yaml", line=7)
LABELS = {"app": "Shop", "env": "prod", "tenant": "../etc", "instance": "a.example:443"}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        pytest.param("{app}-{env}", "shop-prod", id="labels"),
        pytest.param("{app}-{tenant}", "shop-etc", id="a-path"),
        pytest.param("{instance}", "a.example-443", id="an-address"),
        pytest.param("shop", "shop", id="no-label"),
    ],
)
def test_a_name_is_made_of_labels(template: str, name: str) -> None:
    assert name_of(template, LABELS, source=HERE) == name


@pytest.mark.parametrize(
    ("template", "what"),
    [
        pytest.param("{ap}", "'{ap}' names a label 'ap' that is not there", id="unknown"),
        pytest.param("...", "'...' gives '...', which is not a name", id="nothing-left"),
    ],
)
def test_what_gives_no_name_is_an_error_at_its_line(template: str, what: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        name_of(template, LABELS, source=HERE)
    assert (caught.value.what, caught.value.source) == (what, HERE)


def held(where: str, *, listed: bool = False) -> tuple[str, ...]:
    return hold_of((f"k={where}",), name="shop-prod", labels=LABELS, source=HERE, is_listed_elsewhere=listed)


@pytest.mark.parametrize(
    ("where", "source"),
    [
        pytest.param("env:SECRET_{NAME}", "env:SECRET_SHOP_PROD", id="name"),
        pytest.param("env:SECRET_{env}", "env:SECRET_prod", id="label"),
        pytest.param("env:S_{tenant}", "env:S____etc", id="label-with-signs"),
        pytest.param("file:/run/{name}", "file:/run/shop-prod", id="file"),
    ],
)
def test_the_source_of_a_secret_is_made_of_the_name_and_of_labels(where: str, source: str) -> None:
    assert held(where) == (f"k={source}",)


@pytest.mark.parametrize(
    ("where", "listed"),
    [
        pytest.param("file:/run/{tenant}", False, id="a-label"),
        pytest.param("file:/run/{name}", True, id="a-name-made-of-labels"),
    ],
)
def test_no_label_gives_a_part_of_a_path(where: str, listed: bool) -> None:  # noqa: FBT001 - a case
    with pytest.raises(DefinitionError, match="takes a part of its path from a label"):
        held(where, listed=listed)


def test_two_names_that_give_one_variable_are_an_error() -> None:
    members = [
        Member(name=name, source=HERE, hold=("k=env:S_A_B",), own_hold=("k=env:S_A_B",)) for name in ("a-b", "a.b")
    ]
    with pytest.raises(DefinitionError, match=r"'a\.b' and 'a-b' give the same secret, env:S_A_B"):
        check_members(members)
    shared = [Member(name=name, source=HERE, hold=("k=env:SHARED",)) for name in ("a-b", "a.b")]
    assert check_members(shared) == tuple(shared)


def test_two_deployments_of_one_name_are_an_error() -> None:
    with pytest.raises(DefinitionError, match="two deployments are called 'a'"):
        check_members([Member(name="a", source=HERE), Member(name="a", source=HERE)])
