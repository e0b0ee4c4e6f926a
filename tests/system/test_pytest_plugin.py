"""`pytest --lockdown prober.yaml` as somebody else's test-suite uses it: whole sessions of pytest, at a shop of the test's own."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.shop import ITEMS, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.shop import Shop

pytest_plugins = ["pytester"]

PROFILE = """\
profile: shop
about: A shop.
guards: {public: 200, api: 401}
presents: {public: nothing}
"""
SURFACE = """\
surface: shop
about: The routes of a shop.
routes:
  - {route: GET /healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /orders, guard: api, why: Strangers read who bought what., fix: Ask who it is in orders().}
  - {route: GET /api/users, guard: api, why: Strangers read addresses., fix: Ask who it is in users().}
  - {route: POST /refunds, guard: api, effect: acts, why: Strangers pay money out., fix: Ask who it is in refunds().}
"""
OWN_TEST = "def test_of_their_own():\n    pass\n"
ORDERS = "prober.yaml::shop: GET /orders"


@pytest.fixture(scope="module")
def server() -> Iterator[Shop]:
    with served() as shop:
        yield shop


@pytest.fixture
def shop(server: Shop, pytester: pytest.Pytester) -> Shop:
    """A locked shop, with its definitions in a folder of a test-suite that has one test."""
    server.reset()
    pytester.makefile(
        ".yaml",
        prober=f"profile: ./profile.yaml\nservices: {{web: '{server.url}'}}\nprobes: [./probes]\nsurfaces: [shop]\n",
        profile=PROFILE,
    )
    (pytester.mkdir("probes") / "shop.yaml").write_text(SURFACE, encoding="utf-8")
    pytester.makepyfile(test_own=OWN_TEST)
    return server


def session(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rfs", *options)


def test_a_route_is_a_test_beside_those_of_the_suite(shop: Shop, pytester: pytest.Pytester) -> None:
    result = session(pytester, "--lockdown", "prober.yaml", "-v")
    result.assert_outcomes(passed=5, skipped=1)  # of theirs, three routes and the run; and the one that would act
    result.stdout.fnmatch_lines([f"{ORDERS} PASSED*", "prober.yaml::the run reaches a verdict PASSED*"])
    result.stdout.fnmatch_lines(["SKIPPED*shop: POST /refunds: *"])
    assert shop.seen["GET /orders"] > 1
    assert shop.seen["POST /refunds"] == 0


def test_an_open_route_fails_with_why_and_fix(shop: Shop, pytester: pytest.Pytester) -> None:
    shop.replies["GET /orders"] = ITEMS
    result = session(pytester, "--lockdown", "prober.yaml")
    result.assert_outcomes(passed=4, skipped=1, failed=1)
    result.stdout.fnmatch_lines([
        "why: *Strangers read who bought what.", "fix: *Ask who it is in orders().", "reproduce: *curl *",
        f"FAILED {ORDERS} - Failed: got 200, expected 401*",
    ])  # fmt: skip


def test_only_the_selected_routes_are_probed(shop: Shop, pytester: pytest.Pytester) -> None:
    shop.replies["GET /orders"] = ITEMS
    session(pytester, "--lockdown", "prober.yaml", "-m", "lockdown", "-k", "not orders").assert_outcomes(
        passed=3, skipped=1, deselected=2
    )
    assert (shop.seen["GET /orders"], shop.seen["GET /api/users"] > 0) == (0, True)
    shop.seen.clear()
    session(pytester, "--lockdown", "prober.yaml", ORDERS).assert_outcomes(failed=1)
    assert (shop.seen["GET /orders"] > 0, shop.seen["GET /api/users"]) == (True, 0)


def test_the_workers_of_xdist_probe_once(
    shop: Shop, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(pytester, "--lockdown", "prober.yaml")
    alone = dict(shop.seen)
    shop.seen.clear()
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ("-p", "no:cacheprovider", "-p", "xdist", "-p", "prober.pytest_plugin")
    result = pytester.runpytest_subprocess(*plugins, "-n", "2", "--lockdown", "prober.yaml")
    result.assert_outcomes(passed=5, skipped=1)
    assert shop.seen["GET /orders"] == alone["GET /orders"]


def test_a_fixture_may_start_what_is_probed(shop: Shop, pytester: pytest.Pytester) -> None:
    file = pytester.path / "prober.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(shop.url, "http://127.0.0.1:9"), encoding="utf-8")
    pytester.makeconftest(f"""
        import pytest

        @pytest.fixture(scope="session")
        def lockdown_services():
            yield {{"web": {shop.url!r}}}
    """)
    session(pytester, "--lockdown", "prober.yaml").assert_outcomes(passed=5, skipped=1)


def test_a_deployment_of_another_folder_is_collected(shop: Shop, pytester: pytest.Pytester) -> None:
    tests = pytester.mkdir("tests")
    (tests / "test_more.py").write_text(OWN_TEST, encoding="utf-8")
    result = session(pytester, "--lockdown", "tests/../prober.yaml", "tests", "-k", "healthz or their_own")
    result.assert_outcomes(passed=2, deselected=4)
    assert set(shop.seen) >= {"GET /healthz"}


def test_nobody_there_is_red(shop: Shop, pytester: pytest.Pytester) -> None:
    file = pytester.path / "prober.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(shop.url, "http://127.0.0.1:9"), encoding="utf-8")
    result = session(pytester, "--lockdown", "prober.yaml", "-k", "verdict")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(["*NO VERDICT: *"])


def test_a_route_that_would_act_is_not_sent_by_being_selected(shop: Shop, pytester: pytest.Pytester) -> None:
    result = session(pytester, "--lockdown", "prober.yaml", "-k", "refunds")
    result.assert_outcomes(errors=1, deselected=5)
    result.stdout.fnmatch_lines(["error: no probe is left to send"])
    assert not shop.seen


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        pytest.param("prober.yaml", "profil: shop\n", "*prober.yaml:1: unknown key 'profil'*", id="definition"),
        pytest.param("missing.yaml", "", "ERROR: --lockdown: no file '*/missing.yaml'", id="file"),
        pytest.param(
            ".hidden/prober.yaml", "", "ERROR: --lockdown: *prober.yaml was not collected", id="not-looked-at"
        ),
    ],
)
def test_what_is_wrong_is_an_error_before_anything_is_sent(
    shop: Shop, pytester: pytest.Pytester, file: str, text: str, line: str
) -> None:
    for folder in (pytester.path, pytester.mkdir(".hidden")):
        (folder / "prober.yaml").write_text(text, encoding="utf-8")
    result = session(pytester, "--lockdown", file)
    assert result.ret in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR}
    assert len(fnmatch.filter([*result.outlines, *result.errlines], line)) == 1
    assert not shop.seen


def test_without_the_option_nothing_is_collected_and_nothing_of_ours_imported(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", prober="profil: wrong\n")
    pytester.makepyfile(
        test_own="""
        import sys

        def test_of_their_own(request):
            ours = {name for name in sys.modules if name.partition(".")[0] == "prober"}
            assert ours == {"prober", "prober.pytest_plugin"}
            assert not {"httpx", "asyncio", "yaml"} & set(sys.modules)
    """
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"],
        cwd=pytester.path, capture_output=True, text=True, check=False, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "prober.pytest_plugin"},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith("1 passed"), done.stdout
