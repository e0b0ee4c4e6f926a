"""What a connection has of an answer once its head has come: what every transport gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A head that was read, and a body that comes."""

    status: int
    headers: RawHeaders
    body: AsyncIterator[bytes]
    tls_object: object  # the TLS connection, from which a certificate can be read
    aside: Sequence[tuple[bytes, bytes]] = ()  # headers of interim answers; trailers are there after the body
