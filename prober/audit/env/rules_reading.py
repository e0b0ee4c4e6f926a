"""Rules for reading the file: no duplicates, the same values for every reader, and nothing unreadable."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.audit.env.rules_modes import modes_by_reader
from prober.audit.env.view import KNOWN, MODE_NAMES, PUBLIC, EnvRule, is_secret, listed
from prober.model.audit import Reader, Rule, Severity

if TYPE_CHECKING:
    from prober.audit.env.view import Broken, EnvironmentView
    from prober.model import Source
    from prober.model.audit import Setting


def _is_ours(name: str) -> bool:
    return name in KNOWN or is_secret(name) or name.startswith(PUBLIC)


def _twice(view: EnvironmentView) -> Broken:
    places: dict[tuple[str, str], list[Source]] = {}
    for setting in view.environment.settings:
        places.setdefault((setting.source.file, setting.name), []).append(setting.source)
    for (_, name), found in places.items():
        if len(found) > 1:
            yield f"{name} is set in line {listed(str(source.line) for source in found)}", found[-1]


def _differs(view: EnvironmentView) -> Broken:
    """Group the variables by how readers differ, so that a file with odd line ends is one finding and not fifty."""
    modes_differ = len(set(modes_by_reader(view).values())) > 1
    alike: dict[tuple[str, str], list[Setting]] = {}
    for name, setting in view.last.items():
        if _is_ours(name) and len(set(setting.readings.values())) > 1 and not (modes_differ and name in MODE_NAMES):
            alike.setdefault((setting.source.file, _who(setting)), []).append(setting)
    for (_, who), settings in alike.items():
        yield f"{listed(setting.name for setting in settings)}: {who}", settings[0].source


def _who(setting: Setting) -> str:
    """Say which readers differ, without showing a value."""
    groups: dict[str | None, list[Reader]] = {}
    for reader in Reader:
        if reader in setting.readings:
            groups.setdefault(setting.readings[reader], []).append(reader)
    most = Counter({value: len(readers) for value, readers in groups.items()}).most_common(1)[0][0]
    others = [
        f"{listed(readers)} {_verb(value, readers)}"
        for value, readers in groups.items()
        if value != most or len(groups[most]) == 1
    ]
    rest = f", unlike {listed(groups[most])}" if len(groups[most]) > 1 else ""
    return "; ".join(others) + rest


def _verb(value: str | None, readers: list[Reader]) -> str:
    s = "s" if len(readers) == 1 else ""
    if value is None:
        return f"set{s} nothing or run{s} a command"
    return f"read{s} {'a value' if value.strip() else 'an empty value'}"


def _elsewhere(view: EnvironmentView) -> Broken:
    for name, setting in view.last.items():
        if setting.value is None and (name in KNOWN or is_secret(name)):
            yield f"{name} comes from elsewhere", setting.source


def _gaps(view: EnvironmentView) -> Broken:
    for gap in view.environment.gaps:
        yield gap.what, gap.source


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV060", severity=Severity.DRIFT, title="a name is set twice",
            why="The last one counts; reading or changing the first one has no effect.",
            fix="Remove all but one.",
            source="003:115", facts=(212,),
        ),
        check=_twice,
    ),
    EnvRule(
        rule=Rule(
            id="ENV061", severity=Severity.DRIFT, title="the readers of the file read different values",
            why="Readers treat quotes, '$', '#' and line ends differently: one file is several environments.",
            fix="Write it in double quotes with each '$' as '\\$', or give the reader of this file with --reader.",
            source="003:105", facts=(32, 193, 194),
        ),
        check=_differs,
    ),
    EnvRule(
        rule=Rule(
            id="ENV090", severity=Severity.UNPROVEN, title="a value that a rule checks is not in these files",
            why="A value that the shell sets at deployment cannot be checked here.",
            fix="Put it into the .env next to the compose file, or audit the file that it comes from.",
            source="003:33", facts=(31, 142),
        ),
        check=_elsewhere,
    ),
    EnvRule(
        rule=Rule(
            id="ENV091", severity=Severity.UNPROVEN, title="a part of a file cannot be read",
            why="The part that cannot be read may be decisive.",
            fix="Fix it, or name the files that it includes.",
            source="003:33", facts=(142,),
        ),
        check=_gaps,
    ),
)  # fmt: skip
