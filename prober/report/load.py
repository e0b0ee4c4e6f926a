"""Reads a JSON report back, strictly: a wrong or hostile one must not excuse a finding; its text is made harmless."""

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
_LONGEST = 2000  # characters of one text: an id is as long as its path
_WORD = re.compile(r"[a-z0-9-]{1,40}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
FIX = "name a file that --report json=FILE wrote"


def parse_report(text: str, *, file: str) -> EarlierReport:
    """Parse what `--report json=FILE` wrote; `file` is the name for messages."""
    return _Reader(file).report(text)


class _Reader:
    """Reads one file, whose name begins every message."""

    def __init__(self, file: str) -> None:
        self._file = file

    def report(self, text: str) -> EarlierReport:
        try:
            root: JsonValue = json.loads(
                text, object_pairs_hook=self._unique_keys, parse_constant=self._refuse_constant
            )
        except (ValueError, RecursionError):
            self._fail("is not JSON")
        whole = self._mapping(root, "the report")
        schema = whole.get("schema")
        if schema is None or "findings" not in whole:
            self._fail("is not a report of the prober")
        if schema is True or schema != SCHEMA:
            shown_schema = json.dumps(schema)[:40]
            self._fail(
                f"has schema {shown_schema}, but this prober reads {SCHEMA}", fix="create it again with this prober"
            )
        services = {
            harmless(name): self._text(self._mapping(service, "a service"), "url")
            for name, service in self._mapping(whole.get("services"), "'services'").items()
        }
        findings = whole["findings"]
        if not isinstance(findings, list) or not findings:
            self._fail("has no findings")
        earlier_findings: dict[str, EarlierFinding] = {}
        for entry in findings:
            one = self._finding(self._mapping(entry, "a finding"))
            if one.id in earlier_findings:
                self._fail(f"has finding '{one.id}' twice")
            earlier_findings[one.id] = one
        return EarlierReport(
            file=harmless(self._file),
            run=self._text(whole, "run"),
            started_at=self._time(self._text(whole, "started_at"), "started_at"),
            profile=self._text(whole, "profile"),
            depth=self._text(whole, "depth"),
            interrupted=self._flag(whole, "interrupted"),
            services=services,
            findings=earlier_findings,
            release=None if whole.get("release") is None else self._text(whole, "release"),
        )

    def _finding(self, entry: Mapping[str, JsonValue]) -> EarlierFinding:
        name, reason = self._text(entry, "id"), self._text(entry, "reason")
        unwaived_verdict = verdict = self._verdict(self._text(entry, "verdict"))
        since = entry.get("since")
        if entry.get("waived") is not None:
            waived_verdict, colon, reason = self._text(entry, "waived").partition(": ")
            unwaived_verdict = self._verdict(waived_verdict)
            if not colon or verdict is not Verdict.SKIPPED:
                self._fail(f"says that '{name}' was waived, but not from which verdict")
        if not _WORD.fullmatch(reason):
            self._fail(f"has an invalid reason for '{name}'")
        return EarlierFinding(
            id=name, verdict=verdict, held=unwaived_verdict, reason=reason,
            since=None if since is None else self._time(self._text(entry, "since"), "since"),
        )  # fmt: skip

    def _verdict(self, text: str) -> Verdict:
        if text not in set(Verdict):
            self._fail(f"has an unknown verdict '{text[:40]}'")
        return Verdict(text)

    def _time(self, text: str, key: str) -> str:
        if not _TIME.fullmatch(text):
            self._fail(f"has a '{key}' that is not a time")
        return text

    def _mapping(self, value: JsonValue, where: str) -> Mapping[str, JsonValue]:
        if not isinstance(value, dict):
            self._fail(f"is not a report of the prober: {where} is not a mapping")
        return value

    def _text(self, mapping: Mapping[str, JsonValue], key: str) -> str:
        value = mapping.get(key)
        if not isinstance(value, str) or not value or len(value) > _LONGEST:
            self._fail(f"is not a report of the prober: it has no '{key}'")
        return harmless(value)

    def _flag(self, mapping: Mapping[str, JsonValue], key: str) -> bool:
        value = mapping.get(key)
        if not isinstance(value, bool):
            self._fail(f"is not a report of the prober: it has no '{key}'")
        return value

    def _unique_keys(self, pairs: list[tuple[str, JsonValue]]) -> JsonValue:
        """Refuse a duplicate key: other parsers would take the last of two verdicts."""
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            self._fail("has a key twice in one mapping")
        return mapping

    def _refuse_constant(self, word: str) -> NoReturn:
        self._fail(f"contains {word}, which is not JSON")

    def _fail(self, what: str, *, fix: str = FIX) -> NoReturn:
        raise UsageError(f"{self._file} {what}", fix=fix)
