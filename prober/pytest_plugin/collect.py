"""Makes tests of a prober.yaml: one for each route of its plan, and one for the run. Sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import prober
from prober.pytest_plugin import deployment_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    Test = Callable[[Mapping[str, prober.Case]], None]


RUN = "the run reaches a verdict"


class RouteTest(pytest.Function):
    """The test of one route; its name is the route's."""


class RunTest(pytest.Function):
    """The test of the run: it fails where no route's test says why the run is not locked."""


class DeploymentFile(pytest.File):
    """A prober.yaml. What is wrong with it is an error of the collection."""

    def collect(self) -> Iterable[pytest.Item]:
        """Plan a run and give its tests, that of the run last."""
        for name in routes_of(prober.load(self.path)):
            yield self._marked(RouteTest.from_parent(self, name=name, callobj=_test_of_route(name)))
        yield self._marked(RunTest.from_parent(self, name=RUN, callobj=_test_of_run(self.session)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:  # type: ignore[override]
        """Show what is wrong, and how to fix it, without a traceback."""
        if isinstance(excinfo.value, prober.ProberError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    @staticmethod
    def _marked(item: pytest.Item) -> pytest.Item:
        item.add_marker(pytest.mark.lockdown)
        return item


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> DeploymentFile | None:
    """Collect the file that the option names, and no other."""
    if file_path != deployment_file(parent.config):
        return None
    return DeploymentFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)  # before other plugins deselect tests
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Refuse to go on where the file was not looked at: that would be a green session which probed nothing."""
    if session.testsfailed or any(isinstance(item, (RouteTest, RunTest)) for item in items):
        return
    file = deployment_file(session.config)
    raise pytest.UsageError(
        f"--lockdown: {file} was not collected\n  fix: name it as an argument too: pytest ... {file}"
    )


def routes_of(loaded: prober.LoadedDeployment) -> tuple[str, ...]:
    """Name the routes of a plan, also those that will be skipped."""
    plan = prober.make_plan(loaded)
    probes = (*plan.probes, *(skip.probe for skip in plan.skips))
    return tuple(dict.fromkeys(probe.route.name for probe in probes))


def selected_routes(session: pytest.Session) -> tuple[str, ...]:
    """Name the routes whose tests will run: what is deselected must not be probed."""
    return tuple(item.name for item in session.items if isinstance(item, RouteTest))


def _test_of_route(name: str) -> Test:
    def test(lockdown_cases: Mapping[str, prober.Case]) -> None:
        case = lockdown_cases.get(name)
        if case is None:
            pytest.fail(f"{name} was planned and has no finding", pytrace=False)
        if case.outcome.is_bad:
            pytest.fail(f"{case.message}\n{case.text}", pytrace=False)
        if case.outcome is prober.CaseOutcome.SKIPPED:
            pytest.skip(f"{name}: {case.message}")

    return test


def _test_of_run(session: pytest.Session) -> Test:
    def test(lockdown_cases: Mapping[str, prober.Case]) -> None:
        shown = selected_routes(session)
        unseen = [case for case in lockdown_cases.values() if case.outcome.is_bad and case.name not in shown]
        if unseen:
            pytest.fail("\n".join(f"{case.name}: {case.message}\n{case.text}" for case in unseen), pytrace=False)

    return test
