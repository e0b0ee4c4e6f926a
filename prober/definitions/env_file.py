"""The auth mode that a .env file asks for, as the Brain Platform itself reads it. Shows no value; no network.

First match wins, and empty means unset: that is the trap by which an operator believed in OAuth while the server took
the dev shim, so it is named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from dotenv.parser import parse_stream

from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OAUTH = ("AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET", "AUTH_SECRET")
_ADMIN = ("ADMIN_USERNAME", "ADMIN_PASSWORD_HASH")
_GITHUB = ("AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET")
_MOST_BYTES = 1024 * 1024
_DEFAULT_PORTS = {"web": ("WEB_HOST_PORT", 3000), "mcp": ("MCP_HOST_PORT", 3100)}
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """What the file says of the mode.

    `conflict` is why no such deployment may go out at all; `trap` the same, unless a profile is named on purpose.
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
    try:
        raw = path.read_bytes()
        text = raw[: _MOST_BYTES + 1].decode("utf-8-sig")
    except OSError as error:
        what = f"cannot read {path}: {error.strerror or 'no file'}"
        raise UsageError(what, fix="run in the folder of the deployment's .env, or name a --profile") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8", fix="save the file as UTF-8") from None
    if len(raw) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than 1 MiB", fix="name the deployment's .env")
    return parse_env(text, file=str(path))


def parse_env(text: str, *, file: str) -> EnvFile:
    """Parse the text of a .env file; an unreadable line may be the one that sets the mode, so it is an error."""
    values: dict[str, str] = {}
    for line in parse_stream(StringIO(text)):
        if line.error:
            what = f"{file}:{line.original.line}: this is no NAME=VALUE"
            raise UsageError(what, fix="close its quotes, or make it a comment")
        if line.key is not None:
            values[line.key] = line.value or ""
    return EnvFile(
        file=file,
        mode=_mode(values),
        conflict=_conflict(values),
        trap=_trap(values),
        dev_auth_in_production=_is_true(values, "ALLOW_DEV_AUTH_IN_PRODUCTION"),
        requires_voucher=values.get("REGISTRATION_REQUIRES_VOUCHER", "").strip().lower() != "false",
        ports={service: _port(values, name, default, file) for service, (name, default) in _DEFAULT_PORTS.items()},
    )


def _mode(values: Mapping[str, str]) -> str:
    admin, oauth = _all_set(values, _ADMIN), _all_set(values, _OAUTH)
    if admin and oauth:
        return "credentials+oauth"
    if admin:
        return "credentials"
    if oauth:
        return "oauth"
    return "dev-shim" if _is_true(values, "ALLOW_DEV_AUTH") else "unconfigured"


def _conflict(values: Mapping[str, str]) -> str | None:
    full = [name for name in _GITHUB if values.get(name, "").strip()]
    if not full or not _is_true(values, "ALLOW_DEV_AUTH"):
        return None
    return f"ALLOW_DEV_AUTH=true stands beside {' and '.join(full)}: one of the two modes is not meant"


def _trap(values: Mapping[str, str]) -> str | None:
    empty = [name for name in _GITHUB if name in values and not values[name].strip()]
    if not empty or not _is_true(values, "ALLOW_DEV_AUTH") or _mode(values) != "dev-shim":
        return None
    verb = "is" if len(empty) == 1 else "are"
    names = " and ".join(empty)
    taken = "it looks like OAuth, and the server takes the dev shim"
    return f"{names} {verb} there but empty, beside ALLOW_DEV_AUTH=true: {taken}"


def _all_set(values: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return all(values.get(name, "").strip() for name in names)


def _is_true(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").strip().lower() == "true"


def _port(values: Mapping[str, str], name: str, default: int, file: str) -> int:
    said = values.get(name, "").strip()
    if not said:
        return default
    if not (said.isascii() and said.isdigit() and 0 < int(said) <= _LAST_PORT):
        raise UsageError(f"{file}: {name} is no port", fix=f"write a number from 1 to {_LAST_PORT}, or remove it")
    return int(said)
