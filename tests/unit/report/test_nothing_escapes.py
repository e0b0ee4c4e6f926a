"""Whatever a deployment says, in every format: nothing of it acts, no secret is told, and its own parser reads it back.

A format is held to what it makes of a deployment that speaks plainly: the same report of a hostile one must have the same
bones, and differ in words alone. A new entry of FORMATS is tried without being named here, and fails until it has a reader.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from prober.model import Answered, Cause, Reason, Unanswered, Unsent, Verdict
from prober.report.exchange import exchanges
from prober.report.formats import FORMATS
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

    Say = Callable[[str], Report]

SECRET = 'held+secret/0123&<456>"\\789'

HOSTILE = {
    "control-characters": "\x00\x01\x07\x08\x0b\x7f\x9b31m",
    "colours": "\x1b[2J\x1b[31mred\x1b[0m",
    "window-title": "\x1b]0;x\x07",
    "direction": "\u202eabc\u2066def\u200f",
    "line-ends": "a\r\nb\nc\u2028d\u2029e\x85f",
    "half-a-letter": "a\ud800b\udfffc",
    "no-letter": "a\ufffe\uffff\ue000b",
    "end-of-script": "</script><script>alert(1)</script>",
    "end-of-all": "</td></table></details></pre></code></body></html>",
    "handler": '" onmouseover="alert(1)" x="',
    "handler-in-quotes": "' onmouseover='alert(1)' x='",
    "image": "<img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "comment": "<!-- x --> --!> <![CDATA[ x ]]> <?xml?> <!DOCTYPE x [<!ENTITY y 'z'>]> &y; &amp; &#0;",
    "javascript": "javascript:alert(1)//",
    "github": "::error::x",
    "github-in-line-two": "x\n::set-output name=a::b\n::stop-commands::x",
    "github-encoded": "%0A::error::x%0D%250A%25",
    "github-properties": "a,file=/etc/passwd,line=1::x",
    "azure": "##vso[task.setvariable variable=x]y ##[error]x",
    "table": "a | b \\| c |\n| --- | --- |",
    "backticks": "``` a `` b ` c",
    "links": "[x](https://evil.test) ![x](https://evil.test/x.png) <https://evil.test> https://evil.test www.evil.test",
    "mentions": "@everyone a@b.example #1 GH-1 o/r#1",
    "emphasis": "**x** __y__ ~~z~~ # h > q\n- l\n1. l",
    "labels": 'a"} 1\nlockdown_exit_status 0\n# TYPE x counter\\',
    "json": '"}]}, {"verdict": "locked',
    "yaml": "{0} {{1}} %s %(x)s ${x} $(x)",
    "long": "x" * 100_000,
    "long-and-wide": "\U0001d54f|`<" * 25_000,
    "nothing": "",
    "spaces": "   ",
}
PLAIN = "plain words"


@pytest.fixture(scope="module")
def said(finding_of: Callable[..., Finding], report_of: Callable[..., Report]) -> Say:
    """Make the report of a deployment that says one thing wherever it can."""

    def make(text: str) -> Report:
        raw = text.encode("utf-8", "replace")
        headers = (
            ("location", f"/{text}"),
            ("set-cookie", f"a={text}; Path=/{text}"),
            ("server", text),
            ("x-own", text),
        )

        def answered(status: int, body: bytes, kind: str = "text/plain") -> Answered:
            return Answered.of(status=status, headers=(("content-type", kind), *headers), body=body, elapsed_ms=3)

        silence = Unanswered(cause=Cause.PROTOCOL, detail=f"x{text}", arrived=True, attempts=3, elapsed_ms=9)
        unsent = Unsent(reason=Reason.EFFECT, detail=f"x{text}")
        told = [
            finding_of(
                detail=f"x{text}", outcome=answered(200, json.dumps({f"k{text}": text}).encode(), "application/json")
            ),
            finding_of(detail=f"x{text}", path="/html", outcome=answered(200, b"<title>" + raw, "text/html")),
            finding_of(Verdict.DRIFT, Reason.BROKEN, f"x{text}", path="/drift", outcome=answered(500, raw)),
            finding_of(Verdict.UNPROVEN, Reason.GATEWAY, f"x{text}", path="/wall", outcome=answered(403, raw)),
            finding_of(Verdict.UNREACHABLE, Reason.PROTOCOL, f"x{text}", path="/none", outcome=silence),
            finding_of(Verdict.SKIPPED, Reason.EFFECT, f"x{text}", path="/skipped", outcome=unsent),
            finding_of(Verdict.LOCKED, Reason.AS_PROMISED, f"x{text}", path="/locked", outcome=answered(401, raw)),
            *(
                finding_of(Verdict.DRIFT, Reason.MISSING, f"x{text}", path=f"/many/{n}", outcome=answered(404, raw))
                for n in range(8)
            ),
        ]
        told[0] = replace(told[0], confirmed=silence)
        gone = finding_of(
            Verdict.UNPROVEN, Reason.GATEWAY, f"x{text}", service="mcp", surface="mcp", outcome=answered(503, raw)
        )
        whole = report_of(*told, gone, notes=(f"x{text}",))
        web, mcp = (replace(entry, service=replace(entry.service, url=f"http://h/{text}")) for entry in whole.services)
        down = replace(mcp, said=f"x{text}", intermediary="a wall")
        return replace(whole, services=(web, down), release=f"x{text}")

    return make


def written(name: str, report: Report, secrets: tuple[str, ...] = ()) -> str:
    return FORMATS[name](record(report, secrets=secrets), lambda: exchanges(report, secrets=secrets))


# --- the bones of each format, read by a parser of its own ------------------------------------------------------------


def bones_of_json(value: object) -> object:
    match value:
        case dict():
            return {key: bones_of_json(inner) for key, inner in value.items()}
        case list():
            return [bones_of_json(inner) for inner in value]
    return type(value).__name__


def bones_of_xml(element: ET.Element) -> object:
    return element.tag, sorted(element.attrib), [bones_of_xml(child) for child in element]


GITHUB = MarkdownIt("gfm-like", {"html": True})


def bones_of_markdown(text: str) -> object:
    flat = [token for block in GITHUB.parse(text) for token in (block, *(block.children or ()))]
    kept = [token for token in flat if token.type not in {"text", "text_special"}]
    return [(token.type, token.tag, token.content if token.type.startswith("html") else "") for token in kept]


def bones_of_annotations(text: str) -> object:
    found = [re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line) for line in text.splitlines()]
    return [
        match and (match.group(1), [pair.partition("=")[0] for pair in match.group(2).split(",")]) for match in found
    ]


def bones_of_metrics(text: str) -> object:
    families = text_string_to_metric_families(text)
    return [(sample.name, sorted(sample.labels), sample.value) for family in families for sample in family.samples]


class Bones(HTMLParser):
    """The tags of a page with the names of their attributes, and all that could lead away from it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        leads = [value for name, value in attrs if name in {"href", "src", "action", "style"}]
        self.found.append((tag, sorted(name for name, _ in attrs), leads))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.found.append(("unknown", data))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", data))


