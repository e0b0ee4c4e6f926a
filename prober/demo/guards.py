"""How each guard answers, by its name, in each mode: written from the facts and never read from the profiles.

A guard gives its refusal, or None to let the call in. A public guard always lets in: its handler answers everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.demo.answers import (
    failure,
    json_answer,
    missing,
    not_configured,
    not_found_page,
    not_signed_in,
    redirect,
)
from prober.demo.keys import is_key
from prober.demo.mcp import refuse_stranger
from prober.demo.state import Mode
from prober.errors import DefinitionError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.responses import Response

    from prober.demo.call import Call, Guard
    from prober.demo.state import State
    from prober.model import Route

SHIM_REFUSED = "dev-auth shim is refused in NODE_ENV=production. Configure a sign-in instead."


def public(_call: Call, _state: State) -> Response | None:
    """Let everybody in."""
    return None


def session(call: Call, state: State) -> Response | None:
    """Let in who has a session; under the dev shim everybody, as the first user."""
    if state.mode is Mode.DEV_SHIM:
        return failure(SHIM_REFUSED, 500) if state.settings.production else None
    if state.mode is Mode.UNCONFIGURED:
        return not_configured()
    return None if state.user_of(call.session) else not_signed_in()


def session_page(call: Call, state: State) -> Response | None:
    """Send strangers to the sign-in page, with the way back."""
    if state.mode is Mode.DEV_SHIM:
        return failure(SHIM_REFUSED, 500) if state.settings.production else None
    if state.mode is Mode.UNCONFIGURED:
        return redirect("/signin?error=auth_not_configured")
    if state.user_of(call.session):
        return None
    return redirect("/signin" if call.path == "/" else f"/signin?callbackUrl={quote(call.path, safe='')}")


def session_if_enabled(call: Call, state: State) -> Response | None:
    """Answer for a feature that is switched off before looking at the session."""
    settings = state.settings
    if call.path.startswith("/api/meetings") and not settings.meetings_enabled:
        error = {"code": "NOT_ENABLED", "message": "Meeting upload is not enabled on this deployment."}
        return json_answer({"error": error}, 503)
    if call.path.startswith("/api/oracle") and not settings.oracle_enabled:
        paused = {"error": "oracle_paused", "message": "The operator has paused the Oracle."}
        return json_answer(paused, 503, {"Retry-After": "60"})
    return session(call, state)


def admin(call: Call, state: State) -> Response | None:
    """Let in administrators only; a stranger gets the same answer as at any other route."""
    refused = session(call, state)
    if refused or state.mode is Mode.DEV_SHIM or state.user_of(call.session) == "admin":
        return refused
    return failure("admin_required", 403)


def admin_page(call: Call, state: State) -> Response | None:
    """Redirect everybody but administrators: that an admin page exists is itself a leak."""
    if not state.mode.has_sign_in:
        return redirect("/signin?error=auth_not_configured")
    user = state.user_of(call.session)
    return None if user == "admin" else redirect("/" if user else "/signin")


def org_role(call: Call, state: State) -> Response | None:
    """Let in an organisation's administrators; in the demo the member is none of them."""
    refused = session(call, state)
    if refused or state.mode is Mode.DEV_SHIM or state.user_of(call.session) == "admin":
        return refused
    return failure("org_admin_required", 403)


def migration_secret(call: Call, state: State) -> Response | None:
    """Let in the migration secret; an unconfigured deployment has none, and says so."""
    if state.mode is Mode.UNCONFIGURED:
        return failure("MIGRATION_SECRET is not configured on the server", 503)
    return None if is_key(call.bearer, state.secrets.migration_secret) else failure("unauthorized", 401)


def job_secret(call: Call, state: State) -> Response | None:
    """Let in the scheduler's secret."""
    return None if is_key(call.bearer, state.secrets.job_secret) else failure("unauthorized", 401)


def machine_key(call: Call, state: State) -> Response | None:
    """Let in a machine's key, under its own header or as a bearer."""
    given = call.headers.get("x-api-key") or call.bearer
    return None if is_key(given, state.secrets.machine_key) else failure("invalid_api_key", 401)


def nothing_there(call: Call, _state: State) -> Response | None:
    """Answer as a path that does not exist."""
    return missing() if call.route.service == "mcp" else not_found_page(call.path)


GUARDS: Mapping[str, Guard] = {
    "public": public,
    "skill-file": public,
    "sign-in-page": public,
    "sign-out-page": public,
    "auth-page": public,
    "auth-public": public,
    "auth-session": public,
    "auth-error": public,
    "csrf": public,
    "generic-answer": public,
    "voucher-gate": public,
    "session": session,
    "session-page": session_page,
    "session-if-enabled": session_if_enabled,
    "admin": admin,
    "admin-page": admin_page,
    "org-role": org_role,
    "migration-secret": migration_secret,
    "job-secret": job_secret,
    "machine-key": machine_key,
    "mcp-token": refuse_stranger,
    "mcp-stream": refuse_stranger,
    "mcp-session": refuse_stranger,
    "mcp-unread": refuse_stranger,
    "mcp-sibling": nothing_there,
    "mcp-discovery": refuse_stranger,
    "mcp-call": refuse_stranger,
    # What the request itself must hold is looked at by the handler: there is nothing to carry in a header.
    "pairing-code": public,
    "invite-token": public,
    "reset-token": public,
    "registration": public,
    "onboarding-voucher": public,
    "password": public,
    "credentials-login": public,
    "nothing-there": nothing_there,
}


def check_guards(routes: Iterable[Route]) -> None:
    """Refuse to start with a guard that nobody wrote: it would be served open."""
    for route in routes:
        if route.guard not in GUARDS:
            what = f"the demo does not know guard '{route.guard}' ({listed(GUARDS)})"
            fix = did_you_mean(route.guard, GUARDS, otherwise=f"write '{route.guard}' in prober/demo/guards.py")
            raise DefinitionError(what, fix=fix, source=route.source)
