"""A server of FastMCP, as its documentation writes one: PORT FORM [json] [stateless]. Run by test_real_mcp.py."""

from __future__ import annotations

import sys

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.providers.debug import DebugTokenVerifier
from fastmcp.server.auth.providers.jwt import JWTVerifier, RSAKeyPair, StaticTokenVerifier

GOOD = "real-token-of-a-member"
PORT, FORM, *OPTIONS = sys.argv[1:]
GATES = {
    "locked": lambda: StaticTokenVerifier(tokens={GOOD: {"client_id": "member", "scopes": []}}),
    "locked-jwt": lambda: JWTVerifier(public_key=RSAKeyPair.generate().public_key, issuer="https://issuer.example"),
    "open": lambda: None,
    "any-bearer": DebugTokenVerifier,  # its default accepts every token
}
server = FastMCP("somebody's own", auth=GATES[FORM]())


@server.tool
def secret() -> str:
    """Tell what strangers must not know."""
    return "the plan for next year"


app = server.http_app(path="/mcp", json_response="json" in OPTIONS, stateless_http="stateless" in OPTIONS)
uvicorn.run(app, host="127.0.0.1", port=int(PORT), log_level="warning")
