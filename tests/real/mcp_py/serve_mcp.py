"""A server of the official SDK, 1.x or 2.x, written as its documentation does: PORT FORM [json] [stateless]."""

import sys
from importlib.metadata import version

import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings

MEMBERS = {"a-members-own-token": "member", "another-members-token": "other"}
PORT, FORM, *OPTIONS = sys.argv[1:]
URL = f"http://127.0.0.1:{PORT}"
HOW = {"json_response": "json" in OPTIONS, "stateless_http": "stateless" in OPTIONS}

# Since 2.0 a server has another name, and is told by the application how it answers.
if version("mcp").startswith("1."):
    from mcp.server.fastmcp import FastMCP as Server

    at_once, later = HOW, {}
else:
    from mcp.server import MCPServer as Server

    at_once, later = {}, HOW


class Members:
    """Looks the token up."""

    async def verify_token(self, token: str) -> AccessToken | None:
        who = MEMBERS.get(token)
        return AccessToken(token=token, client_id=who, scopes=[]) if who else None


class Anybody:
    """Only looks whether there is a token."""

    async def verify_token(self, token: str) -> AccessToken | None:
        return AccessToken(token=token, client_id="somebody", scopes=[])


# With a verifier the SDK sets up its own BearerAuthBackend and RequireAuthMiddleware.
settings = AuthSettings(issuer_url=URL, resource_server_url=f"{URL}/mcp", validate_token_resource=False)
guard = {
    "locked": {"token_verifier": Members(), "auth": settings},
    "any-bearer": {"token_verifier": Anybody(), "auth": settings},
    "open": {},
}[FORM]
server = Server("somebody's own", **guard, **at_once)


@server.tool()
def plans() -> str:
    """Tell what strangers must not know."""
    return "the plans for next year"


uvicorn.run(server.streamable_http_app(**later), host="127.0.0.1", port=int(PORT), log_level="warning")
