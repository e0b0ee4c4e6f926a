"""The network settings: addresses, proxy, TLS, and headers that pass a platform's wall. Sends nothing."""

from __future__ import annotations

import os
import ssl
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model import Service

ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"  # noqa: S104 - a source address; nothing listens on it


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """The authorities to trust, and the client certificate."""

    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False

    def context(self) -> ssl.SSLContext:
        """Build the TLS context that all connections share (each costs 50 ms); it verifies unless `insecure`."""
        context = verifying_context(self.cacert)
        if self.cert is not None:
            context.load_cert_chain(self.cert, self.key)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to reach the services, with the operator's headers that pass a platform's wall."""

    services: Mapping[str, Service]
    timeout: float
    headers: tuple[tuple[str, str], ...] = ()
    tls: TlsSettings = TlsSettings()
    proxy: str | None = None
    resolve: Mapping[tuple[str, int], str] = field(
        default_factory=dict
    )  # the address to connect to for a host and port
    send_from: str | None = None  # ANY_IPV4 or ANY_IPV6 forces that address family
    context_for: Callable[[TlsSettings, str], ssl.SSLContext] = lambda tls, _: tls.context()  # by the ALPN protocol

    def context(self, protocol: str) -> ssl.SSLContext:
        """Give the TLS context for connections that offer this protocol, which is a setting of the context."""
        return self.context_for(self.tls, protocol)

    def address_of(self, service: Service) -> str:
        """Give the host to connect to: that of --resolve, else the service's own address or host."""
        if service.address is not None:
            return service.address
        return self.resolve.get((service.host, service.port), service.host)


def verifying_context(cacert: str | None = None) -> ssl.SSLContext:
    """Build a context that verifies, with these authorities or else the system's.

    As `ssl.create_default_context` does, but that writes the session's keys to a file that SSLKEYLOGFILE names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if cacert is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cacert)
    return context


def trusted_by_environment(tls: TlsSettings) -> list[str]:
    """Say which variables of the environment name the authorities that are trusted; none where --cacert does."""
    paths = ssl.get_default_verify_paths()
    names = (paths.openssl_cafile_env, paths.openssl_capath_env)
    given = [] if tls.cacert or tls.insecure else [f"{name}={os.environ[name]}" for name in names if name in os.environ]
    return [f"the authorities that TLS trusts are those of {variable} in the environment" for variable in given]


def check_tls(tls: TlsSettings) -> TlsSettings:
    """Refuse files without authorities, a certificate or its key, before the first request.

    Only the files that are named are read here: the system's authorities cost 40 ms, and are read once, for the run.
    """
    if tls.cacert is None and tls.cert is None and tls.key is None:
        return tls
    if tls.key is not None and tls.cert is None:
        raise UsageError("--key is given without --cert", fix="give its certificate with --cert")
    for option, file in (("--cacert", tls.cacert), ("--cert", tls.cert), ("--key", tls.key)):
        if file is not None and Path(file).exists() and not Path(file).is_file():
            raise UsageError(f"{option} '{file}' is not a regular file", fix="name a PEM file")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if tls.cacert is not None:
            context.load_verify_locations(cafile=tls.cacert)
    except (OSError, ssl.SSLError):
        fix = "name a PEM file of authorities"
        raise UsageError(f"--cacert '{tls.cacert}' holds no certificates", fix=fix) from None
    try:
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except (OSError, ssl.SSLError):
        files = f"'{tls.cert}'" + (f" and --key '{tls.key}'" if tls.key else "")
        fix = "name PEM files: a certificate, and its key without a password"
        raise UsageError(f"--cert {files} hold no certificate with its key", fix=fix) from None
    return tls


def check_proxy(url: str) -> str:
    """Refuse an invalid proxy URL, and one with a password, which every list of processes would show."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port is None:
        raise UsageError(f"--proxy '{url}' is not a proxy URL", fix="write it as http://host:port")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--proxy has a user or a password", fix="use a proxy that needs no password from this machine")
    return url


def check_resolve(entries: tuple[str, ...], services: Mapping[str, Service]) -> dict[tuple[str, int], str]:
    """Parse HOST:PORT:ADDR as curl does; an entry for no service would be a typo."""
    addresses: dict[tuple[str, int], str] = {}
    known_hosts = {(service.host, service.port) for service in services.values()}
    for entry in entries:
        host, _, rest = entry.partition(":")
        port, _, address = rest.partition(":")
        address = address.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or not address:
            fix = "write it as in --resolve app.example.com:443:203.0.113.7"
            raise UsageError(f"--resolve '{entry}' is not HOST:PORT:ADDR", fix=fix)
        if (host, int(port)) not in known_hosts:
            at = ", ".join(sorted(f"{host}:{port}" for host, port in known_hosts))
            raise UsageError(f"--resolve '{entry}' does not match a service", fix=f"the services are at: {at}")
        addresses[host, int(port)] = address
    return addresses
