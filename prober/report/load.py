"""A report in JSON, read back: strictly, since a wrong or a hostile one must excuse nothing; no text of it acts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from prober.errors import UsageError
from prober.model import EarlierFinding, EarlierReport, Verdict
from prober.report.record import SCHEMA
from prober.report.redact import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import JsonValue

MOST_BYTES = 64 * 1024 * 1024
_LONGEST = 2000  # letters of one text: an id is as long as its path
_WORD = re.compile(r"[a-z0-9-]{1,40}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
FIX = "name a file that --report json=FILE wrote"


def parse_report(text: str, *, file: str) -> EarlierReport:
    """Parse what `--report json=FILE` wrote; `file` is what messages call it."""
    return _Reader(file).report(text)


class _Reader:
    """Reads one file, and knows its name for what it says of it."""

    def __init__(self, file: str) -> None:
        self._file = file

    def report(self, text: str) -> EarlierReport:
        try:
            root: JsonValue = json.loads(text, object_pairs_hook=self._once, parse_constant=self._no_number)
        except (ValueError, RecursionError):
            self._wrong("is no JSON")
        whole = self._mapping(root, "the report")
        schema = whole.get("schema")
        if schema is None or "findings" not in whole:
            self._wrong("is no report of the prober")
        if schema is True or schema != SCHEMA:
            said = json.dumps(schema)[:40]
            self._wrong(f"is of schema {said}, and this prober reads {SCHEMA}", fix="make it anew with this prober")
        services = {
            harmless(name): self._text(self._mapping(service, "a service"), "url")
            for name, service in self._mapping(whole.get("services"), "'services'").items()
        }
        findings = whole["findings"]
        if not isinstance(findings, list) or not findings:
            self._wrong("has no findings")
        told: dict[str, EarlierFinding] = {}
        for entry in findings:
            one = self._finding(self._mapping(entry, "a finding"))
            if one.id in told:
                self._wrong(f"has finding '{one.id}' twice")
            told[one.id] = one
        return EarlierReport(
            file=harmless(self._file),
            run=self._text(whole, "run"),
            started_at=self._time(self._text(whole, "started_at"), "started_at"),
            profile=self._text(whole, "profile"),
            depth=self._text(whole, "depth"),
            interrupted=self._flag(whole, "interrupted"),
            services=services,
            findings=told,
        )

    def _finding(self, entry: Mapping[str, JsonValue]) -> EarlierFinding:
        name, reason = self._text(entry, "id"), self._text(entry, "reason")
        held = verdict = self._verdict(self._text(entry, "verdict"))
        since = entry.get("since")
        if entry.get("waived") is not None:
            was, colon, reason = self._text(entry, "waived").partition(": ")
            held = self._verdict(was)
            if not colon or verdict is not Verdict.SKIPPED:
                self._wrong(f"says of '{name}' that it was waived, and not what it was")
        if not _WORD.fullmatch(reason):
            self._wrong(f"gives '{name}' a reason that is no word")
        return EarlierFinding(
            id=name, verdict=verdict, held=held, reason=reason,
            since=None if since is None else self._time(self._text(entry, "since"), "since"),
        )  # fmt: skip

    def _verdict(self, said: str) -> Verdict:
        if said not in set(Verdict):
            self._wrong(f"has a verdict '{said[:40]}', which is none")
        return Verdict(said)

    def _time(self, said: str, key: str) -> str:
        if not _TIME.fullmatch(said):
            self._wrong(f"has a '{key}' that is no time")
        return said

    def _mapping(self, value: JsonValue, of: str) -> Mapping[str, JsonValue]:
        if not isinstance(value, dict):
            self._wrong(f"is no report of the prober: {of} is no mapping")
        return value

    def _text(self, of: Mapping[str, JsonValue], key: str) -> str:
        value = of.get(key)
        if not isinstance(value, str) or not value or len(value) > _LONGEST:
            self._wrong(f"is no report of the prober: it has no '{key}'")
        return harmless(value)

    def _flag(self, of: Mapping[str, JsonValue], key: str) -> bool:
        value = of.get(key)
        if not isinstance(value, bool):
            self._wrong(f"is no report of the prober: it has no '{key}'")
        return value

    def _once(self, pairs: list[tuple[str, JsonValue]]) -> JsonValue:
        """Refuse a key that is given twice: of two verdicts, every other parser would take the last."""
        found = dict(pairs)
        if len(found) < len(pairs):
            self._wrong("has a key twice in one mapping")
        return found

    def _no_number(self, word: str) -> NoReturn:
        self._wrong(f"holds {word}, which is no JSON")

    def _wrong(self, what: str, *, fix: str = FIX) -> NoReturn:
        raise UsageError(f"{self._file} {what}", fix=fix)
