"""Whether a route is open to strangers, by its answer to one request without a credential. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.judge.attribution import APPLICATION, attribute
from prober.judge.declared_lock import how_to_declare, lock_in_front
from prober.judge.facts import ABSENT
from prober.judge.fingerprint import fingerprint
from prober.judge.matching import target_of
from prober.judge.redirects import shown
from prober.judge.sign_in_urls import is_sign_in_place
from prober.judge.soft_refusal import redirects_inside
from prober.model import Access, AnonymousAnswer, Answered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.judge.fingerprint import Fingerprint
    from prober.model import Reply, Service

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9._-]*)(?=\s|,|$)")  # a parameter has '=' behind its name
_REFUSALS = frozenset({401, 403})


def not_found_pages(service: Service, replies: Iterable[tuple[str, Reply]]) -> tuple[Fingerprint, ...]:
    """Give what paths that do not exist look like, by the paths that were asked for."""
    return tuple(
        fingerprint(reply, service.base_path + path) for path, reply in replies if isinstance(reply, Answered)
    )  # fmt: skip


def anonymous_answer(path: str, reply: Reply, service: Service, not_found: tuple[Fingerprint, ...]) -> AnonymousAnswer:
    """Say whether the route at this path is open, by its answer to a plain GET."""
    if not isinstance(reply, Answered):
        return AnonymousAnswer(access=Access.UNCLEAR, detail=reply.detail)
    target = service.base_path + path
    schemes = _schemes(reply)
    like_not_found = any(fingerprint(reply, target).is_like(page) for page in not_found)
    plain = AnonymousAnswer(
        access=Access.UNCLEAR,
        status=reply.status,
        challenge=schemes[0] if schemes else "",
        other_schemes=schemes[1:],
        content_type=(reply.header("content-type") or "").partition(";")[0].strip().lower(),
        blanket=like_not_found,
        detail=f"answers {shown(reply)}",
    )
    if (author := attribute(reply)) != APPLICATION:
        return _given_in_front(plain, reply, service, path, author=author)
    if reply.status in ABSENT or (like_not_found and reply.succeeded):
        return replace(plain, access=Access.ABSENT)
    if reply.succeeded:
        if redirects_inside(reply):
            return replace(plain, detail=f"{plain.detail} with a redirect to sign in inside the page")
        return replace(plain, access=Access.OPEN)
    if reply.status in _REFUSALS:
        return replace(plain, access=Access.REFUSED)
    place = target_of(reply, service, target)
    if place is not None and is_sign_in_place(place[0], service.host):
        return replace(plain, access=Access.SIGN_IN, location=_location(*place, service))
    return plain


def _given_in_front(
    plain: AnonymousAnswer, reply: Answered, service: Service, path: str, *, author: str
) -> AnonymousAnswer:
    """Say what somebody in front answered: a lock of which a promise can be made, or what to write if it is one."""
    by = lock_in_front(reply)
    given = replace(plain, detail=f"{plain.detail}, given by: {author}")
    if by is None:
        declare = how_to_declare(reply)
        return replace(given, detail=f"{given.detail}; {declare}") if declare else given
    if reply.status in _REFUSALS:
        return replace(given, access=Access.REFUSED, by=by)
    place = target_of(reply, service, service.base_path + path)
    if place is None:
        return given
    return replace(given, access=Access.SIGN_IN, by=by, location=_location(*place, service))


def _location(url: str, is_own: bool, service: Service) -> str:  # noqa: FBT001 - the pair that `target_of` gives
    """Give a path on the service's own origin, else the URL; without its query."""
    page = urlsplit(url)
    return page.path.removeprefix(service.base_path) or "/" if is_own else f"{page.scheme}://{page.netloc}{page.path}"


def _schemes(reply: Answered) -> tuple[str, ...]:
    """Name the schemes of every challenge, in order: one header may hold several, and there may be several headers."""
    values = [_QUOTED.sub("", value) for name, value in reply.headers if name.lower() == "www-authenticate"]
    return tuple(dict.fromkeys(scheme for value in values for scheme in _SCHEME.findall(value)))


def path_on_origin(path: str, reply: Reply, service: Service) -> str | None:
    """Give the other path on this origin that a stranger is sent to, None where there is none, or a sign-in."""
    place = target_of(reply, service, service.base_path + path) if isinstance(reply, Answered) else None
    if place is None or not place[1] or is_sign_in_place(place[0], service.host):
        return None
    onward = urlsplit(place[0]).path.removeprefix(service.base_path)
    return onward if onward.startswith("/") and onward != path else None
