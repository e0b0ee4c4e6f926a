"""The HTML report as its source: one file that is sound, whole and shut, whatever a deployment said."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import html5lib
import pytest

from prober.model import Reason, Service, ServiceReport, Unanswered, Unsent, Verdict
from prober.model.enums import Cause
from prober.report.html.entries import MARKS
from prober.report.html.markup import element, link, together
from prober.report.html.page import render_html
from prober.report.record import record
from tests.support.html_pages import answered, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

    Make = Callable[..., Finding]
    MakeReport = Callable[..., Report]

SECRET = "held-secret-0123456789"
UNSENT = Unsent(reason=Reason.EFFECT, detail="an open door would act")
SILENCE = Unanswered(cause=Cause.TIMEOUT, detail="no answer in 5 s", arrived=True, attempts=3, elapsed_ms=15000)
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</td></table></details></main></body></html><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<meta http-equiv=refresh content=0;url=https://evil.test>",
    "<base href=https://evil.test/><form action=https://evil.test><button>x</button></form>",
    "<!-- --!> <![CDATA[ ]]> <?x?> &lt;script&gt; &#60;script&#62; &amp;",
    "*{display:none} } </style> expression(alert(1)) url(https://evil.test/x)",
]  # fmt: skip


def said_everywhere(finding_of: Make, report_of: MakeReport, text: str) -> Report:
    """A report in which whatever may hold somebody's words holds these."""
    answer = answered(401, text, ("x-own", text), ("location", text), ("set-cookie", text))
    told = [
        finding_of(verdict, detail=text, path=f"/{text}", outcome=answer, why=text, fix=text, headers=(("x", text),), content=text.encode())
        for verdict in Verdict
    ]  # fmt: skip
    more = [
        finding_of(Verdict.LEAK, surface=text, credential=text, variant=text, method=text),
        finding_of(Verdict.UNREACHABLE, detail=text, path="/none", outcome=SILENCE),
        finding_of(Verdict.SKIPPED, detail=text, path="/skipped", outcome=replace(UNSENT, detail=text)),
    ]
    service = Service(name="web", url=text, scheme="http", host="h", port=1, base_path="")
    web = ServiceReport(service=service, alive=True, blanket=True, intermediary=text, said=text)
    names = {"run": text, "profile": text, "observed_mode": text, "not_served": (text,), "untried": (text,)}
    return report_of(*told, *more, services=[web], notes=(text,) * 5, **names)


