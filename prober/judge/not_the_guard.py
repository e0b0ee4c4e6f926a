"""Words of a check that stands before authentication: it refuses everybody, so that its refusal proves nothing. Pure.

A forged request, another origin or host, a media type, too many requests, maintenance, a country, an age, a consent, a
wall for programs. A list of addresses is none of them: it may be the very lock that is meant.
"""

from __future__ import annotations

import re

STATUSES = frozenset({400, 403, 406, 409, 415, 419, 421, 422, 451})  # by which such checks refuse

_NOT = (
    r"(?:is |are |was )?(?:not (?:allowed|in |match|trusted|permitted|accepted|supported)|mismatch|invalid|missing"
    r"|required|unknown|forbidden|blocked|(?:does|did) not match|must be)"
)
_BAD = r"(?:invalid|bad|forbidden|unknown|disallowed|missing|untrusted|unsupported)"
_NAMES = r"(?:origin|host|referr?er|user[- ]agent|content[- ]type"
_FORGED = (
    r"\b(?:csrf|xsrf)\b|_xsrf|csrf[-_ ]?token|invalid ?authenticity ?token|\bauthenticity token\b|dns rebinding"
    r"|page expired|session[- ]id header|\bcross[- ]site request"
    r"|\bcross[- ](?:site|origin)(?: [\w-]{1,20}){0,3} (?:request|submission)s?\b"
)
_HEADERS = (
    rf"\b{_BAD} {_NAMES})\b|\b{_NAMES}|sec-fetch-\w{{1,9}}|x-requested-with)(?: header)? {_NOT}"
    r"|\bhost \(?[\"'][^\"']{0,100}[\"']\)? is not allowed|\bset an? user[- ]agent"
    r"|\bunsupported (?:media|content)[- ]type"
)
_FOR_NOW = (
    r"\brate[- ]limit(?:ed|ing)?\b|\btoo many (?:requests|attempts)\b|\bquota exceeded|\bslow down\b"
    r"|\b(?:down for|under|in|scheduled) maintenance\b|\bmaintenance mode\b"
)
_ABROAD = (
    r"\b(?:un|not )available in your (?:country|region|location|area)\b|\bgeo[- ]?(?:block|restrict)\w{0,6}"
    r"|\byour (?:country|region) is (?:not|blocked|restrict)|\bfor legal reasons\b"
)
_CONSENT = (
    r"\bage verification\b|\bverify your age\b|\bmust be (?:at least )?(?:16|18|21)\b|\bcookie consent\b"
    r"|\b(?:accept|consent to) (?:our |the |all )?(?:use of )?(?:cookies|terms)\b"
)
_PROGRAMS = (
    r"\benable (?:javascript and )?cookies\b|\bcaptcha (?:is )?(?:required|missing|invalid|failed)\b"
    r"|\bcomplete the captcha\b|\b(?:not|are you) a robot\b|\bbots? (?:detected|not allowed)\b"
    r"|\bautomated (?:requests|access|traffic)\b"
)
WORDS = re.compile(f"{_FORGED}|{_HEADERS}|{_FOR_NOW}|{_ABROAD}|{_CONSENT}|{_PROGRAMS}", re.IGNORECASE)
