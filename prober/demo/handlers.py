"""Finds the handler behind a guard: the route's own, else the one that its guard or its method asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from prober.demo import api, auth_js, entrance, mcp, pages
from prober.demo.answers import failure, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from prober.demo.call import Call, Handler
    from prober.demo.state import State
    from prober.model import Route

_MCP: Mapping[str, Handler] = {"/": mcp.banner, "/health": mcp.health}
_PAGE_GUARDS = frozenset({"session-page", "admin-page", "sign-in-page", "sign-out-page", "voucher-gate"})
_SCRIPTS = {".sh": "text/x-shellscript", ".ps1": "application/x-powershell", ".md": "text/markdown"}
_OWN: Mapping[str, Handler] = {**pages.HANDLERS, **auth_js.HANDLERS, **entrance.HANDLERS, **api.HANDLERS}


def handler_of(route: Route) -> Handler:
    """Give the handler of a route; every route has one."""
    path = route.path.split("?")[0]
    if route.service == "mcp":
        return _MCP.get(path, mcp.serve)
    own = _OWN.get(f"{route.method} {path}")
    if own is not None:
        return own
    if route.guard in _FALLBACKS:
        return _FALLBACKS[route.guard]
    if path.startswith("/api/onboard") or route.guard == "skill-file":
        return _script
    if route.method == "GET" and (route.guard in _PAGE_GUARDS or not path.startswith("/api/")):
        return pages.any_page
    return api.any_route


def _script(call: Call, _state: State) -> Response:
    suffix = next((kind for end, kind in _SCRIPTS.items() if call.path.endswith(end)), "text/markdown")
    return PlainTextResponse("# Demo: nothing to install.\n", media_type=suffix)


def _refuse_everything(_call: Call, _state: State) -> Response:
    """Refuse, where a route asks for a key inside the request and the demo does not know which."""
    return failure("invalid_request", 400)


def _nobody(_call: Call, _state: State) -> Response:
    return json_answer(None)


# By guard, for routes of a user's own YAML that have no handler here.
_FALLBACKS: Mapping[str, Handler] = {
    "pairing-code": _refuse_everything,
    "invite-token": _refuse_everything,
    "reset-token": _refuse_everything,
    "registration": _refuse_everything,
    "onboarding-voucher": _refuse_everything,
    "password": _refuse_everything,
    "credentials-login": auth_js.password_sign_in(),
    "generic-answer": entrance.forgot_password,
    "auth-error": auth_js.HANDLERS["GET /api/auth/callback/github"],
    "csrf": auth_js.HANDLERS["POST /api/auth/signout"],
    "auth-session": _nobody,
}
