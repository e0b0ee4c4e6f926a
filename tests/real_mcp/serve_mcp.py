"""A server of the official SDK, as its documentation writes one: PORT FORM [json] [stateless]. Run by test_real_mcp.py."""

from __future__ import annotations

import sys

import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings

GOOD = "real-token-of-a-member"
PORT, FORM, *OPTIONS = sys.argv[1:]
URL = f"http://127.0.0.1:{PORT}"


class Members:
    """Looks the token up."""

    async def verify_token(self, token: str) -> AccessToken | None:
        return AccessToken(token=token, client_id="member", scopes=[]) if token == GOOD else None


class Anybody:
    """Only looks whether there is one."""

    async def verify_token(self, token: str) -> AccessToken | None:
        return AccessToken(token=token, client_id="somebody", scopes=[])


VERIFIERS = {"locked": Members, "any-bearer": Anybody}
GATE = {
    "auth": AuthSettings(issuer_url=URL, resource_server_url=f"{URL}/mcp", validate_token_resource=False),
    "token_verifier": VERIFIERS[FORM](),
} if FORM in VERIFIERS else {}  # fmt: skip
server = MCPServer("somebody's own", **GATE)


@server.tool()
def secret() -> str:
    """Tell what strangers must not know."""
    return "the plan for next year"


app = server.streamable_http_app(json_response="json" in OPTIONS, stateless_http="stateless" in OPTIONS)
uvicorn.run(app, host="127.0.0.1", port=int(PORT), log_level="warning")
