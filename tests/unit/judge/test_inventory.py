"""What a report says of each route: there, absent, or neither where its answers differ."""

from __future__ import annotations

import pytest

from prober.judge.inventory import inventory_of
from prober.model import EarlierFinding, EarlierReport, Inventory, Verdict

NAME = "stock: GET /stock"


def report(*words: str) -> EarlierReport:
    """'drift missing', one for each credential of the route."""
    findings = {}
    for number, word in enumerate(words):
        verdict, reason = word.split()
        name = f"{NAME} [credential-{number}]"
        findings[name] = EarlierFinding(
            id=name, verdict=Verdict(verdict), held=Verdict(verdict), reason=reason, since=None
        )
    return EarlierReport(
        file="r.json", run="0123abcd", started_at="2026-11-01T00:00:00Z", profile="p", depth="quick", interrupted=False,
        services={}, findings=findings, release="7",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "there", "absent"),
    [
        (("locked as-promised",), True, False),
        (("leak granted", "locked as-promised"), True, False),
        (("drift missing", "drift missing"), False, True),
        (("drift missing", "locked opens-nothing"), False, True),
        (("drift missing", "locked as-promised"), False, False),
        (("unproven intermediary",), False, False),
        (("locked opens-nothing",), False, False),
    ],
)
def test_a_route_is_there_or_absent_where_all_answers_say_so(
    words: tuple[str, ...], *, there: bool, absent: bool
) -> None:
    made = inventory_of(report(*words), by="Jane", at="2026-11-02", file="lock", earlier=None)
    assert (NAME in made.there, NAME in made.absent, made.release) == (there, absent, "7")


@pytest.mark.parametrize("words", [("drift missing", "locked as-promised"), ("unproven intermediary",)])
def test_what_a_report_cannot_say_stays_as_it_was(words: tuple[str, ...]) -> None:
    earlier = Inventory(there=frozenset(), absent=frozenset({NAME}), at="2026-10-01", by="Jane", file="lock")
    made = inventory_of(report(*words), by="Joe", at="2026-11-02", file="lock", earlier=earlier)
    assert made.absent == {NAME}
