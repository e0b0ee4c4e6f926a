"""What made a run narrower than prober.yaml, or sent it elsewhere, and where that was given: the report says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Depth, Override

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.app.options import ProbeOptions, SendOptions
    from prober.definitions.deployment import DeploymentFile

COMMAND_LINE = "the command line"


def overrides_of_plan(options: ProbeOptions, file: DeploymentFile, *, profile: str) -> tuple[Override, ...]:
    """Name the options that take probes out of the plan, or replace what prober.yaml says; a default is none."""
    deeper = options.depth is not None and options.depth in {file.depth or Depth.STANDARD, Depth.DEEP}
    replaced = {
        "deployment": options.origins.get("deployment", COMMAND_LINE) != COMMAND_LINE,
        "profile": file.profile not in {None, profile},
        "env_file": file.profile not in {None, profile} and options.profile is None,
        "base_url": bool(file.services) and "base_url" not in options.yielding,
        "mcp_url": bool(file.services) and "mcp_url" not in options.yielding,
        "service": bool(file.services),
        "surface": bool(file.surfaces or file.require),
        "only": True,
        "skip": True,
        "depth": not deeper,
        "waivers": file.waivers is not None,
    }  # fmt: skip
    given = {name: getattr(options, name) for name in replaced}
    return tuple(_overrides(given, options, (name for name, is_replaced in replaced.items() if is_replaced)))


def overrides_of_sending(options: SendOptions) -> tuple[Override, ...]:
    """Name the options by which requests go elsewhere, or a finding does not fail the run."""
    names = ("resolve", "proxy", "ipv4", "ipv6", "address", "tolerate")
    return tuple(_overrides({name: getattr(options, name) for name in names}, options, names))


def _overrides(
    given: dict[str, object], options: ProbeOptions | SendOptions, names: Iterable[str]
) -> Iterable[Override]:
    for name in names:
        value = given[name]
        if name not in options.origins or not value:
            continue
        words = value if isinstance(value, tuple) else ("" if value is True else value,)
        for word in words:
            yield Override(option=f"--{name.replace('_', '-')}", value=str(word), given_by=options.origins[name])
