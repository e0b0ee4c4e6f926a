"""Doors in pages and in what stands before them: middleware that can be skipped, soft refusals, wrong redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from prober.demo import pages
from prober.demo.answers import FOUND, failure, json_answer, not_signed_in, page, redirect
from prober.demo.door import Door, answers, instead, lets_in, unlocked
from prober.demo.state import Mode
from prober.model import Depth, Reason, Verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from prober.demo.call import Call
    from prober.demo.door import LockedRoute, Test
    from prober.demo.state import State

_DEPTH_OF_RECURSION = 5  # Next 14 and 15 let a request through that has passed the middleware so often
_PAGES = ("guard:session-page", "guard:admin-page")


def _skips_middleware(name: str, times: int) -> Test:
    """Next's check of x-middleware-subrequest before its fix: so many segments of this name (CVE-2025-29927)."""

    def test(call: Call, _state: State) -> bool:
        return call.headers.get("x-middleware-subrequest", "").split(":").count(name) >= times

    return test


def _next_door(line: str, name: str, times: int, fixed: str) -> Door:
    return Door(
        name=f"middleware-skipped-{line}",
        about=f"x-middleware-subrequest skips the guard (CVE-2025-29927, Next before {fixed}, middleware as '{name}').",
        at=_PAGES, opens=lets_in(_skips_middleware(name, times)),
        caught_by="pages: GET /settings/tokens [anonymous] middleware-subrequest",
    )  # fmt: skip


def _sign_in_page_at_once(call: Call, state: State, way: LockedRoute) -> Response:
    return way.handler(call, state) if state.user_of(call.session) else pages.sign_in(call, state)


def _redirect_inside() -> Response:
    """Answer as Next does below a loading.js: the head is out, so that the redirect goes into the stream."""
    inside = "NEXT_REDIRECT;replace;/signin?callbackUrl=%2Fsettings%2Faudit;307;"
    refresh = '<meta id="__next-page-redirect" http-equiv="refresh" content="1;url=/signin"/>'
    return HTMLResponse(f"<!DOCTYPE html><html><head><title>Audit</title>{refresh}</head><body>{inside}</body></html>")


def _only_an_error() -> Response:
    return json_answer({"error": "not_signed_in"})


def _into_the_app() -> Response:
    return redirect("/demo-org/demo-project")


def _elsewhere() -> Response:
    return redirect("https://login.example.com/signin", FOUND)


def _forbidden() -> Response:
    return page("Forbidden", "<h1>403</h1><p>Administrators only.</p>", 403)


def _error_and_data() -> Response:
    stored = {"machines": [{"id": "demo-machine-0001", "apiKey": "demo-not-a-key-0001"}]}
    return json_answer({"error": "not_signed_in", **stored}, 401)


def _wants_session(_call: Call, _state: State) -> Response:
    return not_signed_in()


def _to_sign_in(_call: Call, _state: State) -> Response:
    return redirect("/signin?callbackUrl=%2Fdocs")


def _no_voucher(_call: Call, _state: State) -> Response:
    return page(pages.SIGN_IN_TITLE, "<h1>Sign in</h1><form><button>Continue with GitHub</button></form>")


def _bare_503() -> Response:
    return failure("temporarily unavailable", 503)


def _validates_first(call: Call, state: State, way: LockedRoute) -> Response:
    return way.guarded(call, state) if call.word("ruleText") else failure("invalid_request", 400)


