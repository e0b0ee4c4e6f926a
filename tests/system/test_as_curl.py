"""Each guarded GET is asked as curl asks: what is open to it alone is found at any of them, and a filter of bots is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.plan.selection import LADDER_ROUTES, SMALL_GUARD
from tests.support.payroll import HTML, NO, ROWS, Asked, Says, answering, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATHS = [f"/api/sheets/{number}" for number in range(SMALL_GUARD + 4)]
LAST = PATHS[-1]  # no route of the few that stand for their guard
SURFACE = "surface: payroll\nabout: What everybody earns.\nroutes:\n" + "".join(
    f"  - {{route: GET {path}, guard: session, why: w, fix: f}}\n" for path in PATHS
)
REFUSED = Says(status=401, body=NO.encode())
DATA = Says(status=200, body=ROWS.encode())
FORBIDDEN = Says(status=403, body=b"<h1>403</h1><p>No bots, please.</p>", kind=HTML)
FRIENDLY = Says(
    status=200, body=b"Hello, curl. This site has pages for people; see https://example.test.\n", kind="text/plain"
)


def is_curl(asked: Asked) -> bool:
    return asked.headers.get("user-agent", "").startswith("curl/")


def guarding(otherwise: Callable[[Asked], Says | None]) -> Callable[[Asked], Says | None]:
    """Refuse every stranger, but for what comes first."""
    return lambda asked: otherwise(asked) or (REFUSED if asked.path in PATHS else None)


def test_the_last_route_is_not_of_the_few() -> None:
    assert len(PATHS) > SMALL_GUARD > LADDER_ROUTES


def test_data_for_curl_alone_is_a_leak_at_any_guarded_read(tmp_path: Path) -> None:
    with answering(guarding(lambda asked: DATA if asked.path == LAST and is_curl(asked) else None)) as url:
        status, worst = run(tmp_path, url, "--depth", "standard", surfaces=SURFACE)
    assert (status, worst[LAST]) == (1, ("leak", "granted"))
    assert {worst[path] for path in PATHS[:-1]} == {("locked", "as-promised")}


FILTERS: dict[str, Callable[[Asked], Says | None]] = {
    "that-forbids-everywhere": lambda asked: FORBIDDEN if is_curl(asked) else None,
    "that-forbids-what-is-guarded": lambda asked: FORBIDDEN if is_curl(asked) and asked.path in PATHS else None,
    "that-greets-everywhere": lambda asked: FRIENDLY if is_curl(asked) else None,
    "that-closes-its-eyes": lambda asked: Says(status=404) if is_curl(asked) else None,
}


@pytest.mark.parametrize("depth", ["quick", "standard", "deep"])
@pytest.mark.parametrize("sieve", [pytest.param(sieve, id=name) for name, sieve in FILTERS.items()])
def test_a_filter_of_bots_is_neither_an_open_door_nor_a_drift(
    sieve: Callable[[Asked], Says | None], depth: str, tmp_path: Path
) -> None:
    with answering(guarding(sieve)) as url:
        status, worst = run(tmp_path, url, "--depth", depth, surfaces=SURFACE)
    assert (status, {worst[path] for path in PATHS}) == (0, {("locked", "as-promised")})


@pytest.mark.parametrize("depth", ["standard", "deep"])
def test_a_filter_of_bots_hides_no_route_that_is_open_to_others(depth: str, tmp_path: Path) -> None:
    """What the filter refuses is no lock: the prober by its own name gets the rows."""

    def answer(asked: Asked) -> Says | None:
        if is_curl(asked):
            return FORBIDDEN
        return DATA if asked.path == LAST else None

    with answering(guarding(answer)) as url:
        status, worst = run(tmp_path, url, "--depth", depth, surfaces=SURFACE)
    assert (status, worst[LAST]) == (1, ("leak", "granted"))
