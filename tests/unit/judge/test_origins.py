"""A route that is open at one origin of a service only: the leak names the origins at which the same probe is locked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.judge.origins import compare_origins
from prober.model import Finding, Service, Verdict
from tests.support.reports import make_finding


def origin(name: str, also: str | None = None) -> Service:
    return Service(
        name=name, url=f"https://{name}.test", scheme="https", host=f"{name}.test", port=443, base_path="", also=also
    )


SERVICES = {"web": origin("web"), "eu": origin("eu", "web"), "us": origin("us", "web"), "mcp": origin("mcp")}


def at(name: str, verdict: Verdict = Verdict.LOCKED, *, surface: str = "me", **facts: str) -> Finding:
    return make_finding(verdict, detail="the detail", service=name, surface=surface, **facts)  # type: ignore[arg-type]


def test_a_leak_names_every_origin_at_which_it_is_locked() -> None:
    findings = (at("web", Verdict.LEAK), at("eu"), at("us"))
    leak, *others = compare_origins(findings, SERVICES)
    assert leak == replace(
        findings[0], detail=f"the detail; at {SERVICES['eu'].place}, {SERVICES['us'].place} it is locked"
    )
    assert tuple(others) == findings[1:]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(at("eu", Verdict.LEAK), id="open-there-too"),
        pytest.param(at("eu", Verdict.DRIFT), id="no-lock"),
        pytest.param(at("mcp"), id="another-service"),
        pytest.param(at("eu", path="/api/notes"), id="another-path"),
        pytest.param(at("eu", method="POST"), id="another-method"),
        pytest.param(at("eu", surface="notes"), id="another-surface"),
        pytest.param(at("eu", credential="bogus-bearer"), id="another-credential"),
        pytest.param(at("eu", variant="double-slash"), id="a-variant"),
        pytest.param(replace(at("eu"), probe=replace(at("eu").probe, procedure="session")), id="a-procedure"),
        pytest.param(
            replace(at("eu"), probe=replace(at("eu").probe, route=replace(at("eu").probe.route, id="list"))),
            id="another-id",
        ),
    ],
)
def test_only_the_same_probe_at_another_origin_is_compared(other: Finding) -> None:
    leak = at("web", Verdict.LEAK)
    assert compare_origins((leak, other), SERVICES)[0] == leak


def test_what_is_no_leak_says_nothing_of_other_origins() -> None:
    findings = (at("web", Verdict.DRIFT), at("eu"))
    assert compare_origins(findings, SERVICES) == findings


def named(name: str, verdict: Verdict, *, id_: str | None = None, procedure: str | None = None) -> Finding:
    """Make a finding at an origin whose route has an id, or which a procedure sends."""
    found = at(name, verdict)
    probe = replace(found.probe, route=replace(found.probe.route, id=id_), procedure=procedure)
    return replace(found, probe=probe)


@pytest.mark.parametrize(
    ("leak", "lock", "is_same"),
    [
        pytest.param({"id_": "list"}, {"id_": "list"}, True, id="one-id"),
        pytest.param({"id_": "list"}, {"id_": "search"}, False, id="two-ids"),
        pytest.param({"procedure": "limit"}, {"procedure": "limit"}, True, id="one-procedure"),
        pytest.param({"procedure": "limit"}, {"procedure": "follow"}, False, id="two-procedures"),
    ],
)
def test_ids_and_procedures_are_compared_too(leak: dict[str, str], lock: dict[str, str], *, is_same: bool) -> None:
    found, _ = compare_origins((named("web", Verdict.LEAK, **leak), named("eu", Verdict.LOCKED, **lock)), SERVICES)
    assert found.detail.endswith("it is locked") is is_same
