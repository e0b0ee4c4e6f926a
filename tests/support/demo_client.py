"""Requests to the demo, and the demo in each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from prober.demo.server import Demo, running

if TYPE_CHECKING:
    from collections.abc import Iterator


OAUTH, CREDENTIALS, DEV_SHIM, UNCONFIGURED = "oauth", "credentials", "dev-shim", "unconfigured"


@pytest.fixture(scope="module")
def demos() -> Iterator[dict[str, Demo]]:
    """One demo in each mode, for the tests that leave nothing behind."""
    with (
        running(OAUTH) as oauth,
        running(CREDENTIALS) as credentials,
        running("credentials+oauth") as both,
        running(DEV_SHIM) as shim,
        running(UNCONFIGURED) as unconfigured,
    ):
        yield {demo.mode: demo for demo in (oauth, credentials, both, shim, unconfigured)}


def web(demo: Demo) -> httpx.Client:
    return httpx.Client(base_url=demo.web_url, trust_env=False)


def cookie(session: str) -> dict[str, str]:
    return {"Cookie": f"authjs.session-token={session}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
