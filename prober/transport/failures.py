"""Why an exchange gave no answer: its cause, in words, and whether the request may have arrived."""

from __future__ import annotations

import os
import socket
import ssl

from prober.model import Cause


class ExchangeError(Exception):
    """No answer. `arrived` is False only where the failure came before the first byte of the request was written."""

    def __init__(self, cause: Cause, detail: str, *, arrived: bool) -> None:
        """Keep all three."""
        super().__init__(detail)
        self.cause, self.detail, self.arrived = cause, detail, arrived


def inner_errors(error: BaseException) -> list[BaseException]:
    """List an error and those that it was raised from."""
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 10:  # noqa: PLR2004
        chain.append(inner)
    return chain


def name_or_tls_error(error: BaseException) -> tuple[Cause, str] | None:
    """Say what DNS or TLS complained of, by the innermost error that says; None where it was neither."""
    for link in inner_errors(error):
        if isinstance(link, socket.gaierror):
            return Cause.DNS, f"the name does not resolve ({link.strerror})"
        if isinstance(link, UnicodeError):  # a label of more than 63 letters
            return Cause.DNS, "the name does not resolve (Name or service not known)"
        if isinstance(link, ssl.SSLCertVerificationError):
            return Cause.TLS, f"invalid certificate: {link.verify_message}"
        if isinstance(link, ssl.SSLError):
            return Cause.TLS, f"TLS failed: {link.reason or 'no handshake'}"
    return None


def refused_because(error: BaseException) -> str:
    """Say in the system's words why no connection was made."""
    messages = (os.strerror(link.errno) for link in inner_errors(error) if isinstance(link, OSError) and link.errno)
    return next(messages, "connection refused").lower()


def connect_error(error: Exception, *, in_handshake: bool) -> ExchangeError:
    """Say why there is no connection to send anything on."""
    known = name_or_tls_error(error)
    if known is None and in_handshake and not (isinstance(error, OSError) and error.errno):
        known = Cause.TLS, "TLS failed: UNEXPECTED_EOF_WHILE_READING"  # OpenSSL's word for it
    cause, detail = known or (Cause.REFUSED, refused_because(error))
    return ExchangeError(cause, detail, arrived=False)


def failed_midway(error: Exception) -> ExchangeError:
    """Say why a connection broke after the request was written."""
    cause, detail = name_or_tls_error(error) or (Cause.PROTOCOL, "the connection was closed before a response")
    return ExchangeError(cause, detail, arrived=True)
