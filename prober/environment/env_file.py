"""Reads a .env file as a run needs it: the auth mode that it selects, and the ports. Shows no value; no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.environment.dotenv_lines import lines_of, load_text
from prober.errors import UsageError
from prober.model.auth_mode import conflict_of, is_true, mode_of, trap_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DEFAULT_PORTS = {"web": ("WEB_HOST_PORT", 3000), "mcp": ("MCP_HOST_PORT", 3100)}
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """The mode that the file selects.

    `conflict` is why such a deployment must never be released; `trap` the same, unless a profile is given on purpose.
    """

    file: str
    mode: str
    conflict: str | None
    trap: str | None
    dev_auth_in_production: bool
    requires_voucher: bool
    ports: Mapping[str, int]


def load_env_file(path: Path) -> EnvFile:
    """Load a .env file; a variable in it is never expanded."""
    text = load_text(path, fix="run in the folder of the deployment's .env, or give a --profile")
    return parse_env(text, file=str(path))


def parse_env(text: str, *, file: str) -> EnvFile:
    """Parse the text of a .env file; an unreadable line may be the one that sets the mode, so it is an error."""
    values: dict[str, str] = {}
    for line in lines_of(text, file=file):
        if line.name is None:
            raise UsageError(f"{line.source}: this is not NAME=VALUE", fix="close its quotes, or make it a comment")
        values[line.name] = line.value
    return EnvFile(
        file=file,
        mode=mode_of(values),
        conflict=conflict_of(values),
        trap=trap_of(values),
        dev_auth_in_production=is_true(values, "ALLOW_DEV_AUTH_IN_PRODUCTION"),
        requires_voucher=values.get("REGISTRATION_REQUIRES_VOUCHER", "").strip().lower() != "false",
        ports={service: _port(values, name, default, file) for service, (name, default) in _DEFAULT_PORTS.items()},
    )


def _port(values: Mapping[str, str], name: str, default: int, file: str) -> int:
    port = values.get(name, "").strip()
    if not port:
        return default
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        raise UsageError(f"{file}: {name} is not a port", fix=f"write a number from 1 to {_LAST_PORT}, or remove it")
    return int(port)
