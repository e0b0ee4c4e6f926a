"""Refusals that wear a 200: the sign-in page, a redirect inside the page, a body that is only an error. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.judge.content import content_of
from prober.judge.fingerprint import fingerprint
from prober.judge.listing import FEWEST_ENTRIES, FEWEST_FIGURES_OF_A_REDIRECT, listing_of
from prober.judge.records import ERROR_KEYS, entries, folded, names_something

if TYPE_CHECKING:
    from prober.judge.controls import ServiceControls
    from prober.model import Answered, JsonValue, Probe

# In a page's stream, and in the data that the Pages Router fetches for it.
_NEXT_REDIRECT = re.compile(rb'NEXT_REDIRECT;(?:replace|push);|"__N_REDIRECT"\s*:\s*"')
_META = re.compile(
    rb"<meta[^>]{0,600}>", re.IGNORECASE
)  # bounded, here and below: the body is the deployment's to choose
_DELAY = re.compile(rb"content\s{0,9}=\s{0,9}[\"']?\s{0,9}(\d{1,6})", re.IGNORECASE)
FEWEST_ROWS = 2  # of records: one may be an error in a form of its own
LONGEST_DELAY = 5  # seconds: a page that is shown for longer is there to be read (an automatic sign-out)
LONGEST_NOTICE = 1500  # letters beside such a redirect: "you are being sent to the sign-in page" has some 100
_SAYS_NO = frozenset({"error", "errors"})
# What may stand beside an error without being data.
_BESIDE = _SAYS_NO | {
    "message", "code", "status", "statuscode", "detail", "details", "success", "ok", "jsonrpc", "id", "path",
    "timestamp", "type", "title", "instance", "requestid", "error_description", "issues", "data", "result", "user",
}  # fmt: skip


def soft_refusal(probe: Probe, answered: Answered, controls: ServiceControls) -> str | None:
    """Name what sort of soft refusal a success is, None when it is a real success."""
    if controls.is_like_not_found(probe, answered):
        return "the page that a path which does not exist gets too"
    page = controls.sign_in_page
    if page is not None and fingerprint(answered, probe.request.target).is_like(page):
        return "the sign-in page"
    if _lists_data(answered):
        return None  # whatever is beside them: records are data
    if redirects_inside(answered) or _refreshes_to_sign_in(answered):
        return "a redirect to sign in, inside the page"
    body = answered.json
    parts = body if isinstance(body, list) and body else [body]  # a batch: one success in it is a success
    if all(map(_is_only_an_error, parts)):
        return "a body that is only an error"
    if _says_nobody(body, answered):
        return "a body that says nobody"
    return None


def _lists_data(answered: Answered) -> bool:
    """Say whether it lists records, a page's state among them, or as many entries or figures as no refusal has."""
    listing = listing_of(answered)
    if content_of(answered).rows >= FEWEST_ROWS or len(listing.records) >= FEWEST_ROWS:
        return True
    return len(listing.entries) >= FEWEST_ENTRIES or listing.figures >= FEWEST_FIGURES_OF_A_REDIRECT


def redirects_inside(answered: Answered) -> bool:
    """Say whether the page's own stream sends the reader away."""
    return bool(_NEXT_REDIRECT.search(answered.body))


def _refreshes_to_sign_in(answered: Answered) -> bool:
    """Say whether the page sends its reader away at once, and holds no more than a notice."""
    if len(content_of(answered).visible_text) > LONGEST_NOTICE:
        return False
    return any(map(_is_refresh_to_sign_in, _META.findall(answered.body)))


def _is_refresh_to_sign_in(tag: bytes) -> bool:
    words = tag.lower()
    named = any(name in words for name in (b"signin", b"sign-in", b"login"))
    delay = _DELAY.search(words)
    return b"refresh" in words and b"url=" in words and named and delay is not None and int(delay[1]) <= LONGEST_DELAY


def _is_only_an_error(body: JsonValue | None) -> bool:
    if not isinstance(body, dict):
        return False
    if any(key.lower() not in _BESIDE for key in body):
        return False
    if any(body.get(key) for key in ("data", "result", "user")) or _holds_data(body):
        return False
    return any(body.get(key) for key in _SAYS_NO) or body.get("success") is False or body.get("ok") is False


def _holds_data(body: JsonValue) -> bool:
    """Say whether a value, at any depth, stands under a name that errors do not have."""
    return any(
        (folded(key) not in ERROR_KEYS and value not in (None, "", False, [], {})) or names_something(value)
        for key, value in entries(body)
    )


def _says_nobody(body: JsonValue | None, answered: Answered) -> bool:
    """`null`, or an object of nothing but nulls: that is how a session route says that there is no session."""
    if body is None:
        return answered.body.strip() == b"null"
    return isinstance(body, dict) and bool(body) and all(value is None for value in body.values())
