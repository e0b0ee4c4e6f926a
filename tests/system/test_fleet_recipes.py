"""What docs/fleet gives to operators: taken by Kubernetes' schemas, with the settings that keep a deployment at most once."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from prober.cli.fleet_merge import command as merge_command
from prober.cli.fleet_run import command as run_command

FLEET = Path(__file__).parents[2] / "docs" / "fleet"
JOB: dict[str, Any] = yaml.safe_load((FLEET / "kubernetes-job.yaml").read_text())
DASK: dict[str, Any] = yaml.safe_load((FLEET / "dask-cluster.yaml").read_text())
WORKFLOW: dict[str, Any] = yaml.safe_load((FLEET / "workflow.yml").read_text())


def test_kubernetes_takes_the_job() -> None:
    kubernetes_validate.validate(JOB, "1.33", strict=True)


def test_no_shard_of_the_job_is_begun_twice() -> None:
    spec = JOB["spec"]
    assert (spec["backoffLimitPerIndex"], spec["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert spec["completionMode"] == "Indexed"
    (command,) = spec["template"]["spec"]["containers"][0]["args"]
    assert f"/{spec['completions']}" in command


@pytest.mark.parametrize("part", ["worker", "scheduler"])
def test_pods_of_the_cluster_are_pods(part: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": DASK["spec"][part]["spec"]}
    kubernetes_validate.validate(pod, "1.33", strict=True)


def lines() -> list[str]:
    steps = [step.get("run", "") for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    return [
        line for line in [*steps, *JOB["spec"]["template"]["spec"]["containers"][0]["args"]] if "prober fleet" in line
    ]


@pytest.mark.parametrize("line", lines())
def test_what_is_started_has_options_that_the_prober_knows(line: str) -> None:
    words = shlex.split(re.sub(r"\$\{\{[^}]*\}\}|\$\(\([^)]*\)\)|\$\w+", "1", line).removeprefix("exec "))
    command = {"run": run_command, "merge": merge_command}[words[2]]
    context = command.make_context(words[2], words[3:], resilient_parsing=False)
    assert context.params["report"]


def test_every_shard_of_the_workflow_is_joined() -> None:
    job = WORKFLOW["jobs"]["shard"]
    shards = job["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, len(shards) + 1))
    assert job["strategy"]["fail-fast"] is False
    assert any(f'--shard "$SHARD/{len(shards)}"' in line for line in lines())


def test_every_file_is_in_the_table() -> None:
    text = (FLEET / "README.md").read_text()
    assert [path.name for path in FLEET.iterdir() if path.name != "README.md" and f"({path.name})" not in text] == []
