"""The kinds of what is presented to a guard: each credential, variant and procedure is of one (docs/depth.md)."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What the presented things of one kind have in common; the value is what the docs call it."""

    NOTHING = "nothing at all"
    ANY_CREDENTIAL = "some credential, whichever"
    UNSET = "a secret that is unset, as text or as nothing"
    CARELESS_HEADER = "a header that is read carelessly"
    UNVERIFIED_JWT = "a JWT that nobody verifies"
    KNOWN_KEY = "keys that everybody knows"
    SIGNATURE = "signatures of webhooks"
    SESSION_COOKIE = "session cookies"
    HANDED_OUT_COOKIE = "cookies that are handed out"
    SCHEDULER = "schedulers"
    OWN_CARRIER = "places of a guard's own"
    BODY = "locks in the body"
    CLIENT = "other clients: a browser, curl, health checks, crawlers"
    CLAIM = "clients that claim to be one of us"
    ADDRESS = "addresses in headers"
    HOST = "hosts, origins and protocols"
    PATH_HEADER = "another path in a header"
    NEXTJS = "Next.js: its middleware and its data"
    OPEN_PATH = "from what is open"
    SPELLING = "the path, spelled otherwise"
    ENDING = "endings, languages and versions"
    METHOD = "another method or body"
    FLAG = "flags in the query, streams"
    WEBSOCKET = "WebSocket"
    MCP = "MCP, in other forms"
    ID = "ids of every shape"
    EVERY_ADDRESS = "every address of a name"
    REPLICA = "every replica behind an address"
    ACCOUNTS = "accounts told apart"
    LIMIT = "limits"
    PORT = "ports"
