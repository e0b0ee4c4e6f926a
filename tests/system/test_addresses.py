"""A name with several addresses: whole runs at two servers, of which one may stand open."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import prober
from prober.app.addresses import with_every_address
from prober.app.options import SendOptions
from tests.support.payroll import REFUSED, Asked, Says, answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SURFACE = """\
surface: pay
about: A.
routes:
  - {route: GET /healthz, guard: public, control: alive, why: w, fix: f}
  - {route: GET /api/pay, guard: rows, why: w, fix: f}
  - {route: POST /api/pay, guard: rows, effect: acts, inert: {json: {}}, why: w, fix: f}
"""
PROFILE = "profile: own\nabout: A.\nguards: {public: 200, rows: 401}\n"
PAY = Says(status=200, body=b'[{"salary":41000}]')
ONE, OTHER, NOBODY = "127.0.0.1", "127.0.0.2", "127.0.0.3"


@contextmanager
def machine(address: str, port: int, *, is_open: bool) -> Iterator[tuple[int, list[str]]]:
    """Serve one machine; give its port and what it was asked."""
    asked_for: list[str] = []

    def answer(asked: Asked) -> Says | None:
        asked_for.append(f"{asked.method} {asked.path}")
        known = {"/healthz": Says(status=200, body=b'{"ok":true}'), "/api/pay": PAY if is_open else REFUSED}
        return known.get(asked.path)

    with answering(answer, address=address, port=port) as url:
        yield int(url.rpartition(":")[2]), asked_for


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load a deployment at app.test, which has these addresses."""

    def load(port: int, *addresses: str) -> Any:
        real = socket.getaddrinfo

        def resolve(host: Any, service: Any, *more: Any, **named: Any) -> Any:
            if host not in {"app.test", b"app.test"}:
                return real(host, service, *more, **named)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(service))) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        (tmp_path / "probes").mkdir()
        (tmp_path / "probes" / "pay.yaml").write_text(SURFACE)
        (tmp_path / "own.yaml").write_text(PROFILE)
        where = f"services: {{web: 'http://app.test:{port}'}}"
        path = tmp_path / "prober.yaml"
        path.write_text(f"profile: ./own.yaml\n{where}\nsurfaces: [pay]\nprobes: [./probes]\n")
        return prober.load(path)

    return load


@pytest.mark.parametrize("is_open", [True, False])
def test_every_address_of_a_name_is_asked(loaded: Any, *, is_open: bool) -> None:
    with machine(ONE, 0, is_open=False) as (port, _), machine(OTHER, port, is_open=is_open) as (_, asked):
        report = prober.run(loaded(port, ONE, OTHER))
    assert report.exit_status == (1 if is_open else 0)
    leaks = [finding for finding in report.findings if finding.verdict == "leak"]
    assert {finding.probe.request.service for finding in leaks} == ({"web-2"} if is_open else set())
    assert any(f"at http://app.test:{port} it is locked" in finding.detail for finding in leaks) is is_open
    assert {"GET /api/pay", "GET /healthz"} <= set(asked)
    assert [said for said in asked if said.startswith("POST /api")] == []  # what acts is tried at one address
    assert [note for note in report.notes if "has 2 addresses" in note and f"{OTHER} was asked the quick plan" in note]


def test_the_first_alone_is_asked_where_the_user_says_so(loaded: Any) -> None:
    with machine(ONE, 0, is_open=False) as (port, _), machine(OTHER, port, is_open=True) as (_, asked):
        report = prober.run(loaded(port, ONE, OTHER), SendOptions(address="first"))
    assert report.exit_status == 0
    assert asked == []


def test_an_address_that_takes_no_connection_is_said_and_not_asked(loaded: Any) -> None:
    with machine(ONE, 0, is_open=False) as (port, _):
        report = prober.run(loaded(port, NOBODY, ONE))
    assert report.exit_status == 0
    assert [note for note in report.notes if f"{NOBODY} took no connection" in note]
    assert {service.service.name for service in report.services} == {"web"}


def test_a_name_of_which_no_address_answers_is_unreachable(loaded: Any) -> None:
    with machine(ONE, 0, is_open=False) as (port, _):
        pass
    report = prober.run(loaded(port, NOBODY, OTHER), SendOptions(attempts=1))
    assert report.exit_status == 2
    assert {finding.verdict for finding in report.findings} <= {"unreachable", "skipped"}


@pytest.mark.parametrize(
    "sending",
    [
        SendOptions(resolve=("app.test:80:127.0.0.9",)),
        SendOptions(proxy="http://127.0.0.1:9"),
        SendOptions(address="first"),
    ],
    ids=["resolve", "proxy", "first"],
)
def test_no_name_is_looked_up_where_the_user_has_chosen(sending: SendOptions, loaded: Any) -> None:
    given = loaded(80, ONE, OTHER)
    assert with_every_address(given, sending) is given or with_every_address(given, sending).services == given.services
