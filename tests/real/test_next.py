"""The prober against Next.js and Auth.js as npm gives them: small applications of ours, built and started here."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NODE, NPM = shutil.which("node"), shutil.which("npm")
pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(600),  # the first test of a version installs and builds it
    pytest.mark.skipif(NODE is None or NPM is None, reason="node and npm are not installed"),
]

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lockdown-prober" / "real-next"
PROBER = Path(sys.executable).with_name("prober")
SURFACES = ("health", "auth", "me", "knowledge", "admin", "admin-pages", "members", "pairing", "migrate", "pages")
Report = dict[str, Any]
Environment = dict[str, str]


# --- the applications -------------------------------------------------------------------------------------------------


class App(NamedTuple):
    """One of our applications on one version of Next.js; the versions are pinned, those of packages below them are not."""

    folder: str
    versions: dict[str, str]
    middleware: str = "middleware.js"

    @property
    def name(self) -> str:
        return "-".join([self.folder, self.versions["next"], self.versions.get("next-auth", "").rpartition(".")[2]])


NEXT_16 = App("next", {"next": "16.4.6"}, "proxy.js")
NEXT_15 = App("next", {"next": "15.5.29"})
FAIL_OPEN = App("next", {"next": "16.4.6", "next-auth": "5.0.0-beta.31"}, "proxy.js")
BARE_14_2_24 = App("next-middleware", {"next": "14.2.24"})
BARE_15_2_2 = App("next-middleware", {"next": "15.2.2"})
BARE_15 = App("next-middleware", {"next": "15.5.29"})
BARE_16 = App("next-middleware", {"next": "16.4.6", "react": "19.2.0", "react-dom": "19.2.0"})


def built(app: App) -> Path:
    """Copy, install and build an application once; the folder's name says of what, and a mark that all of it is there."""
    sources = sorted(path for path in (HERE / app.folder).rglob("*") if path.is_file())
    digest = hashlib.sha256(repr(app).encode() + b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    place = CACHE / f"{app.name}-{digest}"
    mark = place / "complete"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of one session want the same application
        if not mark.exists():
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(HERE / app.folder, place)
            package = json.loads((place / "package.json").read_text())
            package["dependencies"] |= app.versions
            (place / "package.json").write_text(json.dumps(package))
            _run(str(NPM), "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=place)
            if (place / "scaffold.mjs").exists():
                _run(str(NODE), "scaffold.mjs", app.middleware, cwd=place)
            _run(str(NODE), "node_modules/next/dist/bin/next", "build", cwd=place)
            mark.touch()
    return place


def _run(*command: str, cwd: Path) -> None:
    environment = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as wanted:
        wanted.bind(("127.0.0.1", 0))
        return int(wanted.getsockname()[1])


class Servers:
    """Every server of this session, each started once and ended by its process."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._urls: dict[object, str] = {}
        self._running: list[subprocess.Popen[bytes]] = []

    def url(self, app: App, environment: Environment) -> str:
        """Give the URL of a server that is up, with this environment and nothing of ours."""
        key = (app.name, *sorted(environment.items()))
        if key not in self._urls:
            port = free_port()
            log = self._logs / f"{port}.log"
            command = [str(NODE), "node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", str(port)]
            with log.open("wb") as out:
                clean = {"PATH": os.environ["PATH"], "NEXT_TELEMETRY_DISABLED": "1", **environment}
                process = subprocess.Popen(command, cwd=built(app), env=clean, stdout=out, stderr=subprocess.STDOUT)
            self._running.append(process)
            self._until_up(port, process, log)
            self._urls[key] = f"http://127.0.0.1:{port}"
        return self._urls[key]

    def _until_up(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"the server did not come up:\n{log.read_text(errors='replace')}")

    def end_all(self) -> None:
        """End the processes that were started here, and no others."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    started = Servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.end_all()


# --- the modes --------------------------------------------------------------------------------------------------------

# None of these is anybody's: the words say so, for whoever reads them and for scanners.
SECRET = {"AUTH_SECRET": "fake-fake-fake-fake-fake-fake-fake-fake"}
TRUST = {"AUTH_TRUST_HOST": "true"}
GITHUB = {"AUTH_GITHUB_ID": "fake", "AUTH_GITHUB_SECRET": "fake"}
PASSWORD = {"ADMIN_USERNAME": "fake", "ADMIN_PASSWORD_HASH": "fake"}
MODES: dict[str, Environment] = {
    "oauth": SECRET | TRUST | GITHUB,
    "credentials": SECRET | TRUST | PASSWORD,
    "credentials+oauth": SECRET | TRUST | PASSWORD | GITHUB,
    "dev-shim": TRUST | {"ALLOW_DEV_AUTH": "true"},
    "unconfigured": TRUST,
}


def broken(*defects: str) -> Environment:
    return MODES["oauth"] | {"BROKEN": ",".join(defects)}


# --- the prober -------------------------------------------------------------------------------------------------------


def probe(
    url: str, *arguments: str, profile: str = "oauth", depth: str = "standard", surfaces: tuple[str, ...] = SURFACES,
    cwd: Path,
) -> tuple[int, Report]:  # fmt: skip
    """Run the prober with our own surfaces beside the shipped ones; give its exit status and its report."""
    for own in ("places.yaml", "prerendered.yaml"):
        (cwd / "probes").mkdir(exist_ok=True)
        shutil.copy(HERE / own, cwd / "probes" / own)
    (cwd / "prober.yaml").write_text(f"profile: {profile}\nprobes: [probes]\nservices: {{web: '{url}'}}\n")
    ours = ("PROBER_", "BASE_URL", "MCP_URL")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    named = [word for surface in surfaces for word in ("--surface", surface)]
    done = subprocess.run(
        [str(PROBER), "run", "--depth", depth, "--format", "json", *named, *arguments],
        capture_output=True, text=True, cwd=cwd, env={**clean, "SESSION_SECRET": SECRET["AUTH_SECRET"]}, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def wrong(report: Report) -> dict[str, str]:
    """What is neither locked nor skipped: each probe's verdict."""
    fine = {"locked", "skipped"}
    return {finding["id"]: finding["verdict"] for finding in report["findings"] if finding["verdict"] not in fine}


def routes(report: Report) -> set[tuple[str, str, str]]:
    """The same, by route, with the reasons."""
    amiss = wrong(report)
    return {(f["id"].partition(" [")[0], f["verdict"], f["reason"]) for f in report["findings"] if f["id"] in amiss}


def verdict_of(report: Report, probe_id: str) -> tuple[str, str, int | None]:
    return next((f["verdict"], f["reason"], f["status"]) for f in report["findings"] if f["id"] == probe_id)


# --- what is right -----------------------------------------------------------------------------------------------------

BOTH = [pytest.param(NEXT_16, id="next-16"), pytest.param(NEXT_15, id="next-15")]
DEPTHS = [
    pytest.param("quick", 80, id="quick"),
    pytest.param("standard", 240, id="standard"),
    pytest.param("deep", 1900, id="deep"),
]


@pytest.mark.parametrize(("depth", "least"), DEPTHS)
@pytest.mark.parametrize("app", BOTH)
def test_healthy_application_is_locked_at_every_depth(
    app: App, depth: str, least: int, servers: Servers, tmp_path: Path
) -> None:
    url = servers.url(app, MODES["oauth"])
    status, report = probe(url, depth=depth, surfaces=(*SURFACES, "prerendered"), cwd=tmp_path)
    assert wrong(report) == {}
    assert {f["reason"] for f in report["findings"] if f["verdict"] == "skipped"} <= {"no-held-secret", "no-build-id"}
    assert report["counts"]["locked"] >= least
    assert (status, report["verdict"]) == (0, "locked")


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("mode", ["credentials", "credentials+oauth", "dev-shim", "unconfigured"])
@pytest.mark.parametrize("app", BOTH)
def test_each_mode_is_as_its_profile_promises(
    app: App, mode: str, depth: str, servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(
        servers.url(app, MODES[mode]), profile=mode, depth=depth, surfaces=(*SURFACES, "login"), cwd=tmp_path
    )
    assert wrong(report) == {}
    assert (status, report["verdict"]) == (0, "locked")


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("app", BOTH)
def test_middleware_that_guards_everything_is_locked(app: App, depth: str, servers: Servers, tmp_path: Path) -> None:
    url = servers.url(app, MODES["oauth"] | {"GUARDS": "everything"})
    status, report = probe(url, depth=depth, cwd=tmp_path)
    assert wrong(report) == {}
    assert (status, report["verdict"]) == (0, "locked")


@pytest.mark.parametrize("served", ["dev-shim", "unconfigured"])
@pytest.mark.parametrize("app", BOTH)
def test_mode_that_is_not_the_promised_one_is_not_locked(
    app: App, served: str, servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(servers.url(app, MODES[served]), profile="oauth", depth="quick", cwd=tmp_path)
    assert status == 1
    assert verdict_of(report, "knowledge: GET /api/knowledge [anonymous]") == {
        "dev-shim": ("leak", "granted", 200), "unconfigured": ("drift", "broken", 503),
    }[served]  # fmt: skip


# --- doors that stand open ---------------------------------------------------------------------------------------------

LEAK, DRIFT = ("leak", "granted"), ("drift", "handler-reached")
TWINS = [
    pytest.param("me-open", "standard", "me: GET /api/me [anonymous]", LEAK, id="me-open"),
    pytest.param(
        "me-password-post-open", "quick", "me: POST /api/me/password [anonymous]", LEAK, id="acting-route-open"
    ),
    pytest.param(
        "knowledge-post-late",
        "standard",
        "knowledge: POST /api/knowledge [bogus-bearer]",
        DRIFT,
        id="body-before-guard",
    ),
    pytest.param("admin-users-open", "quick", "admin: GET /api/admin/users [anonymous]", LEAK, id="admin-api-open"),
    pytest.param(
        "admin-users-page-open", "quick", "admin-pages: GET /admin/users [anonymous]", LEAK, id="admin-page-open"
    ),
    pytest.param("settings-org-page-open", "standard", "pages: GET /settings/org [anonymous]", LEAK, id="page-open"),
    pytest.param("pages-open", "standard", "pages: GET /settings/tokens [anonymous]", LEAK, id="middleware-open"),
    pytest.param("org-members-open", "standard", "members: GET /api/org/members [anonymous]", LEAK, id="members-open"),
    pytest.param(
        "machines-pair-post-open", "standard", "pairing: POST /api/machines/pair [anonymous]", LEAK, id="pairing-open"
    ),
    pytest.param(
        "pairing-tells-key",
        "standard",
        "pairing: POST /api/machines/pair [anonymous]",
        ("leak", "disclosed"),
        id="pairing-tells-key",
    ),
    pytest.param(
        "migrate-undefined", "standard", "migrate: POST /api/migrate [bearer-undefined]", LEAK, id="migrate-undefined"
    ),
]


@pytest.mark.parametrize(("defect", "depth", "caught_by", "found"), TWINS)
@pytest.mark.parametrize("app", BOTH)
def test_broken_twin_is_caught_and_nothing_else_is(
    app: App, defect: str, depth: str, caught_by: str, found: tuple[str, str], servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(servers.url(app, broken(defect)), depth=depth, cwd=tmp_path)
    assert status == 1
    assert verdict_of(report, caught_by)[:2] == found
    assert routes(report) == {(caught_by.partition(" [")[0], *found)}


@pytest.mark.parametrize("app", BOTH)
def test_guard_that_takes_any_bearer_is_a_leak_to_a_bogus_one_only(app: App, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(app, broken("any-bearer")), cwd=tmp_path)
    assert (status, report["verdict"]) == (1, "leak")
    assert verdict_of(report, "me: GET /api/me [bogus-bearer]") == ("leak", "granted", 200)
    assert verdict_of(report, "me: GET /api/me [anonymous]") == ("locked", "as-promised", 401)
    assert verdict_of(report, "me: GET /api/me [bogus-cookie]") == ("locked", "as-promised", 401)
    assert {f["guard"] for f in report["findings"] if f["id"] in wrong(report)} == {"session", "admin", "org-role"}


@pytest.mark.parametrize("app", BOTH)
def test_only_variants_find_middleware_that_lets_prefetches_pass(app: App, servers: Servers, tmp_path: Path) -> None:
    pages = {"/", "/settings/tokens", "/settings/audit", "/settings/projects"}
    status, report = probe(
        servers.url(app, broken("pages-prefetch")), depth="deep", surfaces=("health", "pages"), cwd=tmp_path
    )
    assert wrong(report) == {f"pages: GET {page} [anonymous] rsc-prefetch": "leak" for page in pages}
    assert status == 1


@pytest.mark.parametrize("app", BOTH)
def test_a_query_that_skips_the_middleware_is_found_at_standard(app: App, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(app, broken("pages-query")), cwd=tmp_path)
    assert verdict_of(report, "pages: GET /settings/tokens [anonymous] middleware-subrequest") == (
        "leak",
        "granted",
        200,
    )
    assert verdict_of(report, "pages: GET /settings/tokens [anonymous]") == ("locked", "as-promised", 307)
    assert status == 1


@pytest.mark.parametrize("app", BOTH)
def test_password_sign_in_that_takes_any_password_is_a_leak(app: App, servers: Servers, tmp_path: Path) -> None:
    url = servers.url(app, MODES["credentials"] | {"BROKEN": "any-password"})
    status, report = probe(url, profile="credentials", surfaces=("health", "auth", "login"), cwd=tmp_path)
    assert wrong(report) == {"login: POST /api/auth/callback/admin-credentials [anonymous]": "leak"}
    assert status == 1


@pytest.mark.parametrize("app", BOTH)
def test_sign_out_without_a_csrf_token_is_a_leak(app: App, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(app, broken("no-csrf")), surfaces=("health", "auth"), cwd=tmp_path)
    assert verdict_of(report, "auth: POST /api/auth/signout [anonymous]") == ("leak", "granted", 302)
    assert status == 1


@pytest.mark.parametrize("app", BOTH)
def test_session_secret_that_opens_the_migrations_is_a_leak(app: App, servers: Servers, tmp_path: Path) -> None:
    hold = ("--hold", "session-secret=env:SESSION_SECRET")
    surfaces = ("health", "auth", "migrate")
    status, report = probe(servers.url(app, MODES["oauth"]), *hold, surfaces=surfaces, cwd=tmp_path)
    assert verdict_of(report, "migrate: POST /api/migrate [session-secret]") == ("locked", "as-promised", 401)
    assert (status, wrong(report)) == (0, {})
    status, report = probe(servers.url(app, broken("migrate-session-secret")), *hold, surfaces=surfaces, cwd=tmp_path)
    assert wrong(report) == {"migrate: POST /api/migrate [session-secret]": "leak"}
    assert status == 1


# --- where a page's lock is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
@pytest.mark.parametrize("app", BOTH)
def test_page_that_is_sent_along_with_its_redirect_is_a_leak(
    app: App, depth: str, servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(
        servers.url(app, MODES["oauth"]), depth=depth, surfaces=("health", "pages", "places"), cwd=tmp_path
    )
    assert verdict_of(report, "places: GET /layout-only/report [anonymous]")[::2] == ("leak", 307)
    assert verdict_of(report, "places: GET /streamed/layout-only/report [anonymous]")[::2] == ("leak", 200)
    assert {name for name in wrong(report) if name.startswith("pages:")} == set()
    assert status == 1


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("app", BOTH)
def test_redirect_inside_a_stream_is_a_soft_refusal(app: App, depth: str, servers: Servers, tmp_path: Path) -> None:
    only = ("--only", "places: GET /streamed/report*", "--only", "health: *")
    status, report = probe(
        servers.url(app, MODES["oauth"]), *only, depth=depth, surfaces=("health", "places"), cwd=tmp_path
    )
    assert routes(report) == {("places: GET /streamed/report", "drift", "soft-refusal")}
    assert status == 1


@pytest.mark.parametrize("app", BOTH)
def test_matcher_that_leaves_prefetches_out_is_found_at_deep(app: App, servers: Servers, tmp_path: Path) -> None:
    only = ("--only", "places: GET /prefetched*", "--only", "health: *")
    status, report = probe(
        servers.url(app, MODES["oauth"]), *only, depth="deep", surfaces=("health", "places"), cwd=tmp_path
    )
    assert wrong(report) == {"places: GET /prefetched [anonymous] rsc-prefetch": "leak"}
    assert status == 1


# --- CVE-2025-29927 ----------------------------------------------------------------------------------------------------

BARE = (
    "--only",
    "pages: GET /settings/tokens*",
    "--only",
    "pages: GET /signin*",
    "--only",
    "health: GET /api/healthz*",
)
SUBREQUEST = "pages: GET /settings/tokens [anonymous] middleware-subrequest"


@pytest.mark.parametrize("app", [pytest.param(BARE_14_2_24, id="14.2.24"), pytest.param(BARE_15_2_2, id="15.2.2")])
def test_middleware_that_can_be_skipped_is_found_at_standard(app: App, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(app, {}), *BARE, surfaces=("health", "pages"), cwd=tmp_path)
    assert wrong(report) == {SUBREQUEST: "leak"}
    assert verdict_of(report, SUBREQUEST) == ("leak", "granted", 200)
    assert status == 1


@pytest.mark.parametrize("depth", ["standard", "deep"])
@pytest.mark.parametrize("app", [pytest.param(BARE_15, id="15"), pytest.param(BARE_16, id="16")])
def test_mended_middleware_is_locked(app: App, depth: str, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(app, {}), *BARE, depth=depth, surfaces=("health", "pages"), cwd=tmp_path)
    assert verdict_of(report, SUBREQUEST)[0] == "locked"
    assert (status, wrong(report)) == (0, {})


# --- broken, and therefore shut or open --------------------------------------------------------------------------------


@pytest.mark.parametrize("app", BOTH)
def test_boot_check_that_throws_is_no_verdict(app: App, servers: Servers, tmp_path: Path) -> None:
    status, report = probe(servers.url(app, MODES["oauth"] | {"BOOT_CHECK": "fails"}), depth="quick", cwd=tmp_path)
    assert {(f["verdict"], f["reason"], f["status"]) for f in report["findings"] if f["verdict"] != "skipped"} == {
        ("unproven", "broken", 500)
    }
    assert status == 2


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(TRUST | GITHUB | {"EXPECT_SECRET": "yes"}, id="no-secret"),
        pytest.param(SECRET | GITHUB, id="host-not-trusted"),
    ],
)
@pytest.mark.parametrize("app", BOTH)
def test_guards_of_a_broken_sign_in_prove_nothing(
    app: App, environment: Environment, servers: Servers, tmp_path: Path
) -> None:
    status, report = probe(servers.url(app, environment), depth="quick", cwd=tmp_path)
    assert status != 0
    assert verdict_of(report, "auth: GET /api/auth/providers [anonymous]") == ("drift", "broken", 500)
    assert verdict_of(report, "knowledge: GET /api/knowledge [anonymous]") == ("unproven", "sign-in-broken", 401)
    assert verdict_of(report, "pages: GET /settings/org [anonymous]") == ("unproven", "sign-in-broken", 307)
    assert {finding["verdict"] for finding in report["findings"]} <= {"drift", "unproven", "locked", "skipped"}


def test_auth_js_that_fails_open_without_its_secret_is_a_leak(servers: Servers, tmp_path: Path) -> None:
    """Before beta.32 its session is then an object that says so, and `if (!session)` lets it pass."""
    environment = TRUST | GITHUB | {"EXPECT_SECRET": "yes", "BROKEN": "truthy-session"}
    status, report = probe(servers.url(FAIL_OPEN, environment), depth="quick", cwd=tmp_path)
    assert (status, report["verdict"]) == (1, "leak")
    assert verdict_of(report, "me: GET /api/me [anonymous]") == ("leak", "granted", 200)
    assert verdict_of(report, "pages: GET /settings/org [anonymous]") == ("leak", "granted", 200)
    assert verdict_of(report, "pages: GET /settings/tokens [anonymous]") == ("unproven", "sign-in-broken", 307)
