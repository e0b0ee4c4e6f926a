"""Does a port take connections from here? One connection, closed at once: nothing is said on it. It has no opinion."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from prober.model import Cause, Unanswered

if TYPE_CHECKING:
    from prober.model import Service
    from prober.transport.network import Network

_PATIENCE = 3.0  # seconds: who drops what comes in does not say so


async def connected(network: Network, service: Service, port: int) -> bool | Unanswered:
    """Try to connect to this port of the service's host; not to find the host is no answer."""
    host = network.address_of(service)
    here = None if network.send_from is None else (network.send_from, 0)
    try:
        async with asyncio.timeout(min(network.timeout, _PATIENCE)):
            _, writer = await asyncio.open_connection(host, port, local_addr=here)
    except TimeoutError:
        return False
    except socket.gaierror as error:
        detail = f"the name does not resolve ({error.strerror})"
        return Unanswered(cause=Cause.DNS, detail=detail, arrived=False, attempts=1, elapsed_ms=0)
    except OSError:
        return False
    writer.close()
    return True