def bones_of_html(text: str) -> object:
    reader = Bones()
    reader.feed(text)
    reader.close()
    return reader.found


READERS: dict[str, Callable[[str], object]] = {
    "table": lambda text: [line.split("  ")[0] for line in text.splitlines() if re.match("[A-Z]+  ", line)],
    "json": lambda text: bones_of_json(json.loads(text)),
    "ndjson": lambda text: [bones_of_json(json.loads(line)) for line in text.splitlines()],
    "sarif": lambda text: bones_of_json(json.loads(text)),
    "har": lambda text: bones_of_json(json.loads(text)),
    "junit": lambda text: bones_of_xml(ET.fromstring(text.encode())),
    "markdown": bones_of_markdown,
    "github": bones_of_annotations,
    "prometheus": bones_of_metrics,
    "html": bones_of_html,
}


def test_every_format_has_a_reader() -> None:
    assert set(FORMATS) <= set(READERS)


# --- nothing acts -----------------------------------------------------------------------------------------------------


def acting(text: str) -> list[str]:
    return [char for char in text if char not in " \n" and unicodedata.category(char)[0] in "CZ"]


def commands(text: str) -> list[str]:
    """The lines that the runner of a build would obey."""
    return [
        line
        for line in text.splitlines()
        if re.match(r"\s*::[a-z]", line, re.IGNORECASE) or "##[" in line or "##vso[" in line
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_what_a_hostile_deployment_says_is_words_and_nothing_else(said: Say, name: str, text: str) -> None:
    plain, hostile = (written(name, said(words)) for words in (PLAIN, text))
    assert not acting(hostile)
    assert [line.split()[0] for line in commands(hostile)] == [line.split()[0] for line in commands(plain)]
    assert READERS[name](hostile) == READERS[name](plain)


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_written_in_utf_8_and_ends_with_its_line(said: Say, name: str) -> None:
    text = written(name, said("".join(HOSTILE.values())))
    assert text.encode().decode() == text
    assert text.endswith("\n")
    assert len(text) < 250_000


# --- nothing is told --------------------------------------------------------------------------------------------------

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


def told(text: str) -> str:
    """All that can be read of a report, also by who undoes what its format does to a text."""
    unwritten = text.encode().decode("unicode_escape", "replace") if text.isascii() else text
    return "\n".join([text, unwritten, html.unescape(text), re.sub(r"\\(?=\W)", "", text), text.replace("%25", "%")])


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
