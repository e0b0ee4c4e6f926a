"""A server of FastMCP, written as its documentation does: PORT FORM [json] [stateless]."""

import sys

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.providers.debug import DebugTokenVerifier
from fastmcp.server.auth.providers.jwt import JWTVerifier, RSAKeyPair, StaticTokenVerifier

MEMBERS = {"a-members-own-token": "member", "another-members-token": "other"}
PORT, FORM, *OPTIONS = sys.argv[1:]
FORMS = {
    "locked": lambda: StaticTokenVerifier(
        tokens={token: {"client_id": who, "scopes": []} for token, who in MEMBERS.items()}
    ),
    "locked-jwt": lambda: JWTVerifier(public_key=RSAKeyPair.generate().public_key, issuer="https://issuer.example"),
    "open": lambda: None,
    "any-bearer": DebugTokenVerifier,  # as it comes it accepts every token
}
server = FastMCP("somebody's own", auth=FORMS[FORM]())


@server.tool
def plans() -> str:
    """Tell what strangers must not know."""
    return "the plans for next year"


app = server.http_app(path="/mcp", json_response="json" in OPTIONS, stateless_http="stateless" in OPTIONS)
uvicorn.run(app, host="127.0.0.1", port=int(PORT), log_level="warning")