class Reader(HTMLParser):
    """What a page holds: its elements, each attribute, and the text outside of its style."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.style: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        (self.style if self.names[-1:] == ["style"] and not self.style else self.text).append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, key, value in self.attributes if key == name]


def leak(finding_of: Make, report_of: MakeReport) -> Report:
    return report_of(
        finding_of(Verdict.LOCKED, Reason.AS_PROMISED, "got 401, as expected", path="/api/me", outcome=answered(401)),
        finding_of(path="/api/keys", surface="keys", credential="bogus-bearer", outcome=answered(200, '{"key": "v"}', ("content-type", "application/json"))),
        finding_of(Verdict.SKIPPED, Reason.EFFECT, "an open door would act", path="/api/mail", outcome=UNSENT),
    )  # fmt: skip


# --- the file ---------------------------------------------------------------------------------------------------------


def test_page_is_sound_to_a_strict_parser(finding_of: Make, report_of: MakeReport) -> None:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(page_of(leak(finding_of, report_of)))
    assert tree.get("lang") == "en"
    assert tree.findtext("head/title", "").startswith("LEAK: 1 route is open to anyone")
    levels = [int(node.tag[1]) for node in tree.iter() if node.tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert [step for step in itertools.pairwise(levels) if step[1] > step[0] + 1] == []


def test_page_forbids_all_but_its_own_style(finding_of: Make, report_of: MakeReport) -> None:
    page = Reader(page_of(leak(finding_of, report_of)))
    [policy] = [value for value in page.values("content") if "default-src" in value]
    digest = base64.b64encode(hashlib.sha256("".join(page.style).encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page.names.count("style") == 1


def test_page_loads_runs_and_leads_to_nothing(finding_of: Make, report_of: MakeReport) -> None:
    page = Reader(page_of(leak(finding_of, report_of)))
    assert {"script", "link", "img", "iframe", "form", "base", "object", "svg"} & set(page.names) == set()
    assert [name for _, name, _ in page.attributes if name.startswith("on") or name in {"src", "style", "action"}] == []
    assert "@import" not in "".join(page.style)
    assert "url(" not in "".join(page.style)


def test_every_link_leads_to_a_place_in_the_page(finding_of: Make, report_of: MakeReport) -> None:
    page = Reader(page_of(leak(finding_of, report_of)))
    anchors = page.values("id")
    assert len(anchors) == len(set(anchors))
    assert page.values("href")
    assert {href.removeprefix("#") for href in page.values("href")} <= set(anchors)
    assert all(href.startswith("#") for href in page.values("href"))


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_others_never_become_markup(finding_of: Make, report_of: MakeReport, text: str) -> None:
    """The same bones as of a report in which plain words stand; and the words are there, to be read."""
    page = Reader(page_of(said_everywhere(finding_of, report_of, text)))
    plain = Reader(page_of(said_everywhere(finding_of, report_of, "plain words")))
    assert page.names == plain.names
    assert [(tag, name) for tag, name, _ in page.attributes] == [(tag, name) for tag, name, _ in plain.attributes]
    assert page.style == plain.style
    assert page.values("class") == plain.values("class")
    assert page.values("href") == plain.values("href")
    assert "".join(page.text).count(text) > 20


def test_no_secret_is_told(finding_of: Make, report_of: MakeReport) -> None:
    page = page_of(said_everywhere(finding_of, report_of, f"x {SECRET} y"), secrets=(SECRET,))
    own = page.count(SECRET)  # names of routes and credentials are the user's, and no deployment's
    shown = page_of(said_everywhere(finding_of, report_of, f"x {SECRET} y"))
    assert "&lt;redacted&gt;" in page
    assert own < shown.count(SECRET)


# --- what it says -----------------------------------------------------------------------------------------------------


def body_of(page: str) -> str:
    return " ".join(" ".join(Reader(page).text).split())


def test_page_says_first_what_is_open_and_what_to_do(finding_of: Make, report_of: MakeReport) -> None:
    text = body_of(page_of(leak(finding_of, report_of)))
    start = text.index("skip to the evidence")
    assert text[start:].startswith(
        "skip to the evidence LEAK: 1 route is open to anyone; 1 probe of 1 route skipped "
        "Open keys: GET /api/keys (bogus-bearer) Do first Call requireSession() first."
    )


def test_evidence_shows_both_sides_and_where_they_are_written(finding_of: Make, report_of: MakeReport) -> None:
    text = body_of(page_of(leak(finding_of, report_of)))
    evidence = text[text.index("Not locked") : text.index("Skipped")]
    for said in (
        "got 200, expected 401", "Strangers read who is signed in.", "Call requireSession() first.", "profiles/oauth.yaml:9",
        "probes/keys.yaml:4", "curl -qgsSi", "GET http://127.0.0.1:3000/api/keys", '{"key": "<text of 1>"}',
    ):  # fmt: skip
        assert said in evidence


def test_matrix_has_the_worst_first_and_a_sign_for_each_kind(finding_of: Make, report_of: MakeReport) -> None:
    page = page_of(report_of(*(finding_of(v, path=f"/{v}", surface=v, credential=f"c-{v}") for v in reversed(Verdict))))
    rows = re.findall(r'aria-label="show every route of ([a-z]+)"|class="whole">.*?<b>([a-z]+)</b>', page)
    assert ["".join(row) for row in rows] == ["leak", "drift", "unproven", "unreachable", "skipped", "locked"]
    columns = re.findall(r'<th scope="col"[^>]*><span>([^<]+)</span>', page)
    assert columns[:4] == ["c-leak", "c-drift", "c-unproven", "c-unreachable"]
    signs = dict(re.findall(r'<span class="mark ([a-z]+)" aria-hidden="true">(.)</span>', page))
    assert signs == {verdict: MARKS[verdict] for verdict in Verdict}
    assert len(set(MARKS.values())) == len(MARKS)


def test_variants_of_a_request_share_a_column_that_tells_how_many_are_open(
    finding_of: Make, report_of: MakeReport
) -> None:
    findings = [finding_of(Verdict.LOCKED, variant=f"v{number}") for number in range(40)]
    page = page_of(
        report_of(finding_of(Verdict.LOCKED), *findings, finding_of(variant="open"), finding_of(variant="also"))
    )
    assert re.findall(r'<th scope="col"[^>]*><span>([^<]+)</span>', page) == ["anonymous + variants", "anonymous"]
    assert 'aria-label="leak: anonymous + variants, 2 of 42"' in page
    assert "L<sub>2</sub>" in page


def test_an_open_door_in_a_service_that_says_nothing_else_is_named_first(
    finding_of: Make, report_of: MakeReport
) -> None:
    service = Service(name="web", url="http://h", scheme="http", host="h", port=1, base_path="")
    told = ServiceReport(service=service, alive=True, blanket=False, intermediary=None, said="everything is broken")
    text = body_of(page_of(report_of(finding_of(Verdict.UNPROVEN, path="/a"), finding_of(), services=[told])))
    assert "Open me: GET /api/me (anonymous) Do first Call requireSession() first. web everything is broken" in text


def test_a_service_that_says_all_at_once_is_not_told_probe_by_probe(finding_of: Make, report_of: MakeReport) -> None:
    service = Service(name="web", url="http://h", scheme="http", host="h", port=1, base_path="")
    told = ServiceReport(service=service, alive=True, blanket=False, intermediary=None, said="everything is broken")
    silent = finding_of(
        Verdict.UNREACHABLE, Reason.TIMEOUT, "no answer in 5 s", path="/a", service="mcp", outcome=SILENCE
    )
    mcp = replace(told, service=replace(service, name="mcp"), said=None)
    text = body_of(page_of(report_of(finding_of(Verdict.UNPROVEN, Reason.BROKEN), silent, services=[told, mcp])))
    assert (
        "proved nothing, 0 probes of 0 routes got the expected answer Unreachable no answer in 5 s 1 probe web everything is broken"
        in text
    )


def test_what_is_waived_is_no_ordinary_skip(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(report_of(finding_of(Verdict.SKIPPED, Reason.WAIVED, "got 200, expected 401")))
    whole["findings"][0] |= {"waiver": "me: *", "waived": "leak: granted"}
    whole["waivers"] = [{
        "finding": "me: *", "surface": None, "reason": "Until the move.", "owner": "ops", "expires": "2027-01-01",
        "state": "expired", "probes": 1, "waived": 1, "source": "waivers.yaml:3",
    }]  # fmt: skip
    page = render_html(whole, [])
    assert 'id="only-waived"' in page
    assert 'id="only-skipped"' not in page
    text = body_of(page)
    assert "got 200, expected 401; waived (leak: granted) by me: *" in text
    assert "EXPIRED me: * 1 of 1 Until the move. ops 2027-01-01 waivers.yaml:3" in text


def test_since_when_and_what_changed_is_told(finding_of: Make, report_of: MakeReport) -> None:
    whole = record(report_of(finding_of()))
    whole["findings"][0] |= {"since": "2026-11-20T10:00:00Z", "change": "opened"}
    whole["baseline"] = {
        "run": "aaaa1111", "started_at": "2026-11-20T10:00:00Z", "profile": "oauth", "depth": "standard", "fail_on": "new",
        "known": 0, "opened": 1, "closed": 2, "changed": 3, "new": 4, "gone": 5,
    }  # fmt: skip
    text = body_of(render_html(whole, []))
    assert "Open me: GET /api/me (anonymous), since 2026-11-20T10:00:00Z Do first" in text
    assert "granted got 200, expected 401; opened; since 2026-11-20T10:00:00Z" in text
    assert "opened closed changed new gone known fails on 1 2 3 4 5 0 new" in text


# --- the one place where text is escaped ------------------------------------------------------------------------------


def test_text_is_escaped_and_markup_is_not() -> None:
    made = element("p", element("b", "<i>"), "&", None, class_='"x"', aria_label="'", hidden=True, open=False)
    assert made.text == '<p class="&quot;x&quot;" aria-label="&#x27;" hidden><b>&lt;i&gt;</b>&amp;</p>'


def test_a_link_leads_nowhere_but_into_the_page() -> None:
    assert link("javascript:alert(1)", "x").text == '<a href="#javascript:alert(1)">x</a>'
    assert together(["<", element("meta", name="x")]).text == '&lt;<meta name="x">'
