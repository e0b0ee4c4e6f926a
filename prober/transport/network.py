"""How to reach the services: their addresses, the way there, TLS, and what passes a platform's wall. Sends nothing."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Service

ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"  # noqa: S104 - what to send from, and nothing is bound to it


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Whom to trust, and as whom to come."""

    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False

    def context(self) -> ssl.SSLContext:
        """Build the one TLS context that all lines share (each costs 50 ms); it verifies unless told not to."""
        context = ssl.create_default_context(cafile=self.cacert)
        if self.cert is not None:
            context.load_cert_chain(self.cert, self.key)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to reach the services, and what the operator sends along to pass a platform's wall."""

    services: Mapping[str, Service]
    timeout: float
    headers: tuple[tuple[str, str], ...] = ()
    tls: TlsSettings = TlsSettings()
    proxy: str | None = None
    resolve: Mapping[tuple[str, int], str] = field(default_factory=dict)  # where a host and port is to be looked for
    send_from: str | None = None  # any address of IPv4, or of IPv6: the way there is by that alone

    def address_of(self, service: Service) -> str:
        """Give the host to connect to: the service's own, unless the user knows better."""
        return self.resolve.get((service.host, service.port), service.host)


def check_tls(tls: TlsSettings) -> TlsSettings:
    """Refuse files that hold no authorities, no certificate or no key to it, before the first request."""
    if tls.key is not None and tls.cert is None:
        raise UsageError("--key is given without --cert", fix="name the certificate that it belongs to")
    try:
        TlsSettings(cacert=tls.cacert).context()
    except (OSError, ssl.SSLError):
        fix = "name a PEM file of authorities"
        raise UsageError(f"--cacert '{tls.cacert}' holds no certificates", fix=fix) from None
    try:
        tls.context()
    except (OSError, ssl.SSLError):
        files = f"'{tls.cert}'" + (f" and --key '{tls.key}'" if tls.key else "")
        fix = "name PEM files: a certificate, and its key without a password"
        raise UsageError(f"--cert {files} hold no certificate with its key", fix=fix) from None
    return tls


def check_proxy(url: str) -> str:
    """Refuse what is no proxy's URL; a password in it would stand in every list of processes."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port is None:
        raise UsageError(f"--proxy '{url}' is no proxy's URL", fix="write it as http://host:port")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--proxy holds a user or a password", fix="use a proxy that knows this machine")
    return url


def check_resolve(said: tuple[str, ...], services: Mapping[str, Service]) -> dict[tuple[str, int], str]:
    """Read HOST:PORT:ADDR as curl does; one that no service is at would be a typo."""
    found: dict[tuple[str, int], str] = {}
    places = {(service.host, service.port) for service in services.values()}
    for entry in said:
        host, _, rest = entry.partition(":")
        port, _, address = rest.partition(":")
        address = address.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or not address:
            fix = "write it as in --resolve app.example.com:443:203.0.113.7"
            raise UsageError(f"--resolve '{entry}' is no HOST:PORT:ADDR", fix=fix)
        if (host, int(port)) not in places:
            at = ", ".join(sorted(f"{host}:{port}" for host, port in places))
            raise UsageError(f"--resolve '{entry}' is of no service", fix=f"the services are at: {at}")
        found[host, int(port)] = address
    return found
