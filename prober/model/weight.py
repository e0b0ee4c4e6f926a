"""How much a route gives away if it is open, told from its method and path where its surface does not say. Pure."""

from __future__ import annotations

import re

from prober.model.enums import Weight
from prober.model.job_paths import is_path_of_job

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Words of a path, in the singular. They say what an answer holds, whatever the framework.
_KEYS = frozenset(
    {"apikey", "cert", "certificate", "credential", "dotenv", "env", "heapdump", "impersonate", "jwk", "key",
     "pair", "pairing", "password", "secret", "token"}
)  # fmt: skip
_PERSONAL = frozenset(
    {"account", "address", "admin", "applicant", "audit", "backup", "billing", "candidate", "chat", "client",
     "contact", "conversation", "customer", "dump", "email", "employee", "export", "inbox", "invite",
     "invitation", "invoice", "lead", "mail", "me", "meeting", "member", "message", "order", "patient",
     "payment", "payroll", "people", "person", "profile", "salary", "staff", "student", "subscriber", "user"}
)  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def weight_of(method: str, path: str) -> Weight:
    """Weigh a route by its method and path; parameters and the query say nothing."""
    words = {_singular(word.lower()) for part in _parts(path) for word in _WORD.findall(part)}
    if words & _KEYS:
        return Weight.KEYS
    if method not in _SAFE_METHODS or is_path_of_job(path):
        return Weight.WRITES
    return Weight.PERSONAL if words & _PERSONAL else Weight.READS


def weight_of_name(name: str) -> Weight:
    """Weigh a route, or a finding, by its name: `surface: METHOD /path`; any other name is the least of all."""
    method, _, rest = name.partition(": ")[2].partition(" ")
    return weight_of(method, rest.partition(" ")[0]) if rest.startswith("/") else Weight.READS


def _parts(path: str) -> list[str]:
    return [part for part in path.partition("?")[0].split("/") if not part.startswith(":")]


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
