"""No form of a held secret is in any output, however an answer repeats it: of what comes back to it only the shape is shown."""

from __future__ import annotations

import base64
import codecs
import gzip
import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from prober.model import Answered, Cause, Reason, Unanswered, Verdict
from prober.report.exchange import exchanges
from prober.report.formats import FORMATS
from prober.report.ndjson import early_line
from prober.report.record import record
from prober.report.redact import HIDDEN, clean, forms_of
from prober.report.secret_traces import holds_trace, traces_of
from prober.report.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Finding, Report

    Make = Callable[..., Finding]

SECRET = "q7Zr-pX2+vB9/tK4wLm0ndY8sHc3Jg6aEuQ1"  # made up for this test
RAW = SECRET.encode()


def base58(raw: bytes) -> str:
    alphabet, number, digits = (
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        int.from_bytes(raw, "big"),
        "",
    )
    while number:
        number, digit = divmod(number, 58)
        digits = alphabet[digit] + digits
    return digits


FORMS = {
    "plain": SECRET,
    "hex": RAW.hex(),
    "hex-upper": RAW.hex().upper(),
    "hex-colons": RAW.hex(":"),
    "hex-utf-16": SECRET.encode("utf-16-le").hex(),
    "hex-utf-16-be": SECRET.encode("utf-16-be").hex(),
    "url": quote(SECRET, safe=""),
    "url-every-letter": "".join(f"%{byte:02x}" for byte in RAW),
    "url-twice": quote("".join(f"%{byte:02X}" for byte in RAW), safe=""),
    "url-three-times": quote(quote(quote(SECRET, safe=""), safe=""), safe=""),
    "json-escapes": "".join(f"\\u{byte:04x}" for byte in RAW),
    "javascript-escapes": "".join(f"\\x{byte:02x}" for byte in RAW),
    "entities": "".join(f"&#{byte};" for byte in RAW),
    "entities-hex": "".join(f"&#x{byte:X};" for byte in RAW),
    "quoted-printable": "".join(f"={byte:02X}" for byte in RAW),
    "base64": base64.b64encode(RAW).decode(),
    "base64-url": base64.urlsafe_b64encode(RAW).decode().rstrip("="),
    "base64-within": base64.b64encode(b"id=" + RAW + b";x").decode(),
    "base64-shifted": base64.b64encode(b"s" + RAW).decode(),
    "base64-twice": base64.b64encode(base64.b64encode(RAW)).decode(),
    "base32": base64.b32encode(RAW).decode(),
    "base32-lower": base64.b32encode(RAW).decode().lower().rstrip("="),
    "base32-hex": base64.b32hexencode(RAW).decode(),
    "base58": base58(RAW),
    "base85": base64.b85encode(RAW).decode(),
    "ascii85": base64.a85encode(RAW).decode(),
    "a-number": str(int.from_bytes(RAW, "big")),
    "base64-backwards": base64.b64encode(RAW).decode()[::-1],
    "decimals": json.dumps(list(RAW)),
    "octals": "".join(f"\\{byte:o}" for byte in RAW),
    "bits": " ".join(f"{byte:08b}" for byte in RAW),
    "bits-in-a-row": "".join(f"{byte:08b}" for byte in RAW),
    "hex-0x": ", ".join(f"0x{byte:02x}" for byte in RAW),
    "caesar": "".join(
        chr((ord(c) - 97 + 3) % 26 + 97) if c.islower() else chr((ord(c) - 65 + 3) % 26 + 65) if c.isupper() else c
        for c in SECRET
    ),
    "next-letters": "".join(chr(byte + 1) for byte in RAW),
    "between-others": "".join(f"{c}x" for c in SECRET),
    "every-second": f"{SECRET[::2]} {SECRET[1::2]}",
    "tags": "".join(f"<i>{c}</i>" for c in SECRET),
    "a-list-of-letters": json.dumps(list(SECRET)),
    "letters-by-number": json.dumps({str(number): c for number, c in enumerate(SECRET)}),
    "letters-by-line": "\n".join(f"{number},{c}" for number, c in enumerate(SECRET)),
    "full-width": "".join(chr(byte + 0xFEE0) for byte in RAW),
    "gzip": base64.b64encode(gzip.compress(RAW)).decode(),
    "upper": SECRET.upper(),
    "lower": SECRET.lower(),
    "swapped-case": SECRET.swapcase(),
    "backwards": SECRET[::-1],
    "rot13": codecs.encode(SECRET, "rot13"),
    "without-the-first": SECRET[1:],
    "without-the-last": SECRET[:-1],
    "first-half": SECRET[: len(SECRET) // 2],
    "last-half": SECRET[len(SECRET) // 2 :],
    "spaced": " ".join(SECRET),
    "split": f"{SECRET[:11]}-{SECRET[11:]}",
    "zero-width": "\u200b".join((SECRET[:7], SECRET[7:])),
    "hex-backwards": RAW[::-1].hex(),
}
HARMLESS = [
    "got 302 to /signin?callbackUrl=%2Fapp, expected 401",
    "waived until 2999-01-01 by ops (leak, granted: got 200, expected 401): no held secret was given",
    "eyJhbGciOiJub25lIn0.e30.",
    "text/html; charset=utf-8",
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    base64.b64encode(b"what somebody else keeps, for a while at least").decode(),
    "x" * 4_000,
    "",
]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_text_that_holds_a_form_of_the_secret_is_hidden(form: str) -> None:
    shown = clean(f"before {form} after", forms_of([SECRET]))
    assert HIDDEN in shown
    assert form not in shown


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_without_the_secret_stays(text: str) -> None:
    assert not holds_trace(text, traces_of([SECRET, "member@brain.example"]))


def test_the_names_of_a_cookie_header_are_no_secret() -> None:
    traces = traces_of([f"authjs.session-token={SECRET}; theme2=dark"])
    assert not holds_trace("authjs.session-token=; Path=/; Max-Age=0", traces)
    assert holds_trace(SECRET[3:30], traces)


# --- what a probe that sent the secret got ----------------------------------------------------------------------------


@pytest.fixture
def sent(finding_of: Make) -> Callable[[str, Verdict], Finding]:
    """Make a finding of a probe that sent the secret, to a deployment that repeats it wherever it can."""

    def make(form: str, verdict: Verdict) -> Finding:
        headers = (
            ("location", f"https://{form}.example/{form}?next={form}"), ("server", form), ("date", form),
            ("www-authenticate", f'Bearer realm="{form}"'), (f"x-{form}".lower(), "1"), ("set-cookie", f"{form}={form}"),
        )  # fmt: skip
        body = json.dumps({"error": form, form: form}).encode("utf-8", "replace")
        answered = Answered.of(status=302, headers=headers, body=body, elapsed_ms=3)
        found = finding_of(verdict, Reason.GRANTED, f"got 302 to /{form}, expected 401", outcome=answered)
        silence = Unanswered(
            cause=Cause.PROTOCOL, detail=f"not HTTP: {form}", arrived=True, attempts=1, elapsed_ms=1
        )  # fmt: skip
        credential = replace(found.probe.credential, name="mcp-token", secret=SECRET)
        return replace(found, probe=replace(found.probe, credential=credential), confirmed=silence)

    return make


def outputs(report: Report) -> dict[str, str]:
    """Give all that a run can print, write, keep or show."""
    kept = record(report, secrets=[SECRET])
    texts = {name: FORMATS[name](kept, lambda: exchanges(report, secrets=[SECRET])) for name in FORMATS}
    texts["verbose"] = render_table(kept, width=300, verbose=True)
    texts["early"] = "".join(early_line(finding, forms_of([SECRET])) for finding in report.findings)
    texts["history"] = json.dumps(kept, ensure_ascii=False)
    return texts


@pytest.mark.parametrize("verdict", [Verdict.LEAK, Verdict.LOCKED, Verdict.DRIFT, Verdict.UNPROVEN])
def test_of_an_answer_to_the_secret_every_output_shows_the_shape_alone(
    verdict: Verdict, sent: Callable[[str, Verdict], Finding], report_of: Callable[..., Report]
) -> None:
    for form in FORMS.values():
        for name, text in outputs(report_of(sent(form, verdict))).items():
            shown = html.unescape(text)
            pieces = (form, form.lower(), json.dumps(form)[1:-1], quote(form, safe=""))
            assert [piece for piece in pieces if piece in text or piece in shown] == [], name


def test_the_shape_says_what_was_expected_and_what_came(
    sent: Callable[[str, Verdict], Finding], report_of: Callable[..., Report]
) -> None:
    (found,) = record(report_of(sent("plain", Verdict.LEAK)))["findings"]
    assert found["detail"].startswith("got 302, expected ")
    assert (found["location"], found["status"]) == ("(not shown: a held secret was sent)", 302)
    (locked,) = record(report_of(sent("plain", Verdict.LOCKED)))["findings"]
    assert locked["detail"] == "got 302, as expected"


def test_an_answer_to_a_probe_without_a_secret_that_repeats_one_is_hidden(
    finding_of: Make, report_of: Callable[..., Report]
) -> None:
    for form in FORMS.values():
        headers = (("location", f"/{form}"), ("server", form), ("x-request-id", form))
        answered = Answered.of(status=401, headers=headers, body=form.encode("utf-8", "replace"), elapsed_ms=3)
        found = finding_of(detail=f"got 401 with {form}", outcome=answered)
        for name, text in outputs(report_of(found, release=form, notes=(f"a cookie {form}",))).items():
            assert form not in text, name
