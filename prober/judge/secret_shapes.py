"""What secrets look like, besides the tokens of known issuers, and names that only secrets go by. Pure data.

Two sets: what is a secret wherever it stands, and what is one in a refusal, which has no reason to hold it. Browser
keys (publishable keys, map keys, anonymous JWTs) are meant to be read on public pages, and so are in the second set.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from prober.judge.secret_tokens import TOKENS
from prober.judge.sign_in_state import is_state_of_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable


class Shape:
    """One kind of secret. Its form is compiled where a hint was found: few runs need more than one of them."""

    def __init__(
        self, name: str, hints: tuple[str, ...], form: str, is_harmless: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Take texts of which one must be there (to look for them is a hundred times faster), and the form."""
        self.name, self.hints, self._form, self.is_harmless = name, hints, form, is_harmless

    @cached_property
    def form(self) -> re.Pattern[str]:
        """What it looks like."""
        return re.compile(self._form)


ALWAYS: tuple[Shape, ...] = (
    *(Shape(token.name, token.prefixes, token.form) for token in TOKENS),
    Shape("a private key", ("PRIVATE KEY-----",), r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"),
    Shape("a password hash", ("$2a$", "$2b$", "$2y$", "$argon2"),
          r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id?|d)\$v=\d+\$"),
    Shape("a Telegram token", (":AA",), r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    Shape("a URL with a password", ("://",),
          r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,60}:[^\s/:@\"'<>*]{3,100}@[A-Za-z0-9\[]"),
)  # fmt: skip
IN_A_REFUSAL: tuple[Shape, ...] = (
    Shape("an MCP token", ("bp_",), r"\bbp_[A-Za-z0-9_-]{16,}"),  # which open routes of a development stack hand out
    Shape("a Google API key", ("AIza",), r"\bAIza[0-9A-Za-z_-]{35}\b"),
    Shape("a JWT", ("eyJ",), r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
          is_state_of_sign_in),
    Shape("somebody's SSH key", ("ssh-ed25519 AAAA", "ssh-rsa AAAA", "ecdsa-sha2-nistp"), (
        r"\b(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d{3}) AAAA[A-Za-z0-9+/]{40,2000}={0,2} \S{1,60}@\S{1,60}"
    )),
    Shape("a signed URL", ("X-Amz-Signature=", "X-Goog-Signature=", "sig=", "Key-Pair-Id="), (
        r"X-(?:Amz|Goog)-Signature=[0-9a-f]{64}"  # whoever has it reads the file
        r"|[?&;]sv=\d{4}-\d\d-\d\d(?:(?![?&;]sv=)[^\s\"'<>]){1,900}?[?&;]sig=[A-Za-z0-9%+/_-]{40}"
        r"|[?&;]Signature=[A-Za-z0-9~_-]{80,900}&(?:amp;)?Key-Pair-Id=[A-Z0-9]{10}"
    )),
    Shape("a stack trace", ("Traceback", "    at "), (
        r"Traceback \(most recent call last\)"
        r"|(?:\n|\\n)\s{1,9}at [^\n]{1,200}[/\\][^\n]{1,200}\.(?:[cm]?[jt]sx?|py|rb|php|java|kt|cs|go)\b[^\n]{0,10}:\d"
    )),
)  # fmt: skip
MOST_ADDRESSES = 2  # e-mail addresses in a refusal: one is whom to ask, and one the caller's
ADDRESS = re.compile(r"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}\b")
# Keys under which an answer to a stranger carries a secret, whatever its status. Lower case, without _ and -.
KEYS = frozenset({
    "apikey", "accesstoken", "refreshtoken", "privatekey", "secretkey", "clientsecret", "passwordhash",
    "hashedpassword", "sessionsecret", "invitetoken", "resettoken", "sessiontoken",
})  # fmt: skip
# Keys of codes that somebody knows by heart or gets by mail, and the form of one.
CODE_KEYS = frozenset(
    {"pin", "pincode", "otp", "onetimecode", "onetimepassword", "passcode", "verificationcode", "cvv", "cvc"}
)
CODE_DIGITS = re.compile(r"\d{3,10}")
ENDINGS = ("secret", "password", "passwd", "token", "key")
IDENTITY_HEADER = re.compile(  # of a header by which a proxy or an application names who was let in
    r"remote-user|(?:x-)?(?:(?:auth-request|authenticated|authentik|forwarded|remote|auth|current|webauth)-)?"
    r"(?:user|member|email)(?:-?(?:id|name|email|roles?|groups?|login))?|x-(?:auth|forwarded)(?:-request)?-"
    r"(?:preferred-username|groups|email|roles?)"
)
NOBODY = frozenset({
    "-", "0", "none", "null", "nil", "undefined", "anonymous", "anonymoususer", "guest", "nobody", "public", "unknown",
    "false", "unauthenticated", "[]", "{}", "(null)", "visitor", "stranger", "default",
})  # fmt: skip
# Names that end so and are no secrets: for forms, for browsers, of messages.
HARMLESS_WORDS = (
    "csrf", "xsrf", "session",
    "nonce", "public", "site", "publishable", "captcha", "error", "message", "i18n", "translation",
    "idempotency", "primary", "foreign", "sort", "partition", "forgot", "reset", "has", "require", "need", "type",
    "hotkey",
)  # fmt: skip
WORDS = re.compile(r"[^\s_.:/]{12,200}")  # a password of words, and no name of a message
CODE = re.compile(r"[A-Za-z]+(?:[_.:][A-Za-z]+){0,9}(?:[_.:]v?\d{1,3})?")  # of a message: errors.password_required.v2
RANDOM = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[^\s]{12,4000}")  # what a generated value looks like
