"""Checks whether a port accepts connections from here: connects, sends nothing, and closes. Judges nothing."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from prober.model import Cause, Unanswered

if TYPE_CHECKING:
    from prober.model import Service
    from prober.transport.network import Network

_PATIENCE = 3.0  # seconds: a firewall that drops packets sends no refusal


async def connected(network: Network, service: Service, port: int) -> bool | Unanswered:
    """Try to connect to this port of the service's host; Unanswered if the host does not resolve."""
    host = network.address_of(service)
    local_address = None if network.send_from is None else (network.send_from, 0)
    try:
        async with asyncio.timeout(min(network.timeout, _PATIENCE)):
            _, writer = await asyncio.open_connection(host, port, local_addr=local_address)
    except TimeoutError:
        return False
    except socket.gaierror as error:
        detail = f"the name does not resolve ({error.strerror})"
        return Unanswered(cause=Cause.DNS, detail=detail, arrived=False, attempts=1, elapsed_ms=0)
    except OSError:
        return False
    writer.close()
    return True
