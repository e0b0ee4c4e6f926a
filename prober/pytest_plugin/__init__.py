"""`pytest --lockdown prober.yaml`: a test for each route of a deployment. Without the option this adds the option only.

pytest loads this module at every start where the prober is installed, so it imports nothing of the prober's.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that turns the plugin on."""
    parser.getgroup("lockdown", "lockdown prober").addoption(
        "--lockdown",
        metavar="FILE",
        help="probe the deployment of this prober.yaml: a test for each route, which fails where the route is open",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the deployment beside the other tests, if one is named."""
    file = deployment_file(config)
    if file is None:
        return
    if not file.is_file():
        raise pytest.UsageError(f"--lockdown: no file '{file}'\n  fix: name a prober.yaml")
    config.addinivalue_line("markers", "lockdown: a test that --lockdown made of a route")
    config.pluginmanager.import_plugin("prober.pytest_plugin.collect")
    config.pluginmanager.import_plugin("prober.pytest_plugin.fixtures")
    named = {config.invocation_params.dir / argument.partition("::")[0] for argument in config.args}
    if named.isdisjoint((file, *file.parents)):  # pytest 8 loses tests where a folder and a file in it are both named
        config.args.append(str(file))


def deployment_file(config: pytest.Config) -> Path | None:
    """Give the absolute path of the prober.yaml that the option names, None without it."""
    file: str | None = config.getoption("--lockdown")
    return None if file is None else Path(os.path.normpath(config.invocation_params.dir / file))
