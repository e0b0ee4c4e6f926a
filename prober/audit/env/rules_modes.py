"""Rules for the auth mode: which one it is for each reader of the file, and whether it admits users by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.env.view import (
    ADMIN,
    DEV,
    DEV_IN_PRODUCTION,
    GITHUB,
    KNOWN,
    MAIL,
    MODE_NAMES,
    EnvironmentView,
    EnvRule,
    half,
    listed,
)
from prober.model.audit import Reader, Rule, Severity
from prober.model.auth_mode import conflict_of, mode_of, trap_of

if TYPE_CHECKING:
    from prober.audit.env.view import Broken
    from prober.model.audit import Environment


def modes_by_reader(view: EnvironmentView) -> dict[str, str]:
    """Give the mode that each reader, and the prober, derives from the file; nothing if no reader was simulated."""
    readers = [reader for reader in Reader if any(reader in s.readings for s in view.environment.settings)]
    if not readers:
        return {}
    values: dict[str, dict[str, str]] = {
        reader: {name: setting.readings.get(reader) or "" for name, setting in view.last.items()} for reader in readers
    }
    values["the prober"] = {
        name: setting.plain if setting.plain is not None else setting.value or "" for name, setting in view.last.items()
    }
    return {reader: mode_of(own) for reader, own in values.items()}


def _conflict(view: EnvironmentView) -> Broken:
    problem = conflict_of(view.values)
    if problem is not None:
        yield problem, view.at(DEV)


def _trap(view: EnvironmentView) -> Broken:
    problem = trap_of(view.values)
    if problem is not None and conflict_of(view.values) is None:
        yield problem, view.at(DEV)


def _shim_in_production(view: EnvironmentView) -> Broken:
    clear = conflict_of(view.values) is None and trap_of(view.values) is None
    if view.mode == "dev-shim" and clear and view.production is not None:
        yield f"{DEV}=true in production (as {view.production} says)", view.at(DEV)


def _shim_behind(view: EnvironmentView) -> Broken:
    if view.is_true(DEV) and view.mode != "dev-shim" and conflict_of(view.values) is None:
        yield f"{DEV}=true is set, hidden by mode {view.mode}", view.at(DEV)


def _override(view: EnvironmentView) -> Broken:
    if view.has(DEV_IN_PRODUCTION):
        yield f"{DEV_IN_PRODUCTION} is set", view.at(DEV_IN_PRODUCTION)


def _shim_word(view: EnvironmentView) -> Broken:
    if view.last.get(DEV) and view.last[DEV].value is not None and view.text(DEV) not in {"", "true", "false"}:
        yield f"{DEV} is neither true nor false, in lower case", view.at(DEV)


def _readers_disagree(view: EnvironmentView) -> Broken:
    modes = modes_by_reader(view)
    if len(set(modes.values())) > 1:
        by_reader = ", ".join(f"{mode} for {reader}" for reader, mode in modes.items())
        name = next(name for name in MODE_NAMES if view.has(name))
        yield f"the mode is {by_reader}", view.at(name)


def _empty(view: EnvironmentView) -> Broken:
    if view.is_true(DEV):
        return
    for pair in (GITHUB, ADMIN):
        empty = view.empty(pair)
        if empty and not half(view, pair)[0]:
            yield f"{listed(empty)} {'is' if len(empty) == 1 else 'are'} present but empty", view.at(empty[0])


def _blank(view: EnvironmentView) -> Broken:
    for name, value in view.values.items():
        if name in KNOWN and value and not value.strip():
            yield f"{name} contains only blanks", view.at(name)


def _half_github(view: EnvironmentView) -> Broken:
    full, lacking = half(view, GITHUB)
    if full and lacking and not view.is_true(DEV):
        yield f"{full[0]} is set, but {lacking[0]} is not", view.at(full[0])


def _half_admin(view: EnvironmentView) -> Broken:
    full, lacking = half(view, ADMIN)
    if full and lacking:
        yield f"{full[0]} is set, but {lacking[0]} is not", view.at(full[0])


def _half_mail(view: EnvironmentView) -> Broken:
    full, lacking = half(view, MAIL)
    if full and lacking and not (full == ["EMAIL_PROVIDER"] and view.text("EMAIL_PROVIDER").lower() != "resend"):
        yield f"{listed(full)} set, but {listed(lacking)} not", view.at(full[0])


def _no_auth_secret(view: EnvironmentView) -> Broken:
    for pair in (ADMIN, GITHUB):
        if not half(view, pair)[1] and not view.is_set("AUTH_SECRET"):
            yield f"{listed(pair)} are set, but AUTH_SECRET is not", view.at(pair[0])
            return


RULES = (
    EnvRule(
        rule=Rule(
            id="ENV001", severity=Severity.LEAK, title="the dev shim and OAuth are both configured",
            why="One of the two is a mistake, and the dev shim signs everyone in as the same user.",
            fix="Remove ALLOW_DEV_AUTH, or the AUTH_GITHUB_ names.",
            source="003:100", facts=(122, 187, 188),
        ),
        check=_conflict,
    ),
    EnvRule(
        rule=Rule(
            id="ENV002", severity=Severity.LEAK, title="an AUTH_GITHUB_ variable is empty, with ALLOW_DEV_AUTH=true",
            why="An empty value counts as unset: the file looks like OAuth, but the server runs the dev shim.",
            fix="Set both AUTH_GITHUB_ variables and remove ALLOW_DEV_AUTH, or remove the empty ones.",
            source="003:115", facts=(210, 211, 212, 216),
        ),
        check=_trap,
    ),
    EnvRule(
        rule=Rule(
            id="ENV003", severity=Severity.LEAK, title="production runs the dev shim",
            why="Everyone who reaches it is signed in as the same user.",
            fix="Remove ALLOW_DEV_AUTH and set up OAuth or credentials.",
            source="003:26", facts=(126, 128, 142),
        ),
        check=_shim_in_production,
    ),
    EnvRule(
        rule=Rule(
            id="ENV004", severity=Severity.DRIFT, title="the dev shim is hidden by another mode",
            why="It has no effect while the other mode is complete, and admits everyone as soon as it is not.",
            fix="Remove ALLOW_DEV_AUTH.",
            source="003:21", facts=(122, 195),
        ),
        check=_shim_behind,
    ),
    EnvRule(
        rule=Rule(
            id="ENV005", severity=Severity.LEAK, title="ALLOW_DEV_AUTH_IN_PRODUCTION is set",
            why="It removes the last check that keeps the dev shim out of production.",
            fix="Remove ALLOW_DEV_AUTH_IN_PRODUCTION.",
            source="003:27", facts=(128,),
        ),
        check=_override,
    ),
    EnvRule(
        rule=Rule(
            id="ENV006", severity=Severity.DRIFT, title="ALLOW_DEV_AUTH is neither 'true' nor 'false'",
            why="The meaning of other spellings depends on each piece of code that compares them.",
            fix="Write ALLOW_DEV_AUTH=false, or remove it.",
            source="003:105", facts=(195,),
        ),
        check=_shim_word,
    ),
    EnvRule(
        rule=Rule(
            id="ENV007", severity=Severity.LEAK, title="the readers of the file derive different modes",
            why="The operator does not check what the server runs: readers treat quotes and '$' differently.",
            fix="Write values with '$' in double quotes and each '$' as '\\$': all readers agree on that.",
            source="003:105", facts=(193,),
        ),
        check=_readers_disagree,
    ),
    EnvRule(
        rule=Rule(
            id="ENV008", severity=Severity.NOTE, title="a variable of a mode is present but empty",
            why="It counts as unset, but a search for its name finds it.",
            fix="Remove the variables, or set them.",
            source="003:115", facts=(212,),
        ),
        check=_empty,
    ),
    EnvRule(
        rule=Rule(
            id="ENV009", severity=Severity.DRIFT, title="a value is blank",
            why="Blanks are not empty, so code that checks for a value uses them.",
            fix="Remove the blanks, or the variable.",
            source="003:115", facts=(35, 211),
        ),
        check=_blank,
    ),
    EnvRule(
        rule=Rule(
            id="ENV010", severity=Severity.DRIFT, title="one of the two AUTH_GITHUB_ variables is not set",
            why="OAuth is off without both, so the server does not run in the intended mode.",
            fix="Set the other one too, or remove this one.",
            source="003:24", facts=(122, 123),
        ),
        check=_half_github,
    ),
    EnvRule(
        rule=Rule(
            id="ENV011", severity=Severity.DRIFT, title="one of ADMIN_USERNAME and ADMIN_PASSWORD_HASH is not set",
            why="Credentials are off without both, so the server does not run in the intended mode.",
            fix="Set the other one too, or remove this one.",
            source="003:101", facts=(189,),
        ),
        check=_half_admin,
    ),
    EnvRule(
        rule=Rule(
            id="ENV012", severity=Severity.DRIFT, title="one of the three EMAIL_ variables is not set",
            why="Mail is off without all of them: no one can reset a password, and responses contain invite links.",
            fix="Set EMAIL_PROVIDER=resend, EMAIL_API_KEY and EMAIL_FROM, or remove them.",
            source="003:247", facts=(305,),
        ),
        check=_half_mail,
    ),
    EnvRule(
        rule=Rule(
            id="ENV013", severity=Severity.DRIFT, title="a mode with a sign-in has no AUTH_SECRET",
            why="Without it, sign-in answers 500, and the server treats itself as unconfigured.",
            fix="Set AUTH_SECRET to what 'openssl rand -base64 32' prints.",
            source="003:24", facts=(123, 243),
        ),
        check=_no_auth_secret,
    ),
)  # fmt: skip


def seen_as(environment: Environment) -> tuple[str, str]:
    """Describe an environment: its name, and the mode that it configures with the reasons, without any value."""
    view = EnvironmentView(environment)
    if not environment.settings:
        return environment.name, "checked as a file"
    production = f"; production, as {view.production} says" if view.production else ""
    return environment.name, f"mode {view.mode}, because {view.because}{production}"
