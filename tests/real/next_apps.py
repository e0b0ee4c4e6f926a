"""Our applications on the real Next.js: which there are, what they are built with, and the modes they run in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.real import installed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.real.running import Servers

HERE = Path(__file__).parent / "next"
SURFACES = ("health", "auth", "me", "knowledge", "admin", "admin-pages", "members", "pairing", "migrate", "pages")


class App(NamedTuple):
    """One of our applications on one version of Next.js."""

    name: str  # a folder beside versions/
    version: str  # a folder of versions/, with package.json and its lock file
    middleware: str = "middleware.js"

    @property
    def server(self) -> str:
        return {"full": "Next.js with Auth.js", "bare": "Next.js, middleware only"}[self.name]

    def form(self, environment: Mapping[str, str]) -> str:
        """Give the mode by which this environment goes, and what is odd in it."""
        if self.name == "bare":
            return "guarded by the middleware"
        providers = [mode for mode, name in PROVIDERS.items() if name in environment]
        mode = "+".join(providers) or ("dev-shim" if "ALLOW_DEV_AUTH" in environment else "unconfigured")
        lacking = [f"no {name}" for name in SECRET | TRUST if providers and name not in environment]
        odd = [f"{name}={environment[name]}" for name in ODD if name in environment]
        return ", ".join([mode, *lacking, *odd])


NEXT_15 = App("full", "15.5.29")
NEXT_16 = App("full", "16.4.6", "proxy.js")
BOTH = [pytest.param(NEXT_16, id="next-16"), pytest.param(NEXT_15, id="next-15")]
FAIL_OPEN = App("full", "16.4.6-auth-beta.31", "proxy.js")
BARE = {version: App("bare", version) for version in ("14.2.24", "15.2.2", "15.5.29", "16.4.6")}

# None of these is anybody's: the words say so, for whoever reads them and for scanners.
SECRET = {"AUTH_SECRET": "fake-fake-fake-fake-fake-fake-fake-fake"}
TRUST = {"AUTH_TRUST_HOST": "true"}
GITHUB = {"AUTH_GITHUB_ID": "fake", "AUTH_GITHUB_SECRET": "fake"}
PASSWORD = {"ADMIN_USERNAME": "fake", "ADMIN_PASSWORD_HASH": "fake"}
PROVIDERS = {"credentials": "ADMIN_USERNAME", "oauth": "AUTH_GITHUB_ID"}
ODD = ("BROKEN", "GUARDS", "BOOT_CHECK")
MODES = {
    "oauth": SECRET | TRUST | GITHUB,
    "credentials": SECRET | TRUST | PASSWORD,
    "credentials+oauth": SECRET | TRUST | PASSWORD | GITHUB,
    "dev-shim": TRUST | {"ALLOW_DEV_AUTH": "true"},
    "unconfigured": TRUST,
}


def broken(*defects: str) -> dict[str, str]:
    return MODES["oauth"] | {"BROKEN": ",".join(defects)}


def folder_of(app: App) -> Path:
    """Give the folder where an application stands, built."""
    return installed.next_app(HERE / app.name, HERE / "versions" / app.version, middleware=app.middleware)


def url_of(app: App, environment: Mapping[str, str], servers: Servers) -> str:
    """Give the URL of an application that runs in this environment, and in nothing else."""
    folder = folder_of(app)
    command = ["node", f"../{installed.NEXT}", "start", "-H", "127.0.0.1", "-p", "PORT"]
    return servers.url(command, cwd=folder, env=environment)
