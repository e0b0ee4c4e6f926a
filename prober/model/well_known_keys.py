"""Keys that everybody knows: tutorials, templates and defaults sign JWTs with them. Data, each with its source.

The first ten are the commonest, by how often they stand in public reports and in examples of libraries.
"""

from __future__ import annotations

COMMONEST = 10  # which depth standard tries

WELL_KNOWN_KEYS: tuple[tuple[str, str], ...] = (
    ("secret", "the examples of jsonwebtoken, PyJWT and jwt.io"),
    ("", "an HMAC with a variable that is set to nothing"),
    ("your-256-bit-secret", "the example on jwt.io"),
    ("changeme", "templates of environment files"),
    ("your-secret-key", "tutorials of Flask and FastAPI"),
    ("development-secret", "fallbacks in code: process.env.JWT_SECRET || 'development-secret'"),
    ("supersecret", "tutorials of NextAuth and Express"),
    ("jwt_secret", "a value that is its own name"),
    ("your_jwt_secret", "templates of environment files"),
    ("super-secret-jwt-token-with-at-least-32-characters-long", "the default of a self-hosted Supabase"),
    ("mysecret", "tutorials of Express"),
    ("my-secret-key", "tutorials of Flask and Express"),
    ("top-secret", "tutorials of Express and Java"),
    ("secret123", "tutorials of Express"),
    ("jwtsecret", "tutorials of Node.js"),
    ("a-string-secret-at-least-256-bits-long", "the example on jwt.io since 2025"),
    ("secretkey", "tutorials of Node.js and Java"),
    ("secret-key", "tutorials of Flask"),
    ("dev-secret", "fallbacks in code"),
    ("dev", "the tutorial of Flask"),
    ("development", "fallbacks in code"),
    ("test", "configurations of tests that were deployed"),
    ("password", "lists of common passwords"),
    ("admin", "lists of common passwords"),
    ("123456", "lists of common passwords"),
    ("default", "fallbacks in code"),
    ("default-secret", "fallbacks in code"),
    ("insecure", "fallbacks in code"),
    ("please-change-me", "templates of environment files"),
    ("change-me", "templates of environment files"),
    ("changethis", "the full-stack template of FastAPI"),
    ("your-super-secret-key", "answers of code assistants"),
    ("your-super-secret-jwt-key-change-this-in-production", "answers of code assistants"),
    ("your-secret-key-change-in-production", "answers of code assistants"),
    ("shhhhh", "the examples of jsonwebtoken"),
    ("shhhhhhared-secret", "the examples of express-jwt"),
    ("keyboard cat", "the examples of express-session"),
    ("thisismysecret", "tutorials of Express"),
    ("hard-to-guess-string", "tutorials of Flask"),
    ("undefined", "a template literal around an unset variable"),
    ("null", "the text of an unset value"),
)  # fmt: skip


# What stands where a secret or an API key belongs, and is compared as it stands.
PLACEHOLDERS: tuple[tuple[str, str], ...] = (
    ("changeme", "templates of environment files"),
    ("your-api-key", "templates of environment files"),
    ("your-secret-key", "tutorials of Flask and FastAPI"),
    ("secret", "fallbacks in code: process.env.API_KEY || 'secret'"),
    ("test", "configurations of tests that were deployed"),
    ("dev", "fallbacks in code"),
    ("admin", "lists of common passwords"),
    ("password", "lists of common passwords"),
    ("123456", "lists of common passwords"),
)
# Keys of sessions in cookies, by the language whose tutorials have them.
KEYS_OF_SESSIONS_IN_PYTHON: tuple[tuple[str, str], ...] = (
    ("dev", "the tutorial of Flask"),
    ("secret", "examples of Starlette's sessions"),
    ("changeme", "templates of environment files"),
    ("your-secret-key", "tutorials of Flask and FastAPI"),
    ("super secret key", "answers on Flask's sessions"),
    ("supersecret", "tutorials of Flask"),
)
KEYS_OF_SESSIONS_IN_NODE: tuple[tuple[str, str], ...] = (
    ("secret", "the examples of cookie-parser and cookie-session"),
    ("keyboard cat", "the examples of express-session"),
    ("key1", "the documentation of cookie-session: keys: ['key1', 'key2']"),
    ("changeme", "templates of environment files"),
    ("your-secret-key", "tutorials of Express"),
    ("supersecret", "tutorials of Express"),
)


def name_of_key(key: str, what: str = "jwt-signed-") -> str:
    """Name the credential that is signed with this key, or that is this text."""
    return what + ("".join(char if char.isalnum() else "-" for char in key.lower()) or "nothing")


_HASHES = 4  # of the commonest keys, also signed with HMAC-SHA512, which frameworks of PHP and Java take by default

# (bits, whether depth standard tries it), and the key with its source
LONGER_HASHES: tuple[tuple[tuple[int, bool], tuple[str, str]], ...] = (
    *(((512, number == 0), WELL_KNOWN_KEYS[number]) for number in range(_HASHES)),
    ((384, False), WELL_KNOWN_KEYS[0]),
)


def name_of_longer(key: str, bits: int) -> str:
    """Name the credential that is signed with this key and a hash of so many bits."""
    return name_of_key(key).replace("jwt-signed-", f"jwt-hs{bits}-", 1)
