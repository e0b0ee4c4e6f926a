"""The inventory of a fleet: its own entries, prober.yaml files and targets; what is wrong is named with its line."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from prober.app.definition_cache import DefinitionCache
from prober.errors import DefinitionError, ProberError, UsageError
from prober.fleet.digest import definition_files, digest_of
from prober.fleet.inventory import Inventory, Shard, parse_shard
from prober.fleet.sources import load_inventory
from prober.fleet.targets import parse_targets

if TYPE_CHECKING:
    from pathlib import Path

ONE = [{"name": "a", "services": {"web": "https://a.example"}}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for app in ("shop", "blog"):
        (tmp_path / "apps" / app).mkdir(parents=True)
        (tmp_path / "apps" / app / "prober.yaml").write_text(
            f"profile: oauth\nservices: {{web: 'https://{app}.example'}}\n"
        )
    (tmp_path / "base.yaml").write_text("profile: oauth\nservices: {mcp: 'https://mcp.example'}\ndepth: standard\n")
    groups = [{"targets": ["a.example:443", "127.0.0.1:81"], "labels": {"env": "prod", "__scheme__": "http"}}]
    (tmp_path / "targets.json").write_text(json.dumps(groups))
    return tmp_path


def inventory(folder: Path, *deployments: dict[str, Any], **more: Any) -> Inventory:
    options = {key: more.pop(key) for key in ("only", "labels", "shard") if key in more}
    (folder / "fleet.yaml").write_text(json.dumps({"fleet": "acme", "deployments": list(deployments), **more}))
    return load_inventory(folder / "fleet.yaml", DefinitionCache(), **options)


def test_a_glob_gives_a_deployment_for_each_file(folder: Path) -> None:
    members = inventory(folder, {"files": "apps/*/prober.yaml", "labels": {"env": "prod"}}).members
    assert [(m.name, m.urls, dict(m.labels)["env"]) for m in members] == [
        ("blog", ("https://blog.example",), "prod"), ("shop", ("https://shop.example",), "prod")
    ]  # fmt: skip


def test_targets_are_urls_over_tls_whatever_their_labels_say(folder: Path) -> None:
    entry = {"sd": "targets.json", "name": "{env}-{instance}", "deployment": "base.yaml", "service": "web"}
    members = inventory(folder, entry).members
    assert [(m.name, m.urls) for m in members] == [
        ("prod-a.example-443", ("https://a.example:443", "https://mcp.example")),
        ("prod-127.0.0.1-81", ("http://127.0.0.1:81", "https://mcp.example")),
    ]


def test_the_depth_is_that_of_the_entry_the_defaults_the_file_or_quick(folder: Path) -> None:
    file = {"deployment": "base.yaml"}
    plain = inventory(
        folder, {"name": "a", **file}, {"name": "b", "depth": "deep", **file}, *ONE[:0], {**ONE[0], "name": "c"}
    )
    assert [member.depth for member in plain.members] == ["standard", "deep", "quick"]
    assert inventory(folder, {"name": "a", **file}, defaults={"depth": "quick"}).members[0].depth == "quick"


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        pytest.param([{"files": "nothing/*.yaml"}], "no file matches 'nothing/*.yaml'", id="no-file"),
        pytest.param([{"name": "a", "deployment": "none.yaml"}], "cannot read", id="no-deployment"),
        pytest.param([{"sd": "none.json"}], "cannot read", id="no-targets"),
        pytest.param([*ONE, *ONE], "two deployments are called 'a'", id="twice"),
        pytest.param([{"sd": "http://sd.example/targets"}], "would come without TLS", id="no-tls"),
    ],
)
def test_what_is_wrong_is_named(entries: list[dict[str, Any]], what: str, folder: Path) -> None:
    with pytest.raises(ProberError) as caught:
        inventory(folder, *entries)
    assert what in caught.value.what


def test_targets_in_a_pipe_that_does_not_end_are_an_error_in_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prober.bounded_read.PATIENCE", 0.1)
    os.mkfifo(folder / "pipe.json")
    with pytest.raises(UsageError, match="did not end"):
        inventory(folder, {"sd": "pipe.json"})


def test_the_label_instance_is_the_target_without_its_scheme() -> None:
    targets = parse_targets([{"targets": ["https://a.example/", "b.example:444"]}], file="t")
    assert [labels["instance"] for _, labels in targets] == ["a.example", "b.example:444"]


@pytest.mark.parametrize("document", [{}, [[]], [{"targets": "a"}], [{"targets": ["a"], "labels": []}]])
def test_what_is_no_list_of_targets_is_refused(document: Any) -> None:
    if document == [{"targets": ["a"], "labels": []}]:
        assert parse_targets(document, file="t") == [("https://a", {"instance": "a"})]
        return
    with pytest.raises(DefinitionError):
        parse_targets(document, file="t")


def test_deployments_are_chosen_by_name_label_and_part(folder: Path) -> None:
    entries = [{"name": f"{app}-{env}", "services": {"web": f"https://{app}-{env}.example"}, "labels": {"env": env}} for app in ("shop", "blog") for env in ("prod", "test")]  # fmt: skip

    def names(**chosen: Any) -> set[str]:
        return {member.name for member in inventory(folder, *entries, **chosen).chosen}

    assert names(only=("shop-*",)) == {"shop-prod", "shop-test"}
    assert names(only=("shop-*",), labels=("env=test",)) == {"shop-test"}
    parts = [names(shard=Shard(number=number, of=3)) for number in (1, 2, 3)]
    assert set.union(*parts) == names()
    assert sum(map(len, parts)) == 4


@pytest.mark.parametrize("options", [{"only": ("none",)}, {"labels": ("env=none",)}, {"labels": ("env",)}])
def test_a_choice_that_matches_nothing_is_an_error(options: dict[str, Any], folder: Path) -> None:
    with pytest.raises(UsageError):
        inventory(folder, *ONE, **options)


@pytest.mark.parametrize("text", ["1", "0/2", "3/2", "a/b", "1/2/3"])
def test_what_is_no_shard_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_shard(text)


def test_the_digest_changes_with_the_fleet_and_with_every_definition(folder: Path) -> None:
    def digest() -> str:
        library = DefinitionCache()
        loaded = load_inventory(folder / "fleet.yaml", library)
        return digest_of(loaded, definition_files(loaded, library))

    inventory(folder, {"files": "apps/*/prober.yaml"})
    digests = [digest()]
    (folder / "apps" / "shop" / "prober.yaml").write_text("profile: oauth\nservices: {web: 'https://shop.example'}\nsurfaces: [me]\n")  # fmt: skip
    digests.append(digest())
    inventory(folder, {"files": "apps/*/prober.yaml"}, *ONE)
    digests.append(digest())
    assert len(set(digests)) == 3
    assert digest() == digests[-1]
