"""Markdown: rendered as GitHub does it, short enough for a comment, and no text in it is markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from prober.model import Reason, Verdict
from prober.report.markdown import MOST, code, escaped_sentence, render_markdown
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report
    from prober.report.shape import Record

GITHUB = MarkdownIt("gfm-like", {"html": True})


def blocks(whole: Record) -> list[str]:
    """The text of each block as a reader sees it, and tags of HTML as they are."""
    tokens = GITHUB.parse(render_markdown(whole))
    return [seen(token.content) if token.type == "inline" else token.content for token in tokens if token.content]


def seen(markup: str) -> str:
    return re.sub("<[^>]*>", "", GITHUB.renderInline(markup)).replace("&gt;", ">").replace("&quot;", '"')


def test_a_leak_is_read_without_unfolding_anything(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][1]["since"] = "2026-11-20T03:12:00Z"
    found = blocks(whole)
    assert found[:2] == [
        "LEAK: 1 route is open to anyone; 1 more answered unexpectedly; 1 probe of 1 route skipped, 1 surface not served here, 1 surface not tried",
        "1 route is open to anyone: migrate: POST /api/migrate, since 2026-11-20 03:12:00 UTC. Do first: Set MIGRATION_SECRET.",
    ]  # fmt: skip
    at = found.index("LEAK migrate: POST /api/migrate, since 2026-11-20T03:12:00Z")
    assert found[at + 1 : at + 6] == [
        "granted: got 200, expected 401 with anonymous, bogus-bearer",
        "why: Strangers read who is signed in.",
        "fix: Set MIGRATION_SECRET.",
        "defined in profiles/oauth.yaml:9 (answer) and probes/migrate.yaml:4 (route)",
        "curl -qgsSi --path-as-is -m 15 -X POST -H 'Content-Length: 0' http://127.0.0.1:3000/api/migrate\n",
    ]


def test_the_worst_comes_first_and_then_what_was_not_looked_at(mixed_report: Report) -> None:
    text = render_markdown(record(mixed_report))
    places = [
        text.index(said) for said in ("**LEAK**", "**DRIFT**", "**UNPROVEN**", "**UNREACHABLE**", "1 probe skipped")
    ]
    assert places == sorted(places)
    assert "Not served here: `login`" in text
    assert "Not tried: `mcp`" in text
    assert "> `a note`" in text


def test_counts_are_those_of_the_record(mixed_report: Report) -> None:
    html = GITHUB.render(render_markdown(record(mixed_report)))
    table = html[html.index("<table>") : html.index("</table>")]
    assert re.findall(">(\\w+)</th>", table) == ["routes", "leak", "drift", "unproven", "unreachable", "locked"]
    assert re.findall(">(\\w+)</td>", table) == ["6", "1", "1", "1", "1", "1", "1"]


def test_many_causes_of_a_lesser_verdict_are_folded(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    drift = [
        finding_of(Verdict.DRIFT, Reason.BROKEN, "answered 500 | x", surface=f"s{n}", path=f"/{n}|") for n in range(9)
    ]
    html = GITHUB.render(render_markdown(record(report_of(*drift))))
    assert html.count("<details>") == html.count("</details>") == 1
    assert "<summary>9 routes: drift</summary>" in html
    assert html.count("<td><code>s") == html.count("<code>answered 500 | x</code></td>") == 9


def test_one_cause_is_one_entry_that_names_every_route(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    found = blocks(record(report_of(*(finding_of(path=f"/api/{n}") for n in range(4)))))
    at = found.index("LEAK me: 4 routes are open to anyone (guard session)")
    names = ", ".join(f"me: GET /api/{n}" for n in range(4))
    assert found[at + 1] == f"{names}: granted: got 200, expected 401 with anonymous"
    assert sum(text.startswith("fix: ") for text in found) == 1


def test_what_is_said_of_a_whole_service_is_said_once(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["services"]["web"]["said"] = "nobody answers there"
    found = blocks(whole)
    assert "web: nobody answers there" in found
    assert not [block for block in found if block.startswith(("UNPROVEN", "UNREACHABLE"))]
    assert [block for block in found if block.startswith(("LEAK m", "DRIFT"))]


def test_a_waiver_is_in_sight(mixed_report: Report) -> None:
    whole = record(mixed_report)
    whole["findings"][6] |= {"reason": "waived", "detail": "waived by us", "waiver": "me: *", "waived": "leak: granted"}
    assert "waived (leak: granted), me: *: waived by us" in blocks(whole)


@pytest.mark.parametrize("verdict", [Verdict.LEAK, Verdict.DRIFT, Verdict.SKIPPED])
def test_it_fits_in_a_comment_and_says_what_is_left_out(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report], verdict: Verdict
) -> None:
    findings = [finding_of(verdict, detail=f"é{n} {'x' * 400}", path=f"/{n}") for n in range(400)]
    text = render_markdown(record(report_of(*findings)))
    shown = sum(text.count(f"`é{n} ") for n in range(400))
    (left,) = re.findall(r"\*\*Left out to save space: .*?\((\d+)\)\.\*\* The JSON report", text)
    assert len(text.encode()) <= MOST
    assert shown > 50
    assert shown + int(left) == 400
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0


def test_a_command_that_is_too_long_is_named_and_not_cut(
    finding_of: Callable[..., Finding], report_of: Callable[..., Report]
) -> None:
    text = render_markdown(record(report_of(finding_of(headers=(("X-Long", "x" * 3000),)))))
    assert "```" not in text
    assert "run `prober explain` for `me: GET /api/me [anonymous]`" in text


NASTY = [
    "<script>alert(1)</script>", "</details>", "<!-- x", "`x`", "``", "`", "a | b", "\\", "\\`", "\\|", "[x](https://evil.test)",
    "![x](https://evil.test/x.png)", "https://evil.test/x", "www.evil.test", "@everyone", "a@b.example", "#1", "GH-1", "o/r#1",
    "**x**", "_x_", "~~x~~", "&lt;b&gt;", "&#64;x", "# x", "> x", "- x", "1. x", "```", "~~~", "[^1]", "[x]: https://evil.test",
    "$x$", "::error::x", "    x", " ", "",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_a_span_of_code_is_read_as_it_is_wherever_it_stands(text: str) -> None:
    for page in (f"a {code(text)} b", f"| a | b |\n| - | - |\n| {code(text.replace('|', chr(92) + '|'))} | c |\n"):
        (inner,) = [token for token in GITHUB.parse(page) if token.type == "inline" and "`" in token.content]
        assert [child.content for child in inner.children or () if child.type == "code_inline"] == [
            text.replace("::", ": :", 1) or "  "
        ]
        assert {child.type for child in inner.children or ()} <= {"text", "code_inline"}


@pytest.mark.parametrize("text", NASTY)
def test_a_sentence_is_read_as_it_is(text: str) -> None:
    inner = next(token for token in GITHUB.parse(f"a {escaped_sentence(text)} b") if token.type == "inline")
    assert {child.type for child in inner.children or ()} <= {"text", "text_special"}
    read = "".join(child.content for child in inner.children or ())
    assert " ".join(read.replace("\u200b", "").split()) == " ".join(f"a {text} b".split()).replace(" ::", " : :")
    assert not re.search(r"@\w|#\d|\bwww\.|://|GH-\d", read)
