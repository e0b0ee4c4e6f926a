"""A server of the official SDK, written as its documentation does: PORT FORM [json] [stateless]."""

import sys

import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings

MEMBERS = {"a-members-own-token": "member", "another-members-token": "other"}
PORT, FORM, *OPTIONS = sys.argv[1:]
URL = f"http://127.0.0.1:{PORT}"


class Members:
    """Looks the token up."""

    async def verify_token(self, token: str) -> AccessToken | None:
        who = MEMBERS.get(token)
        return AccessToken(token=token, client_id=who, scopes=[]) if who else None


class Anybody:
    """Only looks whether there is a token."""

    async def verify_token(self, token: str) -> AccessToken | None:
        return AccessToken(token=token, client_id="somebody", scopes=[])


def guarded_by(verifier: Members | Anybody) -> MCPServer:
    """The SDK's own BearerAuthBackend and RequireAuthMiddleware, which it sets up when it is given a verifier."""
    settings = AuthSettings(issuer_url=URL, resource_server_url=f"{URL}/mcp", validate_token_resource=False)
    return MCPServer("somebody's own", token_verifier=verifier, auth=settings)


FORMS = {
    "locked": lambda: guarded_by(Members()),
    "open": lambda: MCPServer("somebody's own"),
    "any-bearer": lambda: guarded_by(Anybody()),
}
server = FORMS[FORM]()


@server.tool()
def plans() -> str:
    """Tell what strangers must not know."""
    return "the plans for next year"


app = server.streamable_http_app(json_response="json" in OPTIONS, stateless_http="stateless" in OPTIONS)
uvicorn.run(app, host="127.0.0.1", port=int(PORT), log_level="warning")
