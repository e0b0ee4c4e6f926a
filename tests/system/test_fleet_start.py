"""docs/fleet/start.md, done as it stands in an empty folder: three applications, one of them open, and a fleet of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.canary import environment, free_port, there, wait_until
from tests.support.fleet_client import PROBER

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
PAGE = (Path(__file__).parents[2] / "docs" / "fleet" / "start.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_goes_from_three_files_to_a_fleet(tmp_path: Path) -> None:
    ports = {str(port): str(free_port()) for port in (3001, 3002, 3003, 3101, 3102, 3103, 9430)}
    blocks = [(kind, re.sub("|".join(ports), lambda found: ports[found[0]], text)) for kind, text in BLOCKS]
    files, demos, (kind, fleet), commands, printed, watching = blocks
    env = {**environment(), "PATH": f"{Path(PROBER).parent}:/usr/bin:/bin"}

    def ask(line: str) -> tuple[int, str]:
        done = subprocess.run(line, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
        return done.returncode, done.stdout

    def start(line: str) -> subprocess.Popen[bytes]:
        words = [PROBER, *line.removesuffix(" &").split()[1:]]
        return subprocess.Popen(words, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    running: list[subprocess.Popen[bytes]] = []
    try:
        assert ask(files[1])[0] == 0
        running += [start(line) for line in demos[1].splitlines()]
        assert kind == "yaml"
        (tmp_path / "fleet.yaml").write_text(fleet)
        plan, run = commands[1].splitlines()
        assert ask(plan)[0] == 0
        assert "3 deployments at 1 host" in ask(plan)[1]
        assert ask(run) == (1, printed[1])
        assert (tmp_path / "fleet.html").read_text().startswith("<!DOCTYPE html>")
        running[1].kill()
        running[1].wait()
        running.append(start(demos[1].splitlines()[1].replace(" --open members-with-invite-tokens", "")))
        assert ask(run) == (0, "LOCKED: all 3 deployments of 'acme'\n")
        running.append(start(watching[1].strip()))
        assert wait_until(lambda: there(int(ports["9430"])), 30)
    finally:
        for process in running:
            process.kill()
            process.wait()
