"""Checks environments against the rules. Pure: opens no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.env import rules_auth_url, rules_files, rules_modes, rules_reading, rules_secrets, rules_sign_in
from prober.audit.env.view import GUARDS, EnvironmentView
from prober.model import Source
from prober.model.audit import AuditFinding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from prober.model.audit import Environment

EACH = (
    *rules_modes.RULES, *rules_secrets.RULES, *rules_auth_url.RULES, *rules_sign_in.RULES, *rules_reading.RULES,
    *rules_files.RULES,
)  # fmt: skip
SHARED = Rule(
    id="ENV025", severity=Severity.DRIFT, title="two environments have a secret in common",
    why="A leak of the weaker one gives access to the other.",
    fix="Create a separate value for each environment.",
    source="000:87", facts=(19,),
)  # fmt: skip
NOTHING = Rule(
    id="ENV092", severity=Severity.UNPROVEN, title="no rule applies to this file",
    why="Nothing was checked, so nothing is known.",
    fix="Name the deployment's .env, or its compose file.",
    source="003:28", facts=(),
)  # fmt: skip
RULES = tuple(sorted([*(entry.rule for entry in EACH), SHARED, NOTHING], key=lambda rule: rule.id))
_WORST = tuple(Severity)


def audit(environments: Sequence[Environment], chosen: Collection[str]) -> tuple[AuditFinding, ...]:
    """Check each environment against the rules whose ids are chosen; the worst findings come first."""
    views = [EnvironmentView(environment) for environment in environments]
    found = [
        AuditFinding(rule=entry.rule, what=what, source=source)
        for view in views
        for entry in EACH
        if entry.rule.id in chosen and (view.is_relevant or not view.environment.shared)
        for what, source in entry.check(view)
    ]
    if SHARED.id in chosen:
        found += _in_common(views)
    if NOTHING.id in chosen:
        found += _nothing(views)
    once = dict.fromkeys(found)  # two services of one compose file read the same .env
    return tuple(sorted(once, key=lambda b: (_WORST.index(b.rule.severity), b.source.file, b.source.line, b.rule.id)))


def not_looked_at(environments: Iterable[Environment]) -> tuple[str, ...]:
    """Name the services to which no rule applies, such as a database."""
    return tuple(env.name for env in environments if env.shared and not EnvironmentView(env).is_relevant)


def _in_common(views: list[EnvironmentView]) -> list[AuditFinding]:
    """Find secrets that .env files share; the services of one compose file are one deployment."""
    seen: dict[tuple[str, str], EnvironmentView] = {}
    found: list[AuditFinding] = []
    for view in views:
        for name in GUARDS if not view.environment.shared else ():
            value = view.text(name)
            first = seen.setdefault((name, value), view) if value and not rules_secrets.is_placeholder(value) else view
            if first is not view:
                what = f"{name} is the same in {first.environment.name}"
                found.append(AuditFinding(rule=SHARED, what=what, source=view.at(name)))
    return found


def _nothing(views: list[EnvironmentView]) -> list[AuditFinding]:
    composed = [view for view in views if view.environment.shared]
    bare = [view for view in views if not view.environment.shared and not _is_told(view)]
    if composed and not any(view.is_relevant for view in composed):
        bare.append(composed[0])
    return [
        AuditFinding(rule=NOTHING, what="no rule checks a variable in it", source=Source(file=_file(view), line=1))
        for view in bare
    ]


def _is_told(view: EnvironmentView) -> bool:
    return view.is_relevant or any(facts.file.endswith("rclone.conf") for facts in view.environment.files)


def _file(view: EnvironmentView) -> str:
    return (*view.environment.shared, *view.environment.paths)[0]
