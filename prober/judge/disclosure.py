"""What no answer to an unauthenticated client may hold: what `never:` names, and keys and tokens on any guarded route.

It looks at the body as a client would decode it, and at headers and cookies.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from prober.judge.content import content_of
from prober.judge.personal import is_of_a_person
from prober.judge.records import folded
from prober.judge.refusal_headers import address_in_a_cookie
from prober.judge.secret_shapes import (
    ADDRESS,
    ALWAYS,
    CODE,
    CODE_DIGITS,
    CODE_KEYS,
    ENDINGS,
    HARMLESS_WORDS,
    IDENTITY_HEADER,
    IN_A_REFUSAL,
    KEYS,
    MOST_ADDRESSES,
    NOBODY,
    RANDOM,
    WORDS,
)
from prober.judge.text_pairs import pairs_in, unquoted_pairs_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.judge.content import Content
    from prober.judge.secret_shapes import Shape
    from prober.model import Answered, JsonValue, Never, Probe

# Each text that a shape is looked for by, and the shape: one flat loop over them costs a fifth of a loop in a loop.
_HINTS_ALWAYS = tuple((hint, shape) for shape in ALWAYS for hint in shape.hints)
_HINTS = (*_HINTS_ALWAYS, *((hint, shape) for shape in IN_A_REFUSAL for hint in shape.hints))
_SHORTEST_SECRET = 8
_SEPARATORS = re.compile(r"[\s;=&?]+")
# Headers whose names sound like a secret's and that hold none: challenges, and what a browser is to keep.
_HARMLESS_HEADERS = frozenset({"set-cookie", "www-authenticate", "authorization", "proxy-authenticate", "location"})
# Of a URL anywhere in an answer: names of keys that pages load scripts with are none of these.
_KEYS_OF_A_URL = frozenset({"accesstoken", "refreshtoken", "idtoken", "sessiontoken", "clientsecret", "invitetoken"})
_IN_A_URL = re.compile(r"(?:[?&#;]|&amp;)([A-Za-z_-]{5,30})=([^&\"'\s<>#;,]{12,2000})")
_KEYS_OF_A_LOCATION = KEYS | {"idtoken"}  # where others are states and tickets of a sign-in


def disclosed(probe: Probe, answered: Answered, secrets: tuple[str, ...] = ()) -> str | None:
    """Name what the answer must not hold, None when it holds nothing of the sort; the value itself is not repeated."""
    content = content_of(answered)
    bodies = {*content.texts, answered.text}  # two where the charset is odd: either may be the lie
    texts = (*bodies, *(value for _, value in answered.all_headers))
    if any(secret in text for secret in secrets if secret != probe.credential.secret for text in texts):
        return "a held secret"
    sent = set(_SEPARATORS.split(" ".join([probe.request.target, *(value for _, value in probe.request.headers)])))
    values = [(key, value) for key, value in _named_values(answered) if not _is_echo(value, sent)]
    loose = (
        [] if answered.succeeded else [(key, value) for key, value in _unquoted(content) if not _is_echo(value, sent)]
    )
    broken = next((broken for never in probe.never if (broken := _broken(never, [*values, *loose], texts))), None)
    refuses = probe.promise.refuses
    if broken is None and refuses:
        values += [] if content.is_page else loose  # scripts of a page hold keys for browsers
        broken = next((f"a value under '{key}'" for key, value in values if _is_secret(key, value)), None)
        broken = broken or _handed_over(answered, sent) or _credential_in_a_url(texts, sent)
    whole = "\n".join(texts)
    likely = [shape for hint, shape in (_HINTS if refuses else _HINTS_ALWAYS) if hint in whole]  # few hold any
    broken = broken or next((shape.name for shape in likely if _is_there(shape, texts, sent)), None)
    if broken is None and refuses and not answered.succeeded:
        addresses = {address for text in texts if "@" in text for address in ADDRESS.findall(text)}
        return f"{len(addresses)} e-mail addresses" if len(addresses) > MOST_ADDRESSES else None
    return broken


def _is_secret(key: str, value: JsonValue) -> bool:
    """Say whether this is a value that only a secret has the name of; others that sound so must look generated."""
    name = folded(key).removeprefix("x")
    if name in CODE_KEYS and isinstance(value, (str, int)):
        return bool(CODE_DIGITS.fullmatch(str(value)))
    if not isinstance(value, str) or len(value) < _SHORTEST_SECRET:
        return False
    if name in KEYS:
        return True
    sounds_so = name.endswith(ENDINGS) and not any(word in folded(key) for word in HARMLESS_WORDS)
    if not sounds_so or CODE.fullmatch(value):
        return False
    of_words = name.endswith(("password", "passwd", "secret")) and WORDS.fullmatch(value)
    return bool(RANDOM.fullmatch(value) or of_words)


def _is_there(shape: Shape, texts: tuple[str, ...], sent: set[str]) -> bool:
    likely = [text for text in texts if any(hint in text for hint in shape.hints)]
    found = (match[0] for text in likely for match in shape.form.finditer(text))
    return any(value not in sent and not shape.is_harmless(value) for value in found)


def _is_echo(value: JsonValue, sent: set[str]) -> bool:
    """Say whether a value is one that the probe sent: an error page of Next.js holds the query, `token` and all."""
    return isinstance(value, str) and len(value) >= _SHORTEST_SECRET and value in sent


def _broken(never: Never, values: list[tuple[str, JsonValue]], texts: tuple[str, ...]) -> str | None:
    wanted = {folded(key) for key in never.keys}
    for key, value in values:
        if folded(key) in wanted and value not in (None, "", False, [], {}):
            return f"'{key}' (never: {never.source})"
    return next((f"'{word}' (never: {never.source})" for word in never.texts if any(word in t for t in texts)), None)


def _unquoted(content: Content) -> Iterator[tuple[str, JsonValue]]:
    """Give the pairs of what is no JSON: a form, YAML, a script, an environment file."""
    for text in () if content.documents or content.is_binary else content.texts:
        yield from unquoted_pairs_in(text)


def _credential_in_a_url(texts: tuple[str, ...], sent: set[str]) -> str | None:
    """Name the credential in a URL of a page or a header, where whoever follows it presents it."""
    for text in texts:
        for match in _IN_A_URL.finditer(text) if "=" in text else ():
            value = unquote(match[2])
            if folded(match[1]) in _KEYS_OF_A_URL and RANDOM.fullmatch(value) and value not in sent:
                return f"a value under '{match[1]}' in a URL"
    return None


def _handed_over(answered: Answered, sent: set[str]) -> str | None:
    """Name what the headers give to whoever asks: a credential, also in the URL that they lead to, or who he is."""
    for name, value in answered.all_headers:
        is_somebody = value.strip().lower() not in NOBODY and value.strip() and not set(value.split()) & sent
        if not answered.succeeded and is_somebody and IDENTITY_HEADER.fullmatch(name):
            return f"somebody's identity in the header '{name}'"
        address = address_in_a_cookie(value) if name == "set-cookie" and not answered.succeeded else None
        if address is not None and address not in " ".join(sent) and is_of_a_person(address):
            return "somebody's e-mail address in a cookie"
        if name == "authorization" and any(RANDOM.fullmatch(word) and word not in sent for word in value.split()):
            return "a credential in the header 'authorization'"
        if name == "location":
            parts = urlsplit(value.replace("[", "").replace("]", ""))  # which a URL may hold wrongly
            for key, inner in (*parse_qsl(parts.query), *parse_qsl(parts.fragment)):
                if folded(key) in _KEYS_OF_A_LOCATION and len(inner) >= _SHORTEST_SECRET and inner not in sent:
                    return f"a value under '{key}' in the location"
    return None


def _named_values(answered: Answered) -> Iterator[tuple[str, JsonValue]]:
    """Give every key and value of the body, every header, every cookie, and what a header holds as JSON."""
    yield from content_of(answered).pairs
    for name, value in answered.all_headers:
        if name == "set-cookie":
            cookie, _, rest = value.partition("=")
            yield cookie.strip(), rest.partition(";")[0].strip()
        elif name not in _HARMLESS_HEADERS:
            yield name, value
            yield from pairs_in(value)