DOORS: tuple[Door, ...] = (
    _next_door("next-15", "middleware", _DEPTH_OF_RECURSION, "14.2.25 and 15.2.3"),
    _next_door("next-15-src", "src/middleware", _DEPTH_OF_RECURSION, "14.2.25 and 15.2.3"),
    _next_door("next-13", "middleware", 1, "13.5.9"),
    _next_door("next-12", "pages/_middleware", 1, "12.3.5"),
    Door(
        name="admin-page-open", about="/admin answers strangers 200: its guard is in a layout that it does not use.",
        at=("admin-pages: GET /admin",), opens=unlocked, depth=Depth.QUICK,
        caught_by="admin-pages: GET /admin [anonymous]",
    ),
    Door(
        name="admin-page-403", about="/admin/vouchers answers 403, which reveals that there is such a page.",
        at=("admin-pages: GET /admin/vouchers",), opens=instead(_forbidden), depth=Depth.QUICK,
        caught_by="admin-pages: GET /admin/vouchers [anonymous]", verdict=Verdict.DRIFT, reason=Reason.WRONG_STATUS,
    ),
    Door(
        name="home-leads-into-the-app", about="/ redirects strangers to the first project instead of to sign-in.",
        at=("pages: GET /",), opens=instead(_into_the_app), depth=Depth.QUICK,
        caught_by="pages: GET / [anonymous]",
    ),
    Door(
        name="home-leads-elsewhere", about="/ redirects strangers to a sign-in page on another origin.",
        at=("pages: GET /",), opens=instead(_elsewhere), depth=Depth.QUICK,
        caught_by="pages: GET / [anonymous]", verdict=Verdict.DRIFT, reason=Reason.WRONG_LOCATION,
    ),
    Door(
        name="sign-in-page-instead", about="A guarded page answers 200 with the sign-in page.",
        at=("pages: GET /settings/projects",), opens=_sign_in_page_at_once, depth=Depth.QUICK,
        caught_by="pages: GET /settings/projects [anonymous]", verdict=Verdict.DRIFT, reason=Reason.SOFT_REFUSAL,
    ),
    Door(
        name="redirect-inside-the-page", about="A page below loading.js answers 200 and redirects in its stream.",
        at=("pages: GET /settings/audit",), opens=instead(_redirect_inside), depth=Depth.QUICK,
        caught_by="pages: GET /settings/audit [anonymous]", verdict=Verdict.DRIFT, reason=Reason.SOFT_REFUSAL,
    ),
    Door(
        name="refusal-as-200", about="An API answers not_signed_in with status 200.",
        at=("orgs: GET /api/orgs",), opens=instead(_only_an_error), depth=Depth.QUICK,
        caught_by="orgs: GET /api/orgs [anonymous]", verdict=Verdict.DRIFT, reason=Reason.SOFT_REFUSAL,
    ),
    Door(
        name="refusal-carries-the-data", about="A 401 whose body still contains the rows, with API keys.",
        at=("machines: GET /api/machines",), opens=instead(_error_and_data), depth=Depth.QUICK,
        caught_by="machines: GET /api/machines [anonymous]", reason=Reason.DISCLOSED,
    ),
    Door(
        name="validation-before-guard", about="The body is checked before the session: 400 to strangers.",
        at=("knowledge: POST /api/knowledge",), opens=_validates_first, depth=Depth.QUICK,
        caught_by="knowledge: POST /api/knowledge [anonymous]", verdict=Verdict.DRIFT, reason=Reason.HANDLER_REACHED,
    ),
    Door(
        name="readiness-wants-a-session", about="The guard covers /api/readyz too: no load balancer gets an answer.",
        at=("health: GET /api/readyz",), opens=answers(_wants_session), depth=Depth.QUICK,
        caught_by="health: GET /api/readyz [anonymous]", verdict=Verdict.DRIFT, reason=Reason.OVER_LOCKED,
    ),
    Door(
        name="docs-want-a-session", about="/docs sends newcomers to sign in.",
        at=("pages: GET /docs",), opens=answers(_to_sign_in), depth=Depth.QUICK,
        caught_by="pages: GET /docs [anonymous]", verdict=Verdict.DRIFT, reason=Reason.OVER_LOCKED,
    ),
    Door(
        name="no-voucher-asked", about="REGISTRATION_REQUIRES_VOUCHER is false: anyone at GitHub may sign up.",
        at=("*: GET /signin",), opens=answers(_no_voucher), depth=Depth.QUICK,
        caught_by="voucher-gate: GET /signin [anonymous]", verdict=Verdict.DRIFT, reason=Reason.WRONG_BODY,
    ),
    Door(
        name="unconfigured-says-nothing", about="Unconfigured, and its 503 gives no reason, like that of a proxy.",
        modes=(Mode.UNCONFIGURED,), at=("me: GET /api/me",), opens=instead(_bare_503), depth=Depth.QUICK,
        caught_by="me: GET /api/me [anonymous]", verdict=Verdict.DRIFT, reason=Reason.WRONG_BODY,
    ),
)  # fmt: skip
