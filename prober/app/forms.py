"""Finds pages to sign in, and the one whose form hands out the token without which no write is accepted. Read-only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.engine.procedures.form_fields import hidden_fields
from prober.judge.anonymous_answer import anonymous_answer
from prober.model import Access, Answered

if TYPE_CHECKING:
    from prober.app.anonymous_client import AnonymousClient

# Django, Laravel, Rails, csurf and Symfony, Spring: the field beside which a cookie says whose form it is.
_TOKEN = re.compile(r"csrfmiddlewaretoken|_token|authenticity_token|_csrf(?:_token)?|csrf-?token", re.IGNORECASE)


def sign_in_pages(client: AnonymousClient) -> list[str]:
    """Give the pages on this origin that strangers were sent to, to sign in."""
    replies = tuple(client.replies.items())
    answers = [anonymous_answer(path, reply, client.service, ()) for path, reply in replies]
    places = [answer.location for answer in answers if answer.access is Access.SIGN_IN]
    return [place for place in places if place and place.startswith("/")]


def page_of_token(client: AnonymousClient) -> str | None:
    """Give the path of the first page that was asked and whose form has a token, and a cookie for it; or None."""
    for path, reply in client.replies.items():
        if not isinstance(reply, Answered) or not reply.succeeded or "html" not in (reply.header("content-type") or ""):
            continue
        if reply.header("set-cookie") is not None and any(map(_TOKEN.fullmatch, hidden_fields(reply.text))):
            return path
    return None
