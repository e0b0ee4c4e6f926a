"""The pages of the web app: what is public, and what stands behind the session."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from prober.demo.answers import page, redirect
from prober.demo.state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from prober.demo.call import Call, Handler
    from prober.demo.state import State

SIGN_IN_TITLE = "Sign in"


def sign_in(_call: Call, state: State) -> Response:
    """Show the ways to sign in; with the dev shim there is nothing to sign in to."""
    if state.mode is Mode.DEV_SHIM:
        return redirect("/")
    ways = '<form action="/api/auth/signin/github" method="post"><button>Continue with GitHub</button></form>'
    if state.mode.has_password:
        ways += (
            '<form><label>User <input name="username"/></label><label>Password <input name="password"/></label></form>'
        )
    if state.mode.has_github and state.settings.registration_requires_voucher:
        ways += '<label>New here? You need a voucher <input name="voucher" placeholder="PILOT-XXXX-XXXX"/></label>'
    return page(SIGN_IN_TITLE, f"<h1>Sign in</h1>{ways}")


def _sign_out(_call: Call, _state: State) -> Response:
    return page("Sign out", "<h1>Sign out</h1><form><button>Sign out</button></form>")


def _reset_password(call: Call, _state: State) -> Response:
    if not call.query.get("token"):
        return redirect("/forgot-password")
    return page("Reset password", "<h1>Reset password</h1><form><input name='newPassword'/></form>")


def _tokens(_call: Call, _state: State) -> Response:
    return page(
        "Tokens", "<h1>Tokens</h1><form><label>Name <input name='name'/></label><button>Create token</button></form>"
    )


def _vouchers(_call: Call, _state: State) -> Response:
    return page("Vouchers", "<h1>Vouchers</h1><table><tr><td>DEMO-NOT-A-VOUCHER</td><td>1 use</td></tr></table>")


def _users(_call: Call, _state: State) -> Response:
    return page("Users", "<h1>Users</h1><table><tr><td>first.user@example.com</td><td>admin</td></tr></table>")


def _robots(_call: Call, _state: State) -> Response:
    return PlainTextResponse("User-Agent: *\nDisallow: /\n")


def any_page(call: Call, _state: State) -> Response:
    """Show a page of the shell that has nothing of its own."""
    name = escape(call.path.strip("/") or "home")
    return page(name.title(), f"<nav>Dashboard Knowledge Settings</nav><h1>{name}</h1><p>first.user@example.com</p>")


HANDLERS: Mapping[str, Handler] = {
    "GET /signin": sign_in,
    "GET /signout": _sign_out,
    "GET /reset-password": _reset_password,
    "GET /settings/tokens": _tokens,
    "GET /admin/vouchers": _vouchers,
    "GET /admin/users": _users,
    "GET /robots.txt": _robots,
}
