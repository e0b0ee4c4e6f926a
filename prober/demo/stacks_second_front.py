"""Stacks whose refusals are no proof, or whose oddities are no fault: one for each kind of them."""

from __future__ import annotations

from prober.demo import fronts
from prober.demo.stack import Stack, unchanged
from prober.model import Depth, ExitStatus, Reason

_BASIC = 'Basic realm="tools"'
_CSRF = '{"error":"CSRF token missing or incorrect"}'
_NONE = ExitStatus.NO_VERDICT


def _is_admin(path: str) -> bool:
    """Say whether it is a route of the admin API; what does not exist gets the application's own answer."""
    return path.startswith("/api/admin") and "lockdown-probe" not in path


STACKS: tuple[Stack, ...] = (
    Stack(
        name="csrf-before-the-guard", about="A check of CSRF refuses before the guard of the admin API is reached.",
        web=fronts.some_paths(fronts.fixed_answer(403, _CSRF, ()), _is_admin), surfaces=("health", "admin"),
        exit_status=_NONE, reason=Reason.NOT_THE_GUARD,
    ),
    Stack(
        name="ban-midway", about="After sixty requests the address is banned, with the very status of the guard.",
        web=fronts.after(fronts.unknown_author, times=60), surfaces=("health", "me", "machines"),
        exit_status=_NONE, reason=Reason.CHANGED_MIDWAY,
    ),
    Stack(
        name="older-release-answers", about="Another release answers than the one that is named.", web=unchanged,
        release="2.0.0", surfaces=("health", "me"), exit_status=_NONE, reason=Reason.WRONG_RELEASE,
    ),
    Stack(
        name="lock-in-front", about="nginx keeps the doors, as it is said to (behind: nginx).",
        web=fronts.but_health(fronts.nginx(401, "Authorization Required", www_authenticate=_BASIC)),
        surfaces=("me",), behind="nginx", exit_status=ExitStatus.LOCKED,
    ),
    Stack(
        name="lock-of-another-in-front", about="Apache refuses where nginx is said to keep the doors.",
        web=fronts.but_health(fronts.html(401, fronts.APACHE, server="Apache/2.4.62")),
        surfaces=("me",), behind="nginx", exit_status=_NONE, reason=Reason.INTERMEDIARY,
    ),
    Stack(
        name="lock-of-a-gateway",
        about="A gateway that nobody knows refuses every path, as it is said to (behind: gateway).",
        web=fronts.but_health(fronts.unknown_author), surfaces=("me",), behind="gateway",
        exit_status=ExitStatus.LOCKED,
    ),
    Stack(
        name="limit-of-the-lock-in-front", about="nginx, which is said to keep the doors, is only too busy.",
        web=fronts.but_health(fronts.nginx(503, "Service Temporarily Unavailable")),
        surfaces=("me",), behind="nginx", exit_status=_NONE,
    ),
    Stack(
        name="wall-before-the-pages", about="nginx wants a password before the pages; the API beside them is locked.",
        web=fronts.some_paths(
            fronts.nginx(401, "Authorization Required", www_authenticate=_BASIC),
            lambda path: not path.startswith("/api"),
        ),
        surfaces=("health", "me", "admin-pages"), exit_status=_NONE, reason=Reason.INTERMEDIARY,
    ),
    Stack(
        name="application-that-speaks-basic", about="The application itself speaks Basic, on every path.",
        web=fronts.everywhere(
            fronts.fixed_answer(401, '{"error":"sign in"}', (("www-authenticate", _BASIC), ("server", "uvicorn")))
        ),
        surfaces=("me",), exit_status=ExitStatus.LOCKED,
    ),
    Stack(
        name="single-page-beside-the-api", about="Every path outside the API gets the shell of a single page.",
        web=fronts.some_paths(fronts.html(200, fronts.SHELL), lambda path: not path.startswith("/api/")),
        surfaces=("health", "me"), depth=Depth.DEEP, exit_status=ExitStatus.LOCKED,
    ),
    Stack(
        name="refusal-that-cannot-be-read", about="A refusal comes in an encoding that nobody knows.",
        web=fronts.some_paths(
            fronts.fixed_answer(401, "?" * 64, (("content-encoding", "x-unknown"),)), lambda path: path == "/api/me"
        ),
        surfaces=("health", "me"), exit_status=_NONE, reason=Reason.UNREAD,
    ),
)  # fmt: skip
