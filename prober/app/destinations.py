"""Where a secret of the operator's may go: to this machine, or over TLS to an origin named outside the checkout.

The prober.yaml of a checkout names both where a secret is kept and the host it goes to: a pull request may change it.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING

from prober.bounded_read import read_bounded
from prober.definitions.service import parse_service
from prober.errors import UsageError
from prober.model.origin import is_loopback
from prober.transport.addresses import addresses_of
from prober.transport.network import check_resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.app.options import SendOptions
    from prober.model import Plan, Service

_MOST_BYTES = 65_536
_SHOWN_FILE = "~/.config/lockdown-prober/hold-for"


def is_here(service: Service, sending: SendOptions) -> bool:
    """Say whether requests to a service stay on this machine, by the address that is really connected to."""
    if service.socket is not None:
        return True
    if sending.proxy is not None:
        return False  # where the proxy sends them, nobody here knows
    resolved = check_resolve(sending.resolve, {service.name: service}) if _is_resolved(service, sending) else {}
    host = service.address or resolved.get((service.host, service.port), service.host)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        found = addresses_of(host, service.port) if is_loopback(host) else ()
    return bool(found) and all(is_loopback(address) for address in found)


def _is_resolved(service: Service, sending: SendOptions) -> bool:
    return any(entry.startswith(f"{service.host}:{service.port}:") for entry in sending.resolve)


def secret_services(plan: Plan, services: Mapping[str, Service], *, headers: bool) -> tuple[Service, ...]:
    """Give the services that get a held secret, or all of them where each request has a header of the operator's."""
    if headers:
        return tuple(services.values())
    names = {probe.request.service for probe in plan.probes if probe.credential.secret or probe.others}
    return tuple(service for name, service in services.items() if name in names)


def check_destinations(
    receiving: Iterable[Service], sending: SendOptions, *, named: frozenset[str], allowed: Iterable[str], folder: Path
) -> None:
    """Refuse to send a secret to an origin that prober.yaml alone names.

    `named` are the services whose URL an option gave; `allowed` are the origins of --hold-for, to which those of the
    user's own file are added; `folder` is that of prober.yaml.
    """
    elsewhere = [s for s in receiving if s.kind not in named and not is_here(s, sending)]
    if not elsewhere:
        return
    origins = {_origin(parse_service("--hold-for", origin)) for origin in (*allowed, *_of_the_user(folder))}
    for service in elsewhere:
        if _origin(service) not in origins:
            shown = f"{service.scheme}://{service.host}:{service.port}"
            what = f"a secret would go to {shown}, which prober.yaml alone names"
            outside = f"--hold-for {shown}, PROBER_HOLD_FOR, or a line in {_SHOWN_FILE}"
            raise UsageError(what, fix=f"if it may have the secret, say so outside the checkout: {outside}")


def _origin(service: Service) -> tuple[str, str, int]:
    return service.scheme, service.host.rstrip("."), service.port


def _of_the_user(folder: Path) -> tuple[str, ...]:
    """Read the origins in the user's own file, one on each line; no file means no origins.

    Some jobs have their home in the checkout: a file there is what a pull request may write, and allows nothing.
    """
    path = _config_folder() / "lockdown-prober" / "hold-for"
    checkout = folder.resolve()
    root = next((one for one in (checkout, *checkout.parents) if (one / ".git").exists()), checkout)
    if path.exists() and path.resolve().is_relative_to(root):
        raise UsageError(f"{path} is in the checkout, and allows nothing", fix="give --hold-for, or PROBER_HOLD_FOR")
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"cannot read {path}", fix="write an origin on each line, as in https://host") from None
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def _config_folder() -> Path:
    """Give where the user's own settings are; a relative path counts as none, as the XDG specification has it."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if named.is_absolute():
        return named
    try:
        return Path.home() / ".config"
    except RuntimeError:  # neither HOME nor a line of passwd: a container's user of no name
        return Path("/nonexistent")


def check_sources_below(entries: Iterable[str], folder: Path) -> None:
    """Refuse a `file:` of prober.yaml that is not below its folder, also through a link."""
    for entry in entries:
        name, _, source = entry.partition("=")
        where = source.removeprefix("file:")
        if where == source:
            continue
        if not Path(where).resolve().is_relative_to(folder.resolve()):
            what = f"'hold' in prober.yaml: '{name}' names '{where}', which is not below the folder of prober.yaml"
            raise UsageError(what, fix=f"give it on the command line: --hold {name}=file:{where}")
