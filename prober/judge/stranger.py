"""How a route stands to strangers, by what one of them was answered who brought no credential. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.facts import ABSENT
from prober.judge.fingerprint import fingerprint
from prober.judge.matching import target_of
from prober.judge.redirects import shown
from prober.judge.sign_in_urls import is_sign_in_place
from prober.judge.soft_refusal import redirects_inside
from prober.model import Answered, Standing, StrangerAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.judge.fingerprint import Fingerprint
    from prober.model import Reply, Service

_UNAUTHORIZED = 401
_REFUSALS = frozenset({401, 403})


def nowhere_pages(service: Service, replies: Iterable[tuple[str, Reply]]) -> tuple[Fingerprint, ...]:
    """Give what paths that do not exist look like, by the paths that were asked for."""
    return tuple(
        fingerprint(reply, service.base_path + path) for path, reply in replies if isinstance(reply, Answered)
    )  # fmt: skip


def stranger_answer(path: str, reply: Reply, service: Service, nowhere: tuple[Fingerprint, ...]) -> StrangerAnswer:
    """Say how the route at this path stands, by its answer to a plain GET."""
    if not isinstance(reply, Answered):
        return StrangerAnswer(standing=Standing.UNCLEAR, detail=reply.detail)
    target = service.base_path + path
    like_nowhere = any(fingerprint(reply, target).is_like(page) for page in nowhere)
    plain = StrangerAnswer(
        standing=Standing.UNCLEAR,
        status=reply.status,
        challenge=(reply.header("www-authenticate") or "").strip().partition(" ")[0],
        content_type=(reply.header("content-type") or "").partition(";")[0].strip().lower(),
        blanket=like_nowhere,
        detail=f"answers {shown(reply)}",
    )
    author = attribute(reply)
    asks_for_basic = reply.status == _UNAUTHORIZED and plain.challenge.lower() == "basic"
    if author != APPLICATION and not asks_for_basic:  # a promise that names this challenge counts as the application's
        return replace(plain, detail=f"{plain.detail}, given by: {author}")
    if reply.status in ABSENT or (like_nowhere and reply.succeeded):
        return replace(plain, standing=Standing.ABSENT)
    if reply.succeeded:
        if redirects_inside(reply):
            return replace(plain, detail=f"{plain.detail} with a redirect to sign in inside the page")
        return replace(plain, standing=Standing.OPEN)
    if reply.status in _REFUSALS:
        return replace(plain, standing=Standing.REFUSED)
    place = target_of(reply, service, target)
    if place is not None and is_sign_in_place(place[0], service.host):
        page = urlsplit(place[0])
        path_of_page = page.path.removeprefix(service.base_path) or "/"
        elsewhere = f"{page.scheme}://{page.netloc}{page.path}"
        return replace(plain, standing=Standing.SIGN_IN, location=path_of_page if place[1] else elsewhere)
    return plain


def path_on_origin(path: str, reply: Reply, service: Service) -> str | None:
    """Give the other path on this origin that a stranger is sent to, None where there is none, or a sign-in."""
    place = target_of(reply, service, service.base_path + path) if isinstance(reply, Answered) else None
    if place is None or not place[1] or is_sign_in_place(place[0], service.host):
        return None
    onward = urlsplit(place[0]).path.removeprefix(service.base_path)
    return onward if onward.startswith("/") and onward != path else None
