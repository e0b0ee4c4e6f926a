"""No format of a report shows a secret."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pytest

from prober.model import Answered
from prober.report.formats import FORMATS
from tests.support.hostile_reports import told, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

    Say = Callable[[str], Report]

SECRET = 'held+secret/0123&<456>"\\789'

FORMS: dict[str, Callable[[str], str]] = {
    "as-it-is": lambda s: s,
    "url": lambda s: quote(s, safe=""),
    "url-in-small-letters": lambda s: re.sub("%..", lambda found: found.group().lower(), quote(s)),
    "form": quote_plus,
    "html": html.escape,
    "json": lambda s: json.dumps(s)[1:-1],
    "hex": lambda s: s.encode().hex(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "basic-auth": lambda s: base64.b64encode(f"u:{s}".encode()).decode(),
    "inside-other-base64": lambda s: base64.b64encode(f"x{s}yz".encode()).decode(),
}


@pytest.mark.filterwarnings("ignore:.*invalid escape sequence:DeprecationWarning")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FORMATS)
def test_no_held_secret_is_told_in_any_form(said: Say, name: str, form: str) -> None:
    """But for the letters at both ends that, in base64, it shares with its neighbours."""
    core = FORMS[form](SECRET)[4:-5]
    assert len(core) > 15
    assert core in told(f"x{FORMS[form](SECRET)}")
    report = said(FORMS[form](SECRET))
    assert core not in told(written(name, report, secrets=(SECRET,)))


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_is_told_that_only_looks_like_one(said: Say, name: str) -> None:
    text = "/cb?token=of-theirs-1 bp_of-theirs-222 eyJhbGciOiJIUzI1NiJ9.of-theirs-3.c2ln https://u:of-theirs-4@h/"
    assert "of-theirs" not in told(written(name, said(text)))


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_open_door_leads_to_is_not_told(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], name: str
) -> None:
    def granted(path: str, kind: str, body: bytes) -> Finding:
        headers = (("content-type", kind), ("x-user", "of-other-people"), ("set-cookie", "s=of-other-people"))
        return finding_of(path=path, outcome=Answered.of(status=200, headers=headers, body=body, elapsed_ms=3))

    people: dict[str, Any] = {
        "of-other-people-1": {"name": "of-other-people"},
        "of-other-people-2": {"name": ["of-other-people"]},
    }
    report = report_of(
        granted("/json", "application/json", json.dumps(people).encode()),
        granted("/html", "text/html", b"<title>of-other-people</title><p>of-other-people"),
        granted("/text", "text/plain", b"of-other-people"),
    )
    text = written(name, report)
    assert "of-other-people" not in text
    assert text
