"""Whatever a deployment says, in every format: nothing of it acts, no secret is told, and its own parser reads it back.

A format is held to what it makes of a deployment that speaks plainly: the same report of a hostile one must have the same
bones, and differ in words alone. A new entry of FORMATS is tried without being named here, and fails until it has a reader.
"""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from prober.report.formats import FORMATS
from tests.support.hostile_reports import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Report

    Say = Callable[[str], Report]

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
